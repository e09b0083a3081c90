#include "server/web/listener.h"

#define LOG_MODULE "listen"
#include "common/log.h"
#include "common/util.h"
#include "server/web/address.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#define ACCEPTS_A_TURN 64

struct port {
    struct listener *listener;
    int fd;
    uv_poll_t poll;
};

struct listener {
    struct port *ports;
    size_t count, open_count;
    bool stopped; /* for want of file descriptors */
    void (*accepted)(void *context, int fd, const char *address);
    void *context;
};

static void on_readable(uv_poll_t *poll, int status, int events);

static void
start_all(struct listener *listener)
{
    listener->stopped = false;
    for (size_t i = 0; i < listener->count; i++)
        uv_poll_start(&listener->ports[i].poll, UV_READABLE, on_readable);
}

/* The sockets stay readable while no descriptor is to be had, so going on would be a busy loop. */
static void
stop_all(struct listener *listener, int error)
{
    log_warn("connections wait: accept failed error=%s", strerror(error));
    listener->stopped = true;
    for (size_t i = 0; i < listener->count; i++)
        uv_poll_stop(&listener->ports[i].poll);
}

/* True when there may be more. */
static bool
accept_one(struct port *port)
{
    struct sockaddr_storage from;
    socklen_t len = sizeof(from);
    char address[ADDRESS_SIZE];
    int one = 1;
    int fd = accept4(port->fd, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
            stop_all(port->listener, errno);
        return errno == ECONNABORTED || errno == EINTR;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    address_format(address, (struct sockaddr *)&from);
    port->listener->accepted(port->listener->context, fd, address);
    return true;
}

static void
on_readable(uv_poll_t *poll, int status, int events)
{
    struct port *port = container_of(poll, struct port, poll);

    for (int i = 0; i < ACCEPTS_A_TURN && accept_one(port); i++)
        ;
}

struct listener *
listener_create(uv_loop_t *loop, const int *fds, size_t count,
                void (*accepted)(void *context, int fd, const char *address), void *context)
{
    struct listener *listener = xcalloc(1, sizeof(*listener));

    listener->ports = xcalloc(count, sizeof(*listener->ports));
    listener->count = listener->open_count = count;
    listener->accepted = accepted;
    listener->context = context;
    for (size_t i = 0; i < count; i++) {
        listener->ports[i].listener = listener;
        listener->ports[i].fd = fds[i];
        if (uv_poll_init(loop, &listener->ports[i].poll, fds[i]) != 0)
            abort(); /* only for a descriptor that is none */
    }
    start_all(listener);
    return listener;
}

void
listener_tick(struct listener *listener)
{
    if (listener->stopped)
        start_all(listener);
}

static void
on_poll_closed(uv_handle_t *handle)
{
    struct port *port = container_of((uv_poll_t *)handle, struct port, poll);
    struct listener *listener = port->listener;

    close(port->fd);
    if (--listener->open_count > 0)
        return;
    free(listener->ports);
    free(listener);
}

void
listener_close(struct listener *listener)
{
    if (listener == NULL)
        return;
    for (size_t i = 0; i < listener->count; i++)
        uv_close((uv_handle_t *)&listener->ports[i].poll, on_poll_closed);
}
