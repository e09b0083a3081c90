#include "server/web/ws.h"

#define LOG_MODULE "ws"
#include "common/command.h"
#include "common/event.h"
#include "common/json.h"
#include "common/log.h"
#include "common/text.h"
#include "common/util.h"
#include "server/chat/limits.h"
#include "server/chat/reader.h"
#include "server/chat/sessions.h"
#include "server/chat/submit.h"
#include "server/server.h"
#include "server/web/conn.h"
#include "server/web/posting.h"
#include "server/web/roster.h"
#include "server/web/transport.h"
#include "server/web/worker.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define COMMANDS_MAX 256 /* under way for one connection; then nothing more is read from it */

struct ws;

/* The answer to one command. Answers leave in the order of the commands, so one that is ready waits
 * for those before it. */
struct reply {
    TAILQ_ENTRY(reply) in_order;
    struct ws *ws; /* NULL: it has gone */
    bool ready;
    struct event event; /* a receipt, an error or a pong */
    struct posting posting;
};

struct ws {
    struct conn conn;
    struct cursor after;
    bool has_after;
    struct buf message; /* what has come of one that came in pieces */
    TAILQ_HEAD(, reply) replies;
    size_t reply_count;
};

static void
start(struct ws *ws, const struct session *session)
{
    conn_start(&ws->conn, session, ws->has_after ? &ws->after : NULL);
}

struct ws *
ws_open(struct worker *worker, struct carrier *carrier, const struct session *session,
        const struct cursor *after)
{
    struct ws *ws = xcalloc(1, sizeof(*ws));

    conn_init(&ws->conn, worker, carrier, &transport_ws);
    buf_init(&ws->message);
    TAILQ_INIT(&ws->replies);
    ws->has_after = after != NULL;
    if (after != NULL)
        ws->after = *after;
    if (session != NULL)
        start(ws, session);
    return ws;
}

struct conn *
ws_conn(struct ws *ws)
{
    return &ws->conn;
}

static void
reply_free(struct reply *reply)
{
    event_fini(&reply->event);
    append_job_destroy(reply->posting.job);
    free(reply);
}

void
ws_closed(struct ws *ws)
{
    struct reply *reply;

    while ((reply = TAILQ_FIRST(&ws->replies)) != NULL) {
        TAILQ_REMOVE(&ws->replies, reply, in_order);
        reply->ws = NULL;
        if (reply->ready)
            reply_free(reply);
    }
    conn_fini(&ws->conn);
    buf_fini(&ws->message);
    free(ws);
}

static struct reply *
add_reply(struct ws *ws)
{
    struct reply *reply = xcalloc(1, sizeof(*reply));

    reply->ws = ws;
    TAILQ_INSERT_TAIL(&ws->replies, reply, in_order);
    ws->reply_count++;
    if (ws->reply_count >= COMMANDS_MAX)
        conn_pause(&ws->conn, CONN_PAUSE_COMMANDS, true);
    return reply;
}

static void
say_reply(struct ws *ws, struct reply *reply)
{
    if (reply->event.type == EVENT_PONG)
        conn_say_pong(&ws->conn, reply->event.nonce);
    else
        conn_say(&ws->conn, &reply->event);
}

static void
say_ready_replies(struct ws *ws)
{
    struct reply *reply;

    while ((reply = TAILQ_FIRST(&ws->replies)) != NULL && reply->ready) {
        say_reply(ws, reply);
        TAILQ_REMOVE(&ws->replies, reply, in_order);
        ws->reply_count--;
        reply_free(reply);
    }
    if (ws->reply_count < COMMANDS_MAX / 2)
        conn_pause(&ws->conn, CONN_PAUSE_COMMANDS, false);
}

static void
answer_refusal(struct ws *ws, const char *id, const struct refusal *refusal)
{
    struct reply *reply = add_reply(ws);

    reply->event.type = EVENT_ERROR;
    str_copy(reply->event.id, sizeof(reply->event.id), id);
    reply->event.refusal = *refusal;
    reply->ready = true;
}

static void
set_outcome(struct reply *reply, const struct append_item *item)
{
    str_copy(reply->event.id, sizeof(reply->event.id), item->command.id);
    if (item->outcome == APPEND_REFUSED) {
        reply->event.type = EVENT_ERROR;
        reply->event.refusal = item->refusal;
    } else {
        reply->event.type = EVENT_RECEIPT;
        reply->event.seq = item->outcome == APPEND_UNCHANGED ? 0 : item->seq;
    }
    reply->ready = true;
}

