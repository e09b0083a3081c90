#include "bench/result/sheet.h"

#include "bench/result/result.h"
#include "common/buf.h"
#include "common/util.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct sheet *
add_sheet(struct sheets *sheets, const char *title)
{
    struct sheet *sheet;

    sheets->items = xrealloc(sheets->items, (sheets->count + 1) * sizeof(*sheets->items));
    sheet = &sheets->items[sheets->count++];
    sheet_init(sheet, title);
    return sheet;
}

void
sheet_init(struct sheet *sheet, const char *title)
{
    *sheet = (struct sheet){.title = xstrdup(title)};
}

void
sheet_add_column(struct sheet *sheet, const char *heading, const char *unit)
{
    size_t size = (sheet->column_count + 1) * sizeof(char *);

    assert(sheet->line_count == 0);
    sheet->headings = xrealloc(sheet->headings, size);
    sheet->units = xrealloc(sheet->units, size);
    sheet->headings[sheet->column_count] = xstrdup(heading);
    sheet->units[sheet->column_count++] = xstrdup(unit);
}

struct sheet_line *
sheet_add_line(struct sheet *sheet, const char *section, const char *label)
{
    struct sheet_line *line;

    sheet->lines = xrealloc(sheet->lines, (sheet->line_count + 1) * sizeof(*sheet->lines));
    line = &sheet->lines[sheet->line_count++];
    line->section = xstrdup(section);
    line->label = xstrdup(label);
    line->cells = xcalloc(MAX(sheet->column_count, 1), sizeof(*line->cells));
    return line;
}

static char *
text_of(const struct result_row *row, void (*add)(const struct result_row *, struct buf *))
{
    struct buf out = BUF_INIT;

    buf_add_str(&out, "");
    add(row, &out);
    return buf_take(&out, NULL);
}

static char *
cell_of(const struct result_row *row, enum measure measure, unsigned flags)
{
    double median = result_row_median(row, measure), spread = result_row_spread(row, measure);
    int decimals = measure_decimals(measure, median);
    struct buf out = BUF_INIT;

    if (!result_row_has(row, measure))
        return xstrdup("");
    measure_add_number(median, decimals, &out);
    if (spread >= 0.5 * pow(10, -decimals)) {
        buf_add_str(&out, flags & SHEET_ASCII ? " +-" : " ±");
        measure_add_number(spread, decimals, &out);
    }
    return buf_take(&out, NULL);
}

/* The bytes of all layers, in the first column of a group of bytes. */
static char *
total_of(const struct result_row *row, enum measure_group group)
{
    unsigned number = (unsigned)group - GROUP_SEND_UP;
    struct buf out = BUF_INIT;
    double bytes;

    if (!result_row_bytes(row, (enum flow)(number / DIRECTIONS),
                          (enum direction)(number % DIRECTIONS), &bytes))
        return xstrdup("");
    measure_add_number(bytes, 0, &out);
    return buf_take(&out, NULL);
}

static bool
is_bytes(enum measure_group group)
{
    return group >= GROUP_SEND_UP && group <= GROUP_HOUR_DOWN;
}

struct columns {
    enum measure measures[MEASURE_COUNT];
    size_t count;
};

static bool
row_has_any(const struct result_row *row, const struct columns *columns)
{
    for (size_t i = 0; i < columns->count; i++)
        if (result_row_has(row, columns->measures[i]))
            return true;
    return false;
}

static struct sheet_line *
add_row_line(struct sheet *sheet, const struct result_row *row)
{
    char *section = text_of(row, result_row_add_varied), *label = text_of(row, result_row_add_way);
    struct sheet_line *line = sheet_add_line(sheet, section, label);

    free(section);
    free(label);
    return line;
}

static void
fill_group(struct sheet *sheet, const struct result *result, enum measure_group group,
           const struct columns *columns, unsigned flags)
{
    size_t first = is_bytes(group) ? 1 : 0;

    for (size_t r = 0; r < result->row_count; r++) {
        const struct result_row *row = result->rows[r];
        struct sheet_line *line;

        if (!row_has_any(row, columns))
            continue;
        line = add_row_line(sheet, row);
        if (first == 1)
            line->cells[0] = total_of(row, group);
        for (size_t i = 0; i < columns->count; i++)
            line->cells[first + i] = cell_of(row, columns->measures[i], flags);
    }
}

/* Lines of one section together, in the order in which the sections came. */
static void
gather_sections(struct sheet *sheet)
{
    for (size_t i = 0; i < sheet->line_count; i++) {
        for (size_t k = i + 1; k < sheet->line_count; k++) {
            struct sheet_line line = sheet->lines[k];

            if (strcmp(line.section, sheet->lines[i].section) != 0)
                continue;
            memmove(&sheet->lines[i + 2], &sheet->lines[i + 1],
                    (k - i - 1) * sizeof(*sheet->lines));
            sheet->lines[i + 1] = line;
            break;
        }
    }
}

