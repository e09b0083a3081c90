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

static const char *
rate_y_title(enum measure measure)
{
    if (measure == MEASURE_HOUR_REQUESTS)
        return "requests an hour";
    return measure == MEASURE_HOUR_BYTES ? "bytes an hour" : "server's CPU, ms an hour";
}

static const char *
rate_title(enum measure measure)
{
    if (measure == MEASURE_HOUR_REQUESTS)
        return "Requests of one user by message rate";
    return measure == MEASURE_HOUR_BYTES ? "Bytes of one user by message rate"
                                         : "Server's CPU for one user by message rate";
}

/* True where the rate is all that was varied, or the rate and the poller's interval. */
static bool
is_by_rate(const struct result_row *row)
{
    size_t known = facts_find(&row->varied, "interval_s") != NULL ? 2 : 1;

    return facts_number(&row->varied, "rate_per_min", 0) > 0 && row->varied.count == known;
}

struct chart *
chart_by_rate(const struct result *result, enum measure measure)
{
    struct chart *chart =
        chart_create(rate_title(measure), "messages a minute", rate_y_title(measure));

    for (size_t i = 0; i < result->row_count; i++) {
        const struct result_row *row = result->rows[i];

        if (is_by_rate(row) && result_row_has(row, measure))
            add_measure(chart_add_series(chart, row->transport, row->http),
                        facts_number(&row->varied, "rate_per_min", 0), row, measure, NULL);
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
