/* What of a result is drawn, before it is drawn: lines through points, and where they cross. The
 * text plots and the page draw the same charts. */
#pragma once

#include "bench/result/measures.h"

#include <stdbool.h>
#include <stddef.h>

struct result;

/* A way has the same colour, mark and letter in all charts. */
enum chart_style {
    CHART_WS,
    CHART_SSE,
    CHART_LONGPOLL,
    CHART_POLL,
    CHART_OTHER,
    CHART_STYLES,
};

struct chart_point {
    double x, y;
    double low, high; /* of y, over the rounds */
    char *label;      /* "every 3 s", or NULL */
};

struct chart_series {
    char *name; /* "sse HTTP/2" */
    enum chart_style style;
    bool is_second; /* HTTP/2: dashed beside the same way over HTTP/1.1 */
    struct chart_point *points;
    size_t count;
};

/* Where one stops to cost more than the other. */
struct chart_crossing {
    const char *dearer_below, *dearer_above; /* names of series: left of x the first costs more */
    double x, y;
};

struct chart {
    const char *title, *x_title, *y_title; /* with their units */
    struct chart_series *series;
    size_t series_count;
    struct chart_crossing *crossings; /* by x */
    size_t crossing_count;
};

/* A measure by what was varied: one point where it was measured; both axes are logarithmic. */
struct chart_sweep {
    const char *key; /* of result_row's varied */
    enum measure measure;
    const char *title, *x_title, *y_title;
};

/* Cost by message rate first: bytes, requests, CPU; then by readers, round trip, loss. */
extern const struct chart_sweep chart_sweeps[];
extern const size_t chart_sweep_count;

struct chart *chart_by(const struct result *result, const struct chart_sweep *sweep);

/* Bytes an hour against the median delay in ms: short polling by its interval, and each other way
 * as one point. Both axes are logarithmic. */
struct chart *chart_delay_bytes(const struct result *result);

void chart_destroy(struct chart *chart);
bool chart_is_empty(const struct chart *chart); /* no line of two points, nothing to look at */

/* The smallest and largest of all; false where there is no point above 0. */
bool chart_range(const struct chart *chart, double *ret_x_min, double *ret_x_max, double *ret_y_min,
                 double *ret_y_max);

enum chart_style chart_style_of(const char *transport);

/* Finds the crossings of all pairs of series, on straight lines between points in logarithmic
 * axes. */
void chart_find_crossings(struct chart *chart);

/* For charts of one's own. The names are copied; low and high are y where there were no rounds. */
struct chart *chart_create(const char *title, const char *x_title, const char *y_title);
struct chart_series *chart_add_series(struct chart *chart, const char *transport, const char *http);
/* Keeps them in the order of x; what is not above 0 has no place on such axes and is dropped. */
void chart_add_point(struct chart_series *series, double x, double y, double low, double high,
                     const char *label);
