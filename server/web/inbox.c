#include "server/web/inbox.h"

#include "server/web/worker.h"

void
inbox_init(struct inbox *inbox, uv_async_t *wake)
{
    *inbox = (struct inbox){.wake = wake};
    inbox->last = &inbox->first;
    pthread_mutex_init(&inbox->lock, NULL);
}

void
inbox_fini(struct inbox *inbox)
{
    pthread_mutex_destroy(&inbox->lock);
}

/* Under the lock, so that the loop does not end between the question and the wake. */
static void
wake(struct inbox *inbox)
{
    if (!inbox->closed)
        uv_async_send(inbox->wake);
}

void
inbox_post(struct inbox *inbox, struct letter *letter)
{
    letter->next = NULL;
    pthread_mutex_lock(&inbox->lock);
    *inbox->last = letter;
    inbox->last = &letter->next;
    wake(inbox);
    pthread_mutex_unlock(&inbox->lock);
}

void
inbox_tell_news(struct inbox *inbox)
{
    pthread_mutex_lock(&inbox->lock);
    inbox->news = true;
    wake(inbox);
    pthread_mutex_unlock(&inbox->lock);
}

struct letter *
inbox_take_letters(struct inbox *inbox)
{
    struct letter *first;

    pthread_mutex_lock(&inbox->lock);
    first = inbox->first;
    inbox->first = NULL;
    inbox->last = &inbox->first;
    pthread_mutex_unlock(&inbox->lock);
    return first;
}

bool
inbox_take_news(struct inbox *inbox)
{
    bool news;

    pthread_mutex_lock(&inbox->lock);
    news = inbox->news;
    inbox->news = false;
    pthread_mutex_unlock(&inbox->lock);
    return news;
}

void
inbox_close(struct inbox *inbox)
{
    pthread_mutex_lock(&inbox->lock);
    inbox->closed = true;
    pthread_mutex_unlock(&inbox->lock);
}

bool
inbox_is_closed(struct inbox *inbox)
{
    bool closed;

    pthread_mutex_lock(&inbox->lock);
    closed = inbox->closed;
    pthread_mutex_unlock(&inbox->lock);
    return closed;
}
