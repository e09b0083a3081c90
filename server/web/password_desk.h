/* Where passwords are hashed: two threads, since each hash takes tens of milliseconds and 32 MiB.
 * What waits beyond a bound is refused, so that logins cannot pile up. */
#pragma once

#include "server/web/worker.h"

#define PASSWORD_DESK_THREADS 2
#define PASSWORD_DESK_WAITING 64

struct password_desk;

struct password_job {
    void (*run)(struct password_job *job);  /* on the desk's thread */
    void (*done)(struct password_job *job); /* on the worker's thread; owns the job */
    struct worker *worker;
    struct letter letter;
    struct password_job *next; /* the desk's while it has the job */
};

struct password_desk *password_desk_create(void);       /* NULL: no thread could be started */
void password_desk_destroy(struct password_desk *desk); /* when no worker is left */

/* run and done are set. 0, or -EAGAIN when too many wait; then the job is still the caller's. The
 * worker does not end before done was called. */
int password_desk_submit(struct password_desk *desk, struct password_job *job,
                         struct worker *worker);
