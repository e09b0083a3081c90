/* The deliver loop of conn.h. */
#define LOG_MODULE "conn"
#include "common/id.h"
#include "common/log.h"
#include "common/util.h"
#include "server/chat/sessions.h"
#include "server/log/entry.h"
#include "server/log/store.h"
#include "server/server.h"
#include "server/web/carrier.h"
#include "server/web/conn.h"
#include "server/web/fetch.h"
#include "server/web/hello.h"
#include "server/web/page.h"
#include "server/web/stream.h"
#include "server/web/transport.h"
#include "server/web/worker.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define ENTRIES_AT_ONCE 4

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
        conn_end(conn);
    conn->choked = result == -EAGAIN;
    return result == 0;
}

static void
take_own(struct conn *conn, struct buf *out)
{
    if (conn->own.len == 0)
        return;
    buf_add(out, conn->own.data, conn->own.len);
    if (conn->own.size > CONN_OWN_KEPT)
        buf_fini(&conn->own);
    else
        buf_clear(&conn->own);
    conn_pause(conn, CONN_PAUSE_OWN, false);
}

static void
add_entries(struct conn *conn, struct buf *out, struct entry **entries, size_t count)
{
    const struct entry_reader reader = {
        .name = conn->session->identity.name,
        .epoch = worker_server(conn->worker)->store->epoch,
    };

    for (size_t i = 0; i < count; i++) {
        size_t len;
        const char *bytes = entry_bytes(entries[i], conn->transport->dress, &reader, &len);

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

static void
deliver_stream(struct conn *conn)
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

/* How many of the log's events the page still takes. */
static size_t
page_room(const struct conn *conn)
{
    if (conn->from_head || conn->own.len >= PAGE_BYTES_MAX)
        return 0;
    return conn->event_count >= PAGE_EVENTS_MAX ? 0 : PAGE_EVENTS_MAX - conn->event_count;
}

static void
add_to_page(struct conn *conn, struct entry **entries, size_t count)
{
    add_entries(conn, &conn->own, entries, count);
    conn->event_count += (unsigned)count;
    conn->logged_count += (unsigned)count;
}

/* -ESTALE: what comes next must be read from the store. */
static int
gather_page(struct conn *conn)
{
    struct entry *entries[ENTRIES_AT_ONCE];
    size_t room;
    int count = 0;

    while ((room = page_room(conn)) > 0) {
        count = reader_next(&conn->reader, entries, MIN(room, ENTRIES_AT_ONCE));
        if (count <= 0)
            break;
        add_to_page(conn, entries, (size_t)count);
    }
    return MIN(count, 0);
}

static void
answer_page(struct conn *conn)
{
    struct page_end end;

    hello_head(conn->worker, &end.head);
    end.cursor = end.head;
    end.cursor.seq = reader_cursor(&conn->reader);
    end.more = !conn->from_head && reader_has_more(&conn->reader);
    conn->transport->finish(&conn->own, &end);
    stream_answer(conn, &conn->own);
    buf_fini(&conn->own);
    conn_end(conn);
}

/* A page that has events of the log goes without waiting for more of them from the store, and one
 * that takes no more of them without having any: it may be full of what rides along. */
static void
deliver_page(struct conn *conn)
{
    int result = gather_page(conn);

    if (conn->logged_count > 0 || page_room(conn) == 0)
        answer_page(conn);
    else if (result == -ESTALE)
        conn->fetch = fetch_begin(conn);
    else if (reader_is_behind(&conn->reader))
        conn_wake(conn);
    else if (conn->due || !conn->transport->holds)
        answer_page(conn);
}

void
conn_deliver(struct conn *conn)
{
    if (conn->transport->stays)
        deliver_stream(conn);
    else if (conn->state == CONN_LIVE && conn->fetch == NULL)
        deliver_page(conn);
}

void
conn_last_word(struct conn *conn)
{
    struct buf *out = worker_scratch(conn->worker);

    if (!conn->transport->stays) {
        answer_page(conn);
        return;
    }
    buf_clear(out);
    take_own(conn, out);
    flush(conn, out);
}

/* Writes what the reader gets of the store's page. What does not go out now is read again later: a
 * reader that is behind holds a position, not a page. */
static void
write_stored(struct conn *conn, const struct store_page *page)
{
    struct buf *out = worker_scratch(conn->worker);
    struct entry *entries[ENTRIES_AT_ONCE];
    size_t count, used;

    buf_clear(out);
    take_own(conn, out); /* a gap goes before what is behind it */
    do {
        count = reader_take_page(&conn->reader, page, entries, ENTRIES_AT_ONCE, &used);
        add_entries(conn, out, entries, count);
        if (out->len >= CONN_WRITE_MAX / 2 && !flush(conn, out))
            return;
    } while (count == ENTRIES_AT_ONCE);
    flush(conn, out);
}

static void
gather_stored(struct conn *conn, const struct store_page *page)
{
    struct entry *entries[ENTRIES_AT_ONCE];
    size_t count = 0, wanted, used;

    while ((wanted = MIN(page_room(conn), ENTRIES_AT_ONCE)) > 0) {
        count = reader_take_page(&conn->reader, page, entries, wanted, &used);
        add_to_page(conn, entries, count);
        if (count < wanted)
            break;
    }
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
        conn_say_trimmed(conn, page->trimmed_from, page->trimmed_to);
    if (!conn->transport->stays)
        gather_stored(conn, page);
    else if (!conn->choked)
        write_stored(conn, page);
    if (conn->state == CONN_LIVE)
        conn_wake(conn);
}
