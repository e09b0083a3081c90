/* Inside the rooms module: what a room and a membership are, and how they are found by name. */
#pragma once

#include "common/names.h"
#include "server/chat/rooms.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A member keeps at most this many spans. Beyond it the oldest is dropped: a replay from that long
 * ago then leaves out what it could have shown, and never shows what it must not. */
#define SPANS_MAX 64
#define SPAN_OPEN UINT64_MAX

/* Seqs from..to, both within; to is SPAN_OPEN while the member is there. */
struct span {
    uint64_t from;
    uint64_t to;
};

/* Everybody who is or was in a room, and the two of a direct conversation (who are there always and
 * have no spans). Spans are in order and do not touch. */
struct member {
    struct room *room;
    char user[USER_SIZE];
    enum role role;
    size_t span_count;
    struct span *spans; /* owned */
    struct member *next_of_user;
    struct member **link_of_user; /* what points to this one */
};

struct member_slot;

struct room {
    char key[ROOM_KEY_SIZE];
    char *topic; /* owned, never NULL */
    uint64_t last_seq;
    uint64_t last_rseq;
    size_t present_count;        /* members that are there now */
    struct member_slot *members; /* the table's; NULL: nobody ever was here */
};

struct room_table;
struct room_table *room_table_create(void);
void room_table_destroy(struct room_table *table);

struct room *room_table_find(const struct room_table *table, const char *key);
struct room *room_table_add(struct room_table *table, const char *key); /* not there yet */
void room_table_remove(struct room_table *table, struct room *room);    /* its members too */
void room_table_each(const struct room_table *table, void (*each)(void *context, struct room *room),
                     void *context);

struct member *room_table_member(const struct room *room, const char *user);
struct member *room_table_add_member(struct room_table *table, struct room *room,
                                     const char *user); /* not there yet; without spans */
void room_table_remove_member(struct room_table *table, struct member *member);
void room_table_each_member(const struct room *room,
                            void (*each)(void *context, const struct member *member),
                            void *context);
/* The first of the user's memberships, past ones too; next_of_user leads on. NULL: none. */
struct member *room_table_first_of(const struct room_table *table, const char *user);

bool member_is_present(const struct member *member);
bool member_was_present_at(const struct member *member, uint64_t seq);
/* Each keeps the room's present_count. */
void member_enter(struct member *member, uint64_t seq);
void member_leave(struct member *member, uint64_t seq);
void member_set_spans(struct member *member, struct span *spans, size_t count); /* takes spans */
