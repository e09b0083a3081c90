/* How the judges find and say figures. */
#include "bench/result/claims_judges.h"

#include "bench/result/pick.h"
#include "bench/result/result.h"
#include "common/buf.h"

#include <string.h>

void
claim_add_figure(const struct result_row *row, enum measure measure, struct buf *figures)
{
    if (row == NULL || !result_row_has(row, measure))
        return;
    result_row_add_name(row, figures);
    buf_addf(figures, ": %s ", measure_rows[measure].title);
    measure_add_value(measure, result_row_median(row, measure), figures);
    buf_addf(figures, "%s%s\n", measure_rows[measure].unit[0] != '\0' ? " " : "",
             measure_rows[measure].unit);
}

bool
claim_bytes(const struct result_row *row, enum flow flow, double *ret_bytes)
{
    double up, down;

    *ret_bytes = 0;
    if (row == NULL || !result_row_bytes(row, flow, DIRECTION_DOWN, &down))
        return false;
    result_row_bytes(row, flow, DIRECTION_UP, &up);
    *ret_bytes = up + down;
    return true;
}

void
claim_add_bytes(const struct result_row *row, enum flow flow, struct buf *figures)
{
    static const char *const of[FLOWS] = {"a message said", "a delivery", "an hour"};
    double bytes;

    if (!claim_bytes(row, flow, &bytes))
        return;
    result_row_add_name(row, figures);
    buf_add_str(figures, ": ");
    measure_add_number(bytes, 0, figures);
    buf_addf(figures, " B %s, both directions\n", of[flow]);
}

const struct result_row *
claim_row_with(const struct result *result, const char *transport, const char *http,
               enum measure measure)
{
    static const char *const uses[] = {NULL, "read", "recover"};

    for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
        const struct result_row *row = pick_row(result, transport, http, uses[i]);

        if (row != NULL && result_row_has(row, measure))
            return row;
    }
    for (size_t i = 0; i < result->row_count; i++) {
        const struct result_row *row = result->rows[i];

        if (strcmp(row->transport, transport) == 0 &&
            (http == NULL || strcmp(row->http, http) == 0) && result_row_has(row, measure))
            return row;
    }
    return NULL;
}
