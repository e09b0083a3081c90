#include "server/chat/limits.h"

#include "common/clock.h"
#include "common/names.h"
#include "common/util.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define KEY_SIZE          128
#define ROWS_MAX          65536 /* of one table; beyond it who was longest quiet is forgotten */
#define MINUTE_MS         60000
#define FAILURES_OF_NAME  10 /* from one address */
#define FAILURES_OF_PLACE 60
#define TOKEN_MILLIS      1000 /* a command's worth in a bucket */

/* What is known of one key. A table's rows stand in the order of their last use. */
struct row {
    char key[KEY_SIZE];
    int64_t used_ms;
    union {
        int64_t millitokens; /* a bucket */
        uint64_t count;      /* of connections */
        struct {             /* a ring of times; the oldest is at next when it is full */
            uint8_t capacity, count, next;
            int64_t *times_ms; /* owned */
        } failures;
    };
    UT_hash_handle hh;
};

struct limits {
    struct limits_config config;
    pthread_mutex_t lock;
    struct row *buckets;     /* by user */
    struct row *failures;    /* by address, and by "name address" */
    struct row *connections; /* by address */
    struct row *typing;      /* by "user room" */
};

struct limits *
limits_create(const struct limits_config *config)
{
    struct limits *limits = xcalloc(1, sizeof(*limits));

    limits->config = *config;
    pthread_mutex_init(&limits->lock, NULL);

    return limits;
}

static void
forget(struct row **table, struct row *row)
{
    HASH_DEL(*table, row);
    free(row);
}

static void
forget_failures(struct row **table, struct row *row)
{
    free(row->failures.times_ms);
    forget(table, row);
}

void
limits_destroy(struct limits *limits)
{
    if (limits == NULL)
        return;

    while (limits->buckets != NULL)
        forget(&limits->buckets, limits->buckets);
    while (limits->failures != NULL)
        forget_failures(&limits->failures, limits->failures);
    while (limits->connections != NULL)
        forget(&limits->connections, limits->connections);
    while (limits->typing != NULL)
        forget(&limits->typing, limits->typing);
    pthread_mutex_destroy(&limits->lock);
    free(limits);
}

static struct row *
find(struct row *table, const char *key)
{
    struct row *row;

    HASH_FIND_STR(table, key, row);
    return row;
}

/* To the end of the table's order. */
static void
touch(struct row **table, struct row *row, int64_t now_ms)
{
    HASH_DEL(*table, row);
    row->used_ms = now_ms;
    HASH_ADD_STR(*table, key, row);
}

static struct row *
add(struct row **table, const char *key, int64_t now_ms)
{
    struct row *row = xcalloc(1, sizeof(*row));

    snprintf(row->key, sizeof(row->key), "%s", key);
    row->used_ms = now_ms;
    HASH_ADD_STR(*table, key, row);

    return row;
}

/* A row that was idle for idle_ms says no more than no row would; and there are never too many. At
 * the front stands who was idle longest. */
static void
forget_idle(struct row **table, int64_t now_ms, int64_t idle_ms,
            void (*forget_row)(struct row **table, struct row *row))
{
    while (*table != NULL &&
           (now_ms - (*table)->used_ms >= idle_ms || HASH_COUNT(*table) >= ROWS_MAX))
        forget_row(table, *table);
}

static int64_t
bucket_size(const struct limits *limits)
{
    return MAX(limits->config.burst, 1) * TOKEN_MILLIS;
}

/* rate commands a second are rate millitokens a millisecond. */
static struct row *
fill_bucket(struct limits *limits, const char *user, int64_t now_ms)
{
    int64_t size = bucket_size(limits), rate = limits->config.rate;
    int64_t fills_in_ms = size / rate + 1;
    struct row *row = find(limits->buckets, user);

    if (row == NULL) {
        forget_idle(&limits->buckets, now_ms, fills_in_ms, forget);
        row = add(&limits->buckets, user, now_ms);
        row->millitokens = size;
        return row;
    }

    int64_t idle_ms = MIN(MAX(now_ms - row->used_ms, 0), fills_in_ms);
    row->millitokens = MIN(row->millitokens + idle_ms * rate, size);
    touch(&limits->buckets, row, now_ms);

    return row;
}

