/* Inside the rooms module: the struct that its files share. */
#pragma once

struct room_table;
struct rooms_journal;

struct rooms {
    struct room_table *table;
    struct rooms_journal *journal;
};

struct room;

/* The room with this key, made when it is not there; a direct conversation with its two members. */
struct room *rooms_make(struct rooms *rooms, const char *key);
