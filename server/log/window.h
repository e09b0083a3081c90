/* The recent past: the newest entries of the log, shared by all workers. A reader is a position.
 *
 * Thread-safe. Publishing is the appender's; everybody else reads. What a registered tail has not
 * read yet is kept whatever the bounds say, so a worker never misses an entry. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct entry;
struct window;

/* Keeps at most max_entries and about max_bytes. head: the seq of the log's newest event; what is
 * at or before it must be read from the store. */
struct window *window_create(uint64_t head, size_t max_entries, size_t max_bytes);
void window_destroy(struct window *window); /* no tail may be left */

/* Takes the references. seqs grow. Wakes every tail, once a call. */
void window_publish(struct window *window, struct entry *const *entries, size_t count);

uint64_t window_head(struct window *window);

/* Up to max entries with seq > after, oldest first; the caller unrefs each. Returns their count, 0
 * when there is nothing newer, or -ESTALE when some of them are here no more (read the store). */
int window_read(struct window *window, uint64_t after, struct entry **ret_entries, size_t max);

/* One who follows every entry from its registration on, such as a worker. */
struct window_tail {
    uint64_t position; /* the seq of the newest entry it has read; the window's lock guards it */
    void (*wake)(
        struct window_tail *tail); /* on the publisher's thread: only set a flag or poke a loop */
    struct window_tail *next;
};
/* tail->wake is set; position is set here to `after`, which must not be staler than the window. 0
 * or -ESTALE. */
int window_tail_add(struct window *window, struct window_tail *tail, uint64_t after);
void window_tail_remove(struct window *window, struct window_tail *tail);
/* As window_read from the tail's position, and moves it. Never stale. */
size_t window_tail_read(struct window *window, struct window_tail *tail, struct entry **ret_entries,
                        size_t max);
