/* Tables for a document or a ticket (GitHub's dialect of Markdown). */
#include "bench/result/view.h"

#include "bench/result/result.h"
#include "bench/result/sheet.h"
#include "bench/result/view_text.h"
#include "common/buf.h"
#include "common/util.h"

#include <string.h>

/* So that a text is shown as it stands: it can neither end a cell nor begin a link or a tag. */
static void
add_escaped(const char *text, struct buf *out)
{
    for (; *text != '\0'; text++) {
        if (strchr("\\`*_{}[]<>#|~&", *text) != NULL)
            buf_add_byte(out, '\\');
        buf_add_byte(out, *text == '\n' || *text == '\r' ? ' ' : *text);
    }
}

static bool
has_sections(const struct sheet *sheet)
{
    for (size_t i = 0; i < sheet->line_count; i++)
        if (sheet->lines[i].section[0] != '\0')
            return true;
    return false;
}

static void
add_head(const struct sheet *sheet, struct buf *out)
{
    bool sections = has_sections(sheet);

    buf_add_str(out, sections ? "| way | varied |" : "| way |");
    for (size_t i = 0; i < sheet->column_count; i++) {
        buf_add_byte(out, ' ');
        add_escaped(sheet->headings[i], out);
        buf_addf(out, "%s%s |", sheet->units[i][0] != '\0' ? ", " : "", sheet->units[i]);
    }
    buf_add_str(out, sections ? "\n|---|---|" : "\n|---|");
    for (size_t i = 0; i < sheet->column_count; i++)
        buf_add_str(out, "---:|");
    buf_add_byte(out, '\n');
}

static void
add_sheet(const struct sheet *sheet, struct buf *out)
{
    bool sections = has_sections(sheet);

    buf_addf(out, "\n### %s\n\n", sheet->title);
    add_head(sheet, out);
    for (size_t i = 0; i < sheet->line_count; i++) {
        buf_add_str(out, "| ");
        add_escaped(sheet->lines[i].label, out);
        if (sections) {
            buf_add_str(out, " | ");
            add_escaped(sheet->lines[i].section, out);
        }
        for (size_t k = 0; k < sheet->column_count; k++) {
            buf_add_str(out, " | ");
            add_escaped(sheet->lines[i].cells[k], out);
        }
        buf_add_str(out, " |\n");
    }
}

static void
add_facts(const char *title, const struct facts *facts, struct buf *out)
{
    if (facts->count > 0)
        buf_addf(out, "\n### %s\n\n", title);
    for (size_t i = 0; i < facts->count; i++) {
        struct buf value = BUF_INIT;

        fact_add_value(&facts->items[i], &value);
        buf_add_str(out, "- ");
        add_escaped(facts->items[i].key, out);
        buf_add_str(out, ": ");
        add_escaped(buf_text(&value), out);
        buf_add_byte(out, '\n');
        buf_fini(&value);
    }
}

int
view_markdown(const struct result *result, FILE *out, unsigned flags)
{
    struct sheets *sheets = sheets_create(result, flags & VIEW_ASCII ? SHEET_ASCII : 0);
    struct buf text = BUF_INIT, head = BUF_INIT;

    view_add_head(result, &head);
    buf_add_str(&text, "## ");
    add_escaped(buf_text(&head), &text);
    buf_add_byte(&text, '\n');
    for (size_t i = 0; i < sheets->count; i++)
        add_sheet(&sheets->items[i], &text);
    add_facts("parameters", &result->parameters, &text);
    add_facts("environment", &result->environment, &text);
    if (result->note_count > 0)
        buf_add_str(&text, "\n### notes\n\n");
    for (size_t i = 0; i < result->note_count; i++) {
        buf_add_str(&text, "- ");
        add_escaped(result->notes[i], &text);
        buf_add_byte(&text, '\n');
    }
    if (!result->complete)
        buf_add_str(&text, "\nIt was stopped before its end.\n");
    sheets_destroy(sheets);
    buf_fini(&head);
    return view_write_visible(&text, flags, out);
}
