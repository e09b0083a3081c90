/* bench: the 11 statements, on a made-up run where all hold, and with figures that say otherwise.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "bench/result/claims.h"
#include "bench/result/pick.h"
#include "bench/result/result.h"
#include "common/buf.h"
#include "common/json.h"
#include "common/text.h"
#include "common/util.h"
#include "tests/unit/bench_profile.h"

static enum claim_verdict
judged(const struct result *result, unsigned number)
{
    struct buf figures = BUF_INIT;
    enum claim_verdict verdict = claim_rows[number - 1].judge(result, &figures);

    ck_assert_msg(verdict == CLAIM_UNKNOWN || figures.len > 0, "statement %u has no figure",
                  number);
    buf_fini(&figures);
    return verdict;
}

START_TEST(statements_are_numbered_and_hold_in_the_made_up_run)
{
    struct result *result = bench_profile();

    for (unsigned i = 1; i <= CLAIM_COUNT; i++) {
        struct buf figures = BUF_INIT;

        ck_assert_uint_eq(claim_rows[i - 1].number, i);
        ck_assert_msg(claim_rows[i - 1].judge(result, &figures) == CLAIM_HOLDS,
                      "statement %u does not hold:\n%s", i, buf_text(&figures));
        ck_assert_uint_gt(figures.len, 0);
        buf_fini(&figures);
    }
    ck_assert_int_eq(claims_count_failures(result), 0);
    result_destroy(result);
}
END_TEST

START_TEST(nothing_is_said_of_what_was_not_measured)
{
    struct result *result = result_create("compare", 1);

    result_row(result, "ws", "1.1", NULL);
    result_row(result, "sse", "1.1", NULL);
    for (unsigned i = 1; i <= CLAIM_COUNT; i++)
        ck_assert_msg(judged(result, i) == CLAIM_UNKNOWN, "statement %u", i);
    ck_assert_int_eq(claims_count_failures(result), 0);
    result_destroy(result);
}
END_TEST

/* What one row would have to say for the statement to be wrong. */
static const struct {
    unsigned number;
    const char *transport, *http, *use;
    enum measure measure;
    double value;
} contradictions[] = {
    {2, "poll", "1.1", "idle", MEASURE_HOUR_REQUESTS, 300},
    {2, "poll", "1.1", "idle", MEASURE_EMPTY_SHARE, 20},
    {4, "longpoll", "1.1", "idle", MEASURE_HOUR_REQUESTS, 900},
    {5, "longpoll", "1.1", NULL, MEASURE_READ_REQUESTS, 0.02},
    {5, "longpoll", "1.1", NULL, MEASURE_HANDSHAKES, 200},
    {6, "sse", "2", NULL, MEASURE_LOST, 1},
    {6, "sse", "1.1", NULL, MEASURE_REPEATED, 1},
    {7, "sse", "2", NULL, MEASURE_CONNECTIONS, 2},
    {8, "ws", "1.1", NULL, MEASURE_SEND_REQUESTS, 1},
    {9, "sse", "1.1", "read", MEASURE_SERVER_CPU_US, 100},
    {9, "sse", "1.1", "read", MEASURE_SERVER_RSS_BYTES, 100000},
    {9, "sse", "1.1", "read", MEASURE_DELIVERY_P50_MS, 100},
};

START_TEST(statement_fails_where_its_figure_says_otherwise)
{
    struct result *result = bench_profile();
    struct facts varied = {0};
    const char *use = contradictions[_i].use;

    if (use != NULL)
        facts_set_text(&varied, "use", use);
    bench_profile_set(
        result_row(result, contradictions[_i].transport, contradictions[_i].http, &varied),
        (int)contradictions[_i].measure, contradictions[_i].value);
    facts_fini(&varied);
    ck_assert_int_eq((int)judged(result, contradictions[_i].number), CLAIM_FAILS);
    ck_assert_int_ge(claims_count_failures(result), 1);
    result_destroy(result);
}
END_TEST

/* All bytes of the flow, up and down, over all rows of the transport. */
static void
set_framing(struct result *result, const char *transport, enum flow flow, double bytes)
{
    for (size_t i = 0; i < result->row_count; i++)
        if (strcmp(result->rows[i]->transport, transport) == 0)
            bench_profile_set(result->rows[i],
                              (int)measure_bytes(flow, DIRECTION_DOWN, LAYER_FRAMING), bytes);
}

START_TEST(statements_about_bytes_fail_with_them)
{
    struct result *result = bench_profile();

    set_framing(result, "ws", FLOW_SEND, 5000);
    ck_assert_int_eq((int)judged(result, 8), CLAIM_FAILS);
    set_framing(result, "sse", FLOW_READ, 5000);
    ck_assert_int_eq((int)judged(result, 5), CLAIM_FAILS);
    ck_assert_int_eq((int)judged(result, 9), CLAIM_FAILS);
    ck_assert_int_eq((int)judged(result, 11), CLAIM_FAILS);
    set_framing(result, "poll", FLOW_HOUR, 50000000);
    ck_assert_int_eq((int)judged(result, 3), CLAIM_FAILS);
    result_destroy(result);
}
END_TEST

