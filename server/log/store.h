/* The durable log behind one seam. A kind of store is a row: store_sqlite, store_memory,
 * store_failing (for tests).
 *
 * append is called by one thread at a time; read, history and scan by any thread, at the same time,
 * and may block on the disk: never from an event loop. */
#pragma once

#include "common/cursor.h"
#include "server/log/append.h"

#include <stddef.h>
#include <stdint.h>

struct entry;
struct store;

/* A page of the log, oldest first. The caller ends it with store_page_fini. */
struct store_page {
    struct entry **entries;
    size_t count;
    bool more;             /* there is more in the direction that was read */
    uint64_t trimmed_from; /* read: the asked position lies before what is kept: the first seq that
                              is missing and the last; 0 where nothing is missing */
    uint64_t trimmed_to;
};
void store_page_fini(struct store_page *page);

struct store_ops {
    const char *name; /* "sqlite": what stands before the colon of --store */

    /* Opens or makes the store at where. Fills store->epoch and store->head. A second process on
     * the same store is -EBUSY, another schema version that cannot be migrated -EPROTO. 0 or -errno
     * with why filled. */
    int (*open)(struct store *store, const char *where, char *why, size_t why_size);
    /* Judges and commits items; sets each item's answer. Everything that was accepted has been
     * given to the sink when this returns. 0, or -errno when the commit failed: then no item was
     * accepted, each but a repeat of what was committed before is APPEND_REFUSED with
     * REFUSAL_UNAVAILABLE (a judged answer may rest on what was taken back), and why says what was
     * wrong. */
    int (*append)(struct store *store, struct append_item *const *items, size_t count,
                  struct judge *judge, char *why, size_t why_size);
    /* Up to limit events with seq > after. 0 or -errno. */
    int (*read)(struct store *store, uint64_t after, size_t limit, struct store_page *ret_page);
    /* The newest up to limit events of room (its key) with seq < before and seq > since. */
    int (*history)(struct store *store, const char *room, uint64_t before, uint64_t since,
                   size_t limit, struct store_page *ret_page);
    /* Every record whose key begins with prefix, in key order. each does not call the store. */
    int (*scan)(struct store *store, const char *prefix,
                void (*each)(void *context, const char *key, const char *value), void *context);
    /* Makes path a copy of what is committed in the store at where, which may be open meanwhile,
     * here or in other processes. path must not be there (-EEXIST) and appears when the copy is
     * whole, with mode 0600. A new epoch is made when the copy is first opened, so that cursors of
     * what came after it mean nothing. 0 or -errno with why filled. NULL: this kind cannot. */
    int (*backup)(const char *where, const char *path, char *why, size_t why_size);
    void (*close)(struct store *store);
};

struct store {
    const struct store_ops *ops;
    struct sink *sink;      /* set before the first append */
    char epoch[EPOCH_SIZE]; /* set by open, constant after */
    uint64_t head;          /* seq of the newest event when it was opened */
    void *state;            /* the row's own */
};

extern const struct store_ops store_sqlite;
extern const struct store_ops store_memory;

/* Opens what --store says: "sqlite:PATH" or "memory:". NULL with why filled (an unknown kind names
 * the known ones). store_close takes NULL. */
struct store *store_open(const char *spec, char *why, size_t why_size);
/* The same for a row that --store does not name, such as store_failing. */
struct store *store_open_row(const struct store_ops *row, const char *where, char *why,
                             size_t why_size);
void store_close(struct store *store);

/* spec with its place as an absolute path without links, for the caller to free; NULL where nothing
 * is there yet, or where a kind has no place. */
char *store_locate(const char *spec);

/* store_ops.backup of what --store says. -ENOTSUP for a kind that cannot. */
int store_backup(const char *spec, const char *path, char *why, size_t why_size);

/* Every row that a user may name, ended by NULL. */
extern const struct store_ops *const store_rows[];
