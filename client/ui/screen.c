/* All of the screen, drawn from the model: one doupdate a frame. */
#include "client/ui/ui_parts.h"

#include <stdio.h>
#include <string.h>

#include "client/chat/note.h"
#include "client/link/meter.h"
#include "client/link/outbox.h"
#include "client/ui/edit.h"
#include "client/ui/input_line.h"
#include "client/ui/panel.h"
#include "client/ui/sides.h"
#include "client/ui/strip.h"
#include "common/clock.h"
#include "common/text.h"
#include "common/util.h"

enum { PANEL_MS = 1000 };

static size_t
unsent_count(struct ui *ui)
{
    const struct outbox *outbox = link_outbox(chat_link(ui->chat));

    return outbox == NULL ? 0 : outbox_unsent(outbox);
}

/* The hint row: what was said last, else what there is to know of unsent lines. */
static void
notice_words(struct ui *ui, struct buf *out)
{
    const struct link_status *status = link_status(chat_link(ui->chat));
    size_t unsent = unsent_count(ui);

    if (ui->paste.asks)
        paste_question(&ui->paste, out);
    else if (ui->notice[0] != '\0')
        buf_add_str(out, ui->notice);
    else if (status->state != LINK_LIVE && unsent > 0)
        buf_addf(out, "%zu queued, nothing lost", unsent);
}

static void
add_visible(const struct ui *ui, struct buf *out, const char *text)
{
    text_visible(out, text, strlen(text), ui->theme.ascii ? TEXT_ASCII : 0);
}

static void
prompt_of(const struct ui *ui, const struct window *window, struct buf *out)
{
    add_visible(ui, out, window->name);
    buf_add_byte(out, '>');
}

/* Ends the words at the span's right edge, where there is room. */
static void
paint_right(const struct theme *theme, struct span span, enum style style, const char *words)
{
    int columns = text_columns(words, strlen(words));

    if (span.column + columns > span.limit)
        return;
    span.column = span.limit - columns;
    paint_words(theme, span, style, words);
}

static void
draw_bar(struct ui *ui, const struct window *window)
{
    const struct layout *layout = &ui->layout;
    struct span span = {layout->bar, 1, layout->columns};
    struct span whole = {layout->bar, 0, layout->columns};
    struct buf right = BUF_INIT;

    if (layout->bar < 0)
        return;

    /* Who is here and who one is: what no other part says at this size. */
    if (layout->windows < 0) {
        buf_add_str(&right, "  ");
        add_visible(ui, &right, model_user(chat_model(ui->chat)));
        buf_add_byte(&right, ' ');
    } else if (window->person_count > 0) {
        buf_addf(&right, "  %zu member%s ", window->person_count,
                 window->person_count == 1 ? "" : "s");
    }
    paint_fill(&ui->theme, whole, STYLE_BAR, " ");
    span.limit -= text_columns(buf_text(&right), right.len);
    span.column = paint_foreign(&ui->theme, span, STYLE_BAR, window->name) + 2;
    if (window->topic != NULL && span.column < span.limit)
        paint_foreign(&ui->theme, span, STYLE_BAR, window->topic);
    paint_right(&ui->theme, whole, STYLE_BAR, buf_text(&right));
    buf_fini(&right);
}

static enum style
state_style(enum link_state state)
{
    switch (state) {
    case LINK_LIVE: return STYLE_TEXT;
    case LINK_FAILED: return STYLE_ERROR;
    case LINK_IDLE:
    case LINK_LOGIN:
    case LINK_CONNECTING:
    case LINK_STALLED:
    case LINK_WAITING:
    case LINK_ENDED: return STYLE_WARN;
    }

    return STYLE_TEXT;
}

/* Where nothing moves when it comes and goes. */
static void
draw_typists(struct ui *ui, struct span span)
{
    struct buf words = BUF_INIT;

    note_typing(&words, model_current(chat_model(ui->chat)));
    if (words.len > 0)
        buf_add_str(&words, ui->theme.glyphs->ellipsis);
    if (span.column + text_columns(buf_text(&words), words.len) <= span.limit)
        paint_words(&ui->theme, span, STYLE_DIM, buf_text(&words));
    buf_fini(&words);
}

