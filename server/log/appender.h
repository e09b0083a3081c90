/* The one thread that appends. It takes whatever waits, up to a bound, has the store commit it
 * once, and only then tells anybody: group commit, so durable posts a second grow with load. */
#pragma once

#include "server/log/append.h"

#include <stddef.h>

struct appender;
struct store;

/* A job's items stand in order and in one batch. */
struct append_job {
    struct append_item *items;
    size_t count;
    void (*done)(
        struct append_job *job); /* on the appender's thread, after the commit: hand it on; whoever
                                    gets it is woken by the sink's settle, which follows */
    void *owner;                 /* the submitter's */
    struct append_job *next;     /* the appender's while it has the job */
};
struct append_job *append_job_create(size_t count);
void
append_job_destroy(struct append_job *job); /* its items' commands and records too; NULL is fine */

/* Starts the thread. store, judge: borrowed until appender_destroy. */
struct appender *appender_create(struct store *store, struct judge *judge);
/* Everything that was submitted is committed and done before this returns. */
void appender_destroy(struct appender *appender);

/* Takes the job until its done is called, and never blocks on the disk. Any thread. At most
 * APPENDER_WAITING_MAX items wait: beyond it every item is answered REFUSAL_UNAVAILABLE, at once:
 * done is then called on the caller's thread, before this returns. */
#define APPENDER_WAITING_MAX 65536
void appender_submit(struct appender *appender, struct append_job *job);

/* Since the start: for logs and metrics. */
struct appender_figures {
    uint64_t commits, items, failures;
};
struct appender_figures appender_figures(struct appender *appender);
