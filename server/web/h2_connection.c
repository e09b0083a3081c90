/* One HTTP/2 connection: its socket, its TLS, and how long it may do what. */
#include "server/web/h2_inside.h"

#define LOG_MODULE "h2"
#include "common/clock.h"
#include "common/log.h"
#include "common/util.h"
#include "server/chat/limits.h"
#include "server/server.h"
#include "server/web/worker.h"

#include <inttypes.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READS_A_TURN      4
#define HANDSHAKE_MS      10000
#define FIRST_SETTINGS_MS 10000
#define HEAD_WITHIN_MS    10000
#define KEEPALIVE_MS      60000
#define PING_AFTER_MS     60000 /* of silence on a connection that holds streams */
#define PONG_WITHIN_MS    30000
#define GONE_WITHIN_MS    1000 /* for the answer to the PING of a drain */
#define ENDED_WITHIN_MS   10000
#define LINGER_MS         1000

static void on_event(uv_poll_t *poll, int status, int events);

static void
enter(struct h2_connection *connection, enum h2_state state)
{
    connection->state = state;
    connection->began_ms = clock_mono_ms();
}

void
h2_connection_mark(struct h2_connection *connection)
{
    if (connection->dirty || connection->state == H2_DEAD)
        return;
    connection->dirty = true;
    TAILQ_INSERT_TAIL(&connection->h2->dirty, connection, in_dirty);
}

static void
want_writable(struct h2_connection *connection, bool wanted)
{
    if (connection->wants_writable == wanted)
        return;
    connection->wants_writable = wanted;
    uv_poll_start(&connection->poll, UV_READABLE | (wanted ? UV_WRITABLE : 0), on_event);
}

struct h2_connection *
h2_connection_create(struct h2 *h2, int fd, const char *address)
{
    struct h2_connection *connection = xcalloc(1, sizeof(*connection));

    connection->h2 = h2;
    connection->number = worker_next_number(h2->worker);
    connection->fd = fd;
    str_copy(connection->address, sizeof(connection->address), address);
    TAILQ_INIT(&connection->streams);
    buf_init(&connection->rest);
    connection->tls = SSL_new(h2->tls);
    if (connection->tls == NULL || SSL_set_fd(connection->tls, fd) != 1 ||
        uv_poll_init(worker_loop(h2->worker), &connection->poll, fd) != 0)
        abort(); /* memory has run out */
    SSL_set_accept_state(connection->tls);
    TAILQ_INSERT_TAIL(&h2->all, connection, in_all);
    h2->count++;
    h2->handles++;
    enter(connection, H2_HANDSHAKE);
    uv_poll_start(&connection->poll, UV_READABLE, on_event);
    return connection;
}

static void
on_handle_closed(uv_handle_t *handle)
{
    struct h2_connection *connection =
        container_of((uv_poll_t *)handle, struct h2_connection, poll);
    struct h2 *h2 = connection->h2;

    free(connection);
    h2_handle_closed(h2);
}

/* The streams' owners hear of it. What is left afterwards is the socket. */
static void
let_go(struct h2_connection *connection)
{
    struct h2_stream *stream;

    while ((stream = TAILQ_FIRST(&connection->streams)) != NULL)
        h2_stream_destroy(stream);
    nghttp2_session_del(connection->session);
    connection->session = NULL;
    SSL_free(connection->tls);
    connection->tls = NULL;
    buf_fini(&connection->rest);
}

/* 0: nothing was asked for on it. */
static int32_t
last_stream(const struct h2_connection *connection)
{
    return connection->session == NULL
               ? 0
               : nghttp2_session_get_last_proc_stream_id(connection->session);
}

