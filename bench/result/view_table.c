/* The table on the terminal: a group of measures after the other, split where it is wider than 80
 * columns. */
#include "bench/result/view.h"

#include "bench/result/result.h"
#include "bench/result/sheet.h"
#include "bench/result/view_text.h"
#include "common/buf.h"
#include "common/util.h"

#include <stdlib.h>
#include <string.h>

enum { WIDTH = 80, GAP = 2 };

/* The part of a sheet that stands side by side. */
struct part {
    const struct sheet *sheet;
    int label_width;
    int *widths; /* of all columns */
    size_t first, end;
};

static int
columns_of(const char *text)
{
    return view_columns(text);
}

static void
measure_columns(struct part *part)
{
    const struct sheet *sheet = part->sheet;

    for (size_t i = 0; i < sheet->column_count; i++) {
        part->widths[i] = MAX(columns_of(sheet->headings[i]), columns_of(sheet->units[i]));
        for (size_t k = 0; k < sheet->line_count; k++)
            part->widths[i] = MAX(part->widths[i], columns_of(sheet->lines[k].cells[i]));
    }
    for (size_t k = 0; k < sheet->line_count; k++)
        part->label_width = MAX(part->label_width, columns_of(sheet->lines[k].label) + 2);
}

/* As many columns as fit, one at least. */
static size_t
end_of(const struct part *part)
{
    int width = part->label_width;
    size_t end = part->first;

    while (end < part->sheet->column_count && width + GAP + part->widths[end] <= WIDTH)
        width += GAP + part->widths[end++];
    return MAX(end, part->first + 1);
}

static void
add_right(struct buf *out, const char *text, int width)
{
    buf_addf(out, "%*s%s", MAX(GAP, GAP + width - columns_of(text)), "", text);
}

static void
add_left(struct buf *out, const char *text, int width)
{
    buf_addf(out, "%s%*s", text, MAX(0, width - columns_of(text)), "");
}

static void
add_cells(const struct part *part, char *const *cells, const char *label, struct buf *out)
{
    add_left(out, label, part->label_width);
    for (size_t i = part->first; i < part->end; i++)
        add_right(out,
                  cells[i][0] != '\0' ? cells[i]
                  : label[0] != '\0'  ? "-"
                                      : "",
                  part->widths[i]);
    while (out->len > 0 && out->data[out->len - 1] == ' ')
        out->data[--out->len] = '\0';
    buf_add_byte(out, '\n');
}

static bool
has_units(const struct part *part)
{
    for (size_t i = part->first; i < part->end; i++)
        if (part->sheet->units[i][0] != '\0')
            return true;
    return false;
}

static void
add_part(const struct part *part, struct buf *out)
{
    const char *section = "";

    add_cells(part, part->sheet->headings, "", out);
    if (has_units(part))
        add_cells(part, part->sheet->units, "", out);
    for (size_t i = 0; i < part->sheet->line_count; i++) {
        const struct sheet_line *line = &part->sheet->lines[i];
        char *label = xasprintf("  %s", line->label);

        if (strcmp(section, line->section) != 0)
            buf_addf(out, "  -- %s\n",
                     line->section[0] != '\0' ? line->section : "the load of this run");
        section = line->section;
        add_cells(part, line->cells, label, out);
        free(label);
    }
}

void
view_add_sheet(const struct sheet *sheet, struct buf *out)
{
    struct part part = {.sheet = sheet};

    part.widths = xcalloc(MAX(sheet->column_count, 1), sizeof(*part.widths));
    measure_columns(&part);
    buf_addf(out, "\n%s\n", sheet->title);
    while (part.first < sheet->column_count) {
        part.end = end_of(&part);
        add_part(&part, out);
        part.first = part.end;
    }
    free(part.widths);
}

int
view_table(const struct result *result, FILE *out, unsigned flags)
{
    struct sheets *sheets = sheets_create(result, flags & VIEW_ASCII ? SHEET_ASCII : 0);
    struct buf text = BUF_INIT;

    view_add_head(result, &text);
    for (size_t i = 0; i < sheets->count; i++)
        view_add_sheet(&sheets->items[i], &text);
    view_add_foot(result, &text);
    sheets_destroy(sheets);
    return view_write_visible(&text, flags, out);
}
