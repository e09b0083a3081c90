#include "server/log/store_failing.h"

#include "common/util.h"
#include "server/log/store_memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct failing {
    struct store memory;
    pthread_mutex_t lock; /* guards what follows */
    int error;
    unsigned count;
    bool reads;
};

static int
read_error(struct failing *failing)
{
    pthread_mutex_lock(&failing->lock);
    int r = failing->count > 0 && failing->reads ? -failing->error : 0;
    pthread_mutex_unlock(&failing->lock);
    return r;
}

static int
failing_commit(struct store *memory, uint64_t head)
{
    struct failing *failing = container_of(memory, struct failing, memory);
    int r = 0;

    pthread_mutex_lock(&failing->lock);
    if (failing->count > 0) {
        failing->count--;
        r = -failing->error;
    }
    pthread_mutex_unlock(&failing->lock);
    return r < 0 ? r : store_memory_batch.commit(memory, head);
}

static int
failing_open(struct store *store, const char *where, char *why, size_t why_size)
{
    struct failing *failing = xcalloc(1, sizeof(*failing));
    int r = store_memory.open(&failing->memory, where, why, why_size);
    if (r < 0) {
        free(failing);
        return r;
    }
    failing->memory.ops = &store_memory;
    pthread_mutex_init(&failing->lock, NULL);
    memcpy(store->epoch, failing->memory.epoch, sizeof(store->epoch));
    store->head = failing->memory.head;
    store->state = failing;
    return 0;
}

static int
failing_append(struct store *store, struct append_item *const *items, size_t count,
               struct judge *judge, char *why, size_t why_size)
{
    struct failing *failing = store->state;
    struct batch_ops ops = store_memory_batch;

    ops.commit = failing_commit;
    failing->memory.sink = store->sink;
    return batch_append(&failing->memory, &ops, items, count, judge, why, why_size);
}

static int
failing_read(struct store *store, uint64_t after, size_t limit, struct store_page *ret_page)
{
    struct failing *failing = store->state;
    int r = read_error(failing);
    return r < 0 ? r : store_memory.read(&failing->memory, after, limit, ret_page);
}

static int
failing_history(struct store *store, const char *room, uint64_t before, uint64_t since,
                size_t limit, struct store_page *ret_page)
{
    struct failing *failing = store->state;
    int r = read_error(failing);
    return r < 0 ? r : store_memory.history(&failing->memory, room, before, since, limit, ret_page);
}

static int
failing_scan(struct store *store, const char *prefix,
             void (*each)(void *context, const char *key, const char *value), void *context)
{
    struct failing *failing = store->state;
    int r = read_error(failing);
    return r < 0 ? r : store_memory.scan(&failing->memory, prefix, each, context);
}

static void
failing_close(struct store *store)
{
    struct failing *failing = store->state;
    store_memory.close(&failing->memory);
    pthread_mutex_destroy(&failing->lock);
    free(failing);
}

const struct store_ops store_failing = {
    .name = "failing",
    .open = failing_open,
    .append = failing_append,
    .read = failing_read,
    .history = failing_history,
    .scan = failing_scan,
    .close = failing_close,
};

void
store_failing_set(struct store *store, int error, unsigned count, bool reads)
{
    struct failing *failing = store->state;

    pthread_mutex_lock(&failing->lock);
    failing->error = error;
    failing->count = count;
    failing->reads = reads;
    pthread_mutex_unlock(&failing->lock);
}