/* Not inside of nghttp2. */
static void
kill_now(struct h2_connection *connection)
{
    struct h2 *h2 = connection->h2;

    if (connection->state == H2_DEAD)
        return;
    log_debug("h%" PRIu64 " gone last_stream=%d", connection->number, last_stream(connection));
    enter(connection, H2_DEAD);
    let_go(connection);
    if (connection->dirty)
        TAILQ_REMOVE(&h2->dirty, connection, in_dirty);
    connection->dirty = false;
    TAILQ_REMOVE(&h2->all, connection, in_all);
    h2->count--;
    limits_leave(worker_server(h2->worker)->limits, connection->address);
    uv_close((uv_handle_t *)&connection->poll, on_handle_closed);
    close(connection->fd);
}

/* A socket that is closed with bytes unread is reset, and what was said last is lost with it. */
static void
linger(struct h2_connection *connection)
{
    ERR_clear_error();
    SSL_shutdown(connection->tls);
    ERR_clear_error();
    let_go(connection);
    enter(connection, H2_LINGER);
    want_writable(connection, false);
    if (shutdown(connection->fd, SHUT_WR) < 0)
        kill_now(connection);
}

static void
throw_away(struct h2_connection *connection)
{
    ssize_t count = 0;

    for (int i = 0; i < READS_A_TURN; i++) {
        count = recv(connection->fd, connection->h2->input, sizeof(connection->h2->input), 0);
        if (count <= 0)
            break;
    }
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR))
        kill_now(connection);
}

/* 1 when it was done; 0 when the socket has to say so first; -1 when the peer is gone. */
static int
outcome(struct h2_connection *connection, int result)
{
    if (result == 1)
        return 1;
    switch (SSL_get_error(connection->tls, result)) {
    case SSL_ERROR_WANT_READ: return 0;
    case SSL_ERROR_WANT_WRITE: want_writable(connection, true); return 0;
    default: return -1;
    }
}

static void
shake_hands(struct h2_connection *connection)
{
    const unsigned char *name = NULL;
    unsigned len = 0;
    int result;

    ERR_clear_error();
    result = outcome(connection, SSL_do_handshake(connection->tls));
    if (result == 0)
        return;
    if (result == 1)
        SSL_get0_alpn_selected(connection->tls, &name, &len);
    if (len == 0) {
        kill_now(connection);
        return;
    }
    log_debug("h%" PRIu64 " open address=%s", connection->number, connection->address);
    want_writable(connection, false);
    enter(connection, H2_OPEN);
    connection->active_ms = connection->heard_ms = connection->began_ms;
    h2_session_open(connection);
    if (connection->h2->draining)
        h2_connection_drain(connection);
}

static uint32_t
code_of(int error)
{
    switch (error) {
    case NGHTTP2_ERR_FLOODED: return NGHTTP2_ENHANCE_YOUR_CALM;
    case NGHTTP2_ERR_BAD_CLIENT_MAGIC: return NGHTTP2_PROTOCOL_ERROR;
    default: return NGHTTP2_INTERNAL_ERROR;
    }
}

static void
feed(struct h2_connection *connection, size_t len)
{
    ssize_t used;

    connection->busy = true;
    used =
        nghttp2_session_mem_recv(connection->session, (const uint8_t *)connection->h2->input, len);
    connection->busy = false;
    connection->heard_ms = clock_mono_ms();
    connection->pinged = false;
    if (used < 0)
        h2_session_end(connection, code_of((int)used), nghttp2_strerror((int)used));
    h2_connection_mark(connection);
}

static void
read_some(struct h2_connection *connection)
{
    for (int i = 0; i < READS_A_TURN && !connection->ended; i++) {
        size_t len = 0;
        int result;

        ERR_clear_error();
        result = outcome(connection, SSL_read_ex(connection->tls, connection->h2->input,
                                                 sizeof(connection->h2->input), &len));
        if (result == 0)
            return;
        if (result < 0) {
            kill_now(connection);
            return;
        }
        feed(connection, len);
    }
}

static void
on_event(uv_poll_t *poll, int status, int events)
{
    struct h2_connection *connection = container_of(poll, struct h2_connection, poll);

    switch (connection->state) {
    case H2_HANDSHAKE: shake_hands(connection); break;
    case H2_OPEN:
        if ((events & UV_WRITABLE) != 0)
            h2_connection_mark(connection);
        read_some(connection);
        break;
    case H2_LINGER: throw_away(connection); break;
    case H2_DEAD: break;
    }
}

