#include "server/web/posting.h"

#include "common/util.h"
#include "server/server.h"

static void
on_letter(struct letter *letter, struct worker *worker)
{
    struct posting *posting = container_of(letter, struct posting, letter);

    posting->done(posting);
    worker_release(worker);
}

static void
on_committed(struct append_job *job)
{
    struct posting *posting = job->owner;

    worker_leave(posting->worker, &posting->letter);
}

void
posting_send(struct posting *posting, struct worker *worker)
{
    posting->worker = worker;
    posting->letter.read = on_letter;
    posting->job->owner = posting;
    posting->job->done = on_committed;
    worker_hold(worker);
    appender_submit(worker_server(worker)->appender, posting->job);
}
