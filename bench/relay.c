#include "bench/relay.h"

#include "common/clock.h"
#include "common/util.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BACKLOG    512
#define READ_SIZE  65536
#define QUEUED_MAX (4 * 1024 * 1024) /* bytes on the way in one direction: then reading stops */

/* Some bytes on their way, or the end of them. */
struct parcel {
    struct parcel *next;
    int64_t due_us;
    uv_write_t write;
    size_t len;   /* 0: the end */
    char bytes[]; /* of len */
};

struct pair;

/* One direction: what is read from one socket is written to the other, later. */
struct lane {
    struct pair *pair;
    uv_tcp_t *from, *to;
    uv_timer_t timer;
    uv_shutdown_t shutdown;
    struct parcel *first, **last;
    size_t queued;
    bool is_held; /* reading has stopped */
};

/* A connection: the client's socket and ours to the server. */
struct pair {
    struct relay *relay;
    struct pair *next, **previous; /* in the relay's list */
    uv_tcp_t client, server;
    uv_connect_t connect;
    struct lane up, down;
    int64_t began_us;
    unsigned open_shutdowns; /* of the two directions, those that have not ended well */
    unsigned open_handles;
    bool is_closing;
};

struct relay {
    uv_loop_t *loop;
    uv_tcp_t listener;
    struct sockaddr_in server;
    int port;
    int64_t delay_us;
    struct pair *pairs;
    bool is_closed, is_destroyed;
    char scratch[READ_SIZE];
};

static void
free_if_done(struct relay *relay)
{
    if (relay->is_destroyed && relay->is_closed && relay->pairs == NULL)
        free(relay);
}

static void
drop_parcels(struct lane *lane)
{
    for (struct parcel *parcel = lane->first, *next; parcel != NULL; parcel = next) {
        next = parcel->next;
        free(parcel);
    }
}

static void
handle_closed(uv_handle_t *handle)
{
    struct pair *pair = handle->data;
    struct relay *relay = pair->relay;

    if (--pair->open_handles > 0)
        return;

    drop_parcels(&pair->up);
    drop_parcels(&pair->down);
    *pair->previous = pair->next;
    if (pair->next != NULL)
        pair->next->previous = pair->previous;
    free(pair);
    free_if_done(relay);
}

static void
close_socket(uv_tcp_t *socket)
{
    uv_close((uv_handle_t *)socket, handle_closed);
}

/* A RST, unless it was never connected. */
static void
reset_socket(uv_tcp_t *socket)
{
    if (uv_tcp_close_reset(socket, handle_closed) < 0)
        close_socket(socket);
}

static void
close_pair(struct pair *pair, void (*close)(uv_tcp_t *socket))
{
    if (pair->is_closing)
        return;

    pair->is_closing = true;
    close(&pair->client);
    close(&pair->server);
    uv_close((uv_handle_t *)&pair->up.timer, handle_closed);
    uv_close((uv_handle_t *)&pair->down.timer, handle_closed);
}

static void
cut(struct pair *pair)
{
    close_pair(pair, reset_socket);
}

static void
wrote(uv_write_t *write, int status)
{
    struct parcel *parcel = container_of(write, struct parcel, write);

    if (status < 0 && status != UV_ECANCELED)
        cut(write->handle->data);
    free(parcel);
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf);

static void
get_scratch(uv_handle_t *handle, size_t size, uv_buf_t *ret_buf)
{
    struct pair *pair = handle->data;

    *ret_buf = uv_buf_init(pair->relay->scratch, READ_SIZE);
}

static void
was_shut(uv_shutdown_t *shutdown, int status)
{
    struct pair *pair = shutdown->handle->data;

    if (status < 0 && status != UV_ECANCELED)
        cut(pair);
    else if (--pair->open_shutdowns == 0)
        close_pair(pair, close_socket);
}

static void
end_lane(struct lane *lane)
{
    if (uv_shutdown(&lane->shutdown, (uv_stream_t *)lane->to, was_shut) < 0)
        cut(lane->pair);
}

/* Takes parcel. */
static void
deliver(struct lane *lane, struct parcel *parcel)
{
    uv_buf_t buf = uv_buf_init(parcel->bytes, (unsigned)parcel->len);

    lane->queued -= parcel->len;
    if (parcel->len == 0) {
        free(parcel);
        end_lane(lane);
    } else if (uv_write(&parcel->write, (uv_stream_t *)lane->to, &buf, 1, wrote) < 0) {
        free(parcel);
        cut(lane->pair);
    }
}

static void deliver_due(struct lane *lane);

static void
on_due(uv_timer_t *timer)
{
    deliver_due(container_of(timer, struct lane, timer));
}

static void
go_on_reading(struct lane *lane)
{
    if (!lane->is_held || lane->queued > QUEUED_MAX / 2)
        return;

    lane->is_held = false;
    uv_read_start((uv_stream_t *)lane->from, get_scratch, on_read);
}

static void
deliver_due(struct lane *lane)
{
    while (lane->first != NULL && !lane->pair->is_closing) {
        struct parcel *parcel = lane->first;
        int64_t left_us = parcel->due_us - clock_mono_us();

        if (left_us > 0) {
            uv_update_time(lane->pair->relay->loop);
            uv_timer_start(&lane->timer, on_due, (uint64_t)(left_us + 999) / 1000, 0);
            break;
        }
        lane->first = parcel->next;
        if (lane->first == NULL)
            lane->last = &lane->first;
        deliver(lane, parcel);
    }
    if (!lane->pair->is_closing)
        go_on_reading(lane);
}

