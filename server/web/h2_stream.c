/* The carrier of one stream: a request that is read into an exchange, and its answer. */
#include "server/web/h2_inside.h"

#include "common/clock.h"
#include "common/refusal.h"
#include "common/util.h"
#include "server/config.h"
#include "server/server.h"
#include "server/web/answer.h"
#include "server/web/exchange.h"
#include "server/web/routes.h"
#include "server/web/worker.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OUT_MAX            (16 * 1024) /* of a streamed answer; more waits where it comes from */
#define OUT_KEPT           1024        /* of an empty out's memory */
#define BODY_WITHIN_MS     30000
#define MOVE_WITHIN_MS     30000             /* a whole answer that nobody takes */
#define KEPT_MAX           (4 * 1024 * 1024) /* of a connection, beside one largest body */
#define ANSWER_SMALL       4096              /* one that is never dropped for what is kept */
#define DISCARDED_BODY_MAX (16 * 1024 * 1024)
#define FIELDS_MAX         (1 + ANSWER_FIELDS_MAX)

static struct h2_stream *
stream_of(struct carrier *carrier)
{
    return container_of(carrier, struct h2_stream, carrier);
}

void
h2_stream_reset(struct h2_stream *stream, uint32_t code)
{
    if (stream->over)
        return;
    nghttp2_submit_rst_stream(stream->connection->session, NGHTTP2_FLAG_NONE, stream->id, code);
    h2_connection_mark(stream->connection);
}

size_t
h2_stream_waiting(const struct h2_stream *stream)
{
    return stream->out.len - stream->out_sent + stream->lent_len;
}

static ssize_t
on_read_data(nghttp2_session *session, int32_t id, uint8_t *dst, size_t max, uint32_t *flags,
             nghttp2_data_source *source, void *user_data)
{
    struct h2_stream *stream = source->ptr;
    size_t waiting = h2_stream_waiting(stream);
    size_t len = MIN(waiting, max);

    if (waiting == 0 && !stream->whole) {
        stream->deferred = true;
        return NGHTTP2_ERR_DEFERRED;
    }
    if (stream->whole && len == waiting)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    return (ssize_t)len;
}

static void
take_out(struct h2_stream *stream, char *dst, size_t len)
{
    if (len == 0)
        return;
    memcpy(dst, stream->out.data + stream->out_sent, len);
    stream->out_sent += len;
    stream->connection->kept -= len;
    if (stream->out_sent < stream->out.len)
        return;
    stream->out_sent = 0;
    if (stream->out.size > OUT_KEPT)
        buf_fini(&stream->out);
    else
        buf_clear(&stream->out);
}

void
h2_stream_take(struct h2_stream *stream, char *dst, size_t len)
{
    size_t from_out = MIN(len, stream->out.len - stream->out_sent);
    size_t from_lent = len - from_out;

    take_out(stream, dst, from_out);
    if (from_lent > 0) {
        memcpy(dst + from_out, stream->lent, from_lent);
        stream->lent += from_lent;
        stream->lent_len -= from_lent;
    }
    stream->moved_ms = clock_mono_ms();
}

static void
unchoke(struct h2_stream *stream)
{
    if (!stream->choked || h2_stream_waiting(stream) > 0)
        return;
    stream->choked = false;
    if (stream->ws != NULL)
        h2_ws_writable(stream->ws);
    else
        exchange_writable(stream->exchange);
}

void
h2_stream_turn(struct h2_stream *stream)
{
    unchoke(stream);
    if (stream->ws != NULL)
        h2_ws_turn(stream->ws);
}

bool
h2_stream_is_full(const struct h2_stream *stream)
{
    return h2_stream_waiting(stream) > OUT_MAX;
}

static void
add_out(struct h2_stream *stream, const void *bytes, size_t len)
{
    if (h2_stream_waiting(stream) == 0)
        stream->moved_ms = clock_mono_ms();
    buf_add(&stream->out, bytes, len);
    stream->connection->kept += len;
}

static void
resume(struct h2_stream *stream)
{
    if (stream->deferred)
        nghttp2_session_resume_data(stream->connection->session, stream->id);
    stream->deferred = false;
}

/* What there is more of may go. */
static void
go_on(struct h2_stream *stream)
{
    resume(stream);
    h2_connection_mark(stream->connection);
}

static nghttp2_nv
make_field(const char *name, const char *value)
{
    return (nghttp2_nv){
        .name = (uint8_t *)(uintptr_t)name, /* it is copied */
        .namelen = strlen(name),
        .value = (uint8_t *)(uintptr_t)value,
        .valuelen = strlen(value),
    };
}

