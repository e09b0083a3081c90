/* Breaks visible text into rows of a width; knows no curses. */
#pragma once

#include <stddef.h>

struct wrap_row {
    size_t start, len; /* bytes of the text; the blank at a break belongs to neither row */
    int columns;
};

/* Rows of text (already through text_visible with TEXT_KEEP_NEWLINES) at width columns (>= 1):
 * breaks at blanks where it can, inside a word where it must, never inside a cluster: one that is
 * wider than width has a row of its own, and only such a row is wider. At least one row. Writes up
 * to max rows; returns how many there are. */
size_t wrap_text(const char *text, size_t len, int width, struct wrap_row *ret_rows, size_t max);
