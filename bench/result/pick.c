#include "bench/result/pick.h"

#include "bench/result/result.h"
#include "common/util.h"

#include <string.h>

/* How well the row is the one that is asked for; 0: it is not. */
static int
fitness(const struct result *result, const struct result_row *row, const char *transport,
        const char *http, const char *use)
{
    const struct fact *interval = facts_find(&row->varied, "interval_s");
    size_t known = (interval != NULL ? 1U : 0U) + (use != NULL ? 1U : 0U);
    double usual = facts_number(&result->parameters, "interval_s", -1);
    int fit = 4;

    if (strcmp(row->transport, transport) != 0 || row->varied.count != known ||
        (use != NULL && !str_equal(facts_text(&row->varied, "use"), use)) ||
        (http != NULL && strcmp(row->http, http) != 0))
        return 0;
    if (strcmp(row->http, "1.1") != 0)
        fit--;
    if (interval != NULL && interval->number != usual)
        fit -= 2;
    return fit;
}

const struct result_row *
pick_row(const struct result *result, const char *transport, const char *http, const char *use)
{
    const struct result_row *best = NULL;
    int best_fit = 0;

    for (size_t i = 0; i < result->row_count; i++) {
        int fit = fitness(result, result->rows[i], transport, http, use);

        if (fit > best_fit) {
            best = result->rows[i];
            best_fit = fit;
        }
    }
    return best;
}

const struct result_row *
pick_number(const struct result *result, const char *transport, const char *http, const char *key,
            double number)
{
    for (size_t i = 0; i < result->row_count; i++) {
        const struct result_row *row = result->rows[i];

        if (strcmp(row->transport, transport) == 0 && strcmp(row->http, http) == 0 &&
            facts_find(&row->varied, "use") == NULL &&
            facts_number(&row->varied, key, number - 1) == number)
            return row;
    }
    return NULL;
}

const struct result_row *
pick_without_keep_alive(const struct result *result, const char *transport)
{
    for (size_t i = 0; i < result->row_count; i++) {
        const struct result_row *row = result->rows[i];

        if (strcmp(row->transport, transport) == 0 &&
            str_equal(facts_text(&row->varied, "keep_alive"), "no"))
            return row;
    }
    return NULL;
}
