/* What nghttp2 calls while it reads and writes a connection's frames. Nothing here frees the
 * connection: what must end is marked, and looked at when the library has returned. */
#include "server/web/h2_inside.h"

#define LOG_MODULE "h2"
#include "common/clock.h"
#include "common/log.h"
#include "common/util.h"
#include "server/web/exchange.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_HEAD     9
#define DATA_MAX       (H2_RECORD_MAX - FRAME_HEAD) /* a frame of it fills a record */
#define HEAD_LEN_CUT   (4 * H2_FIELDS_LEN_MAX)      /* a head that is not worth a 431 */
#define WINDOWS_EARNED 4 /* updates that a reader may send for a DATA frame, at its own pace */

void
h2_session_end(struct h2_connection *connection, uint32_t code, const char *why)
{
    if (connection->ended)
        return;
    connection->ended = true;
    connection->ended_ms = clock_mono_ms();
    if (code == NGHTTP2_NO_ERROR)
        log_debug("h%" PRIu64 " ends: %s", connection->number, why);
    else
        log_info("h%" PRIu64 " ends code=%s address=%s: %s", connection->number,
                 nghttp2_http2_strerror(code), connection->address, why);
    nghttp2_session_terminate_session(connection->session, code);
    h2_connection_mark(connection);
}

/* Ends who did it once too often. */
static void
count(struct h2_connection *connection, enum h2_kind kind, const char *why)
{
    if (!h2_may(connection, kind))
        h2_session_end(connection, NGHTTP2_ENHANCE_YOUR_CALM, why);
}

static bool
is_request(const nghttp2_frame *frame)
{
    return frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST;
}

/* The library reads past a head on a stream that has ended, for it may be trailers that crossed
 * with our reset of that stream. Where no reset was sent on that or a higher stream it is a fault
 * (RFC 9113 section 5.1.1). */
static void
check_stream(struct h2_connection *connection, int32_t id)
{
    if (id > connection->last_stream)
        connection->last_stream = id;
    else if (id > connection->last_reset &&
             nghttp2_session_get_stream_user_data(connection->session, id) == NULL)
        h2_session_end(connection, NGHTTP2_PROTOCOL_ERROR, "HEADERS on a stream that has ended");
}

/* The library takes any number of CONTINUATIONs, or answers too many as a fault of its own. */
static void
count_continuation(struct h2_connection *connection)
{
    if (++connection->continuations > H2_CONTINUATIONS_MAX)
        h2_session_end(connection, NGHTTP2_ENHANCE_YOUR_CALM, "a head in too many pieces");
}

/* Since priorities mean nothing to us the library tells of them nowhere else. */
static void
read_priority(struct h2_connection *connection, int32_t id)
{
    if (id == 0)
        h2_session_end(connection, NGHTTP2_PROTOCOL_ERROR, "PRIORITY on stream 0");
    count(connection, H2_IDLE_TALK, "too many frames that say nothing");
}

static int
on_begin_frame(nghttp2_session *session, const nghttp2_frame_hd *head, void *user_data)
{
    switch (head->type) {
    case NGHTTP2_HEADERS: check_stream(user_data, head->stream_id); break;
    case NGHTTP2_CONTINUATION: count_continuation(user_data); break;
    case NGHTTP2_PRIORITY: read_priority(user_data, head->stream_id); break;
    default: break;
    }
    return 0;
}

static int
on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *user_data)
{
    struct h2_connection *connection = user_data;

    connection->head_open = true;
    connection->continuations = 0;
    connection->head_began_ms = clock_mono_ms();
    if (is_request(frame))
        nghttp2_session_set_stream_user_data(session, frame->hd.stream_id,
                                             h2_stream_create(connection, frame->hd.stream_id));
    return 0;
}

/* Trailers (RFC 9110 section 6.5) are read past. */
static int
on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
          size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags, void *user_data)
{
    struct h2_stream *stream = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);

    if (stream == NULL || stream->head == NULL || !is_request(frame))
        return 0;
    h2_head_add(stream->head, name, name_len, value, value_len);
    if (h2_head_len(stream->head) > HEAD_LEN_CUT)
        h2_session_end(user_data, NGHTTP2_ENHANCE_YOUR_CALM, "a head without measure");
    return 0;
}

/* The connection's window is always given back, so that a stream that is not read stalls no other;
 * what one of them may have in memory is its own window. */
static int
on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes, size_t len,
        void *user_data)
{
    struct h2_stream *stream = nghttp2_session_get_stream_user_data(session, id);
    size_t taken = stream == NULL ? len : h2_stream_body(stream, bytes, len);

    nghttp2_session_consume_connection(session, len);
    nghttp2_session_consume_stream(session, id, taken);
    return 0;
}

static void
read_request(struct h2_connection *connection, const nghttp2_frame *frame)
{
    struct h2_stream *stream =
        nghttp2_session_get_stream_user_data(connection->session, frame->hd.stream_id);

    if (stream == NULL || connection->ended)
        return;
    if (is_request(frame))
        h2_stream_head(stream);
    if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0)
        h2_stream_end(stream);
}

static void
read_data(struct h2_connection *connection, const nghttp2_frame *frame)
{
    bool empty = frame->hd.length <= frame->data.padlen;

    if (empty && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0)
        count(connection, H2_EMPTY, "too many DATA frames without data");
    read_request(connection, frame);
}

