/* A stream that has become a WebSocket (RFC 8441): its DATA carries the frames. wslay reads those
 * that come, and answers pings and closes; those that go come framed from the transport's row. */
#include "server/web/h2_inside.h"

#define LOG_MODULE "h2"
#include "common/clock.h"
#include "common/cursor.h"
#include "common/log.h"
#include "common/refusal.h"
#include "common/util.h"
#include "server/chat/sessions.h"
#include "server/web/conn.h"
#include "server/web/exchange.h"
#include "server/web/request.h"
#include "server/web/routes.h"
#include "server/web/ws.h"
#include "server/web/ws_frame.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <wslay/wslay.h>

#define CLOSE_WITHIN_MS  5000
#define CLOSE_REASON_MAX 123 /* RFC 6455 section 5.5 */

struct h2_ws {
    struct h2_stream *stream;
    struct ws *ws;
    wslay_event_context_ptr frames;
    struct ws_piece piece; /* of the frame that is being read */
    bool is_data, is_final;
    const uint8_t *at; /* what is being read */
    size_t left;
    struct buf in; /* came while nothing was read: at most the stream's window */
    bool reading;  /* inside of wslay */
    bool paused;
    bool closing; /* nothing more is written, since closing_ms */
    int64_t closing_ms;
};

static bool
is_data(uint8_t opcode)
{
    return opcode == WSLAY_CONTINUATION_FRAME || opcode == WSLAY_TEXT_FRAME ||
           opcode == WSLAY_BINARY_FRAME;
}

/* Answers to its frames would gather while it does not read. */
static bool
is_held(const struct h2_ws *ws)
{
    return !ws->closing && (ws->paused || h2_stream_is_full(ws->stream));
}

