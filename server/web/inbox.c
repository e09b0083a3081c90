#include "server/web/inbox.h"

#include "server/web/worker.h"

static void
mail_init(struct mail *mail)
{
    *mail = (struct mail){0};
    mail->last = &mail->first;
}

static void
mail_add(struct mail *mail, struct letter *letter)
{
    letter->next = NULL;
    *mail->last = letter;
    mail->last = &letter->next;
}

/* Moves all of `from` behind what is in `to`. */
static void
mail_move(struct mail *to, struct mail *from)
{
    to->news = to->news || from->news;
    if (from->first != NULL) {
        *to->last = from->first;
        to->last = from->last;
    }
    mail_init(from);
}

void
inbox_init(struct inbox *inbox, uv_async_t *wake)
{
    *inbox = (struct inbox){.wake = wake};
    mail_init(&inbox->here);
    mail_init(&inbox->left);
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
    pthread_mutex_lock(&inbox->lock);
    mail_add(&inbox->here, letter);
    wake(inbox);
    pthread_mutex_unlock(&inbox->lock);
}

void
inbox_tell_news(struct inbox *inbox)
{
    pthread_mutex_lock(&inbox->lock);
    inbox->here.news = true;
    wake(inbox);
    pthread_mutex_unlock(&inbox->lock);
}

void
inbox_leave(struct inbox *inbox, struct letter *letter)
{
    pthread_mutex_lock(&inbox->lock);
    mail_add(&inbox->left, letter);
    pthread_mutex_unlock(&inbox->lock);
}

void
inbox_leave_news(struct inbox *inbox)
{
    pthread_mutex_lock(&inbox->lock);
    inbox->left.news = true;
    pthread_mutex_unlock(&inbox->lock);
}

void
inbox_rouse(struct inbox *inbox)
{
    pthread_mutex_lock(&inbox->lock);
    if (inbox->left.first != NULL || inbox->left.news) {
        mail_move(&inbox->here, &inbox->left);
        wake(inbox);
    }
    pthread_mutex_unlock(&inbox->lock);
}

struct letter *
inbox_take(struct inbox *inbox, bool *ret_news)
{
    struct letter *first;

    pthread_mutex_lock(&inbox->lock);
    first = inbox->here.first;
    *ret_news = inbox->here.news;
    mail_init(&inbox->here);
    pthread_mutex_unlock(&inbox->lock);
    return first;
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
