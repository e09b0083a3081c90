#include "server/admin/admin_socket.h"

#define LOG_MODULE "admin"
#include "common/json.h"
#include "common/log.h"
#include "common/util.h"
#include "server/admin/admin_call.h"
#include "server/admin/deed.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define VISITS_MAX 64
#define BACKLOG    16

enum visit_state {
    VISIT_ORDER,  /* the order is being read */
    VISIT_DEED,   /* it is being done; the appender may have it */
    VISIT_ANSWER, /* the answer is being written */
    VISIT_CLOSING,
};

struct visit {
    struct admin_socket *socket;
    enum visit_state state;
    struct ucred peer;
    uv_pipe_t pipe;
    uv_write_t write;
    char order[ORDER_MAX];
    size_t order_len;
    struct buf answer;
    struct deed deed;
    LIST_ENTRY(visit) in_visits;
    SIMPLEQ_ENTRY(visit) in_done;
};

struct admin_socket {
    const struct server *server;
    char *path;
    uv_loop_t *loop;
    uv_pipe_t listener;
    uv_async_t wake;
    unsigned open_handles; /* of listener and wake */
    LIST_HEAD(, visit) visits;
    unsigned visit_count;

    pthread_mutex_t lock;
    SIMPLEQ_HEAD(, visit) done; /* guarded by it: whose deeds were done on another thread */
};

static void
on_visit_closed(uv_handle_t *handle)
{
    struct visit *visit = container_of((uv_pipe_t *)handle, struct visit, pipe);

    LIST_REMOVE(visit, in_visits);
    visit->socket->visit_count--;
    deed_fini(&visit->deed);
    explicit_bzero(visit->order, sizeof(visit->order));
    buf_fini(&visit->answer);
    free(visit);
}

/* A deed under way ends first. */
static void
visit_close(struct visit *visit)
{
    if (visit->state == VISIT_DEED || visit->state == VISIT_CLOSING)
        return;
    visit->state = VISIT_CLOSING;
    uv_close((uv_handle_t *)&visit->pipe, on_visit_closed);
}

static void
on_written(uv_write_t *write, int status)
{
    visit_close(container_of(write, struct visit, write));
}

static void
encode_answer(struct visit *visit)
{
    const struct refusal *refusal = &visit->deed.refusal;
    struct buf *out = &visit->answer;

    if (refusal->code == REFUSAL_NONE) {
        buf_add_str(out, "{\"said\":");
        buf_add_json(out, buf_text(&visit->deed.said));
        buf_add_str(out, "}\n");
        return;
    }
    buf_addf(out, "{\"error\":{\"code\":\"%s\",\"message\":", refusal_name(refusal->code));
    buf_add_json(out, refusal->message);
    buf_add_str(out, "}}\n");
}

static void
say_answer(struct visit *visit)
{
    const struct order *order = &visit->deed.order;
    uv_buf_t bytes;

    log_info("%s name=%s uid=%d pid=%d %s", order->deed, order->name[0] != '\0' ? order->name : "-",
             (int)visit->peer.uid, (int)visit->peer.pid,
             visit->deed.refusal.code == REFUSAL_NONE ? "done"
                                                      : refusal_name(visit->deed.refusal.code));
    visit->state = VISIT_ANSWER;
    encode_answer(visit);
    bytes = uv_buf_init(visit->answer.data, (unsigned)visit->answer.len);
    if (uv_write(&visit->write, (uv_stream_t *)&visit->pipe, &bytes, 1, on_written) != 0)
        visit_close(visit);
}

static void
on_wake(uv_async_t *wake)
{
    struct admin_socket *self = container_of(wake, struct admin_socket, wake);
    struct visit *visit;

    for (;;) {
        pthread_mutex_lock(&self->lock);
        visit = SIMPLEQ_FIRST(&self->done);
        if (visit != NULL)
            SIMPLEQ_REMOVE_HEAD(&self->done, in_done);
        pthread_mutex_unlock(&self->lock);
        if (visit == NULL)
            return;
        say_answer(visit);
    }
}

/* On the appender's thread, or at once on ours. */
static void
on_deed_done(struct deed *deed)
{
    struct visit *visit = container_of(deed, struct visit, deed);
    struct admin_socket *self = visit->socket;

    pthread_mutex_lock(&self->lock);
    SIMPLEQ_INSERT_TAIL(&self->done, visit, in_done);
    uv_async_send(&self->wake);
    pthread_mutex_unlock(&self->lock);
}

static void
take_order(struct visit *visit, size_t len)
{
    struct refusal refusal = {0};
    struct order order;

    uv_read_stop((uv_stream_t *)&visit->pipe);
    if (order_decode(visit->order, len, &order, &refusal) < 0) {
        deed_init(&visit->deed, visit->socket->server, &order);
        visit->deed.refusal = refusal;
        say_answer(visit);
        return;
    }
    deed_init(&visit->deed, visit->socket->server, &order);
    visit->deed.done = on_deed_done;
    visit->state = VISIT_DEED;
    deed_start(&visit->deed);
}

