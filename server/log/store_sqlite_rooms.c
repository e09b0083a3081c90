#include "server/log/store_sqlite_rooms.h"

#include <inttypes.h>
#include <stdio.h>

/* So many events are looked through for each page of history, and so many go into the index
 * together. */
#define LAG_MAX 1024

int
room_index_open(struct room_index *index, struct sqlite_db *writer)
{
    int64_t to = 0;
    int r = sqlite_db_ask_number(writer, "SELECT seq FROM room_events_to", &to);
    if (r == 0)
        *index = (struct room_index){.to = (uint64_t)to, .next_to = (uint64_t)to};
    return r;
}

int
room_index_follow(struct room_index *index, struct sqlite_db *writer, uint64_t head)
{
    char sql[256];

    index->next_to = index->to;
    if (head < index->to + LAG_MAX)
        return 0;

    /* sorted, so that each page of the index is written once */
    snprintf(sql, sizeof(sql),
             "INSERT INTO room_events SELECT room, seq FROM events WHERE seq > %" PRIu64
             " ORDER BY room, seq;"
             "UPDATE room_events_to SET seq = %" PRIu64,
             index->to, head);
    index->next_to = head;
    return sqlite_db_exec(writer, sql);
}

void
room_index_committed(struct room_index *index)
{
    index->to = index->next_to;
}

/* First what the index has not yet, then what it has; one statement, so both are of one moment. */
const char room_index_history_sql[] =
    "SELECT body FROM ("
    " SELECT * FROM (SELECT seq, body FROM events"
    "  WHERE seq > max(?3, (SELECT seq FROM room_events_to)) AND seq < ?2"
    "  AND room = ?1 ORDER BY seq DESC LIMIT ?4)"
    " UNION ALL"
    " SELECT * FROM (SELECT seq, body FROM room_events JOIN events USING (seq)"
    "  WHERE room_events.room = ?1 AND seq < ?2 AND seq > ?3 ORDER BY seq DESC LIMIT ?4)"
    ") ORDER BY seq DESC LIMIT ?4";
