/* Statements 6-9: streams that stay open. */
#include "bench/result/claims_judges.h"

#include "bench/result/pick.h"
#include "bench/result/result.h"
#include "common/buf.h"
#include "common/util.h"

#include <string.h>

/* How much more of anything SSE may cost a reader than ws and still "do as well". */
#define AS_WELL 1.5

static enum claim_verdict
verdict_of(bool holds)
{
    return holds ? CLAIM_HOLDS : CLAIM_FAILS;
}

enum claim_verdict
claim_judge_sse_returns(const struct result *result, struct buf *figures)
{
    const struct result_row *back = claim_row_with(result, "sse", NULL, MEASURE_RECOVERY_MS);
    double lost = 0, repeated = 0;

    if (back == NULL)
        return CLAIM_UNKNOWN;
    claim_add_figure(back, MEASURE_RECOVERY_MS, figures);
    claim_add_figure(claim_row_with(result, "ws", NULL, MEASURE_RECOVERY_MS), MEASURE_RECOVERY_MS,
                     figures);
    for (size_t i = 0; i < result->row_count; i++) {
        if (strcmp(result->rows[i]->transport, "sse") != 0)
            continue;
        lost += result_row_max(result->rows[i], MEASURE_LOST);
        repeated += result_row_max(result->rows[i], MEASURE_REPEATED);
    }
    buf_addf(figures, "sse in all its runs: %.0f lost, %.0f shown twice\n", lost, repeated);
    return verdict_of(lost == 0 && repeated == 0);
}

enum claim_verdict
claim_judge_sse_http2(const struct result *result, struct buf *figures)
{
    const struct result_row *one = pick_row(result, "sse", "1.1", NULL);
    const struct result_row *two = pick_row(result, "sse", "2", NULL);
    double one_bytes, two_bytes;
    bool holds;

    if (one == NULL || two == NULL || !result_row_has(one, MEASURE_CONNECTIONS) ||
        !result_row_has(two, MEASURE_CONNECTIONS))
        return CLAIM_UNKNOWN;
    claim_add_figure(one, MEASURE_CONNECTIONS, figures);
    claim_add_figure(two, MEASURE_CONNECTIONS, figures);
    claim_add_figure(one, MEASURE_HANDSHAKES, figures);
    claim_add_figure(two, MEASURE_HANDSHAKES, figures);
    claim_add_figure(pick_row(result, "sse", "1.1", "read"), MEASURE_CONNECTIONS, figures);
    claim_add_figure(pick_row(result, "sse", "2", "read"), MEASURE_CONNECTIONS, figures);
    claim_add_bytes(one, FLOW_SEND, figures);
    claim_add_bytes(two, FLOW_SEND, figures);
    holds =
        result_row_median(two, MEASURE_CONNECTIONS) < result_row_median(one, MEASURE_CONNECTIONS);
    if (claim_bytes(one, FLOW_SEND, &one_bytes) && claim_bytes(two, FLOW_SEND, &two_bytes))
        holds &= two_bytes < one_bytes;
    return verdict_of(holds);
}

enum claim_verdict
claim_judge_ws_says(const struct result *result, struct buf *figures)
{
    const struct result_row *ws = pick_row(result, "ws", NULL, NULL);
    const struct result_row *sse = pick_row(result, "sse", NULL, NULL);
    double ws_bytes, sse_bytes;

    if (!claim_bytes(ws, FLOW_SEND, &ws_bytes) || !claim_bytes(sse, FLOW_SEND, &sse_bytes))
        return CLAIM_UNKNOWN;
    claim_add_figure(ws, MEASURE_SEND_REQUESTS, figures);
    claim_add_figure(sse, MEASURE_SEND_REQUESTS, figures);
    claim_add_bytes(ws, FLOW_SEND, figures);
    claim_add_bytes(sse, FLOW_SEND, figures);
    claim_add_figure(ws, MEASURE_RECEIPT_P50_MS, figures);
    claim_add_figure(sse, MEASURE_RECEIPT_P50_MS, figures);
    return verdict_of(ws_bytes < sse_bytes && result_row_median(ws, MEASURE_SEND_REQUESTS) < 0.05);
}

/* The reader's row where there is one; the load's, where readers say nothing either, will do. */
static const struct result_row *
reader_of(const struct result *result, const char *transport)
{
    const struct result_row *row = pick_row(result, transport, NULL, "read");

    return row != NULL ? row : pick_row(result, transport, NULL, NULL);
}

/* The CPU of a load in which others say something has their POSTs in it. */
static bool
is_of_senders_too(const struct result_row *row, enum measure measure)
{
    return (measure == MEASURE_SERVER_CPU_US || measure == MEASURE_CLIENT_CPU_US) &&
           !str_equal(facts_text(&row->varied, "use"), "read");
}

/* 1 where sse does as well, 0 where not, -1 where one of both is missing. */
static int
does_as_well(const struct result_row *ws, const struct result_row *sse, enum measure measure,
             struct buf *figures)
{
    double slack = measure == MEASURE_DELIVERY_P50_MS ? 1 : 0; /* ms that nobody sees */

    if (!result_row_has(ws, measure) || !result_row_has(sse, measure))
        return -1;
    claim_add_figure(ws, measure, figures);
    claim_add_figure(sse, measure, figures);
    return result_row_median(sse, measure) <= result_row_median(ws, measure) * AS_WELL + slack;
}

enum claim_verdict
claim_judge_reading(const struct result *result, struct buf *figures)
{
    static const enum measure measures[] = {MEASURE_DELIVERY_P50_MS, MEASURE_SERVER_CPU_US,
                                            MEASURE_CLIENT_CPU_US, MEASURE_SERVER_RSS_BYTES};
    const struct result_row *ws = reader_of(result, "ws"), *sse = reader_of(result, "sse");
    double ws_bytes, sse_bytes;
    bool holds = true;
    int known = 0;

    if (ws == NULL || sse == NULL)
        return CLAIM_UNKNOWN;
    for (size_t i = 0; i < ARRAY_LEN(measures); i++) {
        if (is_of_senders_too(ws, measures[i]) || is_of_senders_too(sse, measures[i]))
            continue;
        int good = does_as_well(ws, sse, measures[i], figures);

        known += good >= 0 ? 1 : 0;
        holds &= good != 0;
    }
    if (claim_bytes(ws, FLOW_READ, &ws_bytes) && claim_bytes(sse, FLOW_READ, &sse_bytes)) {
        claim_add_bytes(ws, FLOW_READ, figures);
        claim_add_bytes(sse, FLOW_READ, figures);
        known++;
        holds &= sse_bytes <= ws_bytes * AS_WELL;
    }
    return known < 2 ? CLAIM_UNKNOWN : verdict_of(holds);
}
