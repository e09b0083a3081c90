#include "server/web/housekeeping.h"

#include "common/clock.h"
#include "common/util.h"
#include "server/chat/invites.h"
#include "server/chat/sessions.h"
#include "server/log/append.h"
#include "server/server.h"
#include "server/web/entrance.h"
#include "server/web/posting.h"
#include "server/web/worker.h"

#include <stdlib.h>

#define AT_ONCE 64

static void
end_lapsed(struct worker *worker)
{
    const struct session *lapsed[AT_ONCE];
    size_t count =
        sessions_lapsed(worker_server(worker)->sessions, clock_wall_ms(), lapsed, AT_ONCE);

    for (size_t i = 0; i < count; i++) {
        entrance_close(worker, lapsed[i], NULL);
        session_unref(lapsed[i]);
    }
}

/* What could not be stored is told of again in a minute. */
static void
on_stored(struct posting *posting)
{
    append_job_destroy(posting->job);
    free(posting);
}

static void
store_uses(struct worker *worker)
{
    struct record records[AT_ONCE];
    size_t count = sessions_worth_storing(worker_server(worker)->sessions, records, AT_ONCE);
    struct posting *posting;

    if (count == 0)
        return;
    posting = xcalloc(1, sizeof(*posting));
    posting->job = append_job_create(count);
    posting->done = on_stored;
    for (size_t i = 0; i < count; i++) {
        posting->job->items[i].kind = APPEND_RECORD;
        posting->job->items[i].record = records[i];
        posting->job->items[i].must_be_there = true; /* it may have ended meanwhile */
    }
    posting_send(posting, worker);
}

static void
end_invites(struct worker *worker)
{
    struct invite lapsed[AT_ONCE];
    size_t count = invites_lapsed(worker_server(worker)->invites, clock_wall_ms(), lapsed, AT_ONCE);
    struct posting *posting;

    if (count == 0)
        return;
    posting = xcalloc(1, sizeof(*posting));
    posting->job = append_job_create(count);
    posting->done = on_stored;
    for (size_t i = 0; i < count; i++)
        invite_use(lapsed[i].key, &posting->job->items[i]);
    posting_send(posting, worker);
}

void
housekeeping_run(struct worker *worker)
{
    end_lapsed(worker);
    store_uses(worker);
    end_invites(worker);
}
