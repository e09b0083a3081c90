#include "client/measure/rally.h"

#include "client/measure/counts.h"
#include "client/measure/rally_parts.h"
#include "common/clock.h"
#include "common/id.h"
#include "common/util.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define FIRST_SLOT_US  2000 /* from begun to the first slot */
#define SETTLE_MS      30
#define SETTLE_HOLD_MS 300 /* where little comes, so that a little more would be much */

static int64_t
thread_cpu_us(void)
{
    struct timespec used;

    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used) < 0)
        return 0;

    return used.tv_sec * INT64_C(1000000) + used.tv_nsec / 1000;
}

int64_t
rally_due_us(const struct rally *rally, unsigned number)
{
    return rally->began_us + schedule_at_us(&rally->schedule, number);
}

void
rally_break(struct rally *rally, const char *format, ...)
{
    va_list args;

    if (rally->result.why[0] != '\0')
        return;

    va_start(args, format);
    vsnprintf(rally->result.why, sizeof(rally->result.why), format, args);
    va_end(args);
    rally->has_news = true;
}

/* Wakes at that time, or at once when it is over. */
static void
set_slot(struct rally *rally, int64_t at_us)
{
    const struct itimerspec when = {
        .it_value = {.tv_sec = at_us / 1000000, .tv_nsec = at_us % 1000000 * 1000}};

    timerfd_settime(rally->slot_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static void
close_links(struct rally *rally)
{
    rally->phase = RALLY_CLOSING;
    uv_timer_stop(&rally->timer);
    uv_poll_stop(&rally->slot);
    for (unsigned i = 0; i < rally->player_count; i++)
        player_close(&rally->players[i]);
    rally->has_news = true;
}

static void
count_opening(struct rally *rally)
{
    for (unsigned i = 0; i < rally->player_count; i++) {
        struct player *player = &rally->players[i];

        link_count(player->link, &player->before);
        counts_add(&rally->result.opened, &player->before);
    }
}

static void
count_cost(struct rally *rally)
{
    struct rally_result *result = &rally->result;

    for (unsigned i = 0; i < rally->player_count; i++) {
        struct meter_counts counts;

        link_count(rally->players[i].link, &counts);
        counts_take_away(&counts, &rally->players[i].before);
        counts_add(i == 0 ? &result->sender : &result->readers, &counts);
    }
}

static void
count_up(struct rally *rally)
{
    struct rally_result *result = &rally->result;

    result->expected = (uint64_t)(result->said - result->refused) * rally->player_count;
    for (unsigned i = 0; i < rally->player_count; i++) {
        const struct tally *tally = &rally->players[i].tally;

        result->came += tally->came;
        result->repeated += tally->repeated;
        result->disordered += tally->disordered;
    }
    result->lost = result->expected - MIN(result->came, result->expected);
    result->elapsed_us = MAX(rally->came_us - rally->began_us, 0);
    result->cpu_us = thread_cpu_us() - rally->cpu_us;
    count_cost(rally);
    result->transport = link_status(rally->players[0].link)->transport;
    result->facts = *link_status(rally->players[0].link)->facts;
}

static void
finish(struct rally *rally)
{
    if (rally->phase == RALLY_SAYING || rally->phase == RALLY_WAITING) {
        count_up(rally);
        rally->listener.ended(rally->listener.context);
    }
    rally->result.is_complete = rally->result.why[0] == '\0';
    close_links(rally);
}

/* Of the time that it is to last. */
static int64_t
hold_left_ms(const struct rally *rally)
{
    return rally->began_us / 1000 + rally->hold_ms - clock_mono_ms();
}

static bool
has_all(const struct rally *rally)
{
    unsigned wanted = rally->result.said - rally->result.refused;

    for (unsigned i = 0; i < rally->player_count; i++)
        if (rally->players[i].tally.came < wanted)
            return false;
    return rally->receipts >= wanted;
}

/* Says who is not ready, and what its link says of that. */
static void
break_opening(struct rally *rally)
{
    const struct player *player = rally->players;

    while (player->is_ready)
        player++;

    const char *why = link_status(player->link)->why;
    rally_break(rally, "%s was not ready in time%s%s", link_user(player->link),
                why[0] != '\0' ? ": " : "", why);
}

static void
on_patience(uv_timer_t *timer)
{
    struct rally *rally = container_of(timer, struct rally, timer);
    int64_t left_ms =
        MAX(rally->came_us / 1000 + rally->patience_ms - clock_mono_ms(), hold_left_ms(rally));

    if (rally->phase == RALLY_OPENING)
        break_opening(rally);
    else if (left_ms > 0 && !(has_all(rally) && hold_left_ms(rally) <= 0))
        uv_timer_start(timer, on_patience, (uint64_t)left_ms, 0);
    else
        finish(rally);
}

static void
wait_for_rest(struct rally *rally)
{
    rally->phase = RALLY_WAITING;
    rally->came_us = MAX(rally->came_us, clock_mono_us());
    uv_timer_start(
        &rally->timer, on_patience,
        (uint64_t)(rally->hold_ms > 0 ? MAX(hold_left_ms(rally), 0) : rally->patience_ms), 0);
    rally->has_news = true;
}

/* Says what is due. */
static void
on_slot(uv_poll_t *slot, int status, int events)
{
    struct rally *rally = container_of(slot, struct rally, slot);
    struct rally_result *result = &rally->result;
    uint64_t ticks;

    if (read(rally->slot_fd, &ticks, sizeof(ticks)) < 0 || rally->phase != RALLY_SAYING)
        return;

    while (result->said < rally->messages && rally_due_us(rally, result->said) <= clock_mono_us() &&
           player_say(&rally->players[0], result->said))
        result->said++;
    rally->listener.said(rally->listener.context, result->said);
    if (result->said < rally->messages)
        set_slot(rally, rally_due_us(rally, result->said));
    else
        wait_for_rest(rally);
}

static void
begin(uv_timer_t *timer)
{
    struct rally *rally = container_of(timer, struct rally, timer);

    rally->phase = RALLY_SAYING;
    count_opening(rally);
    rally->listener.begun(rally->listener.context);
    rally->cpu_us = thread_cpu_us();
    rally->began_us = rally->came_us = clock_mono_us() + FIRST_SLOT_US;
    uv_poll_start(&rally->slot, UV_READABLE, on_slot);
    set_slot(rally, rally->messages == 0 ? rally->began_us : rally_due_us(rally, 0));
}

/* What the opening left on its way is not the run's. */
static void
settle(struct rally *rally)
{
    rally->phase = RALLY_SETTLING;
    uv_timer_start(&rally->timer, begin, rally->hold_ms > 0 ? SETTLE_HOLD_MS : SETTLE_MS, 0);
}

static void
look_at_opening(struct rally *rally)
{
    bool all = true;

    for (unsigned i = 0; i < rally->player_count; i++) {
        player_join(&rally->players[i]);
        all = all && rally->players[i].is_ready;
    }
    if (all)
        settle(rally);
}

static void
on_closed(uv_handle_t *handle)
{
    struct rally *rally = handle->data;

    if (--rally->open_handles > 0)
        return;

    close(rally->slot_fd);
    rally->listener.done(rally->listener.context, &rally->result);
    free(rally->players);
    free(rally);
}

static void
dispose(struct rally *rally)
{
    uv_handle_t *handles[] = {(uv_handle_t *)&rally->slot, (uv_handle_t *)&rally->turn,
                              (uv_handle_t *)&rally->timer};

    for (unsigned i = 0; i < rally->player_count; i++)
        player_destroy(&rally->players[i]);
    rally->open_handles = ARRAY_LEN(handles);
    for (size_t i = 0; i < ARRAY_LEN(handles); i++) {
        handles[i]->data = rally;
        uv_close(handles[i], on_closed);
    }
}

static void
look_at_closing(struct rally *rally)
{
    for (unsigned i = 0; i < rally->player_count; i++)
        if (!rally->players[i].is_ended)
            return;
    dispose(rally);
}

static void
take_news(struct rally *rally)
{
    if (rally->phase == RALLY_CLOSING)
        look_at_closing(rally);
    else if (rally->result.why[0] != '\0')
        finish(rally);
    else if (rally->phase == RALLY_OPENING)
        look_at_opening(rally);
    else if (rally->phase == RALLY_WAITING && has_all(rally) && hold_left_ms(rally) <= 0)
        finish(rally);
}

/* What is done about news may be news itself, and nothing else need wake the loop for it. */
static void
on_turn(uv_prepare_t *turn)
{
    struct rally *rally = container_of(turn, struct rally, turn);

    while (rally->has_news) {
        rally->has_news = false;
        take_news(rally);
    }
}

static struct rally *
new_rally(uv_loop_t *loop, const struct rally_plan *plan, const struct rally_listener *listener)
{
    struct rally *rally = xcalloc(1, sizeof(*rally));
    unsigned char tag[(TALLY_TAG_SIZE - 1) / 2];

    assert(plan->readers >= 1 && plan->readers <= RALLY_READERS_MAX &&
           plan->messages <= RALLY_MESSAGES_MAX);
    rally->loop = loop;
    rally->listener = *listener;
    str_copy(rally->room, sizeof(rally->room), plan->room);
    random_bytes(tag, sizeof(tag));
    hex_encode(rally->tag, tag, sizeof(tag));
    rally->messages = plan->messages;
    rally->text_len = plan->text_len;
    rally->logs_out = plan->logs_out;
    rally->hold_ms = plan->hold_ms;
    rally->patience_ms = plan->patience_ms;
    rally->schedule = (struct schedule){plan->rate, plan->seed};
    rally->players = xcalloc(plan->readers + 1, sizeof(*rally->players));
    return rally;
}

static int
start_players(struct rally *rally, const struct rally_plan *plan, char *why, size_t why_size)
{
    for (unsigned i = 0; i <= plan->readers; i++) {
        struct player *player = &rally->players[i];

        player->rally = rally;
        tally_init(&player->tally, plan->messages);
        rally->player_count++;
        if (player_start(player, plan, why, why_size) < 0)
            return -1;
    }
    return 0;
}

static void
start_handles(struct rally *rally, int64_t open_ms)
{
    uv_poll_init(rally->loop, &rally->slot, rally->slot_fd);
    uv_timer_init(rally->loop, &rally->timer);
    uv_update_time(rally->loop); /* making the links took a while */
    uv_timer_start(&rally->timer, on_patience, (uint64_t)open_ms, 0);
    uv_prepare_init(rally->loop, &rally->turn);
    uv_prepare_start(&rally->turn, on_turn);
}

struct rally *
rally_start(uv_loop_t *loop, const struct rally_plan *plan, const struct rally_listener *listener,
            char *why, size_t why_size)
{
    struct rally *rally = new_rally(loop, plan, listener);

    rally->slot_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (rally->slot_fd < 0)
        snprintf(why, why_size, "no timer: %s", strerror(errno));
    if (rally->slot_fd < 0 || start_players(rally, plan, why, why_size) < 0) {
        for (unsigned i = 0; i < rally->player_count; i++)
            player_destroy(&rally->players[i]);
        if (rally->slot_fd >= 0)
            close(rally->slot_fd);
        free(rally->players);
        free(rally);
        return NULL;
    }

    start_handles(rally, plan->open_ms);
    for (unsigned i = 0; i < rally->player_count; i++)
        link_start(rally->players[i].link);
    return rally;
}

void
rally_cancel(struct rally *rally)
{
    rally_break(rally, "cancelled");
}

void
rally_mark(struct rally *rally)
{
    rally->mark_us = clock_mono_us();
    for (unsigned i = 1; i < rally->player_count; i++)
        rally->players[i].is_marked = true;
}
