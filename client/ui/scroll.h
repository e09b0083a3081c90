/* Where one looks in a window's lines: at the newest, or at an older place that stays in view
 * whatever comes. Counts in rows of the screen; knows no curses. */
#pragma once

#include "client/chat/model.h"

#include <stdbool.h>
#include <stddef.h>

struct rows;

/* The last row shown belongs to the line of this number; below of its rows are hidden under it. */
struct scroll {
    bool away; /* else the newest row is the last one shown */
    unsigned number;
    size_t below;
};

/* A window as it is laid out now. Each line has rows of its own before its text: the date where the
 * day changes, and the rule before what is new. */
struct reach {
    const struct window *window;
    struct rows *rows;
    int columns;   /* of the text */
    size_t marker; /* index of the line behind the rule, SIZE_MAX: there is none */
};

enum scroll_move { SCROLL_PAGE_UP, SCROLL_PAGE_DOWN, SCROLL_TOP, SCROLL_BOTTOM, SCROLL_NEWS };

void reach_init(struct reach *reach, const struct window *window, struct rows *rows, int columns);
bool reach_has_date(const struct reach *reach, size_t index);
size_t reach_head(const struct reach *reach, size_t index); /* rows before the text: 0-2 */
size_t reach_height(const struct reach *reach, size_t index);
/* The line at the bottom of what scroll shows. line_count must not be 0. */
size_t reach_index(const struct reach *reach, const struct scroll *scroll);

/* How many rows of the newest stay at the bottom of height rows while one looks at older ones, and
 * how many are left for those; a rule stands between. */
int scroll_tail(int height);
int scroll_upper(int height);

/* True when the oldest line that is here came into view. */
bool scroll_move(struct scroll *scroll, const struct reach *reach, int height,
                 enum scroll_move move);
