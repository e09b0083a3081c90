/* The messages of a window on the screen. */
#pragma once

#include "client/ui/layout.h"
#include "client/ui/scroll.h"

struct rows;
struct theme;
struct window;

struct view {
    const struct theme *theme;
    const struct layout *layout;
    struct rows *rows;
    const struct window *window;
    const struct scroll *scroll;
};

void view_draw(const struct view *view);
/* The window as view_draw lays it out; for scroll_move. */
void view_reach(const struct view *view, struct reach *ret_reach);
