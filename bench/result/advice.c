/* What an hour of one user costs by each way, and which to take. */
#include "bench/result/advice.h"

#include "bench/result/chart.h"
#include "common/util.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define HOUR_S   3600.0
#define HOUR_MS  (HOUR_S * 1000)
#define GIB      (1024.0 * 1024 * 1024)
#define POLL_MIN 1.0 /* seconds: no short poll asks more often */

const struct advice_question advice_defaults = {
    .users = 1000,
    .read_per_min = 10,
    .said_per_min = 1,
    .delay_s = 1,
    .rtt_ms = 50,
    .margin = 0.25,
    .network = ADVICE_OPEN,
    .prices = {.core_month = 20,
               .gib_memory = 3,
               .gib_traffic = 0.05,
               .million_requests = 0,
               .radio_hour = 0.001},
};

/* How often a poller asks in an hour. */
static double
polls_of(const struct advice_way *way, const struct advice_question *question, double interval_s)
{
    double rate = question->read_per_min / 60, rtt = question->rtt_ms / 1000;
    double wait_s = way->pings > 0 ? fmin(way->wait_s, HOUR_S / way->pings) : way->wait_s;
    double held = rate > 0 ? -expm1(-rate * wait_s) / rate : wait_s;

    if (!way->polls)
        return 0;
    return HOUR_S / (way->holds ? held + rtt : interval_s);
}

/* Each direction and layer, and the CPU. */
static void
add_unit(struct advice_cost *cost, const struct advice_unit *unit, double times)
{
    for (int d = 0; d < DIRECTIONS; d++)
        for (int layer = 0; layer < LAYERS; layer++)
            cost->bytes[d][layer] += times * unit->bytes[d][layer];
    cost->cpu_ms += times * unit->cpu_us / 1000;
}

/* A connection that asks nothing for longer than the server keeps it is gone, and the next request
 * pays a handshake. */
static void
fill_connections(struct advice_cost *cost, double said)
{
    const struct advice_way *way = &cost->way;
    double kept = fmax(way->keep_alive_s, 1);

    cost->connections = 1;
    if (cost->interval_s > kept) {
        cost->connections = kept / cost->interval_s;
        cost->handshakes = cost->polls;
    }
    if (!way->has_second || said <= 0)
        return;
    cost->connections += fmin(1, kept * said / HOUR_S);
    if (said * kept < HOUR_S)
        cost->handshakes += said;
}

static void
fill_delays(struct advice_cost *cost, const struct advice_question *question)
{
    const struct advice_way *way = &cost->way;
    double rtt = question->rtt_ms;

    if (cost->interval_s > 0) {
        cost->delay_ms = cost->interval_s * 1000 / 2 + rtt;
        cost->delay_worst_ms = cost->interval_s * 1000 + rtt;
    } else {
        cost->delay_ms = way->p50_ms + rtt / 2;
        cost->delay_worst_ms = way->p99_ms + rtt / 2 + (way->polls ? rtt : 0);
    }
    cost->meets_delay = cost->delay_worst_ms <= question->delay_s * 1000 * (1 + 1e-9);
}

/* The radio stays on for a while after each exchange; exchanges that fall into that time cost
 * nothing more. */
static void
fill_radio(struct advice_cost *cost, double read, double said)
{
    double exchanges = said + cost->polls + cost->pings;

    if (!cost->way.polls)
        exchanges += read + HOUR_S / fmax(cost->way.heartbeat_s, 1);
    cost->radio_s = HOUR_S * -expm1(-exchanges * ADVICE_RADIO_TAIL_S / HOUR_S);
}

static void
fill_money(struct advice_cost *cost, const struct advice_question *question)
{
    const struct advice_prices *prices = &question->prices;
    double gib_down = advice_bytes(cost, DIRECTION_DOWN) * ADVICE_HOURS_MONTH / GIB;

    cost->money_month = cost->cpu_ms / HOUR_MS * prices->core_month +
                        cost->memory_bytes / GIB * prices->gib_memory +
                        gib_down * prices->gib_traffic +
                        cost->requests * ADVICE_HOURS_MONTH / 1e6 * prices->million_requests;
    if (question->is_mobile)
        cost->money_month += cost->radio_s / HOUR_S * ADVICE_HOURS_MONTH * prices->radio_hour;
}

double
advice_bytes(const struct advice_cost *cost, enum direction direction)
{
    double sum = 0;

    for (int layer = 0; layer < LAYERS; layer++)
        sum += cost->bytes[direction][layer];
    return sum;
}

