/* Bars and spans of the page: what adds up, and where times lie. */
#include "bench/result/html.h"

#include "bench/result/measures.h"
#include "bench/result/result.h"
#include "bench/result/scale.h"
#include "common/buf.h"
#include "common/util.h"

#include <math.h>
#include <string.h>

enum {
    WIDTH = 760,
    LEFT = 170,       /* names stand before it */
    RIGHT = 640,      /* figures stand beyond it */
    SPAN_RIGHT = 520, /* four of them do */
    STEP = 28,
    TOP = 34,
};

static double
sum_of(const struct html_bar *bar, size_t part_count)
{
    double sum = 0;

    for (size_t i = 0; i < part_count; i++)
        sum += bar->parts[i];
    return sum;
}

static void
add_part_legend(const char *const *names, size_t count, struct buf *out)
{
    int x = LEFT;

    for (size_t i = 0; i < count; i++) {
        buf_addf(out, "<rect class=\"part%zu\" x=\"%d\" y=\"8\" width=\"12\" height=\"12\"/>", i,
                 x);
        buf_addf(out, "<text class=\"name\" x=\"%d\" y=\"18.5\">%s</text>\n", x + 18, names[i]);
        x += 34 + 8 * (int)strlen(names[i]);
    }
}

static void
add_bar(const struct html_bar *bar, size_t part_count, double most, int y, const char *class_name,
        struct buf *out)
{
    double x = LEFT;

    for (size_t i = 0; i < part_count; i++) {
        double width = most > 0 ? bar->parts[i] / most * (RIGHT - LEFT) : 0;

        if (class_name == NULL)
            buf_addf(out, "<rect class=\"part%zu\"", i);
        else
            buf_addf(out, "<rect class=\"solid %s\"", class_name);
        buf_addf(out, " x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"18\"/>", x, y, width);
        x += width;
    }
}

static void
add_label(const char *text, int y, struct buf *out)
{
    buf_addf(out, "<text class=\"name\" x=\"%d\" y=\"%d\" text-anchor=\"end\">", LEFT - 10, y + 14);
    html_add_text(text, out);
    buf_add_str(out, "</text>");
}

static void
start_figure(const char *title, int height, struct buf *out)
{
    buf_addf(out, "<figure>\n<figcaption>%s</figcaption>\n", title);
    buf_addf(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n", WIDTH, height,
             title);
}

void
html_add_bars(const char *title, const struct html_bar *bars, size_t count,
              const char *const *part_names, size_t part_count, int decimals, const char *unit,
              struct buf *out)
{
    int top = part_names != NULL ? TOP : 6;
    double most = 0;

    if (count == 0)
        return;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, sum_of(&bars[i], part_count));
    start_figure(title, top + STEP * (int)count, out);
    if (part_names != NULL)
        add_part_legend(part_names, part_count, out);
    for (size_t i = 0; i < count; i++) {
        int y = top + STEP * (int)i;
        double sum = sum_of(&bars[i], part_count);

        add_label(bars[i].label, y, out);
        add_bar(&bars[i], part_count, most, y, part_names != NULL ? NULL : bars[i].class_name, out);
        buf_addf(out, "<text class=\"figure\" x=\"%.1f\" y=\"%d\">",
                 LEFT + 8 + (most > 0 ? sum / most * (RIGHT - LEFT) : 0), y + 14);
        measure_add_number(sum, decimals, out);
        buf_addf(out, " %s</text>\n", unit);
    }
    buf_add_str(out, "</svg>\n</figure>\n");
}

static double
x_of(const struct scale *scale, double value)
{
    return LEFT + scale_at(scale, value) * (SPAN_RIGHT - LEFT);
}

static const enum measure quantiles[] = {MEASURE_DELIVERY_P50_MS, MEASURE_DELIVERY_P90_MS,
                                         MEASURE_DELIVERY_P99_MS, MEASURE_DELIVERY_MAX_MS};