/* nghttp2 copies the fields, and writes their names in small letters. */
static void
submit_fields(struct h2_stream *stream, const nghttp2_nv *fields, size_t count, bool has_body)
{
    nghttp2_data_provider body = {.source.ptr = stream, .read_callback = on_read_data};

    stream->answered = true;
    if (nghttp2_submit_response(stream->connection->session, stream->id, fields, count,
                                has_body ? &body : NULL) != 0)
        h2_stream_reset(stream, NGHTTP2_INTERNAL_ERROR);
    h2_connection_mark(stream->connection);
}

/* The head of an answer that goes on and on is not remembered: it hardly comes twice, and the
 * memory would be held as long as the stream. */
static void
submit_head(struct h2_stream *stream, const struct answer *answer, bool has_body)
{
    nghttp2_nv fields[FIELDS_MAX];
    struct answer_head head;
    char status[12];
    size_t count = 0;

    snprintf(status, sizeof(status), "%u", answer->status);
    fields[count++] = make_field(":status", status);
    answer_make_head(&head, answer);
    for (unsigned i = 0; i < head.count; i++)
        fields[count++] = make_field(head.fields[i].name, head.fields[i].value);
    for (size_t i = 1; i < count && !stream->whole; i++)
        fields[i].flags = NGHTTP2_NV_FLAG_NO_INDEX;
    submit_fields(stream, fields, count, has_body);
}

void
h2_stream_accept(struct h2_stream *stream, const char *subprotocol)
{
    const nghttp2_nv fields[] = {
        make_field(":status", "200"),
        make_field("sec-websocket-protocol", subprotocol == NULL ? "" : subprotocol),
    };

    submit_fields(stream, fields, subprotocol == NULL ? 1 : 2, true);
}

static bool
keeps_too_much(const struct h2_stream *stream, size_t more)
{
    const struct h2_connection *connection = stream->connection;
    uint64_t max_body = (uint64_t)worker_server(connection->h2->worker)->config->max_body;

    return connection->kept + more > KEPT_MAX + max_body;
}

static void
carrier_answer(struct carrier *carrier, const struct answer *answer)
{
    struct h2_stream *stream = stream_of(carrier);
    bool has_body = !answer->without_body && answer->body_len > 0;

    if (has_body && answer->body_len > ANSWER_SMALL && keeps_too_much(stream, answer->body_len)) {
        stream->whole = true;
        h2_stream_reset(stream, NGHTTP2_ENHANCE_YOUR_CALM);
        return;
    }
    if (has_body)
        add_out(stream, answer->body, answer->body_len);
    stream->whole = true;
    submit_head(stream, answer, has_body);
}

static void
carrier_begin(struct carrier *carrier, const struct answer *head)
{
    submit_head(stream_of(carrier), head, true);
}

/* At once and from where the bytes are. What the peer does not take is kept. */
static void
push(struct h2_stream *stream, const char *bytes, size_t len)
{
    stream->lent = bytes;
    stream->lent_len = len;
    resume(stream);
    h2_connection_push(stream->connection);
    bytes = stream->lent;
    len = stream->lent_len;
    stream->lent = NULL;
    stream->lent_len = 0;
    if (len > 0)
        add_out(stream, bytes, len);
}

/* Leaves before the loop sleeps. */
int
h2_stream_put(struct h2_stream *stream, const void *bytes, size_t len)
{
    if (stream->connection->state != H2_OPEN || stream->whole || stream->over)
        return -EPIPE;
    add_out(stream, bytes, len);
    go_on(stream);
    stream->choked = h2_stream_is_full(stream);
    return stream->choked ? -EAGAIN : 0;
}

/* On a connection of one stream it leaves at once; else with all that the others have. */
int
h2_stream_write(struct h2_stream *stream, const void *bytes, size_t len)
{
    if (stream->whole || stream->over || !h2_connection_may_push(stream->connection))
        return h2_stream_put(stream, bytes, len);
    push(stream, bytes, len);
    stream->choked = h2_stream_is_full(stream);
    return stream->choked ? -EAGAIN : 0;
}

void
h2_stream_finish(struct h2_stream *stream)
{
    stream->whole = true;
    go_on(stream);
}

static int
carrier_write(struct carrier *carrier, const void *bytes, size_t len)
{
    return h2_stream_write(stream_of(carrier), bytes, len);
}

/* The request has come whole before it is served. */
static void
carrier_pause(struct carrier *carrier, bool paused)
{
}

static void
carrier_close(struct carrier *carrier, unsigned code, const char *reason)
{
    struct h2_stream *stream = stream_of(carrier);

    if (code == 0)
        h2_stream_reset(stream, NGHTTP2_CANCEL);
    else
        h2_stream_finish(stream);
}

static const struct carrier_ops carrier_h2 = {
    .write = carrier_write,
    .answer = carrier_answer,
    .begin = carrier_begin,
    .pause = carrier_pause,
    .close = carrier_close,
};

