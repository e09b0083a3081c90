#include "bench/result/crossing.h"

#include "bench/result/result.h"
#include "common/buf.h"
#include "common/util.h"

#include <stdio.h>
#include <stdlib.h>

#define POINTS_MAX 64

bool
crossing_find(const double *x, const double *a, const double *b, size_t count, double *ret_x,
              bool *ret_falls)
{
    double before = 0; /* the last difference that was one */
    size_t at = 0;     /* and where */

    for (size_t i = 0; i < count; i++) {
        double now = a[i] - b[i];

        if (now == 0)
            continue;
        if ((before < 0 && now > 0) || (before > 0 && now < 0)) {
            *ret_x = x[at] + (x[i] - x[at]) * before / (before - now);
            *ret_falls = before > 0;
            return true;
        }
        before = now;
        at = i;
    }
    return false;
}

/* A row as one of a line: what else was varied is the same. */
static bool
is_of_line(const struct result_row *row, const struct result_row *line, const char *key)
{
    struct facts a = {0}, b = {0};
    bool same;

    facts_copy(&a, &row->varied);
    facts_copy(&b, &line->varied);
    facts_set_number(&a, key, 0);
    facts_set_number(&b, key, 0);
    same = str_equal(row->transport, line->transport) && str_equal(row->http, line->http) &&
           facts_equal(&a, &b);
    facts_fini(&a);
    facts_fini(&b);
    return same;
}

/* The value of the line at x. */
static bool
value_at(const struct result *result, const struct result_row *line, const char *key,
         enum measure measure, double x, double *ret_value)
{
    for (size_t i = 0; i < result->row_count; i++) {
        const struct result_row *row = result->rows[i];

        if (is_of_line(row, line, key) && facts_number(&row->varied, key, -1) == x &&
            result_row_has(row, measure)) {
            *ret_value = result_row_median(row, measure);
            return true;
        }
    }
    return false;
}

static bool
is_first_of_line(const struct result *result, size_t number, const char *key)
{
    for (size_t i = 0; i < number; i++)
        if (is_of_line(result->rows[i], result->rows[number], key))
            return false;
    return true;
}

static void
add_line_name(const struct result_row *line, const char *key, struct buf *out)
{
    const struct fact *interval = facts_find(&line->varied, "interval_s");

    result_row_add_way(line, out);
    if (interval == NULL || str_equal(key, "interval_s"))
        return;

    buf_add_byte(out, ' ');
    struct buf value = BUF_INIT;
    fact_add_value(interval, &value);
    measure_add_varied("interval_s", buf_text(&value), out);
    buf_fini(&value);
}

static void
note(struct result *result, const struct result_row *a, const struct result_row *b, const char *key,
     enum measure measure, double x)
{
    struct buf names[2] = {BUF_INIT, BUF_INIT}, where = BUF_INIT;
    char value[32];

    snprintf(value, sizeof(value), "%.3g", x);
    measure_add_varied(key, value, &where);
    add_line_name(a, key, &names[0]);
    add_line_name(b, key, &names[1]);
    result_note(result, "%s: from %s on, %s costs more than %s", measure_rows[measure].title,
                buf_text(&where), buf_text(&names[0]), buf_text(&names[1]));
    buf_fini(&names[0]);
    buf_fini(&names[1]);
    buf_fini(&where);
}

static void
look_at_pair(struct result *result, const struct result_row *a, const struct result_row *b,
             const char *key, enum measure measure)
{
    double x[POINTS_MAX], ys[2][POINTS_MAX], where;
    size_t count = 0;
    bool falls;

    for (size_t i = 0; i < result->row_count && count < POINTS_MAX; i++) {
        const struct result_row *row = result->rows[i];

        if (!is_of_line(row, a, key))
            continue;
        x[count] = facts_number(&row->varied, key, -1);
        count += value_at(result, a, key, measure, x[count], &ys[0][count]) &&
                 value_at(result, b, key, measure, x[count], &ys[1][count]);
    }
    if (crossing_find(x, ys[0], ys[1], count, &where, &falls))
        note(result, falls ? b : a, falls ? a : b, key, measure, where);
}

static bool
are_compared(const struct result_row *a, const struct result_row *b)
{
    bool a_polls = str_equal(a->transport, "poll"), b_polls = str_equal(b->transport, "poll");
    const struct result_row *other = a_polls ? b : a;

    return a_polls != b_polls && (str_equal(a->http, b->http) || str_equal(other->transport, "ws"));
}

void
crossing_note(struct result *result, const char *key, enum measure measure)
{
    for (size_t i = 0; i < result->row_count; i++)
        for (size_t j = i + 1; j < result->row_count; j++)
            if (are_compared(result->rows[i], result->rows[j]) &&
                is_first_of_line(result, i, key) && is_first_of_line(result, j, key))
                look_at_pair(result, result->rows[i], result->rows[j], key, measure);
}
