/* What other threads have for a worker: letters, and the word that there is news in the window. It
 * wakes the worker's loop as long as there is one. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <uv.h>

struct letter;

struct inbox {
    pthread_mutex_t lock; /* guards all but wake's own */
    struct letter *first, **last;
    bool news;
    bool closed; /* the loop is no more: letters stay */
    uv_async_t *wake;
};

/* wake: initialised; borrowed until inbox_close. */
void inbox_init(struct inbox *inbox, uv_async_t *wake);
void inbox_fini(struct inbox *inbox); /* nothing is in it */

/* Any thread. */
void inbox_post(struct inbox *inbox, struct letter *letter);
void inbox_tell_news(struct inbox *inbox);

/* The worker's thread. Letters come linked by their next, the oldest first; NULL: none. */
struct letter *inbox_take_letters(struct inbox *inbox);
bool inbox_take_news(struct inbox *inbox);
void inbox_close(struct inbox *inbox); /* the loop is not woken again */
bool inbox_is_closed(struct inbox *inbox);