static ssize_t
on_recv(wslay_event_context_ptr frames, uint8_t *bytes, size_t len, int flags, void *user_data)
{
    struct h2_ws *ws = user_data;
    size_t some = MIN(len, ws->left);

    if (some == 0 || is_held(ws)) {
        wslay_event_set_error(frames, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    memcpy(bytes, ws->at, some);
    ws->at += some;
    ws->left -= some;
    return (ssize_t)some;
}

/* A frame comes in pieces. */
static ssize_t
on_send(wslay_event_context_ptr frames, const uint8_t *bytes, size_t len, int flags,
        void *user_data)
{
    struct h2_ws *ws = user_data;

    if (h2_stream_put(ws->stream, bytes, len) != -EPIPE)
        return (ssize_t)len;
    wslay_event_set_error(frames, WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

static void
on_frame(wslay_event_context_ptr frames, const struct wslay_event_on_frame_recv_start_arg *frame,
         void *user_data)
{
    struct h2_ws *ws = user_data;

    conn_heard(ws_conn(ws->ws));
    ws->is_data = is_data(frame->opcode);
    if (!ws->is_data)
        return;
    if (frame->opcode != WSLAY_CONTINUATION_FRAME)
        ws->piece.binary = frame->opcode == WSLAY_BINARY_FRAME;
    ws->piece.remaining = frame->payload_length;
    ws->is_final = frame->fin != 0;
}

static void
on_chunk(wslay_event_context_ptr frames, const struct wslay_event_on_frame_recv_chunk_arg *chunk,
         void *user_data)
{
    struct h2_ws *ws = user_data;

    if (!ws->is_data)
        return;
    ws->piece.bytes = (const char *)chunk->data;
    ws->piece.len = chunk->data_length;
    ws->piece.remaining -= chunk->data_length;
    ws->piece.last = ws->is_final && ws->piece.remaining == 0;
    ws_receive(ws->ws, &ws->piece);
}

/* Nothing more is written. The stream ends with the peer's end of it, or its time. */
static void
close_up(struct h2_ws *ws)
{
    if (ws->closing)
        return;
    ws->closing = true;
    ws->closing_ms = clock_mono_ms();
}

/* Where a frame's head is malformed wslay (1.1) would close without a code; what it has queued
 * stays unsent. */
static void
refuse_frame(struct h2_ws *ws)
{
    struct buf frame = BUF_INIT;

    wslay_event_shutdown_read(ws->frames);
    if (ws->closing)
        return;
    ws_frame_add_close(&frame, WSLAY_CODE_PROTOCOL_ERROR, "a malformed frame");
    h2_stream_put(ws->stream, frame.data, frame.len);
    buf_fini(&frame);
}

/* Reads from at while it may; what is left there stays. */
static void
read_frames(struct h2_ws *ws)
{
    int result;

    ws->reading = true;
    result = wslay_event_recv(ws->frames);
    ws->reading = false;
    if (result < 0)
        refuse_frame(ws);
    else
        wslay_event_send(ws->frames);
    if (wslay_event_get_read_enabled(ws->frames))
        return;
    ws->left = 0;
    close_up(ws);
    h2_stream_finish(ws->stream);
}

size_t
h2_ws_receive(struct h2_ws *ws, const uint8_t *bytes, size_t len)
{
    if (ws->in.len > 0) {
        buf_add(&ws->in, bytes, len);
        return 0;
    }
    ws->at = bytes;
    ws->left = len;
    read_frames(ws);
    if (ws->left > 0)
        buf_add(&ws->in, ws->at, ws->left);
    return len - ws->left;
}

void
h2_ws_turn(struct h2_ws *ws)
{
    struct buf in = ws->in;

    if (in.len == 0 || is_held(ws))
        return;
    buf_init(&ws->in);
    nghttp2_session_consume_stream(ws->stream->connection->session, ws->stream->id,
                                   h2_ws_receive(ws, (const uint8_t *)in.data, in.len));
    h2_connection_mark(ws->stream->connection);
    buf_fini(&in);
}

void
h2_ws_end(struct h2_ws *ws)
{
    close_up(ws);
    h2_stream_finish(ws->stream);
}

void
h2_ws_writable(struct h2_ws *ws)
{
    conn_writable(ws_conn(ws->ws));
}

void
h2_ws_tick(struct h2_ws *ws, int64_t now_ms)
{
    if (ws->closing && now_ms - ws->closing_ms >= CLOSE_WITHIN_MS)
        h2_stream_reset(ws->stream, NGHTTP2_CANCEL);
}

static struct h2_ws *
ws_of(struct carrier *carrier)
{
    return container_of(carrier, struct h2_stream, carrier)->ws;
}

static int
carrier_write(struct carrier *carrier, const void *bytes, size_t len)
{
    struct h2_ws *ws = ws_of(carrier);

    return ws->closing ? -EPIPE : h2_stream_write(ws->stream, bytes, len);
}

static void
carrier_pause(struct carrier *carrier, bool paused)
{
    struct h2_ws *ws = ws_of(carrier);

    ws->paused = paused;
    h2_connection_mark(ws->stream->connection);
}

/* wslay has to know of our close, or it would answer the peer's. */
static void
carrier_close(struct carrier *carrier, unsigned code, const char *reason)
{
    struct h2_ws *ws = ws_of(carrier);

    if (code == 0) {
        h2_stream_reset(ws->stream, NGHTTP2_CANCEL);
        return;
    }
    wslay_event_queue_close(ws->frames, (uint16_t)code, (const uint8_t *)reason,
                            MIN(strlen(reason), CLOSE_REASON_MAX));
    if (!ws->reading)
        wslay_event_send(ws->frames);
    close_up(ws);
}

/* The request was answered before, so there is no answer any more. */
static const struct carrier_ops carrier_h2_ws = {
    .write = carrier_write,
    .pause = carrier_pause,
    .close = carrier_close,
};

static struct h2_ws *
create(struct h2_stream *stream)
{
    static const struct wslay_event_callbacks callbacks = {
        .recv_callback = on_recv,
        .send_callback = on_send,
        .on_frame_recv_start_callback = on_frame,
        .on_frame_recv_chunk_callback = on_chunk,
    };
    struct h2_ws *ws = xcalloc(1, sizeof(*ws));

    ws->stream = stream;
    buf_init(&ws->in);
    if (wslay_event_context_server_init(&ws->frames, &callbacks, ws) != 0)
        abort(); /* memory has run out */
    wslay_event_config_set_no_buffering(ws->frames, 1);
    return ws;
}

/* From here on the stream is the WebSocket's, and its request is over. */
static void
take_over(struct h2_stream *stream, const struct cursor *after)
{
    struct exchange *exchange = stream->exchange;
    const struct session *session = exchange->session;

    if (session != NULL)
        session_ref(session);
    log_debug("h%" PRIu64 " stream=%d becomes a WebSocket", stream->connection->number, stream->id);
    stream->ws = create(stream);
    stream->exchange = NULL;
    stream->reading = false;
    stream->carrier.ops = &carrier_h2_ws;
    stream->ws->ws = ws_open(exchange->worker, &stream->carrier, session, after);
    exchange_gone(exchange);
    exchange_unref(exchange);
}

void
h2_ws_open(struct h2_stream *stream, const struct h2_head *head)
{
    const struct cursor *after = NULL;
    struct cursor cursor;
    struct refusal refusal;

    if (h2_head_check_ws(head, &refusal) < 0 ||
        request_read_after(stream->exchange, &cursor, &after, &refusal) < 0) {
        stream->discarding = true;
        exchange_refuse(stream->exchange, &refusal);
        return;
    }
    if (routes_open(stream->exchange) < 0) {
        stream->discarding = true;
        return;
    }
    h2_stream_accept(stream, h2_head_offers_subprotocol(head) ? REQUEST_SUBPROTOCOL : NULL);
    take_over(stream, after);
}

void
h2_ws_destroy(struct h2_ws *ws)
{
    if (ws == NULL)
        return;
    ws_closed(ws->ws);
    wslay_event_context_free(ws->frames);
    buf_fini(&ws->in);
    free(ws);
}