/* Gives the bytes to the socket; what it does not take waits in rest. -1 when the peer is gone. */
static int
write_bytes(struct h2_connection *connection, const char *bytes, size_t len)
{
    size_t written;
    int result;

    if (len == 0)
        return 0;
    ERR_clear_error();
    result = outcome(connection, SSL_write_ex(connection->tls, bytes, len, &written));
    if (result == 0)
        buf_add(&connection->rest, bytes, len);
    return result < 0 ? -1 : 0;
}

static int
write_rest(struct h2_connection *connection)
{
    size_t written;
    int result;

    if (connection->rest.len == 0)
        return 0;
    ERR_clear_error();
    result = outcome(connection, SSL_write_ex(connection->tls, connection->rest.data,
                                              connection->rest.len, &written));
    if (result == 1)
        buf_fini(&connection->rest);
    return result < 0 ? -1 : 0;
}

static int
write_output(struct h2_connection *connection)
{
    struct h2 *h2 = connection->h2;
    size_t len = h2->output_len;

    h2->output_len = 0;
    return write_bytes(connection, h2->output, len);
}

/* A frame that is no DATA goes behind those that were gathered, or waits behind what waits. */
static int
gather(struct h2_connection *connection, const uint8_t *frame, size_t len)
{
    struct h2 *h2 = connection->h2;

    if (h2->output_len + len > sizeof(h2->output) && write_output(connection) < 0)
        return -1;
    if (connection->rest.len > 0) {
        buf_add(&connection->rest, frame, len);
        return 0;
    }
    memcpy(h2->output + h2->output_len, frame, len);
    h2->output_len += len;
    return 0;
}

/* A record's worth after the other, until nothing is left or the socket is full. */
static int
pump(struct h2_connection *connection)
{
    do {
        const uint8_t *frame;
        ssize_t len = 0;

        connection->blocked = false;
        while (connection->rest.len == 0 &&
               (len = nghttp2_session_mem_send(connection->session, &frame)) > 0)
            if (gather(connection, frame, (size_t)len) < 0)
                return -1;
        if (len < 0 || write_output(connection) < 0)
            return -1;
    } while (connection->blocked && connection->rest.len == 0);
    return 0;
}

static void
turn_streams(struct h2_connection *connection)
{
    struct h2_stream *stream;

    TAILQ_FOREACH(stream, &connection->streams, in_streams)
    h2_stream_turn(stream);
}

static void
bury_streams(struct h2_connection *connection)
{
    struct h2_stream *stream, *next;

    for (stream = TAILQ_FIRST(&connection->streams); stream != NULL; stream = next) {
        next = TAILQ_NEXT(stream, in_streams);
        if (stream->over)
            h2_stream_destroy(stream);
    }
}

bool
h2_connection_may_push(const struct h2_connection *connection)
{
    return connection->state == H2_OPEN && connection->stream_count == 1 && !connection->busy &&
           !connection->broken && connection->rest.len == 0;
}

void
h2_connection_push(struct h2_connection *connection)
{
    connection->busy = connection->direct = true;
    if (pump(connection) < 0) {
        connection->h2->output_len = 0;
        connection->broken = true;
        h2_connection_mark(connection);
    }
    connection->busy = connection->direct = false;
}

/* All that may go. -1 when the peer is gone. */
static int
send_all(struct h2_connection *connection)
{
    int result;

    if (connection->broken || write_rest(connection) < 0)
        return -1;
    if (connection->rest.len > 0)
        return 0;
    connection->busy = true;
    result = pump(connection);
    connection->busy = false;
    return result;
}

void
h2_connection_flush(struct h2_connection *connection)
{
    if (connection->state != H2_OPEN)
        return;
    bury_streams(connection);
    if (send_all(connection) < 0) {
        connection->h2->output_len = 0;
        kill_now(connection);
        return;
    }
    if (connection->rest.len > 0)
        return;
    want_writable(connection, false);
    if (nghttp2_session_want_read(connection->session) == 0 &&
        nghttp2_session_want_write(connection->session) == 0)
        linger(connection);
    else
        turn_streams(connection);
}

