/* Statements 10 and 11: where each gets through, and which to take. */
#include "bench/result/claims_judges.h"

#include "bench/result/advice.h"
#include "bench/result/result.h"
#include "common/buf.h"
#include "common/util.h"

#include <string.h>

/* Over any version of HTTP. */
static bool
works_behind(const struct result *result, const char *transport, const char *fault)
{
    for (size_t i = 0; i < result->row_count; i++) {
        const struct result_row *row = result->rows[i];

        if (strcmp(row->transport, transport) == 0 &&
            str_equal(facts_text(&row->varied, "fault"), fault) &&
            str_equal(facts_text(&row->words, "state"), "works"))
            return true;
    }
    return false;
}

static void
add_way_behind(const struct result *result, const char *transport, const char *fault,
               struct buf *figures)
{
    for (size_t i = 0; i < result->row_count; i++) {
        const struct result_row *row = result->rows[i];

        if (strcmp(row->transport, transport) != 0 ||
            !str_equal(facts_text(&row->varied, "fault"), fault) ||
            facts_text(&row->words, "state") == NULL)
            continue;
        buf_addf(figures, ", %s %s", transport, facts_text(&row->words, "state"));
        if (result_row_has(row, MEASURE_FOUND_AFTER_MS))
            buf_addf(figures, " after %.0f ms", result_row_median(row, MEASURE_FOUND_AFTER_MS));
        return;
    }
}

enum claim_verdict
claim_judge_matrix(const struct result *result, struct buf *figures)
{
    int faults = 0, others_alone = 0, ws_alone = 0;

    for (size_t i = 0; i < result->row_count; i++) {
        const struct result_row *row = result->rows[i];
        const char *fault = facts_text(&row->varied, "fault");
        bool ws, others;

        if (fault == NULL || strcmp(row->transport, "ws") != 0)
            continue;
        ws = works_behind(result, "ws", fault);
        others = works_behind(result, "sse", fault) || works_behind(result, "longpoll", fault);
        faults++;
        others_alone += others && !ws ? 1 : 0;
        ws_alone += ws && !others ? 1 : 0;
        buf_addf(figures, "%s: ws %s", fault, ws ? "works" : "does not");
        add_way_behind(result, "sse", fault, figures);
        add_way_behind(result, "longpoll", fault, figures);
        buf_add_byte(figures, '\n');
    }
    if (faults == 0)
        return CLAIM_UNKNOWN;
    return others_alone > ws_alone ? CLAIM_HOLDS : CLAIM_FAILS;
}

/* What people ask, and what the statement says to it. */
static const struct {
    const char *name;
    double read_per_min, said_per_min, delay_s;
    enum advice_network network;
    const char *wanted[2];
} cases[] = {
    {"told twice an hour, ten minutes late", 1 / 30.0, 0, 600, ADVICE_OPEN, {"poll", "poll"}},
    {"told 20 times a minute, reading alone", 20, 0, 1, ADVICE_OPEN, {"sse", "sse"}},
    {"told and saying 60 times a minute", 60, 60, 0.5, ADVICE_OPEN, {"ws", "ws"}},
    {"the same over a hostile network", 60, 60, 0.5, ADVICE_HOSTILE, {"sse", "longpoll"}},
};

static bool
case_holds(const struct result *result, size_t number, bool *ret_is_known, struct buf *figures)
{
    struct advice_question question = advice_defaults;
    const char *transport;
    struct advice advice;
    char why[200];

    question.read_per_min = cases[number].read_per_min;
    question.said_per_min = cases[number].said_per_min;
    question.delay_s = cases[number].delay_s;
    question.network = cases[number].network;
    *ret_is_known = advice_make(result, &question, &advice, why, sizeof(why)) == 0 &&
                    (question.network != ADVICE_HOSTILE || advice.has_matrix);
    if (!*ret_is_known)
        return true;
    transport = advice.choice != NULL ? advice.choice->way.transport : "none";
    buf_addf(figures, "%s: %s", cases[number].name, transport);
    if (advice.choice != NULL && advice.next != NULL)
        buf_addf(figures, "; %s costs %.2f times as much", advice.next->way.transport,
                 advice.next->money_month / advice.choice->money_month);
    buf_add_byte(figures, '\n');
    return strcmp(transport, cases[number].wanted[0]) == 0 ||
           strcmp(transport, cases[number].wanted[1]) == 0;
}

enum claim_verdict
claim_judge_choice(const struct result *result, struct buf *figures)
{
    bool holds = true, all_known = true;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        bool is_known;

        holds &= case_holds(result, i, &is_known, figures);
        all_known &= is_known;
    }
    if (!holds)
        return CLAIM_FAILS;
    return all_known ? CLAIM_HOLDS : CLAIM_UNKNOWN;
}
