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

/* A cell is the median of all rounds, and behind it how far the farthest of them lies from it,
 * where that shows. */
struct sheets *sheets_create(const struct result *result, unsigned flags);
void sheets_destroy(struct sheets *sheets);