static void
tell_gone(struct h2_connection *connection)
{
    connection->told_gone = true;
    nghttp2_submit_goaway(connection->session, NGHTTP2_FLAG_NONE,
                          nghttp2_session_get_last_proc_stream_id(connection->session),
                          NGHTTP2_NO_ERROR, NULL, 0);
    h2_connection_mark(connection);
}

/* A peer may have sent requests that it cannot know to be too late: it is told which was the last
 * one only after a round trip (RFC 9113 section 6.8). */
void
h2_connection_drain(struct h2_connection *connection)
{
    if (connection->state == H2_HANDSHAKE)
        kill_now(connection);
    if (connection->state != H2_OPEN || connection->told_going)
        return;
    connection->told_going = true;
    connection->told_going_ms = clock_mono_ms();
    nghttp2_submit_shutdown_notice(connection->session);
    nghttp2_submit_ping(connection->session, NGHTTP2_FLAG_NONE, NULL);
    h2_connection_mark(connection);
}

void
h2_connection_ponged(struct h2_connection *connection)
{
    if (connection->told_going && !connection->told_gone)
        tell_gone(connection);
}

void
h2_connection_cut(struct h2_connection *connection)
{
    kill_now(connection);
}

static void
look_for_life(struct h2_connection *connection, int64_t now_ms)
{
    if (connection->pinged && now_ms - connection->pinged_ms >= PONG_WITHIN_MS) {
        log_info("h%" PRIu64 " gave no sign of life", connection->number);
        kill_now(connection);
    } else if (!connection->pinged && now_ms - connection->heard_ms >= PING_AFTER_MS) {
        connection->pinged = true;
        connection->pinged_ms = now_ms;
        nghttp2_submit_ping(connection->session, NGHTTP2_FLAG_NONE, NULL);
        h2_connection_mark(connection);
    }
}

/* A peer that takes nothing does not hear the last words either. */
static bool
is_overdue(const struct h2_connection *connection, int64_t now_ms)
{
    return connection->ended && now_ms - connection->ended_ms >= ENDED_WITHIN_MS;
}

static void
tick_open(struct h2_connection *connection, int64_t now_ms)
{
    struct h2_stream *stream;

    TAILQ_FOREACH(stream, &connection->streams, in_streams)
    h2_stream_tick(stream, now_ms);
    if (!connection->settled && now_ms - connection->began_ms >= FIRST_SETTINGS_MS)
        h2_session_end(connection, NGHTTP2_SETTINGS_TIMEOUT, "no SETTINGS came");
    if (connection->head_open && now_ms - connection->head_began_ms >= HEAD_WITHIN_MS)
        h2_session_end(connection, NGHTTP2_ENHANCE_YOUR_CALM, "a head did not end in time");
    if (connection->stream_count == 0 && now_ms - connection->active_ms >= KEEPALIVE_MS)
        h2_session_end(connection, NGHTTP2_NO_ERROR, "it is idle");
    if (connection->told_going && !connection->told_gone &&
        now_ms - connection->told_going_ms >= GONE_WITHIN_MS)
        tell_gone(connection);
    if (is_overdue(connection, now_ms))
        kill_now(connection);
    else
        look_for_life(connection, now_ms);
}

void
h2_connection_tick(struct h2_connection *connection, int64_t now_ms)
{
    int64_t age_ms = now_ms - connection->began_ms;

    switch (connection->state) {
    case H2_HANDSHAKE:
        if (age_ms >= HANDSHAKE_MS)
            kill_now(connection);
        break;
    case H2_LINGER:
        if (age_ms >= LINGER_MS)
            kill_now(connection);
        break;
    case H2_OPEN: tick_open(connection, now_ms); break;
    case H2_DEAD: break;
    }
}
