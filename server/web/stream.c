#include "server/web/stream.h"

#include "common/clock.h"
#include "common/id.h"
#include "common/util.h"
#include "server/chat/pongs.h"
#include "server/server.h"
#include "server/web/conn.h"
#include "server/web/exchange.h"
#include "server/web/transport.h"
#include "server/web/waits.h"
#include "server/web/worker.h"

#include <stdlib.h>

#define WAIT_DEFAULT_S 25
#define WAIT_MAX_S     55

struct stream {
    struct conn conn;
    char reader[ID_SIZE]; /* what a poll calls itself; "": nothing */
    struct exchange *exchange;
};

static struct stream *
open_stream(struct exchange *exchange, const struct transport_ops *transport)
{
    struct stream *stream = xcalloc(1, sizeof(*stream));

    stream->exchange = exchange;
    exchange->conn = &stream->conn;
    conn_init(&stream->conn, exchange->worker, exchange->carrier, transport);
    return stream;
}

int
stream_read_after(struct exchange *exchange, struct cursor *cursor, const struct cursor **ret_after)
{
    const char *text = query_get(&exchange->query, "after");
    struct refusal refusal;

    if (exchange->last_event_id[0] != '\0')
        text = exchange->last_event_id;
    *ret_after = NULL;
    if (text == NULL)
        return 0;
    if (cursor_parse(text, cursor) == 0) {
        *ret_after = cursor;
        return 0;
    }
    refuse(&refusal, REFUSAL_BAD_REQUEST, "after: wanted a cursor, EPOCH-SEQ or 0");
    exchange_refuse(exchange, &refusal);
    return -1;
}

void
stream_serve_events(struct exchange *exchange)
{
    const struct cursor *after;
    struct cursor cursor;
    struct stream *stream;

    if (stream_read_after(exchange, &cursor, &after) < 0)
        return;
    if (exchange->method == METHOD_HEAD) {
        exchange_answer_text(exchange, 200, transport_sse.content_type, "", 0);
        return;
    }
    stream = open_stream(exchange, &transport_sse);
    exchange_begin(exchange, transport_sse.content_type);
    conn_start(&stream->conn, session_ref(exchange->session), after);
}

void
stream_say_pongs(struct conn *poll)
{
    const struct stream *stream = container_of(poll, struct stream, conn);
    struct pongs *pongs = worker_server(poll->worker)->pongs;
    char nonces[PONGS_OF_SESSION][ID_SIZE];
    size_t count =
        pongs_take(pongs, poll->session->number, stream->reader, clock_mono_ms(), nonces);

    for (size_t i = 0; i < count; i++)
        conn_say_pong(poll, nonces[i]);
}

/* 0, or -1 with the refusal answered. */
static int
read_poll(struct exchange *exchange, uint64_t *ret_wait_s, const char **ret_reader)
{
    const char *reader = query_get(&exchange->query, "reader");
    struct refusal refusal;

    if (query_number(&exchange->query, "wait", 0, WAIT_MAX_S, ret_wait_s) < 0)
        refuse(&refusal, REFUSAL_INVALID, "wait: wanted 0-%d seconds", WAIT_MAX_S);
    else if (reader != NULL && !id_is_valid(reader))
        refuse(&refusal, REFUSAL_INVALID, "reader: wanted 1-%d of A-Z a-z 0-9 - _ : .", ID_MAX);
    else {
        *ret_reader = reader != NULL ? reader : "";
        return 0;
    }

    exchange_refuse(exchange, &refusal);
    return -1;
}

void
stream_serve_poll(struct exchange *exchange)
{
    const struct cursor *after;
    struct cursor cursor;
    struct stream *stream;
    uint64_t wait_s = WAIT_DEFAULT_S;
    const char *reader;

    if (stream_read_after(exchange, &cursor, &after) < 0 ||
        read_poll(exchange, &wait_s, &reader) < 0)
        return;
    stream = open_stream(exchange, wait_s == 0 ? &transport_poll : &transport_longpoll);
    str_copy(stream->reader, sizeof(stream->reader), reader);
    conn_start(&stream->conn, session_ref(exchange->session), after);
    stream_say_pongs(&stream->conn);
    if (wait_s > 0)
        waits_add(worker_waits(exchange->worker), &stream->conn,
                  clock_mono_ms() + (int64_t)wait_s * 1000);
    conn_wake(&stream->conn);
}

void
stream_answer(struct conn *conn, const struct buf *body)
{
    struct stream *stream = container_of(conn, struct stream, conn);

    exchange_answer_text(stream->exchange, 200, conn->transport->content_type, body->data,
                         body->len);
}

void
stream_gone(struct conn *conn)
{
    struct stream *stream = container_of(conn, struct stream, conn);

    conn_fini(conn);
    free(stream);
}
