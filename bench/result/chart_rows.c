/* The charts of a result. */
#include "bench/result/chart.h"

#include "bench/result/result.h"
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
    double usual = facts_number(&result->parameters, "interval_s", -1);
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

/* The row itself, or the idle one of the same interval. NULL: neither has them. */
static const struct result_row *
row_with_bytes(const struct result *result, const struct result_row *row)
{
    const struct result_row *idle;
    struct facts varied = {0};

    if (result_row_has(row, MEASURE_HOUR_BYTES))
        return row;
    facts_copy(&varied, &row->varied);
    facts_set_text(&varied, "use", "idle");
    idle = result_find(result, row->transport, row->http, &varied);
    facts_fini(&varied);
    return idle != NULL && result_row_has(idle, MEASURE_HOUR_BYTES) ? idle : NULL;
}

static void
add_delay(struct chart *chart, const struct result *result, const struct result_row *row)
{
    const struct result_row *bytes = row_with_bytes(result, row);
    double interval = facts_number(&row->varied, "interval_s", 0);
    char *label = interval > 0 ? xasprintf("%.10g s", interval) : NULL;

    if (bytes != NULL)
        add_measure(chart_add_series(chart, row->transport, row->http),
                    result_row_median(row, MEASURE_DELIVERY_P50_MS), bytes, MEASURE_HOUR_BYTES,
                    label);
    free(label);
}

struct chart *
chart_delay_bytes(const struct result *result)
{
    struct chart *chart =
        chart_create("What a shorter delay costs", "median delay, ms", "bytes an hour and user");

    for (size_t i = 0; i < result->row_count; i++) {
        const struct result_row *row = result->rows[i];
        double interval = facts_number(&row->varied, "interval_s", 0);

        if (result_row_has(row, MEASURE_DELIVERY_P50_MS) &&
            row->varied.count == (interval > 0 ? 1 : 0) &&
            (interval > 0 || chart_style_of(row->transport) != CHART_POLL))
            add_delay(chart, result, row);
    }
    return chart;
}
