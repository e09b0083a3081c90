#include "client/ui/layout.h"

#include "common/util.h"

enum {
    TINY_COLUMNS = 20,
    TINY_ROWS = 5,
    INPUT_ROWS_MAX = 5,
    ROOMS_FROM_COLUMNS = 90,
    ROOMS_COLUMNS = 18,
    MEMBERS_FROM_COLUMNS = 100,
    MEMBERS_COLUMNS = 16,
    HINTS_FROM_ROWS = 22,
    WINDOWS_FROM_ROWS = 8,
    BAR_FROM_ROWS = 6,
    SIDES_FROM_ROWS = 12,
    PANEL_VIEW_ROWS = 4,  /* that the panel leaves at least */
    PANEL_ABOVE_ROWS = 4, /* what may stand above the view and between the two */
};

static void
make_tiny(struct layout *layout, const struct layout_wish *wish)
{
    layout->is_tiny = true;
    layout->input_rows = 1;
    layout->input_top = wish->rows - 1;
    layout->view_columns = wish->columns;
    layout->view_rows = MIN(wish->rows - 1, 1);
    layout->view_top = layout->input_top - layout->view_rows;
}

/* A row off the bottom, where rows from `from` on have one. */
static int
take_row(int *bottom, bool wanted)
{
    return wanted ? --*bottom : -1;
}

static void
make_columns(struct layout *layout, const struct layout_wish *wish)
{
    bool tall = wish->rows >= SIDES_FROM_ROWS;

    layout->view_columns = wish->columns;
    if (wish->rooms && tall && wish->columns >= ROOMS_FROM_COLUMNS) {
        layout->rooms_columns = ROOMS_COLUMNS;
        layout->view_left = ROOMS_COLUMNS + 1;
        layout->view_columns -= layout->view_left;
    }
    if (wish->members && tall && wish->columns >= MEMBERS_FROM_COLUMNS) {
        layout->members_columns = MEMBERS_COLUMNS;
        layout->members_left = wish->columns - MEMBERS_COLUMNS;
        layout->view_columns -= MEMBERS_COLUMNS + 1;
    }
}

/* Between the strip and the view; its title stands in the rule under the lists, or has a row. */
static void
take_panel(struct layout *layout, const struct layout_wish *wish, bool sides, int *bottom)
{
    int left = *bottom - wish->panel_rows - 1 - PANEL_ABOVE_ROWS;

    if (wish->panel_rows == 0 || left < PANEL_VIEW_ROWS)
        return;

    layout->panel_end = take_row(bottom, sides);
    *bottom -= wish->panel_rows;
    layout->panel_top = *bottom;
    layout->panel_rows = wish->panel_rows;
    layout->panel_rule = take_row(bottom, !sides);
}

void
layout_make(struct layout *ret_layout, const struct layout_wish *wish)
{
    struct layout layout = {
        .rows = wish->rows,
        .columns = wish->columns,
        .bar = -1,
        .rule_top = -1,
        .rule_bottom = -1,
        .notice = -1,
        .strip = -1,
        .windows = -1,
        .hints = -1,
        .panel_rule = -1,
        .panel_top = -1,
        .panel_end = -1,
    };

    if (wish->rows < TINY_ROWS || wish->columns < TINY_COLUMNS) {
        make_tiny(&layout, wish);
        *ret_layout = layout;
        return;
    }

    make_columns(&layout, wish);
    bool sides = layout.rooms_columns > 0 || layout.members_columns > 0;
    int bottom = wish->rows;
    layout.hints = take_row(&bottom, wish->rows >= HINTS_FROM_ROWS);
    layout.input_rows = MIN(wish->input_rows, MIN(INPUT_ROWS_MAX, MAX(1, wish->rows / 4)));
    bottom -= layout.input_rows;
    layout.input_top = bottom;
    layout.windows = take_row(&bottom, layout.rooms_columns == 0 && bottom >= WINDOWS_FROM_ROWS);
    layout.strip = take_row(&bottom, true);
    take_panel(&layout, wish, sides, &bottom);
    layout.rule_bottom = take_row(&bottom, sides);
    layout.notice = take_row(&bottom, wish->notice);
    if (wish->rows >= BAR_FROM_ROWS)
        layout.bar = layout.view_top++;
    if (sides)
        layout.rule_top = layout.view_top++;
    layout.view_rows = bottom - layout.view_top;
    *ret_layout = layout;
}
