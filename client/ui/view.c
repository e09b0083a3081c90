#include "client/ui/view.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "client/ui/paint.h"
#include "client/ui/rows.h"
#include "common/text.h"
#include "common/util.h"

enum {
    TIME_FROM_COLUMNS = 30,
    NICK_FROM_COLUMNS = 20,
    WIDE_FROM_COLUMNS = 110,
    NICK_SHORT = 6,
    NICK_COLUMNS = 8,
    NICK_WIDE = 14,
    TIME_COLUMNS = 6, /* "09:12 " */
    BORDER_COLUMNS = 3,
};

/* Where the parts of a line stand, from the view's left; nick_columns 0: there are no parts. */
struct parts {
    bool has_time;
    int nick_left, nick_columns;
    int text_left;
};

static struct parts
make_parts(int columns)
{
    struct parts parts = {0};

    if (columns < NICK_FROM_COLUMNS)
        return parts;

    parts.has_time = columns >= TIME_FROM_COLUMNS;
    parts.nick_left = parts.has_time ? TIME_COLUMNS : 0;
    parts.nick_columns = columns >= WIDE_FROM_COLUMNS ? NICK_WIDE
                         : parts.has_time             ? NICK_COLUMNS
                                                      : NICK_SHORT;
    parts.text_left = parts.nick_left + parts.nick_columns + BORDER_COLUMNS;
    return parts;
}

void
view_reach(const struct view *view, struct reach *ret_reach)
{
    int columns = view->layout->view_columns;

    reach_init(ret_reach, view->window, view->rows, columns - make_parts(columns).text_left);
}

/* A stretch of the view's row, by columns counted from the view's left. */
static struct span
span_of(const struct view *view, int row, int column, int limit)
{
    int left = view->layout->view_left;

    return (struct span){row, left + column, left + MIN(limit, view->layout->view_columns)};
}

static struct span
whole_row(const struct view *view, int row)
{
    return span_of(view, row, 0, view->layout->view_columns);
}

static void
draw_date(const struct view *view, int64_t at_ms, int row)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t at = (time_t)(at_ms / 1000);
    struct tm tm;
    char words[64];

    localtime_r(&at, &tm);
    snprintf(words, sizeof(words), " %s %d %s %d ", days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
             tm.tm_year + 1900);
    paint_rule(view->theme, whole_row(view, row), STYLE_RULE, view->theme->glyphs->rule, words);
}

/* "- - - " up to limit; both are the view's columns. */
static void
draw_dashes(const struct view *view, int row, int column, int limit)
{
    for (; column < limit; column += 2)
        paint_words(view->theme, span_of(view, row, column, limit), STYLE_NEWS, "-");
}

static void
draw_news(const struct view *view, int row)
{
    size_t count = view->window->marker_count;
    int columns = view->layout->view_columns;
    char words[64];

    int len = snprintf(words, sizeof(words), "%zu new message%s ", count, count == 1 ? "" : "s");
    int left = MAX(0, (columns - len) / 2) & ~1;
    draw_dashes(view, row, 0, left);
    paint_words(view->theme, span_of(view, row, left, columns), STYLE_NEWS, words);
    draw_dashes(view, row, left + len, columns);
}

static enum style
line_style(const struct line *line)
{
    if (line->error)
        return STYLE_ERROR;
    if (line->kind == LINE_NOTE || line->kind == LINE_LOCAL)
        return STYLE_DIM;

    return line->mentions && !line->mine ? STYLE_MENTION : STYLE_TEXT;
}

static void
draw_nick(const struct view *view, const struct parts *parts, const struct line *line, int row)
{
    char name[USER_SIZE + 1];
    const char *sign = line->error ? "!" : line->kind == LINE_LOCAL ? "-" : "*";
    bool is_said = line->kind == LINE_MESSAGE;

    snprintf(name, sizeof(name), "%s%s", line->mine && is_said ? "*" : "",
             is_said ? line->from : sign);

    int columns = MIN(text_columns(name, strlen(name)), parts->nick_columns);
    int end = parts->nick_left + parts->nick_columns;
    enum style style = !is_said     ? line_style(line)
                       : line->mine ? STYLE_OWN
                                    : theme_nick(line->from);
    paint_foreign(view->theme, span_of(view, row, end - columns, end), style, name);
}