bool
limits_take_command(struct limits *limits, const char *user, int64_t *ret_retry_after_ms)
{
    if (limits->config.rate <= 0)
        return true;

    pthread_mutex_lock(&limits->lock);
    struct row *row = fill_bucket(limits, user, clock_mono_ms());
    int64_t missing = TOKEN_MILLIS - row->millitokens;
    if (missing <= 0)
        row->millitokens -= TOKEN_MILLIS;
    pthread_mutex_unlock(&limits->lock);

    if (missing <= 0)
        return true;

    *ret_retry_after_ms = (missing + limits->config.rate - 1) / limits->config.rate;
    return false;
}

/* When the ring is full and its oldest failure is not a minute old: how long until it is; else 0.
 */
static int64_t
wait_of(const struct row *row, int64_t now_ms)
{
    if (row == NULL || row->failures.count < row->failures.capacity)
        return 0;

    return MAX(row->failures.times_ms[row->failures.next] + MINUTE_MS - now_ms, 0);
}

/* A name and an address or a room cannot run into each other: a name has no blank. */
static void
pair_key(char dst[KEY_SIZE], const char *name, const char *place)
{
    snprintf(dst, KEY_SIZE, "%.*s %s", USER_MAX, name, place);
}

bool
limits_may_login(struct limits *limits, const char *name, const char *address,
                 int64_t *ret_retry_after_ms)
{
    char pair[KEY_SIZE];
    int64_t now_ms = clock_mono_ms();

    pair_key(pair, name, address);
    pthread_mutex_lock(&limits->lock);
    int64_t wait_ms = MAX(wait_of(find(limits->failures, pair), now_ms),
                          wait_of(find(limits->failures, address), now_ms));
    pthread_mutex_unlock(&limits->lock);

    if (wait_ms == 0)
        return true;

    *ret_retry_after_ms = wait_ms;
    return false;
}

static void
count_failure(struct limits *limits, const char *key, uint8_t capacity, int64_t now_ms)
{
    struct row *row = find(limits->failures, key);

    if (row == NULL) {
        forget_idle(&limits->failures, now_ms, MINUTE_MS, forget_failures);
        row = add(&limits->failures, key, now_ms);
        row->failures.capacity = capacity;
        row->failures.times_ms = xcalloc(capacity, sizeof(int64_t));
    }

    row->failures.times_ms[row->failures.next] = now_ms;
    row->failures.next = (uint8_t)((row->failures.next + 1) % capacity);
    row->failures.count = MIN(row->failures.count + 1, capacity);
    touch(&limits->failures, row, now_ms);
}

void
limits_login_failed(struct limits *limits, const char *name, const char *address)
{
    char pair[KEY_SIZE];
    int64_t now_ms = clock_mono_ms();

    pair_key(pair, name, address);
    pthread_mutex_lock(&limits->lock);
    count_failure(limits, pair, FAILURES_OF_NAME, now_ms);
    count_failure(limits, address, FAILURES_OF_PLACE, now_ms);
    pthread_mutex_unlock(&limits->lock);
}

bool
limits_take_typing(struct limits *limits, const char *user, const char *key)
{
    char pair[KEY_SIZE];
    int64_t now_ms = clock_mono_ms();

    pair_key(pair, user, key);
    pthread_mutex_lock(&limits->lock);
    forget_idle(&limits->typing, now_ms, TYPING_EVERY_MS, forget);
    bool may = find(limits->typing, pair) == NULL;
    if (may)
        add(&limits->typing, pair, now_ms);
    pthread_mutex_unlock(&limits->lock);

    return may;
}

/* These rows are bounded by the connections there are, so none is forgotten early. */
bool
limits_enter(struct limits *limits, const char *address)
{
    uint64_t most = (uint64_t)limits->config.connections_per_address;

    if (most == 0)
        return true;

    pthread_mutex_lock(&limits->lock);
    struct row *row = find(limits->connections, address);
    bool is_in = row == NULL || row->count < most;
    if (row == NULL)
        row = add(&limits->connections, address, 0);
    if (is_in)
        row->count++;
    pthread_mutex_unlock(&limits->lock);

    return is_in;
}

void
limits_leave(struct limits *limits, const char *address)
{
    pthread_mutex_lock(&limits->lock);
    struct row *row = find(limits->connections, address);
    if (row != NULL && --row->count == 0)
        forget(&limits->connections, row);
    pthread_mutex_unlock(&limits->lock);
}
