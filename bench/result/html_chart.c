/* A chart of the page. */
#include "bench/result/html.h"

#include "bench/result/chart.h"
#include "bench/result/scale.h"
#include "common/buf.h"
#include "common/util.h"

#include <stdlib.h>
#include <string.h>

enum {
    WIDTH = 760,
    HEIGHT = 400,
    LEFT = 64,
    RIGHT = 580, /* the legend stands beyond it */
    TOP = 46,    /* the numbers of crossings stand above it */
    BOTTOM = 340,
    LEGEND_STEP = 20,
    NUMBER_STEP = 18,
};

struct frame {
    const struct chart *chart;
    struct scale x, y;
};

static double
x_of(const struct frame *frame, double value)
{
    return LEFT + scale_at(&frame->x, value) * (RIGHT - LEFT);
}

static double
y_of(const struct frame *frame, double value)
{
    return BOTTOM - scale_at(&frame->y, value) * (BOTTOM - TOP);
}

static void
add_axes(const struct frame *frame, struct buf *out)
{
    char text[SCALE_TEXT_SIZE];

    for (int i = 0; i < frame->x.tick_count; i++) {
        double x = x_of(frame, frame->x.ticks[i]);

        scale_format(frame->x.ticks[i], text);
        buf_addf(out, "<path class=\"grid\" d=\"M%.1f %dV%d\"/>", x, TOP, BOTTOM);
        buf_addf(out, "<text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
                 x, BOTTOM + 18, text);
    }
    for (int i = 0; i < frame->y.tick_count; i++) {
        double y = y_of(frame, frame->y.ticks[i]);

        scale_format(frame->y.ticks[i], text);
        buf_addf(out, "<path class=\"grid\" d=\"M%d %.1fH%d\"/>", LEFT, y, RIGHT);
        buf_addf(out, "<text class=\"tick\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
                 LEFT - 8, y + 4, text);
    }
    buf_addf(out, "<path class=\"axis\" d=\"M%d %dV%dH%d\"/>\n", LEFT, TOP, BOTTOM, RIGHT);
    buf_addf(out, "<text class=\"title\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">",
             (LEFT + RIGHT) / 2, BOTTOM + 42);
    html_add_text(frame->chart->x_title, out);
    buf_addf(out, "</text>\n<text class=\"title\" x=\"%d\" y=\"16\">", 4);
    html_add_text(frame->chart->y_title, out);
    buf_add_str(out, "</text>\n");
}

static void
add_mark(const struct chart_series *series, double x, double y, struct buf *out)
{
    static const char *const shapes[CHART_STYLES] = {
        [CHART_WS] = "m-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0z",
        [CHART_SSE] = "m-4 -4h8v8h-8z",
        [CHART_LONGPOLL] = "m0 -5l5 9h-10z",
        [CHART_POLL] = "m0 -5.5l5.5 5.5l-5.5 5.5l-5.5 -5.5z",
        [CHART_OTHER] = "m-4 -1.5h8v3h-8z",
    };

    buf_addf(out, "<path class=\"mark\" d=\"M%.1f %.1f%s\"/>", x, y, shapes[series->style]);
}

static void
add_series(const struct frame *frame, const struct chart_series *series, struct buf *out)
{
    for (size_t i = 0; i < series->count; i++)
        buf_addf(out, "%s%.1f %.1f", i == 0 ? "<path class=\"line\" d=\"M" : "L",
                 x_of(frame, series->points[i].x), y_of(frame, series->points[i].y));
    buf_add_str(out, "\"/>");
    for (size_t i = 0; i < series->count; i++) {
        const struct chart_point *point = &series->points[i];
        double x = x_of(frame, point->x), y = y_of(frame, point->y);

        if (point->high > point->low && point->low > 0)
            buf_addf(out, "<path class=\"spread\" d=\"M%.1f %.1fV%.1f\"/>", x,
                     y_of(frame, point->low), y_of(frame, point->high));
        add_mark(series, x, y, out);
        if (point->label == NULL)
            continue;
        buf_addf(out, "<text class=\"tick\" x=\"%.1f\" y=\"%.1f\">", x + 8, y - 7);
        html_add_text(point->label, out);
        buf_add_str(out, "</text>");
    }
    buf_add_byte(out, '\n');
}

/* A line of the legend, and where it would best stand. */
struct entry {
    const struct chart_series *series;
    double best, y;
};

static int
by_best(const void *a, const void *b)
{
    double left = ((const struct entry *)a)->best, right = ((const struct entry *)b)->best;

    return (left > right) - (left < right);
}

/* Each beside the end of its line, but a step from the one above, and within the picture. */
static void
place(struct entry *entries, size_t count)
{
    double limit = BOTTOM;

    qsort(entries, count, sizeof(*entries), by_best);
    for (size_t i = 0; i < count; i++)
        entries[i].y = i > 0 && entries[i].best < entries[i - 1].y + LEGEND_STEP
                           ? entries[i - 1].y + LEGEND_STEP
                           : entries[i].best;
    for (size_t i = count; i-- > 0; limit = entries[i].y - LEGEND_STEP)
        entries[i].y = MIN(entries[i].y, limit);
}