static void
fill_cost(struct advice_cost *cost, const struct advice_way *way,
          const struct advice_question *question)
{
    double read = question->read_per_min * 60, said = question->said_per_min * 60;

    *cost = (struct advice_cost){.way = *way};
    if (way->polls && !way->holds)
        cost->interval_s = fmax(POLL_MIN, question->delay_s - question->rtt_ms / 1000);
    cost->polls = polls_of(way, question, cost->interval_s);
    if (way->polls)
        cost->pings = way->holds ? way->pings : fmin(way->pings, cost->polls);
    cost->requests = cost->polls + cost->pings + said * way->send_requests;
    fill_connections(cost, said);
    add_unit(cost, &way->poll, cost->polls + cost->pings);
    add_unit(cost, &way->delivery, read);
    add_unit(cost, &way->said, said);
    add_unit(cost, &way->idle_hour, 1);
    add_unit(cost, &way->handshake, cost->handshakes);
    cost->memory_bytes = cost->connections * way->memory_bytes;
    fill_delays(cost, question);
    fill_radio(cost, read, said);
    fill_money(cost, question);
}

/* The fewest parts that can break: poll, long poll, SSE, ws; HTTP/1.1 before HTTP/2. */
static int
complexity(const struct advice_way *way)
{
    static const int by_style[] = {
        [CHART_POLL] = 0, [CHART_LONGPOLL] = 2, [CHART_SSE] = 4, [CHART_WS] = 6, [CHART_OTHER] = 8,
    };

    return by_style[chart_style_of(way->transport)] + (strcmp(way->http, "2") == 0 ? 1 : 0);
}

static bool
does_it(const struct advice_cost *cost)
{
    return cost->meets_delay && cost->gets_through;
}

/* Of those that do what is asked for, but for `without`: the cheapest, or a simpler one that costs
 * little more. */
static const struct advice_cost *
best(const struct advice *advice, const struct advice_cost *without, double margin)
{
    const struct advice_cost *cheapest = NULL, *chosen;

    for (size_t i = 0; i < advice->count; i++) {
        const struct advice_cost *cost = &advice->costs[i];

        if (cost != without && does_it(cost) &&
            (cheapest == NULL || cost->money_month < cheapest->money_month))
            cheapest = cost;
    }
    chosen = cheapest;
    for (size_t i = 0; cheapest != NULL && i < advice->count; i++) {
        const struct advice_cost *cost = &advice->costs[i];

        if (cost != without && does_it(cost) &&
            cost->money_month <= cheapest->money_month * (1 + margin) &&
            complexity(&cost->way) < complexity(&chosen->way))
            chosen = cost;
    }
    return chosen;
}

/* Through enough networks; among hostile ones, as through as any. */
static void
judge_reach(struct advice *advice, const struct advice_question *question)
{
    double most = 0;

    for (size_t i = 0; i < advice->count; i++)
        most = fmax(most, advice->costs[i].way.reach);
    for (size_t i = 0; i < advice->count; i++)
        advice->costs[i].gets_through =
            advice->costs[i].way.reach >= (question->network == ADVICE_HOSTILE && advice->has_matrix
                                               ? most
                                               : ADVICE_REACH_WANTED);
}

int
advice_make(const struct result *profile, const struct advice_question *question,
            struct advice *ret_advice, char *why, size_t why_size)
{
    struct advice_way ways[ADVICE_WAYS_MAX];
    struct advice advice = {0};

    advice.count = advice_ways(profile, question, ways, &advice.has_matrix);
    if (advice.count == 0) {
        snprintf(why, why_size,
                 "no way in it has what is needed: bytes a delivery, and bytes of an idle hour");
        return -ENODATA;
    }
    *ret_advice = advice;
    for (size_t i = 0; i < advice.count; i++)
        fill_cost(&ret_advice->costs[i], &ways[i], question);
    judge_reach(ret_advice, question);
    ret_advice->choice = best(ret_advice, NULL, question->margin);
    ret_advice->cheapest = best(ret_advice, NULL, 0);
    ret_advice->next = best(ret_advice, ret_advice->choice, 0);
    return 0;
}

void
advice_scale(const struct advice_cost *cost, double users, struct advice_scale *ret_scale)
{
    *ret_scale = (struct advice_scale){
        .connections = users * cost->connections,
        .memory_bytes = users * cost->memory_bytes,
        .cores = users * cost->cpu_ms / HOUR_MS,
        .requests_per_s = users * cost->requests / HOUR_S,
        .handshakes_per_s = users * cost->handshakes / HOUR_S,
        .up_bits_per_s = users * advice_bytes(cost, DIRECTION_UP) * 8 / HOUR_S,
        .down_bits_per_s = users * advice_bytes(cost, DIRECTION_DOWN) * 8 / HOUR_S,
        .return_s = ADVICE_RETURN_S,
        .return_handshakes_per_s = users * cost->connections / ADVICE_RETURN_S,
        .money_month = users * cost->money_month,
    };
    ret_scale->return_cores = ret_scale->return_handshakes_per_s * cost->way.handshake.cpu_us / 1e6;
}
