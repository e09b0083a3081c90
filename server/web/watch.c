#include "server/web/watch.h"

#include "common/util.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define EVENTS_A_TURN 64

struct watch {
    int fd;
    uv_poll_t poll;
    void (*tell)(void *owner, bool gone, bool writable);
};

/* The set stays readable while it has more, so the loop comes back. */
static void
on_events(uv_poll_t *poll, int status, int uv_events)
{
    struct watch *watch = container_of(poll, struct watch, poll);
    struct epoll_event events[EVENTS_A_TURN];
    int count = epoll_wait(watch->fd, events, EVENTS_A_TURN, 0);

    for (int i = 0; i < count; i++)
        watch->tell(events[i].data.ptr, events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR),
                    events[i].events & EPOLLOUT);
}

struct watch *
watch_create(uv_loop_t *loop, void (*tell)(void *owner, bool gone, bool writable))
{
    struct watch *watch = xcalloc(1, sizeof(*watch));

    watch->tell = tell;
    watch->fd = epoll_create1(EPOLL_CLOEXEC);
    if (watch->fd < 0 || uv_poll_init(loop, &watch->poll, watch->fd) != 0)
        abort(); /* no descriptors at start */
    uv_poll_start(&watch->poll, UV_READABLE, on_events);
    uv_unref((uv_handle_t *)&watch->poll); /* it keeps no loop running */
    return watch;
}

static void
on_closed(uv_handle_t *handle)
{
    struct watch *watch = container_of((uv_poll_t *)handle, struct watch, poll);

    close(watch->fd);
    free(watch);
}

void
watch_close(struct watch *watch)
{
    if (watch != NULL)
        uv_close((uv_handle_t *)&watch->poll, on_closed);
}

int
watch_add(struct watch *watch, int fd, void *owner, struct watch_want want, bool again)
{
    struct epoll_event event = {.events = EPOLLONESHOT, .data.ptr = owner};

    if (want.gone)
        event.events |= EPOLLRDHUP;
    if (want.writable)
        event.events |= EPOLLOUT;
    return epoll_ctl(watch->fd, again ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

void
watch_remove(struct watch *watch, int fd)
{
    epoll_ctl(watch->fd, EPOLL_CTL_DEL, fd, NULL);
}
