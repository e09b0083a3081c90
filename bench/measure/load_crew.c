#include "bench/measure/load_parts.h"
#include "common/clock.h"
#include "common/util.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define OPENING_MAX 64 /* handshakes under way: more only wait for each other */
#define EVENTS_MAX  256

void
crew_init(struct crew *crew, struct load *load, const struct peer_way *way, size_t count)
{
    crew->load = load;
    crew->way = way;
    crew->count = count;
    crew->epoll_fd = crew->stop_fd = crew->timer_fd = -1;
    crew->members = xcalloc(count, sizeof(*crew->members));
    for (size_t i = 0; i < count; i++) {
        crew->members[i].number = i;
        crew->members[i].peer.fd = -1;
    }
}

static void
lose(struct crew *crew, struct member *member)
{
    if (!member->is_ready)
        crew->opening--;
    atomic_fetch_add(&crew->gone, 1);
}

static void
open_some(struct crew *crew)
{
    struct load *load = crew->load;

    while (crew->opening < OPENING_MAX && crew->opened < crew->count) {
        struct member *member = &crew->members[crew->opened++];
        const char *token =
            load->tokens == NULL ? NULL : load->tokens[load_user_of(load, member->number)];

        crew->opening++;
        if (peer_open(&member->peer, crew->way, crew->epoll_fd, load->context, &load->address,
                      token) < 0) {
            peer_close(&member->peer);
            lose(crew, member);
        }
    }
}

static void
serve(struct crew *crew, struct peer *peer)
{
    struct member *member = container_of(peer, struct member, peer);

    if (peer->state == PEER_GONE)
        return; /* it was lost by a write, earlier in this turn */
    crew->now_us = clock_mono_us();
    if (peer_serve(peer, crew->epoll_fd, crew->scratch, load_take_text, crew) < 0)
        lose(crew, member);
}

/* data.ptr is the crew for the timer, NULL for the order to stop, else a peer. */
static void *
run(void *context)
{
    struct crew *crew = context;
    struct epoll_event events[EVENTS_MAX];

    for (;;) {
        int count;

        open_some(crew);
        count = epoll_wait(crew->epoll_fd, events, EVENTS_MAX, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr == NULL)
                return NULL;
            if (events[i].data.ptr == crew)
                load_pace_tick(crew->load);
            else
                serve(crew, events[i].data.ptr);
        }
    }
}

static int
watch(struct crew *crew, int fd, void *which)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = which};

    return epoll_ctl(crew->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

int
crew_start(struct crew *crew)
{
    crew->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    crew->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (crew->epoll_fd < 0 || crew->stop_fd < 0 || watch(crew, crew->stop_fd, NULL) < 0)
        return -errno;
    if (crew == &crew->load->writers) {
        crew->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
        if (crew->timer_fd < 0 || watch(crew, crew->timer_fd, crew) < 0)
            return -errno;
    }
    crew->has_started = pthread_create(&crew->thread, NULL, run, crew) == 0;
    return crew->has_started ? 0 : -EAGAIN;
}

static void
close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void
crew_stop(struct crew *crew)
{
    if (crew->has_started) {
        eventfd_write(crew->stop_fd, 1);
        pthread_join(crew->thread, NULL);
    }
    for (size_t i = 0; i < crew->count; i++)
        peer_close(&crew->members[i].peer);
    free(crew->members);
    close_fd(&crew->timer_fd);
    close_fd(&crew->stop_fd);
    close_fd(&crew->epoll_fd);
}
