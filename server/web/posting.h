/* An append job under way for a worker: given to the appender, committed there, and brought back to
 * the worker's thread. */
#pragma once

#include "server/log/appender.h"
#include "server/web/worker.h"

struct posting {
    struct append_job *job;                /* owned; its items hold the answers when done */
    void (*done)(struct posting *posting); /* on the worker's thread; owns the posting */
    struct worker *worker;
    struct letter letter;
};

/* job and done are set. The worker does not end before done was called. */
void posting_send(struct posting *posting, struct worker *worker);
