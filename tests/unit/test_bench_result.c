/* bench: what a run found, kept, written and read again; and the table of measures. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/result/result.h"
#include "common/buf.h"
#include "common/util.h"

START_TEST(every_measure_has_a_row_with_a_key_of_its_own)
{
    for (int i = 0; i < MEASURE_COUNT; i++) {
        const struct measure_row *row = &measure_rows[i];

        ck_assert_msg(row->key != NULL && row->title != NULL && row->heading != NULL, "row %d", i);
        ck_assert_msg(row->unit != NULL, "row %d has no unit", i);
        ck_assert_int_eq((int)measure_find(row->key), i);
    }
    ck_assert_int_eq((int)measure_find("delivery_p51_ms"), MEASURE_COUNT);
}
END_TEST

START_TEST(every_claim_has_a_measure)
{
    unsigned served = 0;

    for (int i = 0; i < MEASURE_COUNT; i++)
        served |= measure_rows[i].claims;
    ck_assert_uint_eq(served, (1U << 12) - 2);
}
END_TEST

START_TEST(bytes_are_told_apart_by_flow_direction_and_layer)
{
    static const struct {
        enum flow flow;
        enum direction direction;
        enum layer layer;
        const char *key;
    } rows[] = {
        {FLOW_SEND, DIRECTION_UP, LAYER_TEXT, "send_up_text_bytes"},
        {FLOW_SEND, DIRECTION_DOWN, LAYER_TCPIP, "send_down_tcpip_bytes"},
        {FLOW_READ, DIRECTION_UP, LAYER_JSON, "read_up_json_bytes"},
        {FLOW_READ, DIRECTION_DOWN, LAYER_FRAMING, "read_down_framing_bytes"},
        {FLOW_HOUR, DIRECTION_UP, LAYER_TLS, "hour_up_tls_bytes"},
        {FLOW_HOUR, DIRECTION_DOWN, LAYER_TCPIP, "hour_down_tcpip_bytes"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        enum measure measure = measure_bytes(rows[i].flow, rows[i].direction, rows[i].layer);

        ck_assert_str_eq(measure_rows[measure].key, rows[i].key);
        ck_assert_int_eq((int)measure_rows[measure].group,
                         GROUP_SEND_UP + (int)rows[i].flow * DIRECTIONS + (int)rows[i].direction);
    }
}
END_TEST

START_TEST(numbers_have_commas_between_thousands)
{
    static const struct {
        double value;
        int decimals;
        const char *text;
    } rows[] = {
        {0, 0, "0"},
        {999, 0, "999"},
        {1000, 0, "1,000"},
        {1234567, 0, "1,234,567"},
        {1234.567, 2, "1,234.57"},
        {-1234.5, 1, "-1,234.5"},
        {-0.001, 2, "0.00"},
        {0.005, 1, "0.0"},
        {100000, 1, "100,000.0"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf out = BUF_INIT;

        measure_add_number(rows[i].value, rows[i].decimals, &out);
        ck_assert_str_eq(buf_text(&out), rows[i].text);
        buf_fini(&out);
    }
}
END_TEST

START_TEST(large_figures_have_fewer_decimals)
{
    ck_assert_int_eq(measure_decimals(MEASURE_DELIVERY_P50_MS, 9.999), 2);
    ck_assert_int_eq(measure_decimals(MEASURE_DELIVERY_P50_MS, 100), 1);
    ck_assert_int_eq(measure_decimals(MEASURE_DELIVERY_P50_MS, -1000), 0);
    ck_assert_int_eq(measure_decimals(MEASURE_LOST, 100), 0);
}
END_TEST

START_TEST(facts_are_the_same_in_any_order)
{
    struct facts a = {0}, b = {0};

    ck_assert(facts_equal(NULL, &a));
    facts_set_number(&a, "rate", 20);
    ck_assert(!facts_equal(&a, &b));
    facts_set_text(&a, "use", "read");
    facts_set_text(&b, "use", "idle");
    facts_set_number(&b, "rate", 20);
    ck_assert(!facts_equal(&a, &b));
    facts_set_text(&b, "use", "read");
    ck_assert(facts_equal(&a, &b));
    facts_set_text(&b, "rate", "20");
    ck_assert(!facts_equal(&a, &b));
    ck_assert_double_eq(facts_number(&a, "rate", 1), 20);
    ck_assert_double_eq(facts_number(&b, "rate", 1), 1);
    ck_assert_ptr_null(facts_text(&a, "rate"));
    facts_set_number(&a, "rate", NAN);
    ck_assert_double_eq(facts_number(&a, "rate", 1), 20);
    facts_fini(&a);
    facts_fini(&b);
}
END_TEST

START_TEST(row_is_found_again_by_all_that_was_varied)
{
    struct result *result = result_create("sweep", 7);
    struct facts varied = {0};
    struct result_row *row, *other;

    facts_set_number(&varied, "interval_s", 3);
    row = result_row(result, "poll", "1.1", &varied);
    other = result_row(result, "poll", "1.1", NULL);
    ck_assert_ptr_ne(row, other);
    ck_assert_ptr_eq(result_row(result, "poll", "1.1", &varied), row);
    ck_assert_ptr_eq(result_find(result, "poll", "1.1", NULL), other);
    ck_assert_ptr_null(result_find(result, "poll", "2", NULL));
    ck_assert_uint_eq(result->row_count, 2);
    facts_fini(&varied);
    result_destroy(result);
}
END_TEST

START_TEST(rounds_have_a_median_and_a_spread)
{
    struct result *result = result_create("compare", 7);
    struct result_row *row = result_row(result, "ws", "1.1", NULL);

    ck_assert(!result_row_has(row, MEASURE_RTT_MS));
    ck_assert_double_eq(result_row_median(row, MEASURE_RTT_MS), 0);
    result_row_add(row, MEASURE_RTT_MS, 5);
    result_row_add(row, MEASURE_RTT_MS, NAN);
    result_row_add(row, MEASURE_RTT_MS, 1);
    result_row_add(row, MEASURE_RTT_MS, 2);
    ck_assert_double_eq(result_row_median(row, MEASURE_RTT_MS), 2);
    ck_assert_double_eq(result_row_min(row, MEASURE_RTT_MS), 1);
    ck_assert_double_eq(result_row_max(row, MEASURE_RTT_MS), 5);
    ck_assert_double_eq(result_row_spread(row, MEASURE_RTT_MS), 3);
    result_row_add(row, MEASURE_RTT_MS, 4);
    ck_assert_double_eq(result_row_median(row, MEASURE_RTT_MS), 3);
    ck_assert(result_has(result, MEASURE_RTT_MS));
    ck_assert(!result_has(result, MEASURE_LOST));
    result_destroy(result);
}
END_TEST

START_TEST(bytes_of_all_layers_add_up)
{
    struct result *result = result_create("compare", 7);
    struct result_row *row = result_row(result, "ws", "1.1", NULL);
    double bytes = 1;

    ck_assert(!result_row_bytes(row, FLOW_READ, DIRECTION_DOWN, &bytes));
    ck_assert_double_eq(bytes, 0);
    result_row_add(row, measure_bytes(FLOW_READ, DIRECTION_DOWN, LAYER_TEXT), 100);
    result_row_add(row, measure_bytes(FLOW_READ, DIRECTION_DOWN, LAYER_TLS), 22);
    result_row_add(row, measure_bytes(FLOW_READ, DIRECTION_UP, LAYER_TLS), 1000);
    ck_assert(result_row_bytes(row, FLOW_READ, DIRECTION_DOWN, &bytes));
    ck_assert_double_eq(bytes, 122);
    result_destroy(result);
}
END_TEST

static char *
written(const struct result *result, size_t *ret_len)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, ret_len);

    ck_assert_int_eq(result_write_json(result, out), 0);
    fclose(out);
    return text;
}

static struct result *
sample(void)
{
    struct result *result = result_create("compare", 9007199254740993);
    struct facts varied = {0};
    struct result_row *row;

    facts_set_text(&result->environment, "cpu", "A \"quoted\" CPU\n");
    facts_set_number(&result->environment, "cores", 2);
    facts_set_number(&result->parameters, "rate_per_s", 0.5);
    facts_set_number(&varied, "interval_s", 3);
    facts_set_text(&varied, "use", "idle");
    row = result_row(result, "poll", "2", &varied);
    result_row_add(row, MEASURE_DELIVERY_P50_MS, 1503.25);
    result_row_add(row, MEASURE_DELIVERY_P50_MS, 1400);
    facts_set_text(&row->words, "state", "works");
    result_row(result, "ws", "1.1", NULL);
    result_note(result, "%d of %s", 3, "three");
    result->complete = true;
    facts_fini(&varied);
    return result;
}

START_TEST(what_is_written_is_read_again)
{
    struct result *result = sample(), *again;
    size_t len, len_again;
    char *text = written(result, &len), *text_again, why[200] = "";

    again = result_parse_json(text, len, why, sizeof(why));
    ck_assert_msg(again != NULL, "%s", why);
    text_again = written(again, &len_again);
    ck_assert_str_eq(text, text_again);
    ck_assert_str_eq(again->kind, "compare");
    ck_assert_uint_eq(again->seed, 9007199254740993);
    ck_assert_str_eq(again->at, result->at);
    ck_assert_str_eq(facts_text(&again->environment, "cpu"), "A \"quoted\" CPU\n");
    ck_assert_double_eq(facts_number(&again->parameters, "rate_per_s", 0), 0.5);
    ck_assert_uint_eq(again->row_count, 2);
    ck_assert(facts_equal(&again->rows[0]->varied, &result->rows[0]->varied));
    ck_assert_double_eq(result_row_median(again->rows[0], MEASURE_DELIVERY_P50_MS), 1451.625);
    ck_assert_str_eq(facts_text(&again->rows[0]->words, "state"), "works");
    ck_assert_str_eq(again->notes[0], "3 of three");
    ck_assert(again->complete);
    free(text);
    free(text_again);
    result_destroy(result);
    result_destroy(again);
}
END_TEST

START_TEST(what_is_no_result_is_refused_with_a_reason)
{
#define HEAD "{\"format\":\"rtchat-bench/1\",\"kind\":\"compare\",\"at\":\"x\""
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"", "it ends too soon"},
        {"[]", "not a result"},
        {"{\"format\":\"rtchat-bench/2\",\"kind\":\"compare\",\"at\":\"x\"}", "not a result"},
        {HEAD "}", "rows: wanted an array"},
        {HEAD ",\"rows\":[{\"transport\":\"ws\"}]}", "row 1: wanted"},
        {HEAD ",\"rows\":[{\"transport\":\"ws\",\"http\":\"2\",\"measures\":{\"lost\":0}}]}",
         "lost: wanted an array"},
        {HEAD
         ",\"rows\":[{\"transport\":\"ws\",\"http\":\"2\",\"measures\":{\"lost\":[0,\"x\"]}}]}",
         "lost: value 2 is no number"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char why[200] = "";

        ck_assert_msg(result_parse_json(rows[i].text, strlen(rows[i].text), why, sizeof(why)) ==
                          NULL,
                      "row %zu was taken", i);
        ck_assert_msg(strstr(why, rows[i].why) != NULL, "row %zu: %s", i, why);
    }
}
END_TEST

START_TEST(what_a_newer_version_adds_is_passed_over)
{
    static const char text[] = HEAD ",\"later\":{},\"rows\":[{\"transport\":\"ws\",\"http\":\"3\","
                                    "\"measures\":{\"smell\":[1],\"lost\":[0]},\"x\":1}]}";
    char why[200] = "";
    struct result *result = result_parse_json(text, strlen(text), why, sizeof(why));

    ck_assert_msg(result != NULL, "%s", why);
    ck_assert(result_row_has(result->rows[0], MEASURE_LOST));
    ck_assert(!result->complete);
    result_destroy(result);
}
END_TEST

START_TEST(merged_results_have_all_rows_and_mix_no_rounds)
{
    struct result *into = sample(), *from = result_create("idle", 8);
    struct facts idle = {0};
    struct result_row *row;

    facts_set_text(&idle, "use", "idle");
    result_row_add(result_row(from, "ws", "1.1", &idle), MEASURE_HOUR_REQUESTS, 1);
    row = result_row(from, into->rows[0]->transport, into->rows[0]->http, &into->rows[0]->varied);
    result_row_add(row, MEASURE_DELIVERY_P50_MS, 7);
    result_row_add(row, MEASURE_LOST, 0);
    facts_set_number(&from->environment, "cores", 4);
    facts_set_number(&from->parameters, "wait_s", 25);
    result_note(from, "%s", "of its own");
    result_merge(into, from);
    ck_assert_uint_eq(into->row_count, 3);
    ck_assert_double_eq(result_row_median(into->rows[0], MEASURE_DELIVERY_P50_MS), 1451.625);
    ck_assert(result_row_has(into->rows[0], MEASURE_LOST));
    ck_assert_ptr_nonnull(result_find(into, "ws", "1.1", &idle));
    ck_assert_double_eq(facts_number(&into->environment, "cores", 0), 2);
    ck_assert_double_eq(facts_number(&into->parameters, "wait_s", 0), 25);
    ck_assert_uint_eq(into->note_count, 3);
    ck_assert_ptr_nonnull(strstr(into->notes[1], "with idle of "));
    ck_assert_ptr_nonnull(strstr(into->notes[1], ", seed 8; there cores 4"));
    ck_assert_str_eq(into->notes[2], "of its own");
    ck_assert(!into->complete);
    facts_fini(&idle);
    result_destroy(into);
    result_destroy(from);
}
END_TEST

START_TEST(file_that_cannot_be_read_is_named)
{
    char why[300] = "";

    ck_assert_ptr_null(result_read_json("/nowhere/a.json", why, sizeof(why)));
    ck_assert_str_eq(why, "/nowhere/a.json: No such file or directory");
}
END_TEST

START_TEST(name_of_a_row_says_what_was_varied)
{
    struct result *result = sample();
    struct buf out = BUF_INIT;

    result_row_add_name(result->rows[0], &out);
    ck_assert_str_eq(buf_text(&out), "poll HTTP/2, every 3 s, idle");
    buf_clear(&out);
    result_row_add_name(result->rows[1], &out);
    ck_assert_str_eq(buf_text(&out), "ws");
    buf_fini(&out);
    result_destroy(result);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("bench_result");
    TCase *tcase = tcase_create("bench_result");
    SRunner *runner;
    int failed;

    tcase_add_test(tcase, every_measure_has_a_row_with_a_key_of_its_own);
    tcase_add_test(tcase, every_claim_has_a_measure);
    tcase_add_test(tcase, bytes_are_told_apart_by_flow_direction_and_layer);
    tcase_add_test(tcase, numbers_have_commas_between_thousands);
    tcase_add_test(tcase, large_figures_have_fewer_decimals);
    tcase_add_test(tcase, facts_are_the_same_in_any_order);
    tcase_add_test(tcase, row_is_found_again_by_all_that_was_varied);
    tcase_add_test(tcase, rounds_have_a_median_and_a_spread);
    tcase_add_test(tcase, bytes_of_all_layers_add_up);
    tcase_add_test(tcase, what_is_written_is_read_again);
    tcase_add_test(tcase, what_is_no_result_is_refused_with_a_reason);
    tcase_add_test(tcase, what_a_newer_version_adds_is_passed_over);
    tcase_add_test(tcase, merged_results_have_all_rows_and_mix_no_rounds);
    tcase_add_test(tcase, file_that_cannot_be_read_is_named);
    tcase_add_test(tcase, name_of_a_row_says_what_was_varied);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
