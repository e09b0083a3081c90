#include "bench/measure/load_parts.h"
#include "common/clock.h"
#include "common/util.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define TICK_US 1000 /* how often the writers look, where no rate says so */

static int64_t
tick_us(const struct load *load)
{
    return load->run.pace == LOAD_RATE ? (int64_t)(1e6 / load->run.rate) : TICK_US;
}

void
load_pace_start(struct load *load)
{
    int64_t interval = tick_us(load);
    struct itimerspec when = {
        .it_value = {load->began_us / 1000000, load->began_us % 1000000 * 1000},
        .it_interval = {interval / 1000000, interval % 1000000 * 1000},
    };

    atomic_store(&load->is_saying, true);
    timerfd_settime(load->writers.timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static void
finish(struct load *load)
{
    timerfd_settime(load->writers.timer_fd, 0, &(struct itimerspec){0}, NULL);
    atomic_store(&load->is_saying, false);
}

static uint64_t
said_in_run(const struct load *load)
{
    return atomic_load(&load->said) - load->first;
}

static bool
is_over(const struct load *load, int64_t now_us)
{
    return said_in_run(load) >= load->capacity ||
           now_us - load->began_us >= load->run.duration_ms * 1000;
}

/* Adds a line to what the member is about to write. One whose connection is gone has said it all
 * the same: it is lost, and shows as that. */
static void
say(struct load *load, struct member *member, int64_t meant_us)
{
    uint64_t number = atomic_load(&load->said);
    char room[64], line[4400];
    int len;

    load_room_name(load, member->number, room, sizeof(room));
    len = snprintf(line, sizeof(line),
                   "{\"type\":\"say\",\"id\":\"m%" PRIu64
                   "\",\"room\":\"%s\",\"text\":\"@%010" PRIu64 "%.*s\"}",
                   number, room, number, (int)load->plan.text_len - 11,
                   " and the rest is words that nobody reads, as long as a line of a chat is when "
                   "people have something to tell each other, which they at times do");
    atomic_store(&load->moments[number - load->first].said_us, meant_us);
    atomic_store(&load->said, number + 1);
    if (member->peer.state == PEER_OPEN)
        peer_say(&member->peer, line, (size_t)len);
}

static struct member *
whose_turn(struct load *load)
{
    return &load->writers.members[atomic_load(&load->said) % load->writers.count];
}

/* Lines meant to be said since the last tick; more than one when this thread was late. */
static void
say_due(struct load *load, uint64_t ticks)
{
    for (uint64_t i = 0; i < ticks && said_in_run(load) < load->capacity; i++)
        say(load, whose_turn(load), load->began_us + (int64_t)said_in_run(load) * tick_us(load));
}

static void
say_ahead(struct load *load, int64_t now_us)
{
    uint64_t taken = load_delivered(load) / load_copies(load);

    while (said_in_run(load) < taken + load->run.depth && said_in_run(load) < load->capacity)
        say(load, whose_turn(load), now_us);
}

static void
say_first(struct load *load, int64_t now_us)
{
    for (size_t i = 0; i < load->writers.count * load->run.depth; i++)
        say(load, &load->writers.members[i % load->writers.count], now_us);
}

static void
flush_all(struct load *load)
{
    struct crew *crew = &load->writers;

    for (size_t i = 0; i < crew->count; i++)
        if (crew->members[i].peer.out.len > 0)
            if (peer_flush(&crew->members[i].peer, crew->epoll_fd) < 0)
                atomic_fetch_add(&crew->gone, 1);
}

void
load_pace_tick(struct load *load)
{
    int64_t now_us = clock_mono_us();
    uint64_t ticks;

    if (read(load->writers.timer_fd, &ticks, sizeof(ticks)) != sizeof(ticks) ||
        !atomic_load(&load->is_saying))
        return;
    switch (load->run.pace) {
    case LOAD_RATE: say_due(load, ticks); break;
    case LOAD_BACKLOG: say_ahead(load, now_us); break;
    case LOAD_RECEIPTS:
        if (said_in_run(load) == 0)
            say_first(load, now_us);
        break;
    }
    flush_all(load);
    if (is_over(load, now_us))
        finish(load);
}

void
load_pace_receipt(struct load *load, struct member *member)
{
    int64_t now_us = load->writers.now_us;

    if (load->run.pace == LOAD_RECEIPTS && !is_over(load, now_us))
        say(load, member, now_us);
}
