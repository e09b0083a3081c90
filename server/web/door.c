#include "server/web/door.h"

#define LOG_MODULE "door"
#include "common/log.h"
#include "common/util.h"
#include "server/chat/limits.h"
#include "server/config.h"
#include "server/server.h"
#include "server/web/carrier_lws.h"
#include "server/web/h2.h"
#include "server/web/hello_peek.h"
#include "server/web/worker.h"

#include <limits.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct door {
    struct worker *worker;
    struct peers *peers;
    struct h2 *h2; /* NULL: off, and nobody looks at sockets */
    struct hello_peek *peek;
};

static void
on_decided(void *context, int fd, const char *address, enum client_hello hello)
{
    struct door *door = context;

    switch (hello) {
    case CLIENT_HELLO_H2: h2_accept(door->h2, fd, address); break;
    case CLIENT_HELLO_OTHER: peer_accept(door->peers, fd, address); break;
    case CLIENT_HELLO_MORE:
        limits_leave(worker_server(door->worker)->limits, address);
        close(fd);
        break;
    }
}

struct door *
door_create(struct worker *worker, struct peers *peers, bool h2)
{
    const struct server *server = worker_server(worker);
    struct door *door = xcalloc(1, sizeof(*door));

    door->worker = worker;
    door->peers = peers;
    if (!h2)
        return door;
    door->h2 = h2_create(worker, server->cert_path, server->key_path);
    if (door->h2 == NULL) {
        free(door);
        return NULL;
    }
    door->peek = hello_peek_create(worker_loop(worker), on_decided, door);
    return door;
}

void
door_close(struct door *door)
{
    if (door == NULL)
        return;
    hello_peek_close(door->peek);
    h2_close(door->h2);
    free(door);
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

void
door_accept(struct door *door, int fd, const char *address)
{
    const struct server *server = worker_server(door->worker);

    if (!limits_enter(server->limits, address)) {
        log_info("refused address=%s: it has its share of connections", address);
        close(fd);
        return;
    }
    watch_over(fd, server->config->heartbeat_ms);
    if (door->h2 != NULL) {
        hello_peek_take(door->peek, fd, address);
    } else {
        peer_accept(door->peers, fd, address);
    }
}

void
door_turn(struct door *door)
{
    if (door->h2 != NULL)
        h2_turn(door->h2);
}

void
door_tick(struct door *door, int64_t now_ms)
{
    if (door->h2 == NULL)
        return;
    hello_peek_tick(door->peek, now_ms);
    h2_tick(door->h2, now_ms);
}

void
door_drain(struct door *door)
{
    if (door->h2 == NULL)
        return;
    hello_peek_cut(door->peek);
    h2_drain(door->h2);
}

void
door_cut(struct door *door)
{
    if (door->h2 != NULL)
        h2_cut(door->h2);
}

size_t
door_count(const struct door *door)
{
    return door->h2 == NULL ? 0 : h2_count(door->h2) + hello_peek_count(door->peek);
}

void
door_renew_certificate(struct door *door)
{
    const struct server *server = worker_server(door->worker);

    if (door->h2 != NULL)
        h2_renew_certificate(door->h2, server->cert_path, server->key_path);
}
