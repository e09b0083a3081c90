/* The rows that a line of a window fills at a width, remembered: a frame asks for the same few
 * lines again and again. Knows no curses. */
#pragma once

#include "client/chat/model.h"
#include "client/ui/wrap.h"

#include <stdbool.h>
#include <stddef.h>

struct rows;

/* A line made visible: what others wrote went through text_visible. The mark of an own line stands
 * behind the text, as the last word of it. */
struct line_rows {
    const char *text;
    const struct wrap_row *rows;
    size_t row_count; /* >= 1 */
    size_t mark_at;   /* where the mark begins in text; the text's length where there is none */
};

struct rows *rows_create(bool ascii);
void rows_destroy(struct rows *rows);

/* Good until the next call of rows_get for another line. width >= 1. */
const struct line_rows *rows_get(struct rows *rows, const struct line *line, int width);
