#include "bench/sweep.h"

#include "bench/config.h"
#include "bench/lossy.h"
#include "bench/relay.h"
#include "client/link/link_ops.h"
#include "common/util.h"

#include <math.h>

/* Messages a minute. */
static void
set_rate(struct each_one *one, double value, const struct bench_config *config)
{
    struct rally_plan *plan = &one->run.plan;

    plan->hold_ms = config->seconds_ms;
    plan->messages = (unsigned)lround(value / 60 * (double)config->seconds_ms / 1000);
    if (value > 0) {
        plan->messages = MAX(plan->messages, 1);
        plan->rate = value / 60;
    }
}

static void
set_readers(struct each_one *one, double value, const struct bench_config *config)
{
    one->run.plan.readers = (unsigned)value;
}

/* Milliseconds, for all of them. */
static void
set_rtt(struct each_one *one, double value, const struct bench_config *config)
{
    one->run.plan.link.url = one->reader_url;
    relay_set_delay(one->relay, (int64_t)value / 2);
}

static void
choose_intervals(struct variants *variants, const struct sweep_values *values)
{
    variants->count = 0;
    for (size_t i = 0; i < values->count; i++)
        variants->items[variants->count++] = (struct variant){
            .row = &link_poll, .http = "1.1", .interval_ms = (int64_t)(values->items[i] * 1000)};
}

/* clang-format off */
const struct sweep sweep_rows[] = {
    {.name = "rate", .key = "rate_per_min", .values = "0,6,60,600", .max = 6000,
     .is_by_time = true, .set = set_rate},
    {.name = "readers", .key = "readers", .values = "1,5,20,50", .min = 1, .max = 200,
     .set = set_readers},
    {.name = "poll-interval", .values = "0.5,1,2,5", .min = 0.1, .max = 60,
     .choose = choose_intervals},
    {.name = "rtt", .key = "rtt_ms", .values = "0,20,100,300", .max = 2000, .has_relays = true,
     .set = set_rtt},
    {.name = "loss", .key = "loss_percent", .values = "0,1,3,10", .max = 50,
     .enter = lossy_enter, .place_set = lossy_set},
};
/* clang-format on */

const size_t sweep_count = ARRAY_LEN(sweep_rows);
