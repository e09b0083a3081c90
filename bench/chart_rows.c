/* The charts of a result. */
#include "bench/chart.h"

#include "bench/pick.h"
#include "bench/result.h"
#include "common/util.h"

#include <stdlib.h>

static void
add_measure(struct chart_series *series, double x, const struct result_row *row,
            enum measure measure, const char *label)
{
    chart_add_point(series, x, result_row_median(row, measure), result_row_min(row, measure),
                    result_row_max(row, measure), label);
}

/* clang-format off */
const struct chart_sweep chart_sweeps[] = {
    {"rate_per_min", MEASURE_HOUR_BYTES, "Bytes of one user by message rate",
     "messages a minute", "bytes an hour"},
    {"rate_per_min", MEASURE_HOUR_REQUESTS, "Requests of one user by message rate",
     "messages a minute", "requests an hour"},
    {"rate_per_min", MEASURE_HOUR_SERVER_CPU_MS, "Server's CPU for one user by message rate",
     "messages a minute", "server's CPU, ms an hour"},
    {"readers", MEASURE_SERVER_CPU_US, "Server's CPU a delivery by the number of readers",
     "readers", "server's CPU, us a delivery"},
    {"readers", MEASURE_DELIVERY_P99_MS, "Delay by the number of readers",
     "readers", "99 of 100 within, ms"},
    {"rtt_ms", MEASURE_DELIVERY_P50_MS, "Delay by round trip", "round trip, ms", "half within, ms"},
    {"loss_percent", MEASURE_DELIVERY_P99_MS, "Delay by loss of packets",
     "packets lost, %", "99 of 100 within, ms"},
};
/* clang-format on */

const size_t chart_sweep_count = ARRAY_LEN(chart_sweeps);

/* True where the key is all that was varied, or the key and the poller's interval. */
static bool
is_by(const struct result_row *row, const char *key)
{
    size_t known = facts_find(&row->varied, "interval_s") != NULL ? 2 : 1;

    return facts_number(&row->varied, key, 0) > 0 && row->varied.count == known;
}

/* A poller with several intervals has a line for each. */
static struct chart_series *
series_of(struct chart *chart, const struct result *result, const struct result_row *row)
{
    double interval = facts_number(&row->varied, "interval_s", 0);
    double usual = facts_number(&result->parameters, "interval_s", interval);
    char *name;
    struct chart_series *series;

    if (interval == 0 || interval == usual)
        return chart_add_series(chart, row->transport, row->http);
    name = xasprintf("%s %.3g s", row->transport, interval);
    series = chart_add_series(chart, name, row->http);
    series->style = chart_style_of(row->transport);
    free(name);
    return series;
}

struct chart *
chart_by(const struct result *result, const struct chart_sweep *sweep)
{
    struct chart *chart = chart_create(sweep->title, sweep->x_title, sweep->y_title);

    for (size_t i = 0; i < result->row_count; i++) {
        const struct result_row *row = result->rows[i];

        if (is_by(row, sweep->key) && result_row_has(row, sweep->measure))
            add_measure(series_of(chart, result, row), facts_number(&row->varied, sweep->key, 0),
                        row, sweep->measure, NULL);
    }
    chart_find_crossings(chart);
    return chart;
}

static void
add_interval(struct chart *chart, const struct result_row *row, double interval)
{
    char *label = xasprintf("%.10g s", interval);

    add_measure(chart_add_series(chart, row->transport, row->http),
                result_row_median(row, MEASURE_DELIVERY_P50_MS), row, MEASURE_HOUR_BYTES, label);
    free(label);
}

/* A way that does not poll by the clock: its delay under load, and what its hour costs. */
static void
add_other(struct chart *chart, const struct result *result, const struct result_row *row)
{
    const struct result_row *idle = pick_row(result, row->transport, row->http, "idle");

    if (!result_row_has(row, MEASURE_HOUR_BYTES) && idle == NULL)
        return;
    add_measure(chart_add_series(chart, row->transport, row->http),
                result_row_median(row, MEASURE_DELIVERY_P50_MS),
                result_row_has(row, MEASURE_HOUR_BYTES) ? row : idle, MEASURE_HOUR_BYTES, NULL);
}

struct chart *
chart_delay_bytes(const struct result *result)
{
    struct chart *chart =
        chart_create("What a shorter delay costs", "median delay, ms", "bytes an hour and user");

    for (size_t i = 0; i < result->row_count; i++) {
        const struct result_row *row = result->rows[i];
        double interval = facts_number(&row->varied, "interval_s", 0);

        if (!result_row_has(row, MEASURE_DELIVERY_P50_MS))
            continue;
        if (interval > 0 && row->varied.count == 1 && result_row_has(row, MEASURE_HOUR_BYTES))
            add_interval(chart, row, interval);
        else if (row->varied.count == 0 && chart_style_of(row->transport) != CHART_POLL)
            add_other(chart, result, row);
    }
    return chart;
}
