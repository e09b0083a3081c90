/* One who reads the log from a position: what it has yet to get, and whether it is behind.
 *
 * A reader keeps a short list of entries; when that is full it is merely behind, and reads the log
 * from its position when it can write again. So live and replay are one path, and a slow reader
 * costs a position. What it may see is the same on both ways: the rooms it was in at that seq, and
 * the direct messages of its name, nothing up to who.since. Its hub's thread only. */
#pragma once

#include "server/chat/hub.h"
#include "server/chat/identity.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define READER_PENDING_MAX 32

struct entry;
struct reader_seat;
struct store_page;

struct reader {
    struct identity who;
    struct hub *hub;
    uint64_t position; /* it was given, or may not see, everything up to here */
    uint64_t stale_to; /* the hub's position when -ESTALE was said: a page read after that and at
                          its end has everything up to here */
    bool behind; /* there may be more between position and the hub's position; nothing is pending */
    uint8_t pending_count;
    struct entry *pending[READER_PENDING_MAX]; /* one reference each, oldest first */
    bool woken;                                /* stands in the hub's list of this turn */
    struct reader *next_woken;
    struct reader_seat *seats; /* the rooms it sits in, none while behind: the hub's */
    struct reader *next_of_user;
    struct reader **link_of_user; /* what points to this one */
};

/* Begins at position (the hub's when it is a new reader: then it is live at once). A position ahead
 * of the hub's is good: it comes from another worker, and the reader waits until this one is there.
 * who is copied. */
void reader_init(struct reader *reader, struct hub *hub, const struct identity *who,
                 uint64_t position);
void reader_fini(struct reader *reader);

/* The next entries for the reader, oldest first, at most max (at least 1), with a reference each;
 * position moves over them. It is given nothing twice and nothing it may not see. -ESTALE: what
 * comes next must be read from the store: read after reader->position, then reader_take_page. 0 or
 * fewer than max: it is up to date, unless reader_is_behind still says true: one call looks at
 * READER_LOOK_MAX entries at most, so go on in another turn of the loop. */
#define READER_LOOK_MAX 1024
int reader_next(struct reader *reader, struct entry **ret_entries, size_t max);
/* As reader_next, from a page that the store read, after -ESTALE, for reader->position: which of
 * its entries the reader gets, with a reference each. *ret_used: how many of the page's entries it
 * is done with. When it gave max there may be more in the page: call again with the same one, which
 * skips those. Fewer: the page is done with; entries beyond the hub's position are the hub's. */
size_t reader_take_page(struct reader *reader, const struct store_page *page,
                        struct entry **ret_entries, size_t max, size_t *ret_used);
/* It was told that all up to seq is kept no more. Of one that is behind. */
void reader_pass(struct reader *reader, uint64_t seq);
/* Where it may resume: never ahead of what it was given; it moves over what it may not see too. */
uint64_t reader_cursor(const struct reader *reader);
/* There is more after its position now, if only what it may not see. */
bool reader_has_more(const struct reader *reader);
/* Behind: nobody calls deliver for it until reader_next has brought it to the hub's position. */
bool reader_is_behind(const struct reader *reader);
