#include "server/web/conn.h"

#define LOG_MODULE "conn"
#include "common/clock.h"
#include "common/event.h"
#include "common/id.h"
#include "common/log.h"
#include "common/util.h"
#include "server/chat/hub.h"
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

void
conn_fini(struct conn *conn)
{
    worker_unwake(conn->worker, conn);
    roster_remove(worker_roster(conn->worker), conn);
    if (conn->fetch != NULL)
        fetch_abandon(conn->fetch);
    if (conn->reading)
        reader_fini(&conn->reader);
    if (conn->session != NULL) {
        log_info("c%" PRIu64 " %s gone user=%s", conn->number, conn->transport->name,
                 conn->session->identity.name);
        session_unref(conn->session);
    }
    buf_fini(&conn->own);
}

/* What the reader asked for against what there is. */
struct opening {
    uint64_t position;
    enum hello_result result;
};

static struct opening
decide_opening(struct conn *conn, const struct cursor *after)
{
    struct cursor head;

    hello_head(conn->worker, &head);
    if (after == NULL)
        return (struct opening){.position = head.seq, .result = HELLO_NEW};
    if (cursor_is_oldest(after))
        return (struct opening){.position = 0, .result = HELLO_RESUMED};
    if (strcmp(after->epoch, head.epoch) != 0 || after->seq > head.seq)
        return (struct opening){.position = head.seq, .result = HELLO_GAP};
    return (struct opening){.position = after->seq, .result = HELLO_RESUMED};
}

