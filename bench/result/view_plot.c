/* Plots in text: cost by message rate with its crossing points, delay against bytes, and where the
 * deliveries of each way lie. */
#include "bench/result/view.h"

#include "bench/result/chart.h"
#include "bench/result/pick.h"
#include "bench/result/result.h"
#include "bench/result/scale.h"
#include "bench/result/view_text.h"
#include "common/buf.h"
#include "common/util.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PLOT_COLUMNS = 60, PLOT_LINES = 14, AXIS_WIDTH = 9, SPAN_COLUMNS = 50 };

struct plot {
    struct scale x, y;
    char cells[PLOT_LINES][PLOT_COLUMNS + 1];
};

/* Its letter; the capital one over HTTP/2. */
static char
letter_of(const struct chart_series *series)
{
    static const char letters[CHART_STYLES] = {'w', 's', 'l', 'p', 'o'};
    char letter = letters[series->style];

    return series->is_second ? (char)(letter - 'a' + 'A') : letter;
}

static void
put(struct plot *plot, int column, int line, char letter)
{
    char *cell;

    if (column < 0 || column >= PLOT_COLUMNS || line < 0 || line >= PLOT_LINES)
        return;
    cell = &plot->cells[PLOT_LINES - 1 - line][column];
    *cell = *cell == ' ' || *cell == letter ? letter : '*';
}

static int
cell_at(const struct scale *scale, double value, int cells)
{
    return (int)lround(scale_at(scale, value) * (cells - 1));
}

/* From one point to the next, a letter in each column. */
static void
put_line(struct plot *plot, const struct chart_point *a, const struct chart_point *b, char letter)
{
    int from = cell_at(&plot->x, a->x, PLOT_COLUMNS), to = cell_at(&plot->x, b->x, PLOT_COLUMNS);
    int low = cell_at(&plot->y, a->y, PLOT_LINES), high = cell_at(&plot->y, b->y, PLOT_LINES);

    for (int column = from; column < to; column++)
        put(plot, column, low + (high - low) * (column - from) / (to - from), letter);
}

static void
put_series(struct plot *plot, const struct chart_series *series)
{
    char letter = letter_of(series);
    const struct chart_point *last = &series->points[series->count - 1];

    for (size_t i = 0; i + 1 < series->count; i++)
        put_line(plot, &series->points[i], &series->points[i + 1], letter);
    put(plot, cell_at(&plot->x, last->x, PLOT_COLUMNS), cell_at(&plot->y, last->y, PLOT_LINES),
        letter);
}

/* What the axis says on that line, or nothing. */
static void
add_y_label(const struct plot *plot, int line, struct buf *out)
{
    char text[SCALE_TEXT_SIZE] = "";

    for (int i = 0; i < plot->y.tick_count; i++)
        if (cell_at(&plot->y, plot->y.ticks[i], PLOT_LINES) == line)
            scale_format(plot->y.ticks[i], text);
    buf_addf(out, "%*s |", AXIS_WIDTH - 2, text);
}

static void
add_x_axis(const struct plot *plot, struct buf *out)
{
    char line[AXIS_WIDTH + PLOT_COLUMNS + SCALE_TEXT_SIZE];
    int end = 0;

    memset(line, ' ', sizeof(line));
    for (int i = 0; i < plot->x.tick_count; i++) {
        char text[SCALE_TEXT_SIZE];
        int len = scale_format(plot->x.ticks[i], text);
        int at = AXIS_WIDTH + cell_at(&plot->x, plot->x.ticks[i], PLOT_COLUMNS) - len / 2;

        if (at <= end || at + len > AXIS_WIDTH + PLOT_COLUMNS + 2)
            continue;
        memcpy(line + at, text, (size_t)len);
        end = at + len;
    }
    buf_addf(out, "%*s+", AXIS_WIDTH - 1, "");
    for (int i = 0; i < PLOT_COLUMNS; i++)
        buf_add_byte(out, '-');
    buf_addf(out, "\n%.*s\n", end, line);
}

static void
add_legend(const struct chart *chart, struct buf *out)
{
    struct buf line = BUF_INIT;

    buf_addf(&line, "%s;", chart->x_title);
    for (size_t i = 0; i < chart->series_count; i++)
        if (chart->series[i].count > 0)
            buf_addf(&line, " %c %s", letter_of(&chart->series[i]), chart->series[i].name);
    buf_add_str(&line, " * several");
    view_add_wrapped(buf_text(&line), out);
    buf_fini(&line);
}

