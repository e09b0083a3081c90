#include "server/web/errand.h"

#include "common/util.h"
#include "server/web/worker.h"

#include <stdlib.h>

static void
on_run(uv_work_t *work)
{
    struct errand *errand = container_of(work, struct errand, work);

    errand->run(errand);
}

static void
on_done(uv_work_t *work, int status)
{
    struct errand *errand = container_of(work, struct errand, work);
    struct worker *worker = errand->worker;

    errand->done(errand);
    worker_release(worker);
}

void
errand_send(struct errand *errand, struct worker *worker)
{
    errand->worker = worker;
    worker_hold(worker);
    /* It fails only for a missing callback. */
    if (uv_queue_work(worker_loop(worker), &errand->work, on_run, on_done) != 0)
        abort();
}
