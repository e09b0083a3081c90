#include "server/admin/deed.h"

#include "common/util.h"
#include "server/chat/sessions.h"
#include "server/config.h"
#include "server/log/appender.h"
#include "server/log/store.h"
#include "server/server.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const struct deed_ops *const deed_rows[] = {
    &deed_user_add,   &deed_user_password, &deed_user_list,   &deed_user_ban,
    &deed_user_unban, &deed_invite,        &deed_invite_list, &deed_invite_revoke,
};

void
deed_init(struct deed *deed, const struct server *server, struct order *order)
{
    *deed = (struct deed){.server = server, .order = *order};
    *order = (struct order){0};
}

void
deed_fini(struct deed *deed)
{
    for (size_t i = 0; i < deed->session_count; i++)
        session_unref(deed->sessions[i]);
    free(deed->sessions);
    append_job_destroy(deed->job);
    buf_fini(&deed->said);
    order_fini(&deed->order);
}

static void
finish(struct deed *deed)
{
    if (deed->refusal.code != REFUSAL_NONE)
        buf_fini(&deed->said);
    deed->done(deed);
}

/* A lobby that one may not join is no reason to fail. */
static void
on_committed(struct append_job *job)
{
    struct deed *deed = job->owner;

    for (size_t i = 0; i < job->count && deed->refusal.code == REFUSAL_NONE; i++)
        if (job->items[i].outcome == APPEND_REFUSED && job->items[i].kind != APPEND_COMMAND)
            deed->refusal = job->items[i].refusal;
    if (deed->refusal.code == REFUSAL_NONE && deed->ops->end != NULL)
        deed->ops->end(deed);
    finish(deed);
}

static int
find_ops(struct deed *deed)
{
    for (size_t i = 0; i < ARRAY_LEN(deed_rows); i++)
        if (strcmp(deed_rows[i]->name, deed->order.deed) == 0)
            deed->ops = deed_rows[i];
    if (deed->ops != NULL)
        return 0;
    return refuse(&deed->refusal, REFUSAL_UNKNOWN_COMMAND, "unknown deed: %s", deed->order.deed);
}

/* Two servers may share a data directory, though not a log. */
static int
check_store(struct deed *deed)
{
    char *ours = store_locate(deed->server->config->store);
    int result = 0;

    if (deed->order.store != NULL && !str_equal(ours, deed->order.store))
        result = refuse(&deed->refusal, REFUSAL_CONFLICT,
                        "the server at this data directory keeps its log in %.100s: give --store",
                        deed->server->config->store);
    free(ours);
    return result;
}

void
deed_start(struct deed *deed)
{
    assert(deed->done != NULL);
    if (find_ops(deed) < 0 || check_store(deed) < 0 || deed->ops->begin(deed) < 0 ||
        deed->job == NULL) {
        finish(deed);
        return;
    }
    deed->job->owner = deed;
    deed->job->done = on_committed;
    appender_submit(deed->server->appender, deed->job);
}