struct h2_stream *
h2_stream_create(struct h2_connection *connection, int32_t id)
{
    struct worker *worker = connection->h2->worker;
    struct h2_stream *stream = xcalloc(1, sizeof(*stream));

    stream->carrier.ops = &carrier_h2;
    stream->connection = connection;
    stream->id = id;
    stream->head = h2_head_create();
    stream->exchange = exchange_create(worker, &stream->carrier, worker_next_number(worker));
    stream->began_ms = stream->moved_ms = clock_mono_ms();
    stream->reading = true;
    buf_init(&stream->out);
    TAILQ_INSERT_TAIL(&connection->streams, stream, in_streams);
    connection->stream_count++;
    return stream;
}

static void
forget_body(struct h2_stream *stream)
{
    stream->connection->kept -= stream->body_kept;
    stream->body_kept = 0;
}

void
h2_stream_destroy(struct h2_stream *stream)
{
    struct h2_connection *connection = stream->connection;

    if (stream->exchange != NULL)
        exchange_gone(stream->exchange);
    exchange_unref(stream->exchange);
    h2_ws_destroy(stream->ws);
    forget_body(stream);
    connection->kept -= h2_stream_waiting(stream);
    connection->active_ms = clock_mono_ms();
    connection->stream_count--;
    TAILQ_REMOVE(&connection->streams, stream, in_streams);
    h2_head_destroy(stream->head);
    buf_fini(&stream->out);
    free(stream);
}

static void
refuse_stream(struct h2_stream *stream, const struct refusal *refusal)
{
    stream->discarding = true;
    exchange_refuse(stream->exchange, refusal);
}

static void
answer_431(struct h2_stream *stream)
{
    static const char body[] = "{\"error\":{\"code\":\"too_large\",\"message\":\"the request's "
                               "fields: at most 16384 bytes "
                               "and 100 fields\"}}";

    stream->discarding = true;
    exchange_answer_text(stream->exchange, 431, "application/json", body, sizeof(body) - 1);
}

void
h2_stream_head(struct h2_stream *stream)
{
    struct refusal refusal;

    if (h2_head_too_large(stream->head))
        answer_431(stream);
    else if (h2_head_read(stream->head, stream, &refusal) < 0)
        refuse_stream(stream, &refusal);
    else if (h2_head_is_connect(stream->head))
        h2_ws_open(stream, stream->head);
    h2_head_destroy(stream->head);
    stream->head = NULL;
}

/* What was not served yet may come again (RFC 9113 section 8.7). */
static void
put_off(struct h2_stream *stream)
{
    stream->discarding = true;
    h2_stream_reset(stream, NGHTTP2_REFUSED_STREAM);
}

/* Many clients read no answer before they have sent all of the request, so a body that was refused
 * is read past; one without measure is not (RFC 9113 section 8.1). */
static void
discard(struct h2_stream *stream, size_t len)
{
    stream->discarded += len;
    if (stream->discarded > DISCARDED_BODY_MAX)
        h2_stream_reset(stream, NGHTTP2_NO_ERROR);
}

static void
take_body(struct h2_stream *stream, const uint8_t *bytes, size_t len)
{
    uint64_t max = (uint64_t)worker_server(stream->exchange->worker)->config->max_body;
    struct buf *body = &stream->exchange->body;
    struct refusal refusal;

    if (stream->discarding) {
        discard(stream, len);
    } else if (body->len + len > max) {
        refuse(&refusal, REFUSAL_TOO_LARGE, "the body: more than %" PRIu64 " bytes", max);
        refuse_stream(stream, &refusal);
    } else if (keeps_too_much(stream, len)) {
        put_off(stream);
    } else {
        buf_add(body, bytes, len);
        stream->body_kept += len;
        stream->connection->kept += len;
    }
}

size_t
h2_stream_body(struct h2_stream *stream, const uint8_t *bytes, size_t len)
{
    if (stream->ws != NULL)
        return h2_ws_receive(stream->ws, bytes, len);
    take_body(stream, bytes, len);
    return len;
}

void
h2_stream_end(struct h2_stream *stream)
{
    stream->reading = false;
    if (stream->ws != NULL) {
        h2_ws_end(stream->ws);
        return;
    }
    if (stream->discarding)
        return;
    if (keeps_too_much(stream, 0)) {
        put_off(stream);
        return;
    }
    routes_serve(stream->exchange);
}

void
h2_stream_tick(struct h2_stream *stream, int64_t now_ms)
{
    if (stream->ws != NULL)
        h2_ws_tick(stream->ws, now_ms);
    else if (stream->reading && now_ms - stream->began_ms >= BODY_WITHIN_MS)
        h2_stream_reset(stream, stream->whole ? NGHTTP2_NO_ERROR : NGHTTP2_CANCEL);
    else if (stream->whole && h2_stream_waiting(stream) > 0 &&
             now_ms - stream->moved_ms >= MOVE_WITHIN_MS)
        h2_stream_reset(stream, NGHTTP2_CANCEL);
}
