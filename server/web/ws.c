#include "server/web/ws.h"

#define LOG_MODULE "ws"
#include "common/event.h"
#include "common/json.h"
#include "common/log.h"
#include "common/text.h"
#include "common/util.h"
#include "server/chat/hold.h"
#include "server/chat/reader.h"
#include "server/chat/sessions.h"
#include "server/server.h"
#include "server/web/conn.h"
#include "server/web/intake.h"
#include "server/web/posting.h"
#include "server/web/transport.h"
#include "server/web/worker.h"

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
    struct hold hold;
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
answer_now(struct ws *ws, const struct intake *intake)
{
    struct reply *reply = add_reply(ws);

    reply->event = intake->answer;
    if (intake->kind == INTAKE_PING)
        reply->event.type = EVENT_PONG;
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
    intake_answer(&posting->job->items[0], &reply->event);
    reply->ready = true;
    say_ready_replies(reply->ws);
}

static void
append(struct ws *ws, const struct append_item *item)
{
    struct reply *reply = add_reply(ws);

    reply->posting.job = append_job_create(1);
    reply->posting.job->items[0] = *item;
    reply->posting.done = on_appended;
    posting_send(&reply->posting, ws->conn.worker);
}

static void
take_command(struct ws *ws, const json_t *object)
{
    const struct intake_source source = {
        .worker = ws->conn.worker,
        .session = ws->conn.session,
        .reader = &ws->conn,
        .hold = &ws->hold,
    };
    struct intake intake;

    intake_take(object, &source, &intake);
    switch (intake.kind) {
    case INTAKE_REFUSED:
    case INTAKE_PING: answer_now(ws, &intake); break;
    case INTAKE_DONE:
        if (intake.answer.id[0] != '\0') /* without an id there is no answer */
            answer_now(ws, &intake);
        break;
    case INTAKE_APPEND: append(ws, &intake.item); break;
    }
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
