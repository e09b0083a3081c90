/* What other threads have for a worker: letters, and the word that there is news in the window. It
 * wakes the worker's loop as long as there is one. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <uv.h>

struct letter;

/* What lies there: letters linked by their next, the oldest first, and whether there is news. */
struct mail {
    struct letter *first, **last;
    bool news;
};

struct inbox {
    pthread_mutex_t lock; /* guards all but wake's own */
    struct mail here;     /* for the worker to take */
    struct mail left;     /* not to be seen before rouse */
    bool closed;          /* the loop is no more: letters stay */
    uv_async_t *wake;
};

/* wake: initialised; borrowed until inbox_close. */
void inbox_init(struct inbox *inbox, uv_async_t *wake);
void inbox_fini(struct inbox *inbox); /* nothing is in it */

/* Any thread. */
void inbox_post(struct inbox *inbox, struct letter *letter);
void inbox_tell_news(struct inbox *inbox);
/* Any thread: the same without a wake. All that was left shows at the next rouse, together, so that
 * the news of a batch and its answers are one turn's work; letters keep their order with posted
 * ones only in so far as they come after those that are there by then. */
void inbox_leave(struct inbox *inbox, struct letter *letter);
void inbox_leave_news(struct inbox *inbox);
void inbox_rouse(struct inbox *inbox);

/* The worker's thread. The letters, NULL: none, and whether there is news. */
struct letter *inbox_take(struct inbox *inbox, bool *ret_news);
void inbox_close(struct inbox *inbox); /* the loop is not woken again */
bool inbox_is_closed(struct inbox *inbox);
