/* The line being typed, over several rows where it is long, with its prompt. */
#pragma once

#include "client/ui/paint.h"

struct edit;
struct layout;

struct input_line {
    const struct theme *theme;
    const char *prompt; /* "#team>" */
    const struct edit *edit;
    bool is_hidden; /* a password: nothing of it is drawn */
};

/* Rows that it fills in so many columns; at least 1. */
int input_line_rows(const struct input_line *input, int columns);
/* Draws the rows around the cursor into row .. row + rows - 1 from column on, before limit. Says
 * where the cursor stands. */
void input_line_draw(const struct input_line *input, struct span span, int rows,
                     int *ret_cursor_row, int *ret_cursor_column);
