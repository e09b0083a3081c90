/* A result as people read it, before it has a form: sheets of text cells, one for each group of
 * measures that has any, one for what works behind which fault. The views draw them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct result;

enum sheet_flags {
    SHEET_ASCII = 1, /* "+-" in place of the plus-minus sign */
};

struct sheet_line {
    char *section; /* what was varied; lines of one section stand together. "": nothing */
    char *label;   /* the way: "sse HTTP/2" */
    char **cells;  /* one a column: "1.84 ±0.11"; "" where it was not measured */
};

struct sheet {
    char *title;
    size_t column_count;
    char **headings, **units;
    struct sheet_line *lines;
    size_t line_count;
};

struct sheets {
    struct sheet *items;
    size_t count;
};

/* For tables of one's own. title, heading, unit, section and label are copied. All columns come
 * before the first line; the cells of a line are the caller's to fill, with strings of the heap. */
void sheet_init(struct sheet *sheet, const char *title);
void sheet_fini(struct sheet *sheet);
void sheet_add_column(struct sheet *sheet, const char *heading, const char *unit);
struct sheet_line *sheet_add_line(struct sheet *sheet, const char *section, const char *label);

/* A cell is the median of all rounds, and behind it how far the farthest of them lies from it,
 * where that shows. */
struct sheets *sheets_create(const struct result *result, unsigned flags);
void sheets_destroy(struct sheets *sheets);