static void
read_settings(struct h2_connection *connection, const nghttp2_frame *frame)
{
    connection->settled = true;
    if ((frame->hd.flags & NGHTTP2_FLAG_ACK) == 0)
        count(connection, H2_SETTINGS, "too many SETTINGS");
}

static void
read_ping(struct h2_connection *connection, const nghttp2_frame *frame)
{
    if ((frame->hd.flags & NGHTTP2_FLAG_ACK) != 0)
        h2_connection_ponged(connection);
    count(connection, H2_PINGS, "too many PINGs");
}

static int
on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *user_data)
{
    struct h2_connection *connection = user_data;

    switch (frame->hd.type) {
    case NGHTTP2_HEADERS:
        connection->head_open = false;
        read_request(connection, frame);
        break;
    case NGHTTP2_DATA: read_data(connection, frame); break;
    case NGHTTP2_RST_STREAM: count(connection, H2_RESETS, "too many resets"); break;
    case NGHTTP2_SETTINGS: read_settings(connection, frame); break;
    case NGHTTP2_PING: read_ping(connection, frame); break;
    case NGHTTP2_WINDOW_UPDATE: count(connection, H2_WINDOWS, "too many window updates"); break;
    default: count(connection, H2_IDLE_TALK, "too many frames that say nothing"); break;
    }
    return 0;
}

static int
on_invalid_frame(nghttp2_session *session, const nghttp2_frame *frame, int error, void *user_data)
{
    struct h2_connection *connection = user_data;

    connection->head_open = false;
    log_debug("h%" PRIu64 " an invalid frame type=%d error=%s", connection->number, frame->hd.type,
              nghttp2_strerror(error));
    return 0;
}

static int
on_frame_sent(nghttp2_session *session, const nghttp2_frame *frame, void *user_data)
{
    struct h2_connection *connection = user_data;

    switch (frame->hd.type) {
    case NGHTTP2_DATA: h2_earn(connection, H2_WINDOWS, WINDOWS_EARNED); break;
    case NGHTTP2_RST_STREAM:
        connection->last_reset = MAX(connection->last_reset, frame->hd.stream_id);
        if (frame->rst_stream.error_code != NGHTTP2_NO_ERROR)
            count(connection, H2_RESETS, "too many streams had to be reset");
        break;
    default: break;
    }
    return 0;
}

static int
on_stream_close(nghttp2_session *session, int32_t id, uint32_t code, void *user_data)
{
    struct h2_connection *connection = user_data;
    struct h2_stream *stream = nghttp2_session_get_stream_user_data(session, id);

    if (stream == NULL)
        return 0;
    nghttp2_session_set_stream_user_data(session, id, NULL);
    if (!connection->direct) {
        h2_stream_destroy(stream);
        return 0;
    }
    stream->over = true; /* who writes on it still holds it */
    h2_connection_mark(connection);
    return 0;
}

static ssize_t
on_read_length(nghttp2_session *session, uint8_t type, int32_t id, int32_t connection_window,
               int32_t stream_window, uint32_t max_frame, void *user_data)
{
    return DATA_MAX;
}

/* Frames are gathered until a record is full. */
static int
on_send_data(nghttp2_session *session, nghttp2_frame *frame, const uint8_t *head, size_t len,
             nghttp2_data_source *source, void *user_data)
{
    struct h2_connection *connection = user_data;
    struct h2_stream *stream = source->ptr;
    struct h2 *h2 = connection->h2;

    if (h2->output_len + FRAME_HEAD + len > H2_RECORD_MAX) {
        connection->blocked = true;
        return NGHTTP2_ERR_WOULDBLOCK;
    }
    memcpy(h2->output + h2->output_len, head, FRAME_HEAD);
    h2_stream_take(stream, h2->output + h2->output_len + FRAME_HEAD, len);
    h2->output_len += FRAME_HEAD + len;
    return 0;
}

void
h2_session_prepare(struct h2 *h2)
{
    nghttp2_session_callbacks *callbacks;

    if (nghttp2_session_callbacks_new(&h2->callbacks) != 0 || nghttp2_option_new(&h2->option) != 0)
        abort(); /* memory has run out */
    callbacks = h2->callbacks;
    nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, on_begin_frame);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, on_invalid_frame);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_frame_sent);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
    nghttp2_session_callbacks_set_data_source_read_length_callback(callbacks, on_read_length);
    nghttp2_session_callbacks_set_send_data_callback(callbacks, on_send_data);
    nghttp2_option_set_no_closed_streams(h2->option, 1);
    nghttp2_option_set_no_auto_window_update(h2->option, 1);
    nghttp2_option_set_max_deflate_dynamic_table_size(h2->option, H2_ANSWERS_TABLE);
}

void
h2_session_open(struct h2_connection *connection)
{
    static const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, H2_STREAMS_MAX},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, H2_FIELDS_LEN_MAX},
        {NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, H2_TABLE_SIZE},
        {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
        {NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1},
    };
    struct h2 *h2 = connection->h2;

    if (nghttp2_session_server_new3(&connection->session, h2->callbacks, connection, h2->option,
                                    h2_memory_hooks(h2->memory)) != 0 ||
        nghttp2_submit_settings(connection->session, NGHTTP2_FLAG_NONE, settings,
                                ARRAY_LEN(settings)) != 0)
        abort(); /* memory has run out */
    h2_connection_mark(connection);
}