static void
add_crossings(const struct chart *chart, struct buf *out)
{
    for (size_t i = 0; i < chart->crossing_count; i++) {
        const struct chart_crossing *crossing = &chart->crossings[i];
        char x[SCALE_TEXT_SIZE];

        scale_format(crossing->x, x);
        buf_addf(out, "  %s costs more than %s below %s %s, less above\n", crossing->dearer_below,
                 crossing->dearer_above, x, chart->x_title);
    }
}

static void
add_chart(struct chart *chart, struct buf *out)
{
    double x_min, x_max, y_min, y_max;
    struct plot plot;

    if (chart_is_empty(chart) || !chart_range(chart, &x_min, &x_max, &y_min, &y_max)) {
        chart_destroy(chart);
        return;
    }
    scale_init(&plot.x, x_min, x_max);
    scale_init(&plot.y, y_min, y_max);
    memset(plot.cells, ' ', sizeof(plot.cells));
    for (size_t i = 0; i < chart->series_count; i++)
        if (chart->series[i].count > 0)
            put_series(&plot, &chart->series[i]);
    buf_addf(out, "\n%s\n%s\n", chart->title, chart->y_title);
    for (int line = PLOT_LINES - 1; line >= 0; line--) {
        add_y_label(&plot, line, out);
        buf_addf(out, "%.*s\n", PLOT_COLUMNS, plot.cells[PLOT_LINES - 1 - line]);
    }
    add_x_axis(&plot, out);
    add_legend(chart, out);
    add_crossings(chart, out);
    chart_destroy(chart);
}

static bool
has_latencies(const struct result_row *row)
{
    return result_row_median(row, MEASURE_DELIVERY_P50_MS) > 0 &&
           result_row_median(row, MEASURE_DELIVERY_MAX_MS) > 0;
}

/* "  ws     o====+--|......x": the half, 90 and 99 of 100, the slowest. */
static void
add_span(const struct result_row *row, const struct scale *scale, struct buf *out)
{
    static const struct {
        enum measure measure;
        char mark, before;
    } marks[] = {
        {MEASURE_DELIVERY_P50_MS, 'o', ' '},
        {MEASURE_DELIVERY_P90_MS, '+', '='},
        {MEASURE_DELIVERY_P99_MS, '|', '-'},
        {MEASURE_DELIVERY_MAX_MS, 'x', '.'},
    };
    char line[SPAN_COLUMNS + 1], way[64];
    struct buf name = BUF_INIT;
    int at = 0;

    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        int to = at;

        if (result_row_has(row, marks[i].measure))
            to = cell_at(scale, result_row_median(row, marks[i].measure), SPAN_COLUMNS);
        for (; at < to; at++)
            line[at] = marks[i].before;
        if (at < SPAN_COLUMNS)
            line[at++] = marks[i].mark;
    }
    result_row_add_name(row, &name);
    snprintf(way, sizeof(way), "%s", buf_text(&name));
    buf_addf(out, "  %-26s%.*s\n", way, at, line);
    buf_fini(&name);
}

static void
add_spans(const struct result *result, struct buf *out)
{
    double low = INFINITY, high = 0;
    struct scale scale;
    char from[SCALE_TEXT_SIZE], to[SCALE_TEXT_SIZE];

    for (size_t i = 0; i < result->row_count; i++) {
        if (has_latencies(result->rows[i])) {
            low = fmin(low, result_row_median(result->rows[i], MEASURE_DELIVERY_P50_MS));
            high = fmax(high, result_row_median(result->rows[i], MEASURE_DELIVERY_MAX_MS));
        }
    }
    if (high == 0)
        return;
    scale_init(&scale, low, high);
    scale_format(scale.low, from);
    scale_format(scale.high, to);
    buf_addf(out, "\nDelivery, from %s to %s ms: o half, + 90, | 99 of 100 within, x slowest\n",
             from, to);
    for (size_t i = 0; i < result->row_count; i++)
        if (has_latencies(result->rows[i]))
            add_span(result->rows[i], &scale, out);
}

int
view_plot(const struct result *result, FILE *out, unsigned flags)
{
    struct buf text = BUF_INIT;

    add_spans(result, &text);
    for (size_t i = 0; i < chart_sweep_count; i++)
        add_chart(chart_by(result, &chart_sweeps[i]), &text);
    add_chart(chart_delay_bytes(result), &text);
    if (text.len == 0)
        buf_add_str(&text, "\nnothing in this result can be plotted\n");
    return view_write_visible(&text, flags, out);
}