static void
say_json(struct conn *conn, const char *json, size_t len)
{
    conn->transport->frame(conn, &conn->own, json, len);
    if (conn->own.len > CONN_OWN_MAX)
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
    say_json(conn, text, strlen(text));
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
conn_start(struct conn *conn, const struct session *session, const struct cursor *after)
{
    char asked[CURSOR_SIZE] = "-";
    struct opening opening;
    struct cursor cursor;

    conn->session = session;
    worker_catch_up(conn->worker);
    opening = decide_opening(conn, after);
    reader_init(&conn->reader, worker_hub(conn->worker), &session->identity, opening.position);
    conn->reading = true;
    roster_seat(worker_roster(conn->worker), conn);
    conn_enter(conn, CONN_LIVE);

    if (after != NULL)
        cursor_format(asked, after);
    log_info("c%" PRIu64 " %s open user=%s s%" PRIu64 " after=%s", conn->number,
             conn->transport->name, session->identity.name, session->number, asked);
    hello_head(conn->worker, &cursor);
    cursor.seq = opening.position;
    say_hello(conn, &cursor, opening.result);
    if (opening.result == HELLO_GAP)
        say_gap(conn, GAP_EPOCH, 0, opening.position);
}

void
conn_say(struct conn *conn, const struct event *event)
{
    struct buf json = BUF_INIT;

    if (conn->state == CONN_CLOSING)
        return;
    event_encode(&json, event);
    say_json(conn, json.data, json.len);
    buf_fini(&json);
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
conn_wake(struct conn *conn)
{
    worker_wake(conn->worker, conn);
}

/* Writes what was gathered. False when nothing more can be written now. */
static bool
flush(struct conn *conn, struct buf *out)
{
    int result;

    if (out->len == 0)
        return true;
    result = conn->carrier->ops->write(conn->carrier, out->data, out->len);
    buf_clear(out);
    if (result == -EPIPE)
        conn_enter(conn, CONN_CLOSING);
    conn->choked = result == -EAGAIN;
    return result == 0;
}

static void
take_own(struct conn *conn, struct buf *out)
{
    if (conn->own.len == 0)
        return;
    buf_add(out, conn->own.data, conn->own.len);
    if (conn->own.size > CONN_OWN_MAX / 4)
        buf_fini(&conn->own);
    else
        buf_clear(&conn->own);
    conn_pause(conn, CONN_PAUSE_OWN, false);
}

static void
add_entries(struct conn *conn, struct buf *out, struct entry **entries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t len;
        const char *bytes =
            entry_bytes(entries[i], conn->transport->dress, conn->session->identity.name, &len);

        buf_add(out, bytes, len);
        entry_unref(entries[i]);
    }
}

/* Writes all that waits, a write's worth at a time. */
static void
deliver_entries(struct conn *conn, struct buf *out)
{
    struct entry *entries[ENTRIES_AT_ONCE];
    int count;

    while ((count = reader_next(&conn->reader, entries, ENTRIES_AT_ONCE)) > 0) {
        add_entries(conn, out, entries, (size_t)count);
        if (out->len >= CONN_WRITE_MAX / 2 && !flush(conn, out))
            return;
    }
    if (!flush(conn, out))
        return;
    if (count == -ESTALE)
        conn->fetch = fetch_begin(conn);
    else if (reader_is_behind(&conn->reader))
        conn_wake(conn);
}

/* Told here, outside of the carrier's own callbacks: libwebsockets (4.1.6) goes round for ever when
 * reading is stopped while it hands out what it has read. */
static void
tell_pause(struct conn *conn)
{
    bool stop = conn->paused != 0;

    if (stop == conn->reading_stopped || conn->state == CONN_CLOSING)
        return;
    conn->reading_stopped = stop;
    conn->carrier->ops->pause(conn->carrier, stop);
}

void
conn_deliver(struct conn *conn)
{
    struct buf *out = worker_scratch(conn->worker);

    tell_pause(conn);
    if (conn->choked || conn->state == CONN_CLOSING)
        return;
    buf_clear(out);
    take_own(conn, out);
    if (conn->state == CONN_LIVE && conn->fetch == NULL)
        deliver_entries(conn, out);
    else
        flush(conn, out);
    tell_pause(conn);
}

/* Writes what the reader gets of the page. What does not go out now is read again later: a reader
 * that is behind holds a position, not a page. */
static void
deliver_page(struct conn *conn, const struct store_page *page)
{
    struct buf *out = worker_scratch(conn->worker);
    struct entry *entries[ENTRIES_AT_ONCE];
    size_t count, used;

    buf_clear(out);
    do {
        count = reader_take_page(&conn->reader, page, entries, ENTRIES_AT_ONCE, &used);
        add_entries(conn, out, entries, count);
        if (out->len >= CONN_WRITE_MAX / 2 && !flush(conn, out))
            return;
    } while (count == ENTRIES_AT_ONCE);
    flush(conn, out);
}

void
conn_take_page(struct conn *conn, int result, const struct store_page *page)
{
    conn->fetch = NULL;
    if (conn->state != CONN_LIVE)
        return;
    if (result < 0) {
        log_error("c%" PRIu64 " the log cannot be read error=%s", conn->number, strerror(-result));
        conn_bye(conn, "unavailable", 1000 + (int64_t)random_below(4000), 1013);
        return;
    }
    if (page->trimmed_to > 0)
        say_gap(conn, GAP_TRIMMED, page->trimmed_from, page->trimmed_to);
    if (!conn->choked)
        deliver_page(conn, page);
    conn_wake(conn);
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
    if (now_ms - conn->heard_ms > heartbeat_ms * 5 / 2) {
        log_info("c%" PRIu64 " gave no sign of life for %" PRId64 " ms", conn->number,
                 now_ms - conn->heard_ms);
        conn_close(conn, 0, "no sign of life");
        return;
    }
    conn->beat_due = !conn->beat_due;
    if (!conn->beat_due)
        return;
    session_use(conn->session);
    if (conn->choked)
        return; /* it would wait behind what is on its way anyhow */
    if (conn->transport->idle != NULL)
        conn->transport->idle(conn, &conn->own);
    conn_say_pong(conn, "");
}

void
conn_bye(struct conn *conn, const char *reason, int64_t delay_ms, unsigned code)
{
    struct event bye = {.type = EVENT_BYE, .delay_ms = delay_ms, .text = xstrdup(reason)};
    struct buf *out = worker_scratch(conn->worker);

    if (conn->state == CONN_LIVE) {
        /* A last word, also to one that is choked: it waits behind what is on its way. */
        conn_say(conn, &bye);
        buf_clear(out);
        take_own(conn, out);
        flush(conn, out);
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
    conn_enter(conn, CONN_CLOSING);
    conn->carrier->ops->close(conn->carrier, code, reason);
}
