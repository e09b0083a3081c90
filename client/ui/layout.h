/* Which part of the screen stands where: panels fall away as it gets smaller. Knows no curses. */
#pragma once

#include <stdbool.h>

/* A row is -1, a width 0, where the part has no place. */
struct layout {
    int rows, columns;
    bool is_tiny; /* below 20x5: one line of the view and the input */
    int bar;      /* the name and topic of the window */
    int rule_top, rule_bottom;
    int view_top, view_rows, view_left, view_columns;
    int rooms_columns;                 /* from column 0; a border stands right of it */
    int members_left, members_columns; /* a border stands left of it */
    int notice, strip, windows;
    int panel_rule;            /* its title, where it does not stand in rule_bottom */
    int panel_top, panel_rows; /* -1, 0: none */
    int panel_end;             /* a rule under it */
    int input_top, input_rows;
    int hints;
};

struct layout_wish {
    int rows, columns; /* of the terminal, >= 1 */
    int input_rows;    /* that the text would fill, >= 1 */
    bool notice;       /* there is something to say */
    bool rooms, members;
    int panel_rows; /* that the panel would fill; 0: it is not wanted */
};

void layout_make(struct layout *ret_layout, const struct layout_wish *wish);
