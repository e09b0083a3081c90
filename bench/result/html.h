/* The pieces of the page: text that cannot be markup, and pictures in SVG. A picture takes its
 * colours from the page's style sheet by the classes ws, sse, longpoll, poll, other and
 * part0-part4.
 */
#pragma once

#include <stddef.h>

struct buf;
struct chart;
struct result_row;

/* Appends text of anybody's, made visible and escaped, for an element or a quoted attribute. */
void html_add_text(const char *text, struct buf *out);

/* The class of a way, "sse". */
const char *html_class_of(const char *transport);

/* Lines through points on logarithmic axes, a legend at the right, numbered crossing points. */
void html_add_chart(const struct chart *chart, struct buf *out);

/* A row of the picture of bars, made of up to HTML_PARTS_MAX parts that add up. */
#define HTML_PARTS_MAX 5
struct html_bar {
    char *label;
    const char *class_name;
    double parts[HTML_PARTS_MAX];
};
/* part_names: of the legend; NULL and one part: the bars have the colours of their ways. */
void html_add_bars(const char *title, const struct html_bar *bars, size_t count,
                   const char *const *part_names, size_t part_count, int decimals, const char *unit,
                   struct buf *out);

/* Where the deliveries of each row lie: half, 90, 99 of 100 and the slowest. */
void html_add_spans(const struct result_row *const *rows, size_t count, struct buf *out);
