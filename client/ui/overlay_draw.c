/* How an overlay looks: a box over the middle of the screen, or all of a small one. */
#include "client/ui/overlay.h"

#include <stdlib.h>
#include <string.h>

#include "client/ui/input_line.h"
#include "client/ui/wrap.h"
#include "common/text.h"
#include "common/util.h"

enum { BOX_COLUMNS_MAX = 84, BOX_MARGIN = 2 };

struct box {
    const struct overlay *overlay;
    const struct theme *theme;
    int top, rows, left, columns; /* all of it, the rules too */
};

static const char *
footer_of(enum overlay_kind kind, bool is_long)
{
    switch (kind) {
    case OVERLAY_NONE: break;
    case OVERLAY_TEXT: return is_long ? " Up Down PgUp PgDn scroll  Esc closes " : " Esc closes ";
    case OVERLAY_FORM: return " Enter goes on  Esc cancels ";
    }

    return "";
}

static struct span
box_row(const struct box *box, int row)
{
    int margin = box->columns > 2 * BOX_MARGIN + 10 ? BOX_MARGIN : 0;

    return (struct span){box->top + row, box->left + margin, box->left + box->columns - margin};
}

static void
draw_frame(const struct box *box, bool is_long)
{
    struct span whole = {box->top, box->left, box->left + box->columns};
    char title[128];

    for (; whole.row < box->top + box->rows; whole.row++)
        paint_fill(box->theme, whole, STYLE_TEXT, " ");

    snprintf(title, sizeof(title), " %s ", box->overlay->title);
    whole.row = box->top;
    paint_rule(box->theme, whole, STYLE_BOLD, box->theme->glyphs->rule, title);
    whole.row = box->top + box->rows - 1;
    paint_rule(box->theme, whole, STYLE_BOLD, box->theme->glyphs->rule,
               footer_of(box->overlay->kind, is_long));
}

/* Rows of the text from the overlay's top on; what does not fit is reached by scrolling. */
static void
draw_text(struct overlay *overlay, const struct box *box, const struct wrap_row *wrapped,
          size_t count, size_t room)
{
    size_t last_top = count > room ? count - room : 0;

    overlay->top = MIN(overlay->top, last_top);
    for (size_t i = 0; i < room && overlay->top + i < count; i++) {
        const struct wrap_row *row = &wrapped[overlay->top + i];
        paint_text(box->theme, box_row(box, 1 + (int)i), STYLE_TEXT,
                   buf_text(&overlay->text) + row->start, row->len);
    }
}

static void
draw_field(const struct box *box, size_t index, int row, int *ret_cursor_row,
           int *ret_cursor_column)
{
    const struct field *field = &box->overlay->fields[index];
    struct input_line input = {box->theme, field->label, field->edit, field->is_hidden};
    int cursor_row, cursor_column;

    input_line_draw(&input, box_row(box, row), 1, &cursor_row, &cursor_column);
    if (index != box->overlay->focus)
        return;
    *ret_cursor_row = cursor_row;
    *ret_cursor_column = cursor_column;
}

bool
overlay_draw(struct overlay *overlay, const struct theme *theme, int rows, int columns,
             int *ret_cursor_row, int *ret_cursor_column)
{
    struct box box = {overlay, theme, 0, rows, 0, MIN(columns, BOX_COLUMNS_MAX)};
    int fields = (int)overlay->field_count;
    struct span inner = box_row(&box, 0);

    if (overlay->kind == OVERLAY_NONE)
        return false;

    int width = MAX(inner.limit - inner.column, 1);
    size_t count = wrap_text(buf_text(&overlay->text), overlay->text.len, width, NULL, 0);
    struct wrap_row *wrapped = xcalloc(count, sizeof(*wrapped));
    wrap_text(buf_text(&overlay->text), overlay->text.len, width, wrapped, count);

    /* The rules, the text, and an empty row before the fields. */
    int wanted = 2 + (int)MIN(count, 1000) + (fields > 0 ? fields + 1 : 0);
    box.rows = MIN(wanted, rows);
    box.top = (rows - box.rows) / 2;
    box.left = (columns - box.columns) / 2;
    int room = MAX(0, box.rows - (wanted - (int)MIN(count, 1000)));
    draw_frame(&box, count > (size_t)room);
    draw_text(overlay, &box, wrapped, count, (size_t)room);
    free(wrapped);

    for (int i = 0; i < fields; i++)
        draw_field(&box, (size_t)i, MAX(0, box.rows - 1 - fields + i), ret_cursor_row,
                   ret_cursor_column);
    return fields > 0;
}
