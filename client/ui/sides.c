#include "client/ui/sides.h"

#include <stdio.h>
#include <string.h>

#include "client/chat/model.h"
#include "client/ui/layout.h"
#include "client/ui/paint.h"

/* A list being drawn downwards. */
struct list {
    const struct theme *theme;
    int row, bottom; /* the next row, and the first that is not the list's */
    int left, limit;
};

static void
draw_head(struct list *list, const char *words)
{
    if (list->row >= list->bottom)
        return;

    paint_words(list->theme, (struct span){list->row++, list->left + 1, list->limit}, STYLE_DIM,
                words);
}

static void
count_words(char *dst, size_t size, const struct theme *theme, const struct window *window)
{
    const char *quiet = window->activity == ACTIVITY_NOTES ? theme->glyphs->middle_dot : "";

    if (window->unread > 0)
        snprintf(dst, size, "%zu%s", window->unread, window->mention_count > 0 ? "!" : "");
    else
        snprintf(dst, size, "%s", quiet);
}

static void
draw_window(struct list *list, const struct window *window, size_t number, bool is_current)
{
    char count[32], words[32];
    enum style style = is_current                  ? STYLE_BOLD
                       : window->mention_count > 0 ? STYLE_MENTION
                                                   : STYLE_TEXT;

    if (list->row >= list->bottom)
        return;

    int row = list->row++;
    count_words(count, sizeof(count), list->theme, window);
    int count_columns = count[0] == '\0' ? 0 : window->unread > 0 ? (int)strlen(count) : 1;
    int count_at = list->limit - 1 - count_columns;

    if (is_current)
        paint_words(list->theme, (struct span){row, list->left, list->limit}, STYLE_GOOD,
                    list->theme->glyphs->current);
    snprintf(words, sizeof(words), "%zu ", number);
    struct span span = {row, list->left + 1, count_at - 1};
    span.column = paint_words(list->theme, span, STYLE_DIM, words);
    paint_foreign(list->theme, span, style, window->name);
    paint_words(list->theme, (struct span){row, count_at, list->limit}, style, count);
}

static void
draw_windows(struct list *list, struct model *model, bool direct)
{
    size_t count = model_window_count(model);

    for (size_t i = 0; i < count; i++) {
        const struct window *window = model_window(model, i);
        if (window_is_direct(window) == direct)
            draw_window(list, window, i + 1, window == model_current(model));
    }
}

static bool
has_direct(struct model *model)
{
    for (size_t i = 0; i < model_window_count(model); i++)
        if (window_is_direct(model_window(model, i)))
            return true;

    return false;
}

static void
draw_rooms(struct list *list, struct model *model)
{
    draw_head(list, "CHANNELS");
    draw_windows(list, model, false);
    if (!has_direct(model))
        return;
    list->row++;
    draw_head(list, "DIRECT");
    draw_windows(list, model, true);
}

/* ● online, ○ away, nothing for who is offline. */
static int
draw_presence(const struct theme *theme, struct span span, enum presence presence)
{
    switch (presence) {
    case PRESENCE_ONLINE: return paint_words(theme, span, STYLE_GOOD, theme->glyphs->dot);
    case PRESENCE_AWAY: return paint_words(theme, span, STYLE_DIM, theme->glyphs->ring);
    case PRESENCE_OFFLINE: break;
    }
    return paint_words(theme, span, STYLE_DIM, " ");
}

static enum style
member_style(const struct person *person, bool is_self)
{
    if (is_self)
        return STYLE_OWN;
    return person->presence == PRESENCE_OFFLINE ? STYLE_DIM : theme_nick(person->name);
}

static void
draw_member(struct list *list, const struct person *person, const char *user)
{
    if (list->row >= list->bottom)
        return;

    struct span span = {list->row++, list->left + 1, list->limit};
    bool is_self = strcmp(person->name, user) == 0;
    span.column = draw_presence(list->theme, span, person->presence);
    span.column = paint_words(list->theme, span, STYLE_BOLD, person->owner ? "@" : " ");
    span.column = paint_foreign(list->theme, span, member_style(person, is_self), person->name);
    if (is_self)
        paint_words(list->theme, span, STYLE_DIM, " (you)");
}

static void
draw_members(struct list *list, struct model *model)
{
    const struct window *window = model_current(model);
    char words[32];

    if (window->person_count == 0)
        return;

    snprintf(words, sizeof(words), "MEMBERS %zu", window->person_count);
    draw_head(list, words);
    list->row++;

    size_t room = list->bottom > list->row ? (size_t)(list->bottom - list->row) : 0;
    size_t shown = window->person_count <= room ? window->person_count : room > 0 ? room - 1 : 0;
    for (size_t i = 0; i < shown; i++)
        draw_member(list, &window->people[i], model_user(model));
    if (shown == window->person_count)
        return;
    snprintf(words, sizeof(words), " and %zu more", window->person_count - shown);
    draw_head(list, words);
}

static void
draw_border(const struct theme *theme, const struct layout *layout, int column)
{
    const struct glyphs *glyphs = theme->glyphs;

    for (int row = layout->rule_top; row <= layout->view_top + layout->view_rows; row++) {
        const char *glyph = row == layout->rule_top ? glyphs->tee_down : glyphs->bar;
        paint_words(theme, (struct span){row, column, column + 1}, STYLE_RULE, glyph);
    }
    if (layout->rule_bottom >= 0)
        paint_words(theme, (struct span){layout->rule_bottom, column, column + 1}, STYLE_RULE,
                    glyphs->tee_up);
}

void
sides_draw(const struct theme *theme, const struct layout *layout, struct model *model)
{
    struct list list = {theme, layout->view_top, layout->view_top + layout->view_rows, 0,
                        layout->rooms_columns};

    if (layout->rule_top >= 0)
        paint_fill(theme, (struct span){layout->rule_top, 0, layout->columns}, STYLE_RULE,
                   theme->glyphs->rule);
    if (layout->rule_bottom >= 0)
        paint_fill(theme, (struct span){layout->rule_bottom, 0, layout->columns}, STYLE_RULE,
                   theme->glyphs->rule);

    if (layout->rooms_columns > 0) {
        draw_border(theme, layout, layout->rooms_columns);
        draw_rooms(&list, model);
    }
    if (layout->members_columns > 0) {
        draw_border(theme, layout, layout->members_left - 1);
        list = (struct list){theme, layout->view_top, list.bottom, layout->members_left,
                             layout->columns};
        draw_members(&list, model);
    }
}
