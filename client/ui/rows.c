#include "client/ui/rows.h"

#include <stdlib.h>
#include <string.h>

#include "client/ui/glyphs.h"
#include "common/buf.h"
#include "common/text.h"
#include "common/util.h"

#define SLOT_COUNT 512 /* more than the rows of any screen */

struct slot {
    unsigned number;
    int width; /* 0: empty */
    enum line_mark mark;
    struct buf text;
    struct wrap_row *rows;
    struct line_rows seen;
};

struct rows {
    bool ascii;
    struct slot slots[SLOT_COUNT]; /* by line number, one after another: neighbours do not clash */
};

struct rows *
rows_create(bool ascii)
{
    struct rows *rows = xcalloc(1, sizeof(*rows));

    rows->ascii = ascii;
    return rows;
}

static void
slot_fini(struct slot *slot)
{
    buf_fini(&slot->text);
    free(slot->rows);
}

void
rows_destroy(struct rows *rows)
{
    if (rows == NULL)
        return;

    for (size_t i = 0; i < SLOT_COUNT; i++)
        slot_fini(&rows->slots[i]);
    free(rows);
}

static void
add_line(struct buf *out, const struct line *line, bool ascii)
{
    unsigned flags = TEXT_KEEP_NEWLINES | (ascii ? TEXT_ASCII : 0u);

    if (line->kind == LINE_ACTION) {
        text_visible(out, line->from, strlen(line->from), flags);
        buf_add_byte(out, ' ');
    }
    text_visible(out, line->text, strlen(line->text), flags);
}

static void
fill(struct slot *slot, const struct line *line, int width, bool ascii)
{
    slot_fini(slot);
    slot->number = line->number;
    slot->width = width;
    slot->mark = line->mark;

    struct buf *text = &slot->text;
    buf_init(text);
    add_line(text, line, ascii);
    slot->seen.mark_at = text->len;
    if (line->mark != MARK_NONE)
        buf_addf(text, " %s", glyphs_get(ascii)->marks[line->mark]);

    size_t count = wrap_text(buf_text(text), text->len, width, NULL, 0);
    slot->rows = xcalloc(count, sizeof(*slot->rows));
    wrap_text(buf_text(text), text->len, width, slot->rows, count);
    slot->seen.text = buf_text(text);
    slot->seen.rows = slot->rows;
    slot->seen.row_count = count;
}

const struct line_rows *
rows_get(struct rows *rows, const struct line *line, int width)
{
    struct slot *slot = &rows->slots[line->number % SLOT_COUNT];

    if (slot->number != line->number || slot->width != width || slot->mark != line->mark)
        fill(slot, line, width, rows->ascii);
    return &slot->seen;
}