static void
draw_margin(const struct view *view, const struct parts *parts, const struct line *line, int row,
            bool is_first)
{
    int end = parts->nick_left + parts->nick_columns;

    if (parts->nick_columns == 0)
        return;

    paint_words(view->theme, span_of(view, row, end + 1, end + 2), STYLE_RULE,
                view->theme->glyphs->bar);
    if (!is_first)
        return;
    draw_nick(view, parts, line, row);
    if (parts->has_time) {
        time_t at = (time_t)(line->at_ms / 1000);
        struct tm tm;
        char words[16];
        localtime_r(&at, &tm);
        strftime(words, sizeof(words), "%H:%M", &tm);
        paint_words(view->theme, span_of(view, row, 0, TIME_COLUMNS), STYLE_DIM, words);
    }
}

static enum style
mark_style(enum line_mark mark)
{
    switch (mark) {
    case MARK_REFUSED: return STYLE_ERROR;
    case MARK_QUEUED: return STYLE_WARN;
    case MARK_DONE: return STYLE_GOOD;
    case MARK_PENDING:
    case MARK_NONE: return STYLE_DIM;
    }

    return STYLE_DIM;
}

/* One row of a line's text, with the mark in a style of its own. */
static void
draw_text(const struct view *view, const struct parts *parts, const struct line *line,
          const struct line_rows *rows, size_t index, int row)
{
    const struct wrap_row *wrapped = &rows->rows[index];
    size_t end = wrapped->start + wrapped->len;
    size_t text_end = MAX(wrapped->start, MIN(end, rows->mark_at));
    struct span span = span_of(view, row, parts->text_left, view->layout->view_columns);

    span.column = paint_text(view->theme, span, line_style(line), rows->text + wrapped->start,
                             text_end - wrapped->start);
    paint_text(view->theme, span, mark_style(line->mark), rows->text + text_end, end - text_end);
}

/* Row `index` of the line, counted from its head. */
static void
draw_row(const struct view *view, const struct reach *reach, size_t line_index, size_t index,
         int row)
{
    const struct line *line = view->window->lines[line_index];
    size_t head = reach_head(reach, line_index);

    if (index == 0 && reach_has_date(reach, line_index)) {
        draw_date(view, line->at_ms, row);
    } else if (index < head) {
        draw_news(view, row);
    } else {
        struct parts parts = make_parts(view->layout->view_columns);
        draw_margin(view, &parts, line, row, index == head);
        draw_text(view, &parts, line, rows_get(reach->rows, line, reach->columns), index - head,
                  row);
    }
}

/* Fills the rows top .. bottom-1 upwards, beginning with the last row that scroll shows. */
static void
draw_upwards(const struct view *view, const struct reach *reach, const struct scroll *scroll,
             int top, int bottom)
{
    size_t index = reach_index(reach, scroll);
    size_t hidden = scroll->away ? scroll->below : 0;

    for (int row = bottom - 1; row >= top; index--) {
        size_t height = reach_height(reach, index);
        for (size_t i = height - MIN(hidden, height); i-- > 0 && row >= top; row--)
            draw_row(view, reach, index, i, row);
        hidden = 0;
        if (index == 0)
            break;
    }
}

static void
draw_more(const struct view *view, const struct reach *reach, int row)
{
    const struct glyphs *glyphs = view->theme->glyphs;
    size_t index = reach_index(reach, view->scroll);
    size_t more = view->window->line_count - 1 - index + (view->scroll->below > 0);
    char words[64];

    snprintf(words, sizeof(words), " %s %zu more ", glyphs->more, more);
    paint_rule(view->theme, whole_row(view, row), STYLE_NEWS, glyphs->rule, words);
}

void
view_draw(const struct view *view)
{
    static const struct scroll newest = {0};
    int top = view->layout->view_top, height = view->layout->view_rows;
    struct reach reach;

    if (view->window->line_count == 0 || height == 0)
        return;

    view_reach(view, &reach);
    if (!view->scroll->away) {
        draw_upwards(view, &reach, &newest, top, top + height);
        return;
    }

    int rule = top + scroll_upper(height);
    draw_upwards(view, &reach, view->scroll, top, rule);
    if (rule >= top + height)
        return;
    draw_more(view, &reach, rule);
    draw_upwards(view, &reach, &newest, rule + 1, top + height);
}
