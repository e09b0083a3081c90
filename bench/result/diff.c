#include "bench/result/diff.h"

#include "bench/result/result.h"
#include "bench/result/sheet.h"
#include "bench/result/view.h"
#include "bench/result/view_text.h"
#include "common/buf.h"
#include "common/util.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Medians that lie nearer to each other are the same, however little the rounds varied. */
#define SAME_SHARE 0.02

enum diff_verdict
diff_judge(const struct result_row *before, const struct result_row *after, enum measure measure,
           bool *ret_is_sure)
{
    double from = result_row_median(before, measure), to = result_row_median(after, measure);

    *ret_is_sure = before->measures[measure].count > 1 && after->measures[measure].count > 1;
    if (fabs(to - from) <= SAME_SHARE * fmax(fabs(from), fabs(to)))
        return DIFF_SAME;
    if (result_row_min(before, measure) <= result_row_max(after, measure) &&
        result_row_min(after, measure) <= result_row_max(before, measure))
        return DIFF_SAME;
    switch (measure_rows[measure].better) {
    case BETTER_LESS: return to < from ? DIFF_BETTER : DIFF_WORSE;
    case BETTER_MORE: return to > from ? DIFF_BETTER : DIFF_WORSE;
    case BETTER_NEITHER: return DIFF_CHANGED;
    }
    return DIFF_CHANGED;
}

struct diff {
    const struct result *before, *after;
    bool show_all;
    unsigned flags;
    struct sheet sheet;
    int counts[DIFF_CHANGED + 1];
    bool has_unsure;
};

static char *
cell_of(const struct result_row *row, enum measure measure, unsigned flags)
{
    double median = result_row_median(row, measure), spread = result_row_spread(row, measure);
    int decimals = measure_decimals(measure, median);
    struct buf out = BUF_INIT;

    measure_add_number(median, decimals, &out);
    if (spread >= 0.5 * pow(10, -decimals)) {
        buf_add_str(&out, flags & VIEW_ASCII ? " +-" : " ±");
        measure_add_number(spread, decimals, &out);
    }
    return buf_take(&out, NULL);
}

/* "+12 %", "x3.4" where it is more than twice or less than half. */
static char *
change_of(double from, double to)
{
    if (from == to)
        return xstrdup("0 %");
    if (from <= 0 || to <= 0)
        return xstrdup(to > from ? "more" : "less");
    if (to / from >= 2 || to / from <= 0.5)
        return xasprintf("x%.2g", to / from);
    return xasprintf("%+.0f %%", 100 * (to / from - 1));
}

static void
add_measure(struct diff *diff, const char *section, const struct result_row *before,
            const struct result_row *after, enum measure measure)
{
    static const char *const words[] = {[DIFF_SAME] = "same",
                                        [DIFF_BETTER] = "better",
                                        [DIFF_WORSE] = "worse",
                                        [DIFF_CHANGED] = "changed"};
    const struct measure_row *row = &measure_rows[measure];
    bool is_sure;
    enum diff_verdict verdict = diff_judge(before, after, measure, &is_sure);
    struct sheet_line *line;
    char *label;

    diff->counts[verdict]++;
    if (verdict == DIFF_SAME && !diff->show_all)
        return;
    diff->has_unsure |= verdict != DIFF_SAME && !is_sure;
    label = xasprintf("%s%s%s", row->title, row->unit[0] != '\0' ? ", " : "", row->unit);
    line = sheet_add_line(&diff->sheet, section, label);
    line->cells[0] = cell_of(before, measure, diff->flags);
    line->cells[1] = cell_of(after, measure, diff->flags);
    line->cells[2] =
        change_of(result_row_median(before, measure), result_row_median(after, measure));
    line->cells[3] = xasprintf("%s%s", words[verdict], verdict != DIFF_SAME && !is_sure ? "?" : "");
    free(label);
}

/* The state behind a fault, and the like. */
static void
add_words(struct diff *diff, const char *section, const struct result_row *before,
          const struct result_row *after)
{
    for (size_t i = 0; i < before->words.count; i++) {
        const char *key = before->words.items[i].key;
        const char *from = facts_text(&before->words, key), *to = facts_text(&after->words, key);
        struct sheet_line *line;

        if (from == NULL || to == NULL || (strcmp(from, to) == 0 && !diff->show_all))
            continue;
        line = sheet_add_line(&diff->sheet, section, key);
        line->cells[0] = xstrdup(from);
        line->cells[1] = xstrdup(to);
        line->cells[2] = xstrdup("");
        line->cells[3] = xstrdup(strcmp(from, to) == 0 ? "same" : "changed");
    }
}

