#include "server/web/conn.h"

#define LOG_MODULE "conn"
#include "common/clock.h"
#include "common/event.h"
#include "common/id.h"
#include "common/log.h"
#include "common/util.h"
#include "server/chat/hub.h"
#include "server/chat/people.h"
#include "server/chat/sessions.h"
#include "server/config.h"
#include "server/log/entry.h"
#include "server/log/store.h"
#include "server/server.h"
#include "server/web/carrier.h"
#include "server/web/fetch.h"
#include "server/web/hello.h"
#include "server/web/roster.h"
#include "server/web/transport.h"
#include "server/web/waits.h"
#include "server/web/worker.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES_AT_ONCE 8

static const char *
state_name(enum conn_state state)
{
    switch (state) {
    case CONN_AUTH: return "auth";
    case CONN_LIVE: return "live";
    case CONN_CLOSING: return "closing";
    }
    abort();
}

static void
conn_enter(struct conn *conn, enum conn_state state)
{
    log_debug("c%" PRIu64 " %s -> %s", conn->number, state_name(conn->state), state_name(state));
    conn->state = state;
    conn->began_ms = clock_mono_ms();
}

void
conn_init(struct conn *conn, struct worker *worker, struct carrier *carrier,
          const struct transport_ops *transport)
{
    memset(conn, 0, sizeof(*conn));
    conn->number = worker_next_number(worker);
    conn->worker = worker;
    conn->carrier = carrier;
    conn->transport = transport;
    conn->began_ms = conn->heard_ms = clock_mono_ms();
    buf_init(&conn->own);
    roster_add(worker_roster(worker), conn);
}

/* Nothing is gathered for it any more. */
static void
conn_let_go(struct conn *conn)
{
    waits_remove(worker_waits(conn->worker), conn);
    if (conn->fetch != NULL)
        fetch_abandon(conn->fetch);
    conn->fetch = NULL;
    if (conn->reading)
        reader_fini(&conn->reader);
    conn->reading = false;
}

/* A poll's life is one request: not worth a line that everybody reads. */
static void
log_life(const struct conn *conn, const char *what, const char *after)
{
    enum log_level level = conn->transport->stays ? LOG_INFO : LOG_DEBUG;

    LOG_AT(level, "c%" PRIu64 " %s %s user=%s s%" PRIu64 "%s%s", conn->number,
           conn->transport->name, what, conn->session->identity.name, conn->session->number,
           after == NULL ? "" : " after=", after == NULL ? "" : after);
}

void
conn_fini(struct conn *conn)
{
    conn_let_go(conn);
    worker_unwake(conn->worker, conn);
    roster_remove(worker_roster(conn->worker), conn);
    if (conn->session != NULL) {
        people_leave(worker_server(conn->worker)->people, conn->session->identity.name);
        log_life(conn, "gone", NULL);
        session_unref(conn->session);
    }
    buf_fini(&conn->own);
}

void
conn_end(struct conn *conn)
{
    conn_enter(conn, CONN_CLOSING);
    conn_let_go(conn);
}

/* at: the reader's position, for what moves it; or NULL. */
static void
say_json(struct conn *conn, const char *json, size_t len, const struct cursor *at)
{
    char id[CURSOR_SIZE];

    if (at != NULL)
        cursor_format(id, at);
    conn->transport->frame(&conn->own, json, len, at == NULL ? NULL : id);
    conn->event_count++;
    if (conn->transport->stays && conn->own.len > CONN_OWN_MAX)
        conn_pause(conn, CONN_PAUSE_OWN, true);
    conn_wake(conn);
}

static void
say_hello(struct conn *conn, const struct cursor *cursor, enum hello_result result)
{
    json_t *hello = hello_make(conn->worker, &conn->session->identity, cursor, result);
    char *text = json_dumps(hello, JSON_COMPACT);

    json_decref(hello);
    if (text == NULL)
        abort(); /* memory has run out, or one of our strings is not UTF-8 */
    say_json(conn, text, strlen(text), cursor);
    free(text);
}

static void
say_gap(struct conn *conn, enum gap_reason reason, uint64_t from, uint64_t to)
{
    struct event gap = {.type = EVENT_GAP, .gap_from = from, .gap_to = to, .gap_reason = reason};

    hello_head(conn->worker, &gap.cursor);
    gap.cursor.seq = reader_cursor(&conn->reader);
    conn_say(conn, &gap);
}

void
conn_say_trimmed(struct conn *conn, uint64_t from, uint64_t to)
{
    reader_pass(&conn->reader, to);
    say_gap(conn, GAP_TRIMMED, from, to);
}