/* With POSTs in it, the CPU says nothing of those who only read. */
START_TEST(cpu_of_those_who_say_something_is_not_held_against_readers)
{
    struct result *whole = bench_profile(), *result = result_create("compare", 1);

    for (size_t i = 0; i < whole->row_count; i++) {
        const struct result_row *from = whole->rows[i];
        struct result_row *row;

        if (from->varied.count > 0)
            continue;
        row = result_row(result, from->transport, from->http, NULL);
        for (int k = 0; k < MEASURE_COUNT; k++)
            if (result_row_has(from, (enum measure)k))
                result_row_add(row, (enum measure)k, result_row_median(from, (enum measure)k));
    }
    bench_profile_set(result_row(result, "sse", "1.1", NULL), MEASURE_CLIENT_CPU_US, 1000);
    ck_assert_int_eq((int)judged(result, 9), CLAIM_HOLDS);
    bench_profile_set(result_row(result, "sse", "1.1", NULL), MEASURE_SERVER_RSS_BYTES, 100000);
    ck_assert_int_eq((int)judged(result, 9), CLAIM_FAILS);
    result_destroy(whole);
    result_destroy(result);
}
END_TEST

START_TEST(delay_that_is_not_half_the_interval_fails)
{
    struct result *result = bench_profile();
    struct facts varied = {0};

    facts_set_number(&varied, "interval_s", 10);
    bench_profile_set(result_row(result, "poll", "1.1", &varied), MEASURE_DELIVERY_P50_MS, 20);
    facts_fini(&varied);
    ck_assert_int_eq((int)judged(result, 1), CLAIM_FAILS);
    result_destroy(result);
}
END_TEST

START_TEST(ws_that_gets_through_where_others_do_not_fails_the_matrix)
{
    static const struct {
        const char *transport, *state;
    } rows[] = {{"ws", "works"}, {"sse", "cut"}, {"longpoll", "cut"}};
    struct result *result = result_create("matrix", 1);
    struct facts varied = {0};

    facts_set_text(&varied, "fault", "odd");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        facts_set_text(&result_row(result, rows[i].transport, "1.1", &varied)->words, "state",
                       rows[i].state);
    facts_fini(&varied);
    ck_assert_int_eq((int)judged(result, 10), CLAIM_FAILS);
    result_destroy(result);
}
END_TEST

static char *
shown(const struct result *result, bool json)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    ck_assert_int_eq(json ? claims_write_json(result, out) : claims_show(result, out, 0), 0);
    fclose(out);
    return text;
}

START_TEST(claims_are_shown_with_figures_and_verdicts)
{
    struct result *result = bench_profile();
    char *text = shown(result, false);

    ck_assert_ptr_nonnull(strstr(text, "\n  1. HTTP alone cannot push"));
    ck_assert_ptr_nonnull(strstr(text, ": holds\n"));
    ck_assert_ptr_nonnull(strstr(text, "poll, idle: requests an hour and user 1,200\n"));
    ck_assert_ptr_null(strstr(text, "does not hold"));
    for (const char *line = text; *line != '\0';) {
        size_t len = strcspn(line, "\n");

        ck_assert_msg(text_columns(line, len) <= 80, "too wide: %.*s", (int)len, line);
        line += len + (line[len] == '\n');
    }
    free(text);
    result_destroy(result);
}
END_TEST

START_TEST(claims_are_json_too)
{
    struct result *result = bench_profile();
    char *text = shown(result, true), why[200] = "";
    json_t *whole = json_parse(text, strlen(text), why, sizeof(why)), *claims;

    ck_assert_msg(whole != NULL, "%s", why);
    claims = json_object_get(whole, "claims");
    ck_assert_uint_eq(json_array_size(claims), CLAIM_COUNT);
    ck_assert_str_eq(json_member_string(json_array_get(claims, 6), "verdict"), "holds");
    ck_assert_uint_gt(json_array_size(json_object_get(json_array_get(claims, 6), "figures")), 3);
    json_decref(whole);
    free(text);
    result_destroy(result);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("bench_claims");
    TCase *tcase = tcase_create("bench_claims");
    SRunner *runner;
    int failed;

    tcase_add_test(tcase, statements_are_numbered_and_hold_in_the_made_up_run);
    tcase_add_test(tcase, nothing_is_said_of_what_was_not_measured);
    tcase_add_loop_test(tcase, statement_fails_where_its_figure_says_otherwise, 0,
                        (int)ARRAY_LEN(contradictions));
    tcase_add_test(tcase, statements_about_bytes_fail_with_them);
    tcase_add_test(tcase, cpu_of_those_who_say_something_is_not_held_against_readers);
    tcase_add_test(tcase, delay_that_is_not_half_the_interval_fails);
    tcase_add_test(tcase, ws_that_gets_through_where_others_do_not_fails_the_matrix);
    tcase_add_test(tcase, claims_are_shown_with_figures_and_verdicts);
    tcase_add_test(tcase, claims_are_json_too);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
