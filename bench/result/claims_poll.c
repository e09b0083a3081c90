/* Statements 1-5: what asking costs. */
#include "bench/result/claims_judges.h"

#include "bench/result/advice.h"
#include "bench/result/chart.h"
#include "bench/result/pick.h"
#include "bench/result/result.h"
#include "bench/result/scale.h"
#include "common/buf.h"

#include <math.h>
#include <string.h>

/* How far a median of few messages may lie from half the interval. */
#define DELAY_TOLERANCE 0.5

static enum claim_verdict
verdict_of(bool holds)
{
    return holds ? CLAIM_HOLDS : CLAIM_FAILS;
}

enum claim_verdict
claim_judge_delay(const struct result *result, struct buf *figures)
{
    int count = 0;
    bool holds = true;

    for (size_t i = 0; i < result->row_count; i++) {
        const struct result_row *row = result->rows[i];
        double half = facts_number(&row->varied, "interval_s", 0) * 500;
        double median = result_row_median(row, MEASURE_DELIVERY_P50_MS);

        if (strcmp(row->transport, "poll") != 0 || row->varied.count != 1 || half <= 0 ||
            !result_row_has(row, MEASURE_DELIVERY_P50_MS))
            continue;
        claim_add_figure(row, MEASURE_DELIVERY_P50_MS, figures);
        holds &= fabs(median - half) <= DELAY_TOLERANCE * half;
        count++;
    }
    return count < 2 ? CLAIM_UNKNOWN : verdict_of(holds);
}

/* Of those who poll every 3 s, as the statement has it, or of others. */
static const struct result_row *
idle_poll(const struct result *result)
{
    const struct result_row *row;
    struct facts varied = {0};

    facts_set_text(&varied, "use", "idle");
    facts_set_number(&varied, "interval_s", 3);
    row = result_find(result, "poll", "1.1", &varied);
    facts_fini(&varied);
    return row != NULL ? row : pick_row(result, "poll", NULL, "idle");
}

static double
interval_of(const struct result *result, const struct result_row *row)
{
    return facts_number(&row->varied, "interval_s",
                        facts_number(&result->parameters, "interval_s", 3));
}

enum claim_verdict
claim_judge_idle_poll(const struct result *result, struct buf *figures)
{
    const struct result_row *row = idle_poll(result);
    double wanted, requests;

    if (row == NULL || !result_row_has(row, MEASURE_HOUR_REQUESTS))
        return CLAIM_UNKNOWN;
    wanted = 3600 / interval_of(result, row);
    requests = result_row_median(row, MEASURE_HOUR_REQUESTS);
    claim_add_figure(row, MEASURE_HOUR_REQUESTS, figures);
    claim_add_figure(row, MEASURE_HOUR_BYTES, figures);
    claim_add_figure(row, MEASURE_EMPTY_SHARE, figures);
    if (result_row_has(row, MEASURE_HOUR_SERVER_CPU_MS))
        buf_addf(figures, "1,000 idle pollers: %.2f %% of a core of the server\n",
                 result_row_median(row, MEASURE_HOUR_SERVER_CPU_MS) * 1000 / 3600000 * 100);
    return verdict_of(requests >= wanted * 0.9 &&
                      (!result_row_has(row, MEASURE_EMPTY_SHARE) ||
                       result_row_median(row, MEASURE_EMPTY_SHARE) > 50));
}

/* The transport's cheapest cost with that delay, told once in two minutes; infinite where it was
 * not measured. */
static double
cost_of_rare_news(const struct result *result, const char *transport, double delay_s)
{
    struct advice_question question = advice_defaults;
    double least = INFINITY;
    struct advice advice;
    char why[200];

    question.read_per_min = 0.5;
    question.said_per_min = 0;
    question.delay_s = delay_s;
    if (advice_make(result, &question, &advice, why, sizeof(why)) < 0)
        return INFINITY;
    for (size_t i = 0; i < advice.count; i++)
        if (strcmp(advice.costs[i].way.transport, transport) == 0)
            least = fmin(least, advice.costs[i].money_month);
    return least;
}