static void
draw_strip(struct ui *ui)
{
    const struct layout *layout = &ui->layout;
    struct strip strip = {
        .status = link_status(chat_link(ui->chat)),
        .came_back = ui->came_back,
        .now_ms = clock_mono_ms(),
    };
    struct span span = {layout->strip, 1, layout->columns - 1};
    struct buf words = BUF_INIT, right = BUF_INIT;
    size_t unsent = unsent_count(ui);

    if (layout->strip < 0)
        return;

    strip_state(&words, ui->theme.glyphs, &strip, layout->columns);
    if (unsent > 0)
        buf_addf(&right, "out %zu", unsent);
    if (layout->windows < 0) {
        buf_add_str(&right, right.len > 0 ? "  " : "");
        strip_activity(&right, chat_model(ui->chat));
    }
    span.column = 2 + paint_text(&ui->theme, span, state_style(strip.status->state),
                                 buf_text(&words), words.len);
    draw_typists(ui, (struct span){span.row, span.column,
                                   span.limit - 2 - text_columns(buf_text(&right), right.len)});
    paint_right(&ui->theme, span, STYLE_BOLD, buf_text(&right));
    buf_fini(&words);
    buf_fini(&right);
}

static void
draw_windows(struct ui *ui)
{
    const struct layout *layout = &ui->layout;
    struct span span = {layout->windows, 1, layout->columns - 1};
    struct model *model = chat_model(ui->chat);
    struct buf words = BUF_INIT, user = BUF_INIT;

    if (layout->windows < 0)
        return;

    add_visible(ui, &user, model_user(model));
    strip_windows(&words, ui->theme.glyphs, model, span.limit - span.column);
    span.column = 2 + paint_foreign(&ui->theme, span, STYLE_TEXT, buf_text(&words));
    paint_right(&ui->theme, span, STYLE_DIM, buf_text(&user));
    buf_fini(&user);
    buf_fini(&words);
}

static void
draw_panel_title(struct ui *ui)
{
    const struct layout *layout = &ui->layout;
    const char *rule = ui->theme.glyphs->rule;
    int row = layout->panel_rule >= 0 ? layout->panel_rule : layout->rule_bottom;
    struct span whole = {row, 0, layout->columns};

    if (layout->panel_rule >= 0)
        paint_fill(&ui->theme, whole, STYLE_RULE, rule);
    if (layout->panel_end >= 0)
        paint_fill(&ui->theme, (struct span){layout->panel_end, 0, layout->columns}, STYLE_RULE,
                   rule);
    paint_words(&ui->theme, (struct span){row, 1, layout->columns}, STYLE_DIM, " Transport ");
    paint_right(&ui->theme, whole, STYLE_DIM, " F2 hide ");
}

static void
draw_panel(struct ui *ui)
{
    const struct link *link = chat_link(ui->chat);
    const struct layout *layout = &ui->layout;
    const struct way_facts *facts = link_status(link)->facts;
    bool is_ws = str_equal(link_status(link)->transport, "ws");
    struct meter_counts counts;
    struct buf words = BUF_INIT;

    if (layout->panel_top < 0)
        return;

    link_count(link, &counts);
    const struct panel panel = {
        .glyphs = ui->theme.glyphs,
        .status = link_status(link),
        .facts = facts,
        .counts = &counts,
        .times = link_times(link),
        .now_ms = clock_mono_ms(),
        .counted_ms = clock_mono_ms() - link_times(link)->since_ms,
        .poll_interval_ms = ui->config.poll_interval_ms,
        .heartbeat_ms = link_status(link)->heartbeat_ms,
        .is_http2 = is_ws ? ui->config.http != HTTP_1_1 : str_equal(facts->http, "2"),
    };
    draw_panel_title(ui);
    for (int row = 0; row < layout->panel_rows; row++) {
        buf_clear(&words);
        panel_row(&words, &panel, row, layout->columns);
        paint_text(&ui->theme, (struct span){layout->panel_top + row, 0, layout->columns},
                   STYLE_TEXT, buf_text(&words), words.len);
    }
    buf_fini(&words);
}