/* Straight into the order, which is bounded. */
static void
on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buf)
{
    struct visit *visit = container_of((uv_pipe_t *)handle, struct visit, pipe);

    *ret_buf = uv_buf_init(visit->order + visit->order_len,
                           (unsigned)(sizeof(visit->order) - visit->order_len));
}

static void
on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *bytes)
{
    struct visit *visit = container_of((uv_pipe_t *)stream, struct visit, pipe);
    const char *newline;

    if (count < 0) {
        visit_close(visit);
        return;
    }
    visit->order_len += (size_t)count;
    newline = memchr(visit->order, '\n', visit->order_len);
    if (newline != NULL)
        take_order(visit, (size_t)(newline - visit->order));
}

static bool
is_welcome(struct visit *visit)
{
    socklen_t len = sizeof(visit->peer);
    int fd;

    if (uv_fileno((uv_handle_t *)&visit->pipe, &fd) != 0 ||
        getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &visit->peer, &len) < 0)
        return false;
    if (visit->peer.uid == geteuid() || visit->peer.uid == 0)
        return true;
    log_warn("turned away uid=%d pid=%d", (int)visit->peer.uid, (int)visit->peer.pid);
    return false;
}

static void
on_connection(uv_stream_t *listener, int status)
{
    struct admin_socket *self = container_of((uv_pipe_t *)listener, struct admin_socket, listener);
    struct visit *visit = xcalloc(1, sizeof(*visit));

    visit->socket = self;
    uv_pipe_init(self->loop, &visit->pipe, 0);
    LIST_INSERT_HEAD(&self->visits, visit, in_visits);
    self->visit_count++;
    if (status < 0 || uv_accept(listener, (uv_stream_t *)&visit->pipe) != 0 ||
        self->visit_count > VISITS_MAX || !is_welcome(visit) ||
        uv_read_start((uv_stream_t *)&visit->pipe, on_alloc, on_read) != 0)
        visit_close(visit);
}

/* Nobody connects before it listens, and by then its mode is right. */
static int
listen_at(struct admin_socket *self)
{
    int result = uv_pipe_bind(&self->listener, self->path);

    if (result == 0 && chmod(self->path, 0600) < 0)
        result = -errno;
    if (result == 0)
        result = uv_listen((uv_stream_t *)&self->listener, BACKLOG, on_connection);
    return result;
}

/* What a killed server left behind goes; one that somebody answers at stays. */
static int
clear_path(const char *path)
{
    int fd = admin_call_connect(path);

    if (fd >= 0) {
        close(fd);
        return -EADDRINUSE;
    }
    if (fd == -ECONNREFUSED && unlink(path) < 0)
        return -errno;
    return fd == -ENAMETOOLONG ? fd : 0;
}

static void
on_handle_closed(uv_handle_t *handle)
{
    struct admin_socket *self = handle->data;

    self->open_handles--;
}

static void
close_handles(struct admin_socket *self)
{
    uv_close((uv_handle_t *)&self->listener, on_handle_closed);
    uv_close((uv_handle_t *)&self->wake, on_handle_closed);
    while (self->open_handles > 0)
        uv_run(self->loop, UV_RUN_ONCE);
    pthread_mutex_destroy(&self->lock);
    free(self->path);
    free(self);
}

struct admin_socket *
admin_socket_open(uv_loop_t *loop, const struct server *server, const char *data_dir, char *why,
                  size_t why_size)
{
    struct admin_socket *self = xcalloc(1, sizeof(*self));
    int result;

    self->server = server;
    self->loop = loop;
    self->path = xasprintf("%s/" ADMIN_SOCKET_NAME, data_dir);
    LIST_INIT(&self->visits);
    SIMPLEQ_INIT(&self->done);
    pthread_mutex_init(&self->lock, NULL);
    if (uv_async_init(loop, &self->wake, on_wake) != 0)
        abort(); /* no descriptors at start */
    uv_pipe_init(loop, &self->listener, 0);
    self->wake.data = self->listener.data = self;
    self->open_handles = 2;

    result = clear_path(self->path);
    if (result == 0)
        result = listen_at(self);
    if (result == 0)
        return self;
    snprintf(why, why_size, "%s: %s", self->path, strerror(-result));
    close_handles(self);
    return NULL;
}

void
admin_socket_close(struct admin_socket *self)
{
    struct visit *visit, *next;

    if (self == NULL)
        return;
    unlink(self->path);
    while (self->visit_count > 0) {
        for (visit = LIST_FIRST(&self->visits); visit != NULL; visit = next) {
            next = LIST_NEXT(visit, in_visits);
            visit_close(visit);
        }
        uv_run(self->loop, UV_RUN_ONCE);
    }
    close_handles(self);
}