static void
add_crossings(const struct result *result, struct buf *figures)
{
    struct chart *chart = chart_by(result, &chart_sweeps[0]);
    char x[SCALE_TEXT_SIZE];

    for (size_t i = 0; i < chart->crossing_count; i++) {
        const struct chart_crossing *crossing = &chart->crossings[i];

        if (strncmp(crossing->dearer_below, "poll", 4) != 0 &&
            strncmp(crossing->dearer_above, "poll", 4) != 0)
            continue;
        scale_format(crossing->x, x);
        buf_addf(figures, "bytes: %s costs more than %s below %s messages a minute\n",
                 crossing->dearer_below, crossing->dearer_above, x);
    }
    chart_destroy(chart);
}

enum claim_verdict
claim_judge_rare_news(const struct result *result, struct buf *figures)
{
    double rare = cost_of_rare_news(result, "poll", 60),
           soon = cost_of_rare_news(result, "poll", 3);
    double push = fmin(cost_of_rare_news(result, "ws", 60), cost_of_rare_news(result, "sse", 60));

    add_crossings(result, figures);
    if (!isfinite(rare) || !isfinite(push))
        return CLAIM_UNKNOWN;
    buf_addf(figures,
             "told once in 2 minutes, a minute late: poll costs %.2f of the cheapest push\n",
             rare / push);
    buf_addf(figures, "told once in 2 minutes, 3 s late: poll costs %.2f of the cheapest push\n",
             soon / push);
    return verdict_of(rare < push && soon > push);
}

enum claim_verdict
claim_judge_longpoll_saves(const struct result *result, struct buf *figures)
{
    const struct result_row *poll = idle_poll(result);
    const struct result_row *held = pick_row(result, "longpoll", NULL, "idle");

    if (poll == NULL || held == NULL || !result_row_has(poll, MEASURE_HOUR_REQUESTS) ||
        !result_row_has(held, MEASURE_HOUR_REQUESTS))
        return CLAIM_UNKNOWN;
    claim_add_figure(poll, MEASURE_HOUR_REQUESTS, figures);
    claim_add_figure(held, MEASURE_HOUR_REQUESTS, figures);
    claim_add_figure(poll, MEASURE_HOUR_BYTES, figures);
    claim_add_figure(held, MEASURE_HOUR_BYTES, figures);
    return verdict_of(result_row_median(held, MEASURE_HOUR_REQUESTS) <
                      result_row_median(poll, MEASURE_HOUR_REQUESTS) / 2);
}

enum claim_verdict
claim_judge_longpoll_pays(const struct result *result, struct buf *figures)
{
    const struct result_row *held = claim_row_with(result, "longpoll", NULL, MEASURE_READ_REQUESTS);
    const struct result_row *push = pick_row(result, "sse", NULL, NULL);
    const struct result_row *fresh = pick_without_keep_alive(result, "longpoll");
    double held_bytes, push_bytes;
    bool holds;

    if (held == NULL || !claim_bytes(held, FLOW_READ, &held_bytes) ||
        !claim_bytes(push, FLOW_READ, &push_bytes))
        return CLAIM_UNKNOWN;
    claim_add_figure(held, MEASURE_READ_REQUESTS, figures);
    claim_add_bytes(held, FLOW_READ, figures);
    claim_add_bytes(push, FLOW_READ, figures);
    claim_add_figure(held, MEASURE_SERVER_CPU_US, figures);
    claim_add_figure(push, MEASURE_SERVER_CPU_US, figures);
    claim_add_figure(held, MEASURE_HANDSHAKES, figures);
    holds = held_bytes > push_bytes && result_row_median(held, MEASURE_READ_REQUESTS) > 0.1;
    if (fresh != NULL && result_row_has(fresh, MEASURE_HANDSHAKES)) {
        claim_add_figure(fresh, MEASURE_HANDSHAKES, figures);
        claim_add_bytes(fresh, FLOW_READ, figures);
        claim_add_figure(fresh, MEASURE_SERVER_CPU_US, figures);
        claim_add_figure(fresh, MEASURE_HANDSHAKE_CPU_US, figures);
        holds &= result_row_median(fresh, MEASURE_HANDSHAKES) >
                 result_row_median(held, MEASURE_HANDSHAKES);
    }
    return verdict_of(holds);
}
