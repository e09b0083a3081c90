#include "server/web/intake.h"

#include "common/command.h"
#include "common/util.h"
#include "server/chat/hub.h"
#include "server/chat/limits.h"
#include "server/chat/people.h"
#include "server/chat/sessions.h"
#include "server/chat/submit.h"
#include "server/server.h"
#include "server/web/roster.h"
#include "server/web/tell.h"
#include "server/web/worker.h"

void
intake_refuse(const char *id, const struct refusal *refusal, struct event *ret_answer)
{
    *ret_answer = (struct event){.type = EVENT_ERROR, .refusal = *refusal};
    str_copy(ret_answer->id, sizeof(ret_answer->id), id);
}

/* Pings are in no order with what changes the chat, so no hold holds them. */
static int
take_ping(const struct command *command, const struct intake_source *source,
          struct intake *ret_intake, struct refusal *ret_refusal)
{
    const struct session *session = source->session;
    struct limits *limits = worker_server(source->worker)->limits;

    if (submit_take_rate(limits, &session->identity, ret_refusal) < 0)
        return -1;
    ret_intake->kind = INTAKE_PING;
    ret_intake->answer.type = EVENT_RECEIPT;
    str_copy(ret_intake->answer.nonce, sizeof(ret_intake->answer.nonce), command->nonce);
    roster_spread_pong(source->worker, source->reader, session->number, command->nonce);
    return 0;
}

/* Rooms that are too big for it, and words that come too often, are passed over. */
static int
take_typing(const struct command *command, const struct intake_source *source,
            struct refusal *ret_refusal)
{
    const struct identity *who = &source->session->identity;
    const struct server *server = worker_server(source->worker);
    char key[ROOM_KEY_SIZE];

    worker_catch_up(source->worker);
    if (submit_find_room(command->room, who, server->accounts,
                         hub_rooms(worker_hub(source->worker)), key, ret_refusal) < 0)
        return -1;
    if (limits_take_typing(server->limits, who->name, key))
        tell_typing(source->worker, who, key);
    return 0;
}

static int
take_away(const struct command *command, const struct intake_source *source,
          struct refusal *ret_refusal)
{
    const struct identity *who = &source->session->identity;
    const struct server *server = worker_server(source->worker);
    bool is_back = command->text == NULL || command->text[0] == '\0';

    if (submit_take_rate(server->limits, who, ret_refusal) < 0)
        return -1;
    people_set_away(server->people, who->name, is_back ? NULL : command->text);
    return 0;
}

static int
take_aside(const struct command *command, const struct intake_source *source,
           struct intake *ret_intake, struct refusal *ret_refusal)
{
    int result = command->type == COMMAND_AWAY ? take_away(command, source, ret_refusal)
                                               : take_typing(command, source, ret_refusal);

    ret_intake->kind = INTAKE_DONE;
    ret_intake->answer.type = EVENT_RECEIPT;
    str_copy(ret_intake->answer.id, sizeof(ret_intake->answer.id), command->id);
    return result;
}

static int
take_for_log(struct command *command, const struct intake_source *source, struct intake *ret_intake,
             struct refusal *ret_refusal)
{
    const struct server *server = worker_server(source->worker);

    if (submit_prepare(command, &source->session->identity, server->accounts, server->limits,
                       source->hold, &ret_intake->item, ret_refusal) < 0)
        return -1;
    ret_intake->kind = INTAKE_APPEND;
    return 0;
}

static int
take(struct command *command, const struct intake_source *source, struct intake *ret_intake,
     struct refusal *ret_refusal)
{
    if (command_type_is_logged(command->type))
        return take_for_log(command, source, ret_intake, ret_refusal);
    if (command->type == COMMAND_PING)
        return take_ping(command, source, ret_intake, ret_refusal);
    return take_aside(command, source, ret_intake, ret_refusal);
}

void
intake_take(const json_t *value, const struct intake_source *source, struct intake *ret_intake)
{
    struct command command;
    struct refusal refusal;
    int result;

    *ret_intake = (struct intake){0};
    result = command_decode(value, &command, &refusal);
    if (result == 0)
        result = take(&command, source, ret_intake, &refusal);
    if (result < 0) {
        ret_intake->kind = INTAKE_REFUSED;
        intake_refuse(command.id, &refusal, &ret_intake->answer);
    }
    command_fini(&command);
}

void
intake_answer(const struct append_item *item, struct event *ret_answer)
{
    if (item->outcome == APPEND_REFUSED) {
        intake_refuse(item->command.id, &item->refusal, ret_answer);
        return;
    }
    *ret_answer = (struct event){.type = EVENT_RECEIPT};
    str_copy(ret_answer->id, sizeof(ret_answer->id), item->command.id);
    ret_answer->seq = item->outcome == APPEND_UNCHANGED ? 0 : item->seq;
}
