/* Invitations: giving them out and taking them back. */
#include "common/clock.h"
#include "common/util.h"
#include "server/admin/deed.h"
#include "server/chat/invites.h"
#include "server/log/appender.h"
#include "server/server.h"

#include <stdlib.h>
#include <string.h>

#define DAY_MS (24 * 3600 * INT64_C(1000))

static int
begin_invite(struct deed *deed)
{
    int64_t now_ms = clock_wall_ms();
    char code[INVITE_SIZE];

    if (deed->order.days < 1)
        return refuse(&deed->refusal, REFUSAL_INVALID, "days: wanted 1 or more");
    deed->job = append_job_create(1);
    deed->job->items[0].kind = APPEND_RECORD;
    deed->job->items[0].must_be_new = true;
    invite_make(now_ms, now_ms + deed->order.days * DAY_MS, code, &deed->job->items[0].record);
    buf_addf(&deed->said, "%s\n", code);
    explicit_bzero(code, sizeof(code));
    return 0;
}

const struct deed_ops deed_invite = {
    .name = "invite",
    .begin = begin_invite,
};

static int
begin_list(struct deed *deed)
{
    struct invite *invites;
    size_t count = invites_copy(deed->server->invites, &invites);
    int64_t now_ms = clock_wall_ms();

    for (size_t i = 0; i < count; i++) {
        char made[CLOCK_STAMP_SIZE], until[CLOCK_STAMP_SIZE];

        clock_format(made, invites[i].made_ms);
        clock_format(until, invites[i].until_ms);
        buf_addf(&deed->said, "%s made %s good until %s%s\n", invites[i].label, made, until,
                 now_ms < invites[i].until_ms ? "" : " (lapsed)");
    }
    free(invites);
    return 0;
}

const struct deed_ops deed_invite_list = {
    .name = "invite_list",
    .begin = begin_list,
};

/* Whether the invitation can be meant by what was given: how its code begins, or all of it. */
static bool
is_meant(const struct invite *invite, const char *given)
{
    size_t len = strlen(given);

    return len <= INVITE_LABEL_LEN ? strncasecmp(invite->label, given, len) == 0
                                   : strncasecmp(invite->label, given, INVITE_LABEL_LEN) == 0 &&
                                         given[INVITE_LABEL_LEN] == '-';
}

static int
find_meant(struct deed *deed, struct invite *ret_invite)
{
    const char *given = deed->order.invite;
    struct invite *invites;
    size_t count = invites_copy(deed->server->invites, &invites), found = 0;

    for (size_t i = 0; i < count; i++) {
        if (!is_meant(&invites[i], given))
            continue;
        *ret_invite = invites[i];
        found++;
    }
    free(invites);
    if (found == 1)
        return 0;
    if (found == 0)
        return refuse(&deed->refusal, REFUSAL_NOT_FOUND, "no invitation begins so");
    return refuse(&deed->refusal, REFUSAL_CONFLICT, "%zu invitations begin so: give more of it",
                  found);
}

static int
begin_revoke(struct deed *deed)
{
    struct invite invite;

    if (deed->order.invite[0] == '\0')
        return refuse(&deed->refusal, REFUSAL_INVALID, "invite: missing");
    if (find_meant(deed, &invite) < 0)
        return -1;
    deed->job = append_job_create(1);
    invite_use(invite.key, &deed->job->items[0]);
    buf_addf(&deed->said, "%s is good no more\n", invite.label);
    return 0;
}

const struct deed_ops deed_invite_revoke = {
    .name = "invite_revoke",
    .begin = begin_revoke,
};