void
conn_start(struct conn *conn, const struct session *session, const struct cursor *after)
{
    char asked[CURSOR_SIZE] = "-";
    struct opening opening;
    struct cursor cursor;

    conn->session = session;
    worker_catch_up(conn->worker);
    opening = hello_opening(conn->worker, after);
    reader_init(&conn->reader, worker_hub(conn->worker), &session->identity, opening.position);
    conn->reading = true;
    roster_seat(worker_roster(conn->worker), conn);
    people_enter(worker_server(conn->worker)->people, &session->identity);
    conn_enter(conn, CONN_LIVE);

    if (after != NULL)
        cursor_format(asked, after);
    log_life(conn, "open", asked);
    if (conn->transport->open != NULL)
        conn->transport->open(&conn->own);
    hello_head(conn->worker, &cursor);
    cursor.seq = opening.position;
    if (conn->transport->stays)
        say_hello(conn, &cursor, opening.result);
    conn->from_head = after == NULL;
    if (opening.result == HELLO_GAP)
        say_gap(conn, GAP_EPOCH, 0, opening.position);
}

/* Whose cursor is the reader's. */
static bool
moves_reader(enum event_type type)
{
    return type == EVENT_HELLO || type == EVENT_GAP || type == EVENT_PONG;
}

/* What a held page is answered for at once; all else rides along. */
static bool
ends_wait(enum event_type type)
{
    return moves_reader(type) || type == EVENT_BYE;
}

void
conn_say(struct conn *conn, const struct event *event)
{
    struct buf json = BUF_INIT;

    if (conn->state == CONN_CLOSING)
        return;
    event_encode(&json, event);
    say_json(conn, json.data, json.len, moves_reader(event->type) ? &event->cursor : NULL);
    conn->due = conn->due || ends_wait(event->type);
    buf_fini(&json);
}

bool
conn_takes_pong(const struct conn *conn)
{
    return conn->state == CONN_LIVE && conn->own.len <= CONN_OWN_MAX;
}

void
conn_say_aside(struct conn *conn, const struct event *event)
{
    if (conn->state == CONN_LIVE && !conn->choked && conn->own.len < CONN_OWN_MAX / 4)
        conn_say(conn, event);
}

void
conn_say_pong(struct conn *conn, const char *nonce)
{
    struct event pong = {.type = EVENT_PONG};

    if (conn->state != CONN_LIVE)
        return;
    str_copy(pong.nonce, sizeof(pong.nonce), nonce);
    hello_head(conn->worker, &pong.head);
    pong.cursor = pong.head;
    pong.cursor.seq = reader_cursor(&conn->reader);
    conn_say(conn, &pong);
}

void
conn_time_up(struct conn *conn)
{
    conn->due = true;
    conn_wake(conn);
}

void
conn_wake(struct conn *conn)
{
    worker_wake(conn->worker, conn);
}

void
conn_writable(struct conn *conn)
{
    conn->choked = false;
    conn->heard_ms = clock_mono_ms(); /* the peer took bytes */
    conn_wake(conn);
}

void
conn_heard(struct conn *conn)
{
    conn->heard_ms = clock_mono_ms();
}

void
conn_pause(struct conn *conn, enum conn_pause reason, bool paused)
{
    unsigned before = conn->paused;

    conn->paused = paused ? before | reason : before & ~(unsigned)reason;
    if ((before == 0) != (conn->paused == 0))
        conn_wake(conn);
}

void
conn_beat(struct conn *conn, int64_t now_ms)
{
    int64_t heartbeat_ms = worker_server(conn->worker)->config->heartbeat_ms;

    if (conn->state != CONN_LIVE)
        return;
    if (conn->transport->echoes && now_ms - conn->heard_ms > heartbeat_ms * 5 / 2) {
        log_info("c%" PRIu64 " gave no sign of life for %" PRId64 " ms", conn->number,
                 now_ms - conn->heard_ms);
        conn_close(conn, 0, "no sign of life");
        return;
    }
    conn->beat_due = !conn->beat_due;
    if (!conn->beat_due)
        return;
    session_use(conn->session);
    if (conn->choked || !conn->transport->stays)
        return; /* it would wait behind what is on its way anyhow; a poll has its own end */
    if (conn->transport->idle != NULL)
        conn->transport->idle(&conn->own);
    conn_say_pong(conn, "");
}

void
conn_bye(struct conn *conn, const char *reason, int64_t delay_ms, unsigned code)
{
    struct event bye = {.type = EVENT_BYE, .delay_ms = delay_ms, .text = xstrdup(reason)};

    if (conn->state == CONN_LIVE) {
        conn_say(conn, &bye);
        conn_last_word(conn);
    }
    event_fini(&bye);
    conn_close(conn, code, reason);
}

void
conn_close(struct conn *conn, unsigned code, const char *reason)
{
    if (conn->state == CONN_CLOSING)
        return;
    log_debug("c%" PRIu64 " close code=%u reason=\"%s\"", conn->number, code, reason);
    conn_end(conn);
    conn->carrier->ops->close(conn->carrier, code, reason);
}
