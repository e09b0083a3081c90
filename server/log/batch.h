/* The one loop by which every kind of store appends: repeats, the judge, what is accepted, and what
 * becomes of the answers when the commit fails. A row brings only how it keeps things.
 *
 * All are called on the thread that appends, between begin and commit or rollback. */
#pragma once

#include "server/log/append.h"

#include <stddef.h>
#include <stdint.h>

struct entry;
struct store;

/* What was accepted under an id. */
struct batch_id {
    uint64_t digest;
    uint64_t seq;
};

/* All return 0 or -errno; where something is looked for, -ENOENT is "not there" and no failure. */
struct batch_ops {
    int (*begin)(struct store *store, uint64_t *ret_head); /* the newest event's seq */
    int (*find_id)(struct store *store, const char *owner, const char *id,
                   struct batch_id *ret_first);
    int (*find_record)(struct store *store, const char *key);
    /* body: the event as event_encode writes it with the room's key. item: whose id it is. */
    int (*put_event)(struct store *store, const struct append_item *item, uint64_t digest,
                     struct entry *entry, const char *body, size_t body_len);
    int (*put_record)(struct store *store, const struct record *record);
    int (*commit)(struct store *store, uint64_t head); /* durable when it returns 0 */
    /* Also after a begin or a commit that failed. Cannot fail. */
    void (*rollback)(struct store *store);
    /* What the failure just met was; called before rollback. */
    void (*explain)(struct store *store, int error, char *why, size_t why_size);
};

/* store_ops.append of every row. */
int batch_append(struct store *store, const struct batch_ops *ops, struct append_item *const *items,
                 size_t count, struct judge *judge, char *why, size_t why_size);
