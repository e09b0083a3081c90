/* Times of a link: receipts, and how old a message is when it comes down. */
#include "client/link/meter_state.h"
#include "common/clock.h"
#include "common/util.h"

static void
clear(struct meter_bar *bar)
{
    *bar = (struct meter_bar){.max_us = -1};
}

void
meter_times_init(struct meter_times *times)
{
    times->since_ms = clock_mono_ms();
    times->receipt_us = times->lag_us = times->clock_error_us = -1;
    for (size_t i = 0; i < METER_BARS; i++) {
        clear(&times->receipt_trail.bars[i]);
        clear(&times->lag_trail.bars[i]);
    }
}

/* The bar of that time, with all between it and the one that was the newest empty. */
static struct meter_bar *
bar_at(struct meter_trail *trail, int64_t mono_ms)
{
    int64_t number = MAX(mono_ms / METER_BAR_MS, trail->newest);

    for (int64_t i = MAX(trail->newest, number - METER_BARS) + 1; i <= number; i++)
        clear(&trail->bars[i % METER_BARS]);
    trail->newest = number;
    return &trail->bars[number % METER_BARS];
}

void
meter_trail_read(const struct meter_trail *trail, int64_t now_ms,
                 struct meter_bar ret_bars[METER_BARS])
{
    int64_t number = now_ms / METER_BAR_MS - METER_BARS + 1;

    for (size_t i = 0; i < METER_BARS; i++, number++) {
        bool is_kept =
            number >= 0 && number <= trail->newest && number > trail->newest - METER_BARS;
        if (is_kept)
            ret_bars[i] = trail->bars[number % METER_BARS];
        else
            clear(&ret_bars[i]);
    }
}

static void
take(struct histogram *histogram, struct meter_trail *trail, int64_t *last_us, int64_t us)
{
    struct meter_bar *bar = bar_at(trail, clock_mono_ms());

    histogram_add(histogram, us);
    bar->max_us = MAX(bar->max_us, us);
    *last_us = us;
}

void
meter_receipt(struct meter *meter, int64_t sent_us)
{
    if (meter == NULL)
        return;

    take(&meter->times.receipt, &meter->times.receipt_trail, &meter->times.receipt_us,
         MAX(clock_mono_us() - sent_us, 0));
}

static void
mark(struct meter_trail *trail, int64_t from_ms, int64_t to_ms)
{
    from_ms = MAX(from_ms, to_ms - (int64_t)METER_BARS * METER_BAR_MS);
    for (int64_t at_ms = from_ms; at_ms < to_ms; at_ms += METER_BAR_MS)
        bar_at(trail, at_ms)->failed = true;
    bar_at(trail, to_ms)->failed = true;
}

static void
mark_lost(struct meter *meter)
{
    int64_t now_ms = clock_mono_ms();

    if (meter->lost_ms < 0)
        return;

    mark(&meter->times.receipt_trail, meter->lost_ms, now_ms);
    mark(&meter->times.lag_trail, meter->lost_ms, now_ms);
}

void
meter_lost(struct meter *meter)
{
    if (meter != NULL && meter->lost_ms < 0)
        meter->lost_ms = clock_mono_ms();
}

void
meter_back(struct meter *meter)
{
    if (meter == NULL)
        return;

    mark_lost(meter);
    meter->lost_ms = -1;
}

const struct meter_times *
meter_times(struct meter *meter)
{
    mark_lost(meter);
    return &meter->times;
}

/* What a stamp says of the server's clock: it was made before now and after the sending, so that
 * clock is ahead of ours by this much at least, and by that much at most. A clock that was set
 * makes the two contradict each other: then what is known begins anew. */
static void
compare_clocks(struct meter *meter, int64_t at_ms, int64_t wall_ms, int64_t since_sent_ms)
{
    bool is_own = since_sent_ms >= 0;
    int64_t least_ms = at_ms - wall_ms, most_ms = least_ms + since_sent_ms;
    bool is_broken = (meter->has_ahead_max && least_ms > meter->ahead_max_ms) ||
                     (is_own && meter->has_ahead_min && most_ms < meter->ahead_min_ms);

    if (is_broken)
        meter->has_ahead_min = meter->has_ahead_max = false;
    if (!meter->has_ahead_min || least_ms > meter->ahead_min_ms)
        meter->ahead_min_ms = least_ms;
    meter->has_ahead_min = true;
    if (!is_own)
        return;

    if (!meter->has_ahead_max || most_ms < meter->ahead_max_ms)
        meter->ahead_max_ms = most_ms;
    meter->has_ahead_max = true;
}

/* The middle of what it may be; where nothing bounds it from above, the two clocks agree unless
 * that is impossible. */
static int64_t
ahead_us(const struct meter *meter)
{
    if (meter->has_ahead_max)
        return (meter->ahead_min_ms + meter->ahead_max_ms) * 500;

    return MAX(meter->ahead_min_ms, 0) * 1000;
}

void
meter_lag(struct meter *meter, int64_t at_ms, int64_t sent_us)
{
    int64_t wall_ms = clock_wall_ms();

    if (meter == NULL)
        return;

    struct meter_times *times = &meter->times;
    compare_clocks(meter, at_ms, wall_ms,
                   sent_us > 0 ? (clock_mono_us() - sent_us + 999) / 1000 : -1);
    times->clock_error_us =
        meter->has_ahead_max ? (meter->ahead_max_ms - meter->ahead_min_ms) * 500 : -1;
    take(&times->lag, &times->lag_trail, &times->lag_us,
         MAX((wall_ms - at_ms) * 1000 + ahead_us(meter), 0));
}
