#include "server/web/password_desk.h"

#include "common/util.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct password_desk {
    pthread_mutex_t lock;
    pthread_cond_t news;
    struct password_job *first, **last;
    unsigned waiting;
    bool closing;
    pthread_t threads[PASSWORD_DESK_THREADS];
    unsigned thread_count;
};

static struct password_job *
take_job(struct password_desk *desk)
{
    struct password_job *job;

    pthread_mutex_lock(&desk->lock);
    while (desk->first == NULL && !desk->closing)
        pthread_cond_wait(&desk->news, &desk->lock);
    job = desk->first;
    if (job != NULL) {
        desk->first = job->next;
        if (desk->first == NULL)
            desk->last = &desk->first;
        desk->waiting--;
    }
    pthread_mutex_unlock(&desk->lock);
    return job;
}

static void *
desk_main(void *data)
{
    struct password_desk *desk = data;
    struct password_job *job;

    while ((job = take_job(desk)) != NULL) {
        job->run(job);
        worker_post(job->worker, &job->letter);
    }
    return NULL;
}

struct password_desk *
password_desk_create(void)
{
    struct password_desk *desk = xcalloc(1, sizeof(*desk));

    pthread_mutex_init(&desk->lock, NULL);
    pthread_cond_init(&desk->news, NULL);
    desk->last = &desk->first;
    while (desk->thread_count < PASSWORD_DESK_THREADS &&
           pthread_create(&desk->threads[desk->thread_count], NULL, desk_main, desk) == 0)
        desk->thread_count++;
    if (desk->thread_count > 0)
        return desk;
    password_desk_destroy(desk);
    return NULL;
}

void
password_desk_destroy(struct password_desk *desk)
{
    if (desk == NULL)
        return;
    pthread_mutex_lock(&desk->lock);
    desk->closing = true;
    pthread_cond_broadcast(&desk->news);
    pthread_mutex_unlock(&desk->lock);
    for (unsigned i = 0; i < desk->thread_count; i++)
        pthread_join(desk->threads[i], NULL);
    pthread_cond_destroy(&desk->news);
    pthread_mutex_destroy(&desk->lock);
    free(desk);
}

static void
on_letter(struct letter *letter, struct worker *worker)
{
    struct password_job *job = container_of(letter, struct password_job, letter);

    job->done(job);
    worker_release(worker);
}

int
password_desk_submit(struct password_desk *desk, struct password_job *job, struct worker *worker)
{
    int result = 0;

    job->worker = worker;
    job->letter.read = on_letter;
    job->next = NULL;
    pthread_mutex_lock(&desk->lock);
    if (desk->waiting == PASSWORD_DESK_WAITING) {
        result = -EAGAIN;
    } else {
        worker_hold(worker);
        *desk->last = job;
        desk->last = &job->next;
        desk->waiting++;
        pthread_cond_signal(&desk->news);
    }
    pthread_mutex_unlock(&desk->lock);
    return result;
}