static void
on_appended(struct posting *posting)
{
    struct reply *reply = container_of(posting, struct reply, posting);

    if (reply->ws == NULL) {
        reply_free(reply);
        return;
    }
    set_outcome(reply, &posting->job->items[0]);
    say_ready_replies(reply->ws);
}

static void
submit(struct ws *ws, struct command *command)
{
    const struct server *server = worker_server(ws->conn.worker);
    struct append_item item;
    struct refusal refusal;
    struct reply *reply;
    char id[ID_SIZE];

    str_copy(id, sizeof(id), command->id);
    if (submit_prepare(command, &ws->conn.session->identity, server->accounts, server->limits,
                       &item, &refusal) < 0) {
        answer_refusal(ws, id, &refusal);
        return;
    }
    reply = add_reply(ws);
    reply->posting.job = append_job_create(1);
    reply->posting.job->items[0] = item;
    reply->posting.done = on_appended;
    posting_send(&reply->posting, ws->conn.worker);
}

static void
ping(struct ws *ws, const struct command *command)
{
    const struct session *session = ws->conn.session;
    struct limits *limits = worker_server(ws->conn.worker)->limits;
    struct refusal refusal;
    struct reply *reply;
    int64_t retry_after_ms;

    if (!limits_take_command(limits, session->identity.name, &retry_after_ms)) {
        refuse(&refusal, REFUSAL_RATE_LIMITED, "too many commands: try again in %" PRId64 " ms",
               retry_after_ms);
        refusal.retry_after_ms = retry_after_ms;
        answer_refusal(ws, command->id, &refusal);
        return;
    }
    reply = add_reply(ws);
    reply->event.type = EVENT_PONG;
    str_copy(reply->event.nonce, sizeof(reply->event.nonce), command->nonce);
    reply->ready = true;
    roster_spread_pong(ws->conn.worker, &ws->conn, session->number, command->nonce);
}

static void
take_command(struct ws *ws, const json_t *object)
{
    struct command command;
    struct refusal refusal;

    command_init(&command);
    if (command_decode(object, &command, &refusal) < 0)
        answer_refusal(ws, command.id, &refusal);
    else if (command.type == COMMAND_PING)
        ping(ws, &command);
    else
        submit(ws, &command);
    command_fini(&command);
    say_ready_replies(ws);
}

static void
take_auth(struct ws *ws, const json_t *object)
{
    struct sessions *sessions = worker_server(ws->conn.worker)->sessions;
    const char *type = json_member_string(object, "type");
    const char *token = json_member_string(object, "token");
    const struct session *session;

    if (type == NULL || strcmp(type, "auth") != 0 || token == NULL) {
        conn_close(&ws->conn, 1008, "the first frame must be an auth with a token");
        return;
    }
    session = sessions_find(sessions, token);
    if (session == NULL)
        conn_close(&ws->conn, 1008, "unauthorized: this token is nobody's");
    else
        start(ws, session);
}

static void
take_message(struct ws *ws, const char *text, size_t len)
{
    char why[100];
    json_t *object;

    if (!text_is_utf8(text, len)) {
        conn_close(&ws->conn, 1007, "not UTF-8");
        return;
    }
    object = json_parse(text, len, why, sizeof(why));
    if (object == NULL)
        conn_close(&ws->conn, 1007, "not JSON");
    else if (ws->conn.state == CONN_AUTH)
        take_auth(ws, object);
    else if (session_is_ended(ws->conn.session))
        conn_close(&ws->conn, 1008, "the session has ended");
    else
        take_command(ws, object);
    json_decref(object);
}

void
ws_receive(struct ws *ws, const struct ws_piece *piece)
{
    if (ws->conn.state == CONN_CLOSING)
        return;
    conn_heard(&ws->conn);
    if (piece->binary) {
        conn_close(&ws->conn, 1003, "text frames only");
        return;
    }
    if (piece->remaining > CONN_MESSAGE_MAX ||
        ws->message.len + piece->len + piece->remaining > CONN_MESSAGE_MAX) {
        conn_close(&ws->conn, 1009, "a message is 65536 bytes at most");
        return;
    }
    if (piece->last && ws->message.len == 0) {
        take_message(ws, piece->bytes, piece->len);
        return;
    }
    buf_add(&ws->message, piece->bytes, piece->len);
    if (piece->last) {
        take_message(ws, buf_text(&ws->message), ws->message.len);
        buf_fini(&ws->message);
    }
}
