#include "server/web/waits.h"

#include "common/util.h"
#include "server/web/conn.h"

#include <assert.h>
#include <stdlib.h>

#define SECOND_MS 1000
#define BUCKETS   64

TAILQ_HEAD(bucket, conn);

struct waits {
    int64_t next_s; /* the first second that was not looked at */
    struct bucket buckets[BUCKETS];
};

struct waits *
waits_create(int64_t now_ms)
{
    struct waits *waits = xcalloc(1, sizeof(*waits));

    waits->next_s = now_ms / SECOND_MS;
    for (size_t i = 0; i < BUCKETS; i++)
        TAILQ_INIT(&waits->buckets[i]);
    return waits;
}

void
waits_destroy(struct waits *waits)
{
    free(waits);
}

static struct bucket *
bucket_of(struct waits *waits, int64_t second)
{
    return &waits->buckets[second % BUCKETS];
}

/* A tick that was late (the loop was busy) must not make a wait fall into a bucket that stands for
 * another second. */
void
waits_add(struct waits *waits, struct conn *conn, int64_t until_ms)
{
    int64_t second = (until_ms + SECOND_MS - 1) / SECOND_MS;

    assert(!conn->waits);
    second = MAX(second, waits->next_s);
    second = MIN(second, waits->next_s + BUCKETS - 1);
    conn->waits = true;
    conn->wait_s = second;
    TAILQ_INSERT_TAIL(bucket_of(waits, second), conn, in_wait);
}

void
waits_remove(struct waits *waits, struct conn *conn)
{
    if (!conn->waits)
        return;
    conn->waits = false;
    TAILQ_REMOVE(bucket_of(waits, conn->wait_s), conn, in_wait);
}

void
waits_tick(struct waits *waits, int64_t now_ms, void (*up)(struct conn *conn))
{
    for (; waits->next_s <= now_ms / SECOND_MS; waits->next_s++) {
        struct bucket *bucket = bucket_of(waits, waits->next_s);
        struct conn *conn;

        while ((conn = TAILQ_FIRST(bucket)) != NULL) {
            waits_remove(waits, conn);
            up(conn);
        }
    }
}