static char *
name_of(const struct result_row *row)
{
    struct buf name = BUF_INIT;

    result_row_add_name(row, &name);
    return buf_take(&name, NULL);
}

/* The row of before in after, line by line; or that it is gone. */
static void
add_row(struct diff *diff, const struct result_row *before, struct buf *alone)
{
    const struct result_row *after =
        result_find(diff->after, before->transport, before->http, &before->varied);
    char *name = name_of(before);

    if (after == NULL)
        buf_addf(alone, "only in the first: %s\n", name);
    for (int i = 0; after != NULL && i < MEASURE_COUNT; i++)
        if (result_row_has(before, (enum measure)i) && result_row_has(after, (enum measure)i))
            add_measure(diff, name, before, after, (enum measure)i);
    if (after != NULL)
        add_words(diff, name, before, after);
    free(name);
}

static void
add_new_rows(const struct diff *diff, struct buf *alone)
{
    for (size_t i = 0; i < diff->after->row_count; i++) {
        const struct result_row *row = diff->after->rows[i];
        char *name = name_of(row);

        if (result_find(diff->before, row->transport, row->http, &row->varied) == NULL)
            buf_addf(alone, "only in the second: %s\n", name);
        free(name);
    }
}

/* "kernel: 6.1 -> 6.12", also where one has no such fact. */
static void
add_fact(const char *key, const struct fact *from, const struct fact *to, struct buf *out)
{
    struct buf line = BUF_INIT;

    if (from != NULL && to != NULL && fact_equal(from, to))
        return;
    buf_addf(&line, "%s: ", key);
    if (from != NULL)
        fact_add_value(from, &line);
    buf_addf(&line, "%s -> ", from == NULL ? "nothing" : "");
    if (to != NULL)
        fact_add_value(to, &line);
    buf_add_str(&line, to == NULL ? "nothing" : "");
    view_add_wrapped(buf_text(&line), out);
    buf_fini(&line);
}

static void
add_facts(const struct facts *before, const struct facts *after, struct buf *out)
{
    for (size_t i = 0; i < before->count; i++)
        add_fact(before->items[i].key, &before->items[i], facts_find(after, before->items[i].key),
                 out);
    for (size_t i = 0; i < after->count; i++)
        if (facts_find(before, after->items[i].key) == NULL)
            add_fact(after->items[i].key, NULL, &after->items[i], out);
}

static void
add_conditions(const struct diff *diff, struct buf *out)
{
    struct buf facts = BUF_INIT;

    add_facts(&diff->before->environment, &diff->after->environment, &facts);
    add_facts(&diff->before->parameters, &diff->after->parameters, &facts);
    buf_addf(out, "\n%s\n", facts.len > 0 ? "not the same conditions:" : "the same conditions");
    buf_add_str(out, buf_text(&facts));
    buf_fini(&facts);
}

static void
add_summary(const struct diff *diff, struct buf *out)
{
    buf_addf(out, "\n%d better, %d worse, %d within the spread of the rounds or 2 %%",
             diff->counts[DIFF_BETTER], diff->counts[DIFF_WORSE], diff->counts[DIFF_SAME]);
    if (diff->counts[DIFF_CHANGED] > 0)
        buf_addf(out, ", %d changed", diff->counts[DIFF_CHANGED]);
    buf_add_byte(out, '\n');
    if (diff->has_unsure)
        buf_add_str(out, "a question mark: one round alone, which says little\n");
    if (!diff->before->complete || !diff->after->complete)
        buf_add_str(out, "one of both was stopped before its end\n");
}

int
diff_show(const struct result *before, const struct result *after, bool show_all, unsigned flags,
          FILE *out)
{
    struct diff diff = {.before = before, .after = after, .show_all = show_all, .flags = flags};
    struct buf text = BUF_INIT, alone = BUF_INIT;

    sheet_init(&diff.sheet, show_all ? "row by row" : "what changed, row by row");
    sheet_add_column(&diff.sheet, "first", "");
    sheet_add_column(&diff.sheet, "second", "");
    sheet_add_column(&diff.sheet, "change", "");
    sheet_add_column(&diff.sheet, "", "");
    view_add_head(before, &text);
    view_add_head(after, &text);
    add_conditions(&diff, &text);
    for (size_t i = 0; i < before->row_count; i++)
        add_row(&diff, before->rows[i], &alone);
    add_new_rows(&diff, &alone);
    if (diff.sheet.line_count > 0)
        view_add_sheet(&diff.sheet, &text);
    if (alone.len > 0)
        buf_addf(&text, "\n%s", buf_text(&alone));
    add_summary(&diff, &text);
    sheet_fini(&diff.sheet);
    buf_fini(&alone);
    return view_write_visible(&text, flags, out);
}
