#include "client/ui/scroll.h"

#include <time.h>

#include "client/ui/rows.h"
#include "common/util.h"

enum { TAIL_ROWS = 5, TAIL_FROM_HEIGHT = 12 };

static size_t
find_marker(const struct window *window)
{
    size_t marker = SIZE_MAX;

    if (window->marker_count == 0)
        return SIZE_MAX;

    for (size_t i = window->line_count; i-- > 0;) {
        uint64_t seq = window->lines[i]->seq;
        if (seq != 0 && seq <= window->marker_seq)
            break;
        if (seq != 0)
            marker = i;
    }
    return marker;
}

void
reach_init(struct reach *reach, const struct window *window, struct rows *rows, int columns)
{
    *reach = (struct reach){window, rows, MAX(columns, 1), find_marker(window)};
}

static bool
is_same_day(int64_t a_ms, int64_t b_ms)
{
    time_t a = (time_t)(a_ms / 1000), b = (time_t)(b_ms / 1000);
    struct tm a_tm, b_tm;

    localtime_r(&a, &a_tm);
    localtime_r(&b, &b_tm);
    return a_tm.tm_year == b_tm.tm_year && a_tm.tm_yday == b_tm.tm_yday;
}

bool
reach_has_date(const struct reach *reach, size_t index)
{
    struct line *const *lines = reach->window->lines;

    return index == 0 || !is_same_day(lines[index - 1]->at_ms, lines[index]->at_ms);
}

size_t
reach_head(const struct reach *reach, size_t index)
{
    return (size_t)reach_has_date(reach, index) + (index == reach->marker);
}

size_t
reach_height(const struct reach *reach, size_t index)
{
    const struct line *line = reach->window->lines[index];

    return reach_head(reach, index) + rows_get(reach->rows, line, reach->columns)->row_count;
}

size_t
reach_index(const struct reach *reach, const struct scroll *scroll)
{
    size_t last = reach->window->line_count - 1;

    for (size_t i = last; scroll->away; i--) {
        if (reach->window->lines[i]->number == scroll->number)
            return i;
        if (i == 0)
            break;
    }
    return last;
}

int
scroll_tail(int height)
{
    return height >= TAIL_FROM_HEIGHT ? TAIL_ROWS : 0;
}

int
scroll_upper(int height)
{
    return MAX(1, height - scroll_tail(height) - 1);
}

/* A place while it is being moved: the line, and how many of its rows are hidden below. */
struct place {
    size_t index, below;
};

static struct place
place_of(const struct reach *reach, const struct scroll *scroll)
{
    return (struct place){reach_index(reach, scroll), scroll->away ? scroll->below : 0};
}

/* The place that shows the oldest row at the top of so many rows. */
static struct place
oldest_place(const struct reach *reach, size_t rows)
{
    struct place place = {0, 0};
    size_t height = reach_height(reach, 0);

    while (height < rows && place.index + 1 < reach->window->line_count)
        height += reach_height(reach, ++place.index);
    place.below = height > rows ? height - rows : 0;
    return place;
}

static bool
is_above(struct place a, struct place b)
{
    return a.index < b.index || (a.index == b.index && a.below > b.below);
}

static struct place
up(const struct reach *reach, struct place place, size_t rows)
{
    place.below += rows;
    while (place.index > 0 && place.below >= reach_height(reach, place.index))
        place.below -= reach_height(reach, place.index--);
    return place;
}

/* Returns the newest line with nothing hidden where there are not so many rows. */
static struct place
down(const struct reach *reach, struct place place, size_t rows)
{
    while (rows > place.below) {
        if (place.index + 1 >= reach->window->line_count)
            return (struct place){place.index, 0};
        rows -= place.below;
        place.index++;
        place.below = reach_height(reach, place.index);
    }
    place.below -= rows;
    return place;
}

static void
settle(struct scroll *scroll, const struct reach *reach, struct place place, int height)
{
    struct place newest = {reach->window->line_count - 1, 0};
    /* What the tail shows anyway is no reason to stay away. */
    struct place shown = down(reach, place, (size_t)scroll_tail(height));

    scroll->away = is_above(shown, newest);
    scroll->number = reach->window->lines[place.index]->number;
    scroll->below = place.below;
}

bool
scroll_move(struct scroll *scroll, const struct reach *reach, int height, enum scroll_move move)
{
    if (reach->window->line_count == 0 || move == SCROLL_BOTTOM) {
        scroll->away = false;
        return reach->window->line_count == 0;
    }

    size_t upper = (size_t)scroll_upper(height);
    size_t page = MAX(1, scroll->away ? upper - 1 : (size_t)height - 1);
    struct place place = place_of(reach, scroll);
    struct place oldest = oldest_place(reach, upper);

    switch (move) {
    case SCROLL_PAGE_UP: place = up(reach, place, page); break;
    case SCROLL_PAGE_DOWN: place = down(reach, place, MAX(1, upper - 1)); break;
    case SCROLL_TOP: place = oldest; break;
    case SCROLL_NEWS:
        if (reach->marker == SIZE_MAX)
            return false;
        /* The rule at the top: so many rows further down than its own line's end. */
        place = (struct place){reach->marker, reach_height(reach, reach->marker) - 1};
        place = down(reach, place, upper - 1);
        break;
    case SCROLL_BOTTOM: break;
    }

    bool at_oldest = !is_above(oldest, place);
    if (at_oldest && move != SCROLL_NEWS)
        place = oldest;
    settle(scroll, reach, place, height);
    return at_oldest;
}
