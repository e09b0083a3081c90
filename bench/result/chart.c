#include "bench/result/chart.h"

#include "common/buf.h"
#include "common/util.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct chart *
chart_create(const char *title, const char *x_title, const char *y_title)
{
    struct chart *chart = xcalloc(1, sizeof(*chart));

    chart->title = title;
    chart->x_title = x_title;
    chart->y_title = y_title;
    return chart;
}

void
chart_destroy(struct chart *chart)
{
    for (size_t i = 0; i < chart->series_count; i++) {
        for (size_t k = 0; k < chart->series[i].count; k++)
            free(chart->series[i].points[k].label);
        free(chart->series[i].points);
        free(chart->series[i].name);
    }
    free(chart->series);
    free(chart->crossings);
    free(chart);
}

enum chart_style
chart_style_of(const char *transport)
{
    static const char *const names[] = {"ws", "sse", "longpoll", "poll"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(names[i], transport) == 0)
            return (enum chart_style)i;
    return CHART_OTHER;
}

struct chart_series *
chart_add_series(struct chart *chart, const char *transport, const char *http)
{
    bool is_second = strcmp(http, "2") == 0;
    char *name = is_second ? xasprintf("%s HTTP/2", transport) : xstrdup(transport);
    struct chart_series *series;

    for (size_t i = 0; i < chart->series_count; i++) {
        if (strcmp(chart->series[i].name, name) == 0) {
            free(name);
            return &chart->series[i];
        }
    }
    chart->series = xrealloc(chart->series, (chart->series_count + 1) * sizeof(*chart->series));
    series = &chart->series[chart->series_count++];
    *series = (struct chart_series){
        .name = name, .style = chart_style_of(transport), .is_second = is_second};
    return series;
}

void
chart_add_point(struct chart_series *series, double x, double y, double low, double high,
                const char *label)
{
    size_t at = series->count;

    if (!(x > 0) || !(y > 0))
        return;
    series->points = xrealloc(series->points, (series->count + 1) * sizeof(*series->points));
    while (at > 0 && series->points[at - 1].x > x)
        at--;
    memmove(&series->points[at + 1], &series->points[at],
            (series->count - at) * sizeof(*series->points));
    series->points[at] = (struct chart_point){
        .x = x, .y = y, .low = low, .high = high, .label = label == NULL ? NULL : xstrdup(label)};
    series->count++;
}

bool
chart_is_empty(const struct chart *chart)
{
    for (size_t i = 0; i < chart->series_count; i++)
        if (chart->series[i].count > 1)
            return false;
    return true;
}

bool
chart_range(const struct chart *chart, double *ret_x_min, double *ret_x_max, double *ret_y_min,
            double *ret_y_max)
{
    bool has = false;

    *ret_x_min = *ret_y_min = INFINITY;
    *ret_x_max = *ret_y_max = 0;
    for (size_t i = 0; i < chart->series_count; i++) {
        for (size_t k = 0; k < chart->series[i].count; k++) {
            const struct chart_point *point = &chart->series[i].points[k];

            has = true;
            *ret_x_min = fmin(*ret_x_min, point->x);
            *ret_x_max = fmax(*ret_x_max, point->x);
            *ret_y_min = fmin(*ret_y_min, point->y);
            *ret_y_max = fmax(*ret_y_max, point->y);
        }
    }
    return has;
}

/* The logarithm of the series at log x; NaN outside of it. */
static double
log_at(const struct chart_series *series, double log_x)
{
    for (size_t i = 0; i + 1 < series->count; i++) {
        const struct chart_point *a = &series->points[i], *b = &series->points[i + 1];
        double left = log(a->x), right = log(b->x);

        if (log_x >= left && log_x <= right && right > left)
            return log(a->y) + (log(b->y) - log(a->y)) * (log_x - left) / (right - left);
    }
    return NAN;
}

static void
add_crossing(struct chart *chart, const struct chart_series *below,
             const struct chart_series *above, double log_x)
{
    size_t at = chart->crossing_count;

    chart->crossings =
        xrealloc(chart->crossings, (chart->crossing_count + 1) * sizeof(*chart->crossings));
    while (at > 0 && chart->crossings[at - 1].x > exp(log_x))
        at--;
    memmove(&chart->crossings[at + 1], &chart->crossings[at],
            (chart->crossing_count - at) * sizeof(*chart->crossings));
    chart->crossings[at] = (struct chart_crossing){.dearer_below = below->name,
                                                   .dearer_above = above->name,
                                                   .x = exp(log_x),
                                                   .y = exp(log_at(below, log_x))};
    chart->crossing_count++;
}

/* Both are straight between neighbours of from..to, so their difference is. */
static void
cross_between(struct chart *chart, const struct chart_series *a, const struct chart_series *b,
              double from, double to)
{
    double before = log_at(a, from) - log_at(b, from), after = log_at(a, to) - log_at(b, to);

    if (!isfinite(before) || !isfinite(after) || from >= to)
        return;
    if (before > 0 && after < 0)
        add_crossing(chart, a, b, from + (to - from) * before / (before - after));
    else if (before < 0 && after > 0)
        add_crossing(chart, b, a, from + (to - from) * before / (before - after));
}

/* Where one of the two lines bends next, beyond log_x. */
static double
next_bend(const struct chart_series *a, const struct chart_series *b, double log_x)
{
    double next = INFINITY;

    for (size_t i = 0; i < a->count; i++)
        if (log(a->points[i].x) > log_x)
            next = fmin(next, log(a->points[i].x));
    for (size_t i = 0; i < b->count; i++)
        if (log(b->points[i].x) > log_x)
            next = fmin(next, log(b->points[i].x));
    return next;
}

void
chart_find_crossings(struct chart *chart)
{
    for (size_t i = 0; i < chart->series_count; i++) {
        for (size_t k = i + 1; k < chart->series_count; k++) {
            const struct chart_series *a = &chart->series[i], *b = &chart->series[k];
            double from = next_bend(a, b, -INFINITY), to;

            for (; isfinite(from) && isfinite(to = next_bend(a, b, from)); from = to)
                cross_between(chart, a, b, from, to);
        }
    }
}
