#include "server/log/appender.h"

#define LOG_MODULE "appender"
#include "common/log.h"
#include "common/util.h"
#include "server/log/store.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A batch ends at the first job that reaches one of these. */
#define BATCH_ITEMS_MAX 1024
#define BATCH_BYTES_MAX (1024 * 1024)

#define WHY_SIZE 256

struct appender {
    struct store *store;
    struct judge *judge;
    pthread_t thread;

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t filled;
    struct append_job *first;
    struct append_job **last; /* where the next one is linked */
    size_t waiting;           /* items in the list */
    bool stopping;
    struct appender_figures figures;

    /* the thread's own */
    struct append_item **batch;
    size_t batch_size;
    bool is_failing;
};

struct append_job *
append_job_create(size_t count)
{
    struct append_job *job = xcalloc(1, sizeof(*job));
    job->items = xcalloc(MAX(count, 1), sizeof(*job->items));
    job->count = count;
    return job;
}

void
append_job_destroy(struct append_job *job)
{
    if (job == NULL)
        return;
    for (size_t i = 0; i < job->count; i++) {
        command_fini(&job->items[i].command);
        record_fini(&job->items[i].record);
    }
    free(job->items);
    free(job);
}

static size_t
text_len(const char *text)
{
    return text == NULL ? 0 : strlen(text);
}

static size_t
job_bytes(const struct append_job *job)
{
    size_t bytes = 0;
    for (size_t i = 0; i < job->count; i++)
        bytes += text_len(job->items[i].command.text) + text_len(job->items[i].record.value);
    return bytes;
}

/* Takes the jobs of one batch off the list. Waits until there is one; NULL when it is over. */
static struct append_job *
take_jobs(struct appender *appender, size_t *ret_item_count)
{
    pthread_mutex_lock(&appender->lock);
    while (appender->first == NULL && !appender->stopping)
        pthread_cond_wait(&appender->filled, &appender->lock);

    struct append_job *jobs = appender->first;
    struct append_job **link = &appender->first;
    size_t items = 0, bytes = 0;
    while (*link != NULL && items < BATCH_ITEMS_MAX && bytes < BATCH_BYTES_MAX) {
        items += (*link)->count;
        bytes += job_bytes(*link);
        link = &(*link)->next;
    }
    if (jobs != NULL) {
        appender->first = *link;
        *link = NULL;
    }
    if (appender->first == NULL)
        appender->last = &appender->first;
    appender->waiting -= items;
    pthread_mutex_unlock(&appender->lock);

    *ret_item_count = items;
    return jobs;
}

static void
fill_batch(struct appender *appender, const struct append_job *jobs, size_t item_count)
{
    if (item_count > appender->batch_size) {
        free(appender->batch);
        appender->batch = xcalloc(item_count, sizeof(struct append_item *));
        appender->batch_size = item_count;
    }
    size_t at = 0;
    for (const struct append_job *job = jobs; job != NULL; job = job->next)
        for (size_t i = 0; i < job->count; i++)
            appender->batch[at++] = &job->items[i];
}

/* A full disk fails every batch: the log says when it begins and when it is over. */
static void
note_outcome(struct appender *appender, size_t item_count, int r, const char *why)
{
    pthread_mutex_lock(&appender->lock);
    appender->figures.commits += r < 0 ? 0 : 1;
    appender->figures.failures += r < 0 ? 1 : 0;
    appender->figures.items += item_count;
    uint64_t failures = appender->figures.failures;
    pthread_mutex_unlock(&appender->lock);

    if (r < 0 && !appender->is_failing)
        log_error("cannot append items=%zu: %s", item_count, why);
    if (r == 0 && appender->is_failing)
        log_info("appends again failures=%llu", (unsigned long long)failures);
    appender->is_failing = r < 0;
}

static void
commit(struct appender *appender, struct append_job *jobs, size_t item_count)
{
    char why[WHY_SIZE] = "";

    if (item_count > 0) {
        fill_batch(appender, jobs, item_count);
        int r = appender->store->ops->append(appender->store, appender->batch, item_count,
                                             appender->judge, why, sizeof(why));
        note_outcome(appender, item_count, r, why);
    }
    while (jobs != NULL) {
        struct append_job *job = jobs;
        jobs = job->next;
        job->next = NULL;
        job->done(job);
    }
    appender->store->sink->settle(appender->store->sink);
}

static void *
run(void *context)
{
    struct appender *appender = context;
    struct append_job *jobs;
    size_t item_count;

    pthread_setname_np(pthread_self(), "appender");
    while ((jobs = take_jobs(appender, &item_count)) != NULL)
        commit(appender, jobs, item_count);
    return NULL;
}

struct appender *
appender_create(struct store *store, struct judge *judge)
{
    struct appender *appender = xcalloc(1, sizeof(*appender));
    appender->store = store;
    appender->judge = judge;
    appender->last = &appender->first;
    pthread_mutex_init(&appender->lock, NULL);
    pthread_cond_init(&appender->filled, NULL);

    int r = pthread_create(&appender->thread, NULL, run, appender);
    if (r != 0) {
        log_error("cannot start a thread: %s", strerror(r));
        abort();
    }
    return appender;
}

void
appender_destroy(struct appender *appender)
{
    if (appender == NULL)
        return;
    pthread_mutex_lock(&appender->lock);
    appender->stopping = true;
    pthread_cond_signal(&appender->filled);
    pthread_mutex_unlock(&appender->lock);

    pthread_join(appender->thread, NULL);
    pthread_cond_destroy(&appender->filled);
    pthread_mutex_destroy(&appender->lock);
    free(appender->batch);
    free(appender);
}

static void
turn_away(struct appender *appender, struct append_job *job)
{
    for (size_t i = 0; i < job->count; i++) {
        struct append_item *item = &job->items[i];
        item->outcome = APPEND_REFUSED;
        refuse(&item->refusal, REFUSAL_UNAVAILABLE,
               "%d commands wait to be stored, no more are taken: try again", APPENDER_WAITING_MAX);
        item->refusal.retry_after_ms = APPEND_RETRY_MS;
    }
    job->done(job);
    appender->store->sink->settle(appender->store->sink);
}

void
appender_submit(struct appender *appender, struct append_job *job)
{
    assert(job->count == 0 || !job->items[0].needs_previous);

    pthread_mutex_lock(&appender->lock);
    bool is_full = appender->waiting + job->count > APPENDER_WAITING_MAX;
    if (!is_full) {
        job->next = NULL;
        *appender->last = job;
        appender->last = &job->next;
        appender->waiting += job->count;
        pthread_cond_signal(&appender->filled);
    }
    pthread_mutex_unlock(&appender->lock);

    if (is_full)
        turn_away(appender, job);
}

struct appender_figures
appender_figures(struct appender *appender)
{
    pthread_mutex_lock(&appender->lock);
    struct appender_figures figures = appender->figures;
    pthread_mutex_unlock(&appender->lock);
    return figures;
}