static void
draw_notice(struct ui *ui, const char *words)
{
    const struct layout *layout = &ui->layout;
    int row = layout->notice >= 0 ? layout->notice : layout->view_top;
    struct span span = {row, layout->is_tiny ? 0 : 1, layout->columns};

    if (*words == '\0' || (layout->is_tiny && !ui->paste.asks))
        return;

    paint_fill(&ui->theme, (struct span){row, 0, layout->columns}, STYLE_WARN, " ");
    paint_words(&ui->theme, span, STYLE_WARN, words);
}

static void
draw_hints(struct ui *ui)
{
    static const char hints[] =
        "F1 help  F2 transport  Tab completes  Alt-a next unread  Alt-1..9 window  PgUp scroll  "
        "^C^C quit";
    static const char short_hints[] =
        "F1 help  F2 transport  Tab completes  Alt-a next unread  PgUp scroll  ^C^C quit";
    const struct layout *layout = &ui->layout;
    bool fits = layout->columns >= (int)sizeof(hints);

    if (layout->hints >= 0)
        paint_words(&ui->theme, (struct span){layout->hints, 1, layout->columns}, STYLE_DIM,
                    fits ? hints : short_hints);
}

static void
make_layout(struct ui *ui, const struct input_line *input, bool notice)
{
    struct layout_wish wish = {
        .rows = MAX(LINES, 1),
        .columns = MAX(COLS, 1),
        .input_rows = input_line_rows(input, MAX(COLS, 1)),
        .notice = notice,
        .rooms = ui->show_rooms,
        .members = ui->show_members,
        .panel_rows = ui->show_panel ? panel_row_count(MAX(COLS, 1)) : 0,
    };

    layout_make(&ui->layout, &wish);
}

static void
draw_parts(struct ui *ui, const struct input_line *input, const char *notice, int *ret_cursor_row,
           int *ret_cursor_column)
{
    struct model *model = chat_model(ui->chat);
    const struct window *window = model_current(model);
    const struct layout *layout = &ui->layout;
    struct view view = {&ui->theme, layout, ui->rows, window, &ui_pane(ui)->scroll};
    struct span line = {layout->input_top, 0, layout->columns};

    view_draw(&view);
    if (layout->rule_top >= 0)
        sides_draw(&ui->theme, layout, model);
    draw_bar(ui, window);
    draw_strip(ui);
    draw_windows(ui);
    draw_panel(ui);
    draw_notice(ui, notice);
    draw_hints(ui);
    input_line_draw(input, line, layout->input_rows, ret_cursor_row, ret_cursor_column);
    overlay_draw(&ui->overlay, &ui->theme, layout->rows, layout->columns, ret_cursor_row,
                 ret_cursor_column);
}

static void
tick_panel(uv_timer_t *timer)
{
    ui_dirty(timer->data);
}

/* Its figures change by themselves, so that it is drawn each second. */
void
ui_toggle_panel(struct ui *ui)
{
    const struct input_line input = {&ui->theme, "", ui_pane(ui)->edit, false};

    ui->show_panel = !ui->show_panel;
    if (!ui->show_panel) {
        uv_timer_stop(&ui->second);
        return;
    }

    uv_timer_start(&ui->second, tick_panel, PANEL_MS, PANEL_MS);
    make_layout(ui, &input, false);
    if (ui->layout.panel_top < 0)
        ui_notice(ui, "the screen is too low for the panel; it comes when there is room");
}

void
ui_draw(struct ui *ui)
{
    struct buf prompt = BUF_INIT, notice = BUF_INIT;
    int cursor_row, cursor_column;

    prompt_of(ui, model_current(chat_model(ui->chat)), &prompt);
    notice_words(ui, &notice);
    struct input_line input = {&ui->theme, buf_text(&prompt), ui_pane(ui)->edit, false};
    make_layout(ui, &input, notice.len > 0);

    werase(stdscr);
    draw_parts(ui, &input, buf_text(&notice), &cursor_row, &cursor_column);
    move(cursor_row, cursor_column);
    wnoutrefresh(stdscr);
    doupdate();
    ui_title(ui);
    buf_fini(&prompt);
    buf_fini(&notice);
}