static void
add_group(struct sheets *sheets, const struct result *result, enum measure_group group,
          unsigned flags)
{
    struct columns columns = {.count = 0};
    struct sheet *sheet;

    for (int i = 0; i < MEASURE_COUNT; i++)
        if (measure_rows[i].group == group && result_has(result, (enum measure)i))
            columns.measures[columns.count++] = (enum measure)i;
    if (columns.count == 0)
        return;
    sheet = add_sheet(sheets, measure_group_title(group));
    if (is_bytes(group))
        sheet_add_column(sheet, "in all", "B");
    for (size_t i = 0; i < columns.count; i++)
        sheet_add_column(sheet, measure_rows[columns.measures[i]].heading,
                         measure_rows[columns.measures[i]].unit);
    fill_group(sheet, result, group, &columns, flags);
    gather_sections(sheet);
}

static size_t
column_of(const struct sheet *sheet, const char *heading)
{
    size_t i = 0;

    while (i < sheet->column_count && strcmp(sheet->headings[i], heading) != 0)
        i++;
    return i;
}

static struct sheet_line *
line_of(struct sheet *sheet, const char *label)
{
    for (size_t i = 0; i < sheet->line_count; i++)
        if (strcmp(sheet->lines[i].label, label) == 0)
            return &sheet->lines[i];
    return NULL;
}

/* "works, 120 ms" */
static char *
state_of(const struct result_row *row)
{
    struct buf out = BUF_INIT;

    buf_add_str(&out, facts_text(&row->words, "state"));
    if (result_row_has(row, MEASURE_FOUND_AFTER_MS)) {
        buf_add_str(&out, ", ");
        measure_add_value(MEASURE_FOUND_AFTER_MS, result_row_median(row, MEASURE_FOUND_AFTER_MS),
                          &out);
        buf_add_str(&out, " ms");
    }
    return buf_take(&out, NULL);
}

static void
fill_matrix(struct sheet *sheet, const struct result_row *row)
{
    char *way = text_of(row, result_row_add_way);
    char *fault = text_of(row, result_row_add_varied);
    size_t column = column_of(sheet, way);
    struct sheet_line *line = line_of(sheet, fault);

    if (line == NULL)
        line = sheet_add_line(sheet, "", fault);
    free(line->cells[column]);
    line->cells[column] = state_of(row);
    free(way);
    free(fault);
}

static void
fill_gaps(struct sheet *sheet)
{
    for (size_t i = 0; i < sheet->line_count; i++)
        for (size_t k = 0; k < sheet->column_count; k++)
            if (sheet->lines[i].cells[k] == NULL)
                sheet->lines[i].cells[k] = xstrdup("");
}

/* Faults down, ways across. */
static void
add_matrix(struct sheets *sheets, const struct result *result)
{
    struct sheet *sheet = NULL;

    for (size_t i = 0; i < result->row_count; i++) {
        char *way = text_of(result->rows[i], result_row_add_way);

        if (facts_text(&result->rows[i]->words, "state") != NULL) {
            if (sheet == NULL)
                sheet = add_sheet(sheets, "what carries behind which fault");
            if (column_of(sheet, way) == sheet->column_count)
                sheet_add_column(sheet, way, "");
        }
        free(way);
    }
    for (size_t i = 0; sheet != NULL && i < result->row_count; i++)
        if (facts_text(&result->rows[i]->words, "state") != NULL)
            fill_matrix(sheet, result->rows[i]);
    if (sheet != NULL)
        fill_gaps(sheet);
}

struct sheets *
sheets_create(const struct result *result, unsigned flags)
{
    struct sheets *sheets = xcalloc(1, sizeof(*sheets));

    add_matrix(sheets, result);
    for (int group = 0; group < MEASURE_GROUPS; group++)
        add_group(sheets, result, (enum measure_group)group, flags);
    return sheets;
}

void
sheet_fini(struct sheet *sheet)
{
    for (size_t i = 0; i < sheet->line_count; i++) {
        for (size_t k = 0; k < sheet->column_count; k++)
            free(sheet->lines[i].cells[k]);
        free(sheet->lines[i].cells);
        free(sheet->lines[i].section);
        free(sheet->lines[i].label);
    }
    for (size_t i = 0; i < sheet->column_count; i++) {
        free(sheet->headings[i]);
        free(sheet->units[i]);
    }
    free(sheet->lines);
    free(sheet->headings);
    free(sheet->units);
    free(sheet->title);
}

void
sheets_destroy(struct sheets *sheets)
{
    for (size_t i = 0; i < sheets->count; i++)
        sheet_fini(&sheets->items[i]);
    free(sheets->items);
    free(sheets);
}