static void
add_span_text(const struct result_row *row, int y, struct buf *out)
{
    buf_addf(out, "<text class=\"figure\" x=\"%d\" y=\"%d\" text-anchor=\"end\">", WIDTH - 2,
             y + 14);
    for (size_t i = 0; i < ARRAY_LEN(quantiles); i++) {
        buf_add_str(out, i > 0 ? " / " : "");
        if (result_row_has(row, quantiles[i]))
            measure_add_value(quantiles[i], result_row_median(row, quantiles[i]), out);
        else
            buf_add_str(out, "–");
    }
    buf_add_str(out, "</text>\n");
}

/* What was not measured is not drawn. */
static void
add_span(const struct result_row *row, const struct scale *scale, int y, struct buf *out)
{
    static const char *const lines[] = {"", "thick", "middle", "thin"};
    double x = x_of(scale, result_row_median(row, MEASURE_DELIVERY_P50_MS));

    buf_addf(out, "<g class=\"%s%s\">", html_class_of(row->transport),
             strcmp(row->http, "2") == 0 ? " second" : "");
    for (size_t i = 1; i < ARRAY_LEN(quantiles); i++) {
        double next = x_of(scale, result_row_median(row, quantiles[i]));

        if (!result_row_has(row, quantiles[i]))
            continue;
        buf_addf(out, "<path class=\"%s\" d=\"M%.1f %dH%.1f\"/>", lines[i], x, y + 9, next);
        if (quantiles[i] == MEASURE_DELIVERY_P99_MS)
            buf_addf(out, "<path class=\"stop\" d=\"M%.1f %dv12\"/>", next, y + 3);
        if (quantiles[i] == MEASURE_DELIVERY_MAX_MS)
            buf_addf(out, "<circle class=\"ring\" cx=\"%.1f\" cy=\"%d\" r=\"3.5\"/>", next, y + 9);
        x = next;
    }
    buf_addf(out, "<circle class=\"solid\" cx=\"%.1f\" cy=\"%d\" r=\"5.5\"/></g>",
             x_of(scale, result_row_median(row, MEASURE_DELIVERY_P50_MS)), y + 9);
    add_span_text(row, y, out);
}

static void
add_span_name(const struct result_row *row, int y, struct buf *out)
{
    struct buf name = BUF_INIT;

    result_row_add_name(row, &name);
    add_label(buf_text(&name), y, out);
    buf_fini(&name);
}

static void
add_span_axis(const struct scale *scale, int bottom, struct buf *out)
{
    for (int i = 0; i < scale->tick_count; i++) {
        double x = x_of(scale, scale->ticks[i]);
        char text[SCALE_TEXT_SIZE];

        scale_format(scale->ticks[i], text);
        buf_addf(out, "<path class=\"grid\" d=\"M%.1f 26V%d\"/>", x, bottom);
        buf_addf(out, "<text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
                 x, bottom + 18, text);
    }
    buf_addf(out,
             "<text class=\"title\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">delay, ms</text>\n",
             (LEFT + SPAN_RIGHT) / 2, bottom + 40);
    buf_addf(out, "<text class=\"title\" x=\"%d\" y=\"16\" text-anchor=\"end\">", WIDTH - 2);
    buf_add_str(out, "p50 / p90 / p99 / max</text>\n");
    buf_addf(out, "<text class=\"title\" x=\"%d\" y=\"16\">", LEFT);
    buf_add_str(out,
                "dot: half within; thick line to 90, thin to 99 of 100; ring: slowest</text>\n");
}

void
html_add_spans(const struct result_row *const *rows, size_t count, struct buf *out)
{
    int bottom = TOP + STEP * (int)count;
    double low = INFINITY, high = 0;
    struct scale scale;

    for (size_t i = 0; i < count; i++) {
        low = fmin(low, result_row_median(rows[i], MEASURE_DELIVERY_P50_MS));
        for (size_t k = 0; k < ARRAY_LEN(quantiles); k++)
            high = fmax(high, result_row_median(rows[i], quantiles[k]));
    }
    if (count == 0 || !(low > 0))
        return;
    scale_init(&scale, low, high);
    start_figure("How soon a message is with its readers", bottom + 50, out);
    add_span_axis(&scale, bottom, out);
    for (size_t i = 0; i < count; i++) {
        add_span_name(rows[i], TOP + STEP * (int)i, out);
        add_span(rows[i], &scale, TOP + STEP * (int)i, out);
    }
    buf_add_str(out, "</svg>\n</figure>\n");
}
