#include "server/web/door.h"

#define LOG_MODULE "door"
#include "common/log.h"
#include "common/util.h"
#include "server/chat/limits.h"
#include "server/config.h"
#include "server/server.h"
#include "server/web/carrier_lws.h"
#include "server/web/context_lws.h"
#include "server/web/h2.h"
#include "server/web/hello_peek.h"
#include "server/web/listener.h"
#include "server/web/watch.h"
#include "server/web/worker.h"

#include <errno.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

struct door {
    struct worker *worker;
    struct listener *listener; /* NULL: it takes no more */
    struct context *context;
    struct peers peers;
    struct h2 *h2; /* NULL: off, and nobody looks at sockets */
    struct hello_peek *peek;
};

static void
on_decided(void *context, int fd, const char *address, enum client_hello hello)
{
    struct door *door = context;

    switch (hello) {
    case CLIENT_HELLO_H2: h2_accept(door->h2, fd, address); break;
    case CLIENT_HELLO_OTHER: peer_accept(&door->peers, fd, address); break;
    case CLIENT_HELLO_MORE:
        limits_leave(worker_server(door->worker)->limits, address);
        close(fd);
        break;
    }
}

/* A peer that answers no more is noticed by the kernel: an idle one by its probes, one that does
 * not take bytes by their age. Best effort: a socket of another family has no such thing. */
static void
watch_over(int fd, int64_t heartbeat_ms)
{
    int on = 1, probes = 3;
    int idle_s = (int)MAX(1, heartbeat_ms / 1000);
    int interval_s = MAX(1, idle_s / 2);
    unsigned within_ms = (unsigned)MIN(heartbeat_ms * 5 / 2, INT_MAX);

    if (heartbeat_ms == 0)
        return;
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof(interval_s));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &within_ms, sizeof(within_ms));
}

static void
on_accepted(void *context, int fd, const char *address)
{
    struct door *door = context;
    const struct server *server = worker_server(door->worker);

    if (!limits_enter(server->limits, address)) {
        log_info("refused address=%s: it has its share of connections", address);
        close(fd);
        return;
    }
    watch_over(fd, server->config->heartbeat_ms);
    if (door->h2 != NULL)
        hello_peek_take(door->peek, fd, address);
    else
        peer_accept(&door->peers, fd, address);
}

static int
open_libraries(struct door *door)
{
    const struct server *server = worker_server(door->worker);
    uv_loop_t *loop = worker_loop(door->worker);

    door->context = context_create(loop, server->cert_path, server->key_path);
    if (door->context == NULL)
        return -EINVAL;
    door->peers.vhost = context_vhost(door->context);
    if (!server->config->http2)
        return 0;
    door->h2 = h2_create(door->worker, server->cert_path, server->key_path);
    if (door->h2 == NULL)
        return -EINVAL;
    door->peek = hello_peek_create(loop, on_decided, door);
    return 0;
}

struct door *
door_create(struct worker *worker, const int *listen_fds, size_t listen_count)
{
    struct door *door = xcalloc(1, sizeof(*door));
    uv_loop_t *loop = worker_loop(worker);

    door->worker = worker;
    peers_init(&door->peers, worker, NULL);
    door->peers.watch = watch_create(loop, peer_watched);
    door->listener = listener_create(loop, listen_fds, listen_count, on_accepted, door);
    if (open_libraries(door) == 0)
        return door;
    door_destroy(door);
    return NULL;
}

/* The libraries end their own handles over the loop's turns. */
void
door_destroy(struct door *door)
{
    if (door == NULL)
        return;
    listener_close(door->listener);
    hello_peek_close(door->peek);
    h2_close(door->h2);
    context_destroy(door->context);
    watch_close(door->peers.watch);
    uv_run(worker_loop(door->worker), UV_RUN_DEFAULT);
    peers_fini(&door->peers);
    free(door);
}

void
door_turn(struct door *door)
{
    peers_turn(&door->peers);
    if (door->h2 != NULL)
        h2_turn(door->h2);
}

void
door_tick(struct door *door, int64_t now_ms)
{
    if (door->listener != NULL)
        listener_tick(door->listener);
    peers_tick(&door->peers, now_ms);
    if (door->h2 == NULL)
        return;
    hello_peek_tick(door->peek, now_ms);
    h2_tick(door->h2, now_ms);
}

void
door_drain(struct door *door)
{
    listener_close(door->listener);
    door->listener = NULL;
    peers_drain(&door->peers);
    if (door->h2 == NULL)
        return;
    hello_peek_cut(door->peek);
    h2_drain(door->h2);
}

void
door_cut(struct door *door)
{
    peers_cut(&door->peers);
    if (door->h2 != NULL)
        h2_cut(door->h2);
}

size_t
door_count(const struct door *door)
{
    size_t count = door->peers.count;

    if (door->h2 != NULL)
        count += h2_count(door->h2) + hello_peek_count(door->peek);
    return count;
}

void
door_nudge(struct door *door)
{
    context_nudge(door->context);
}

void
door_renew_certificate(struct door *door)
{
    const struct server *server = worker_server(door->worker);

    context_renew_certificate(door->context, server->cert_path, server->key_path);
    if (door->h2 != NULL)
        h2_renew_certificate(door->h2, server->cert_path, server->key_path);
}