static void
add_entry(const struct frame *frame, const struct entry *entry, struct buf *out)
{
    const struct chart_point *last = &entry->series->points[entry->series->count - 1];
    double x = x_of(frame, last->x);

    if (entry->series->count > 1 && x > RIGHT - 60)
        buf_addf(out, "<path class=\"leader\" d=\"M%.1f %.1fL%d %.1f\"/>", x + 6, entry->best,
                 RIGHT + 26, entry->y);
    add_mark(entry->series, RIGHT + 36, entry->y, out);
    buf_addf(out, "<text class=\"name\" x=\"%d\" y=\"%.1f\">", RIGHT + 48, entry->y + 4.5);
    html_add_text(entry->series->name, out);
    buf_add_str(out, "</text>");
}

static void
add_group_start(const struct chart_series *series, struct buf *out)
{
    static const char *const classes[CHART_STYLES] = {"ws", "sse", "longpoll", "poll", "other"};

    buf_addf(out, "<g class=\"%s%s\">", classes[series->style], series->is_second ? " second" : "");
}

static void
add_legend(const struct frame *frame, struct buf *out)
{
    const struct chart *chart = frame->chart;
    struct entry *entries = xcalloc(chart->series_count + 1, sizeof(*entries));
    size_t count = 0;

    for (size_t i = 0; i < chart->series_count; i++) {
        const struct chart_series *series = &chart->series[i];

        if (series->count > 0)
            entries[count++] = (struct entry){
                .series = series, .best = y_of(frame, series->points[series->count - 1].y)};
    }
    place(entries, count);
    for (size_t i = 0; i < count; i++) {
        add_group_start(entries[i].series, out);
        add_entry(frame, &entries[i], out);
        buf_add_str(out, "</g>\n");
    }
    free(entries);
}

/* A ring where two lines cross, and its number above the picture, apart from its neighbours. */
static void
add_crossings(const struct frame *frame, struct buf *out)
{
    double free_from = LEFT;

    for (size_t i = 0; i < frame->chart->crossing_count; i++) {
        const struct chart_crossing *crossing = &frame->chart->crossings[i];
        double x = x_of(frame, crossing->x), y = y_of(frame, crossing->y);
        double number_x = MAX(x, free_from);

        free_from = number_x + NUMBER_STEP;
        buf_addf(out, "<path class=\"hint\" d=\"M%.1f %dL%.1f %dL%.1f %.1f\"/>", number_x, TOP - 10,
                 x, TOP, x, y - 7);
        buf_addf(out, "<circle class=\"ring\" cx=\"%.1f\" cy=\"%.1f\" r=\"7\"/>", x, y);
        buf_addf(out,
                 "<text class=\"number\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%zu</text>\n",
                 number_x, TOP - 13, i + 1);
    }
}

static void
add_crossing_list(const struct chart *chart, struct buf *out)
{
    if (chart->crossing_count > 0)
        buf_add_str(out, "<ol class=\"crossings\">\n");
    for (size_t i = 0; i < chart->crossing_count; i++) {
        const struct chart_crossing *crossing = &chart->crossings[i];
        char x[SCALE_TEXT_SIZE];

        scale_format(crossing->x, x);
        buf_add_str(out, "<li>Below <b>");
        buf_addf(out, "%s</b> ", x);
        html_add_text(chart->x_title, out);
        buf_add_str(out, " ");
        html_add_text(crossing->dearer_below, out);
        buf_add_str(out, " costs more than ");
        html_add_text(crossing->dearer_above, out);
        buf_add_str(out, ", above it less.</li>\n");
    }
    if (chart->crossing_count > 0)
        buf_add_str(out, "</ol>\n");
}

void
html_add_chart(const struct chart *chart, struct buf *out)
{
    struct frame frame = {.chart = chart};
    double x_min, x_max, y_min, y_max;

    if (!chart_range(chart, &x_min, &x_max, &y_min, &y_max))
        return;
    scale_init(&frame.x, x_min, x_max);
    scale_init(&frame.y, y_min, y_max);
    buf_addf(out, "<figure>\n<figcaption>%s</figcaption>\n", chart->title);
    buf_addf(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n", WIDTH, HEIGHT,
             chart->title);
    add_axes(&frame, out);
    for (size_t i = 0; i < chart->series_count; i++) {
        if (chart->series[i].count == 0)
            continue;
        add_group_start(&chart->series[i], out);
        add_series(&frame, &chart->series[i], out);
        buf_add_str(out, "</g>\n");
    }
    add_crossings(&frame, out);
    add_legend(&frame, out);
    buf_add_str(out, "</svg>\n");
    add_crossing_list(chart, out);
    buf_add_str(out, "</figure>\n");
}