/* The connection itself took no time so far: what is first sent on it comes a round trip later. */
static int64_t
due_us(const struct pair *pair)
{
    int64_t delay_us = pair->relay->delay_us;

    return MAX(clock_mono_us() + delay_us, pair->began_us + 3 * delay_us);
}

static void
send_on(struct lane *lane, const char *bytes, size_t len)
{
    struct parcel *parcel = xcalloc(1, sizeof(*parcel) + len);

    parcel->due_us = due_us(lane->pair);
    parcel->len = len;
    if (len > 0)
        memcpy(parcel->bytes, bytes, len);
    lane->queued += len;
    *lane->last = parcel;
    lane->last = &parcel->next;
    if (lane->queued > QUEUED_MAX) {
        lane->is_held = true;
        uv_read_stop((uv_stream_t *)lane->from);
    }
    deliver_due(lane);
}

static void
on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
    struct pair *pair = stream->data;
    struct lane *lane = stream == (uv_stream_t *)&pair->client ? &pair->up : &pair->down;

    if (len > 0)
        send_on(lane, buf->base, (size_t)len);
    else if (len == UV_EOF)
        send_on(lane, NULL, 0);
    else if (len < 0)
        cut(pair);
}

static void
on_connect(uv_connect_t *connect, int status)
{
    struct pair *pair = container_of(connect, struct pair, connect);

    if (pair->is_closing)
        return;
    if (status < 0) {
        cut(pair);
        return;
    }

    uv_tcp_nodelay(&pair->server, 1);
    uv_read_start((uv_stream_t *)&pair->client, get_scratch, on_read);
    uv_read_start((uv_stream_t *)&pair->server, get_scratch, on_read);
}

static void
init_lane(struct lane *lane, struct pair *pair, uv_tcp_t *from, uv_tcp_t *to)
{
    *lane = (struct lane){.pair = pair, .from = from, .to = to};
    lane->last = &lane->first;
    uv_timer_init(pair->relay->loop, &lane->timer);
    lane->timer.data = pair;
}

static struct pair *
new_pair(struct relay *relay)
{
    struct pair *pair = xcalloc(1, sizeof(*pair));

    pair->relay = relay;
    pair->next = relay->pairs;
    pair->previous = &relay->pairs;
    if (pair->next != NULL)
        pair->next->previous = &pair->next;
    relay->pairs = pair;
    uv_tcp_init(relay->loop, &pair->client);
    uv_tcp_init(relay->loop, &pair->server);
    pair->client.data = pair->server.data = pair;
    init_lane(&pair->up, pair, &pair->client, &pair->server);
    init_lane(&pair->down, pair, &pair->server, &pair->client);
    pair->open_handles = 4; /* two sockets, two timers */
    pair->open_shutdowns = 2;
    pair->began_us = clock_mono_us();
    return pair;
}

static void
on_connection(uv_stream_t *listener, int status)
{
    struct relay *relay = listener->data;

    if (status < 0)
        return;

    struct pair *pair = new_pair(relay);
    if (uv_accept(listener, (uv_stream_t *)&pair->client) < 0 ||
        uv_tcp_connect(&pair->connect, &pair->server, (struct sockaddr *)&relay->server,
                       on_connect) < 0) {
        cut(pair);
        return;
    }
    uv_tcp_nodelay(&pair->client, 1);
}

static int
listen_on_loopback(struct relay *relay)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int len = sizeof(address);
    int error = uv_tcp_bind(&relay->listener, (struct sockaddr *)&address, 0);

    if (error == 0)
        error = uv_listen((uv_stream_t *)&relay->listener, BACKLOG, on_connection);
    if (error == 0)
        error = uv_tcp_getsockname(&relay->listener, (struct sockaddr *)&address, &len);
    relay->port = ntohs(address.sin_port);
    return error;
}

static void
listener_closed(uv_handle_t *handle)
{
    struct relay *relay = handle->data;

    relay->is_closed = true;
    free_if_done(relay);
}

struct relay *
relay_create(uv_loop_t *loop, int server_port)
{
    struct relay *relay = xcalloc(1, sizeof(*relay));

    relay->loop = loop;
    relay->server = (struct sockaddr_in){.sin_family = AF_INET,
                                         .sin_port = htons((uint16_t)server_port),
                                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    uv_tcp_init(loop, &relay->listener);
    relay->listener.data = relay;

    int error = listen_on_loopback(relay);
    if (error == 0)
        return relay;

    fprintf(stderr, "rtchat-bench: no port for a relay: %s\n", uv_strerror(error));
    relay_destroy(relay);
    return NULL;
}

void
relay_destroy(struct relay *relay)
{
    if (relay == NULL)
        return;

    relay->is_destroyed = true;
    relay_cut(relay);
    uv_close((uv_handle_t *)&relay->listener, listener_closed);
}

int
relay_port(const struct relay *relay)
{
    return relay->port;
}

void
relay_set_delay(struct relay *relay, int64_t delay_ms)
{
    relay->delay_us = delay_ms * 1000;
}

void
relay_cut(struct relay *relay)
{
    for (struct pair *pair = relay->pairs, *next; pair != NULL; pair = next) {
        next = pair->next;
        cut(pair);
    }
}
