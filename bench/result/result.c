#include "bench/result/result.h"

#include "common/buf.h"
#include "common/clock.h"
#include "common/util.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct result *
result_create(const char *kind, uint64_t seed)
{
    struct result *result = xcalloc(1, sizeof(*result));
    char at[CLOCK_STAMP_SIZE];

    clock_format(at, clock_wall_ms());
    result->kind = xstrdup(kind);
    result->at = xstrdup(at);
    result->seed = seed;
    return result;
}

static void
row_destroy(struct result_row *row)
{
    for (size_t i = 0; i < MEASURE_COUNT; i++)
        free(row->measures[i].items);
    facts_fini(&row->varied);
    facts_fini(&row->words);
    free(row->transport);
    free(row->http);
    free(row);
}

void
result_destroy(struct result *result)
{
    if (result == NULL)
        return;
    for (size_t i = 0; i < result->row_count; i++)
        row_destroy(result->rows[i]);
    for (size_t i = 0; i < result->note_count; i++)
        free(result->notes[i]);
    facts_fini(&result->environment);
    facts_fini(&result->parameters);
    free(result->rows);
    free(result->notes);
    free(result->kind);
    free(result->at);
    free(result);
}

static struct result_row *
find(const struct result *result, const char *transport, const char *http,
     const struct facts *varied)
{
    for (size_t i = 0; i < result->row_count; i++) {
        struct result_row *row = result->rows[i];

        if (strcmp(row->transport, transport) == 0 && strcmp(row->http, http) == 0 &&
            facts_equal(&row->varied, varied))
            return row;
    }
    return NULL;
}

const struct result_row *
result_find(const struct result *result, const char *transport, const char *http,
            const struct facts *varied)
{
    return find(result, transport, http, varied);
}

struct result_row *
result_row(struct result *result, const char *transport, const char *http,
           const struct facts *varied)
{
    struct result_row *row = find(result, transport, http, varied);

    if (row != NULL)
        return row;
    row = xcalloc(1, sizeof(*row));
    row->transport = xstrdup(transport);
    row->http = xstrdup(http);
    facts_copy(&row->varied, varied);
    result->rows = xrealloc(result->rows, (result->row_count + 1) * sizeof(*result->rows));
    result->rows[result->row_count++] = row;
    return row;
}

void
result_row_add(struct result_row *row, enum measure measure, double value)
{
    struct result_values *values = &row->measures[measure];

    if (!isfinite(value))
        return;
    values->items = xrealloc(values->items, (values->count + 1) * sizeof(*values->items));
    values->items[values->count++] = value;
}

void
result_note(struct result *result, const char *format, ...)
{
    char *text = NULL;
    va_list args;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        abort();
    va_end(args);
    result->notes = xrealloc(result->notes, (result->note_count + 1) * sizeof(*result->notes));
    result->notes[result->note_count++] = text;
}

bool
result_row_has(const struct result_row *row, enum measure measure)
{
    return row->measures[measure].count > 0;
}

static int
compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

double
result_row_median(const struct result_row *row, enum measure measure)
{
    const struct result_values *values = &row->measures[measure];
    size_t middle = values->count / 2;
    double *sorted, median;

    if (values->count == 0)
        return 0;
    sorted = xmalloc(values->count * sizeof(*sorted));
    memcpy(sorted, values->items, values->count * sizeof(*sorted));
    qsort(sorted, values->count, sizeof(*sorted), compare);
    median = values->count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    free(sorted);
    return median;
}

double
result_row_min(const struct result_row *row, enum measure measure)
{
    const struct result_values *values = &row->measures[measure];
    double least = values->count > 0 ? values->items[0] : 0;

    for (size_t i = 1; i < values->count; i++)
        least = fmin(least, values->items[i]);
    return least;
}

double
result_row_max(const struct result_row *row, enum measure measure)
{
    const struct result_values *values = &row->measures[measure];
    double most = values->count > 0 ? values->items[0] : 0;

    for (size_t i = 1; i < values->count; i++)
        most = fmax(most, values->items[i]);
    return most;
}

double
result_row_spread(const struct result_row *row, enum measure measure)
{
    double median = result_row_median(row, measure);

    return fmax(median - result_row_min(row, measure), result_row_max(row, measure) - median);
}

bool
result_row_bytes(const struct result_row *row, enum flow flow, enum direction direction,
                 double *ret_bytes)
{
    bool has = false;

    *ret_bytes = 0;
    for (int layer = 0; layer < LAYERS; layer++) {
        enum measure measure = measure_bytes(flow, direction, (enum layer)layer);

        has |= result_row_has(row, measure);
        *ret_bytes += result_row_median(row, measure);
    }
    return has;
}

bool
result_has(const struct result *result, enum measure measure)
{
    for (size_t i = 0; i < result->row_count; i++)
        if (result_row_has(result->rows[i], measure))
            return true;
    return false;
}

void
result_row_add_way(const struct result_row *row, struct buf *out)
{
    buf_add_str(out, row->transport);
    if (row->http[0] != '\0' && strcmp(row->http, "1.1") != 0)
        buf_addf(out, " HTTP/%s", row->http);
}

void
result_row_add_varied(const struct result_row *row, struct buf *out)
{
    for (size_t i = 0; i < row->varied.count; i++) {
        struct buf value = BUF_INIT;

        fact_add_value(&row->varied.items[i], &value);
        buf_add_str(out, i > 0 ? ", " : "");
        measure_add_varied(row->varied.items[i].key, buf_text(&value), out);
        buf_fini(&value);
    }
}

void
result_row_add_name(const struct result_row *row, struct buf *out)
{
    result_row_add_way(row, out);
    if (row->varied.count > 0)
        buf_add_str(out, ", ");
    result_row_add_varied(row, out);
}
