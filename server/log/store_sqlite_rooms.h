/* Which events are a room's, for its history. The index lags behind the log and catches up with
 * many events at once: an index that every event went into at once would make each batch write a
 * page for each room that was spoken in, which costs more than the events themselves. */
#pragma once

#include "server/log/store_sqlite_db.h"

#include <stddef.h>
#include <stdint.h>

struct room_index {
    uint64_t to;      /* events up to here are in it, as far as is committed */
    uint64_t next_to; /* the same, when what is under way is committed */
};

/* Reads where it stands. 0 or -errno. */
int room_index_open(struct room_index *index, struct sqlite_db *writer);

/* Before the commit of a batch whose last event is head, in its transaction. Does nothing as long
 * as the index lags a little. 0 or -errno. */
int room_index_follow(struct room_index *index, struct sqlite_db *writer, uint64_t head);
void room_index_committed(struct room_index *index);

/* The bodies of room ?1 with seq < ?2 and seq > ?3, the newest first, ?4 at most. */
extern const char room_index_history_sql[];
