/* bench: the forms in which a result is shown. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "bench/result/chart.h"
#include "bench/result/result.h"
#include "bench/result/scale.h"
#include "bench/result/view.h"
#include "common/text.h"
#include "common/util.h"
#include "tests/unit/bench_profile.h"

typedef int view_fn(const struct result *result, FILE *out, unsigned flags);

static char *
shown(view_fn *view, const struct result *result, unsigned flags)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    ck_assert_int_eq(view(result, out, flags), 0);
    fclose(out);
    return text;
}

static void
assert_has(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "there is no \"%s\" in:\n%s", part, text);
}

static void
assert_fits(const char *text, int columns)
{
    for (const char *line = text; *line != '\0';) {
        size_t len = strcspn(line, "\n");

        ck_assert_msg(text_columns(line, len) <= columns, "too wide: %.*s", (int)len, line);
        line += len + (line[len] == '\n');
    }
}

static struct result *
sample(void)
{
    static const char *const ways[] = {"ws", "sse", "longpoll", "poll"};
    struct result *result = result_create("compare", 7);

    facts_set_text(&result->environment, "target", "own");
    facts_set_text(&result->environment, "kernel", "Linux 6.1.0-28-amd64 #1 SMP PREEMPT_DYNAMIC");
    facts_set_number(&result->parameters, "rate_per_s", 20);
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        struct result_row *row = result_row(result, ways[i], i % 2 == 0 ? "1.1" : "2", NULL);

        for (int measure = 0; measure < MEASURE_COUNT; measure++)
            for (int round = 0; round < 3; round++)
                result_row_add(row, (enum measure)measure, 12345.25 * (double)(i + 1) + round);
    }
    result->complete = true;
    return result;
}

START_TEST(table_has_every_measure_and_fits_80_columns)
{
    struct result *result = sample();
    char *text = shown(view_table, result, 0);

    assert_fits(text, 80);
    for (int i = 0; i < MEASURE_GROUPS; i++)
        assert_has(text, measure_group_title((enum measure_group)i));
    for (int i = 0; i < MEASURE_COUNT; i++)
        assert_has(text, measure_rows[i].heading);
    assert_has(text, "compare of 2");
    assert_has(text, "against a server of its own, seed 7\n");
    assert_has(text, "12,346 ±1");
    assert_has(text, "\n  poll HTTP/2");
    assert_has(text, "kernel Linux 6.1.0-28-amd64");
    free(text);
    result_destroy(result);
}
END_TEST

START_TEST(what_was_not_measured_is_a_dash_and_a_lone_value_has_no_spread)
{
    struct result *result = result_create("compare", 7);
    char *text;

    result_row_add(result_row(result, "ws", "1.1", NULL), MEASURE_DELIVERY_P50_MS, 1.5);
    result_row_add(result_row(result, "sse", "1.1", NULL), MEASURE_DELIVERY_P99_MS, 2.5);
    text = shown(view_table, result, 0);
    assert_has(text,
               "\n        p50   p99\n         ms    ms\n  ws   1.50     -\n  sse     -  2.50\n");
    assert_has(text, "stopped before its end");
    free(text);
    result_destroy(result);
}
END_TEST

START_TEST(lines_of_one_variation_stand_under_its_name)
{
    struct result *result = result_create("sweep", 7);
    struct facts varied = {0};
    char *text;

    facts_set_number(&varied, "interval_s", 3);
    result_row_add(result_row(result, "poll", "1.1", &varied), MEASURE_HOUR_REQUESTS, 1200);
    facts_set_number(&varied, "interval_s", 10);
    result_row_add(result_row(result, "poll", "1.1", &varied), MEASURE_HOUR_REQUESTS, 360);
    text = shown(view_table, result, 0);
    assert_has(text, "  -- every 3 s\n  poll     1,200\n  -- every 10 s\n  poll       360\n");
    facts_fini(&varied);
    free(text);
    result_destroy(result);
}
END_TEST

START_TEST(lines_of_one_section_stand_together_in_the_order_of_their_first)
{
    struct result *result = result_create("compare", 7);
    struct facts idle = {0};
    char *text;

    facts_set_text(&idle, "use", "idle");
    result_row_add(result_row(result, "ws", "1.1", NULL), MEASURE_LOST, 1);
    result_row_add(result_row(result, "ws", "1.1", &idle), MEASURE_LOST, 2);
    result_row_add(result_row(result, "sse", "1.1", NULL), MEASURE_LOST, 3);
    result_row_add(result_row(result, "sse", "1.1", &idle), MEASURE_LOST, 4);
    text = shown(view_table, result, 0);
    assert_has(text, "  ws      1\n  sse     3\n  -- idle\n  ws      2\n  sse     4\n");
    facts_fini(&idle);
    free(text);
    result_destroy(result);
}
END_TEST

START_TEST(matrix_has_faults_down_and_ways_across)
{
    struct result *result = result_create("matrix", 7);
    struct facts varied = {0};
    struct result_row *row;
    char *text;

    facts_set_text(&varied, "fault", "no-upgrade");
    row = result_row(result, "ws", "1.1", &varied);
    facts_set_text(&row->words, "state", "blocked");
    row = result_row(result, "sse", "1.1", &varied);
    facts_set_text(&row->words, "state", "works");
    result_row_add(row, MEASURE_FOUND_AFTER_MS, 120);
    text = shown(view_table, result, 0);
    assert_has(text, "what carries behind which fault\n");
    assert_has(text, "                   ws            sse\n"
                     "  no-upgrade  blocked  works, 120 ms\n");
    facts_fini(&varied);
    free(text);
    result_destroy(result);
}
END_TEST

START_TEST(ascii_table_has_nothing_else)
{
    struct result *result = sample();
    char *text;

    facts_set_text(&result->environment, "cpu", "Ünïcode");
    text = shown(view_table, result, VIEW_ASCII);
    for (size_t i = 0; text[i] != '\0'; i++)
        ck_assert_msg((unsigned char)text[i] < 0x80, "byte %zu is %02x", i, text[i] & 0xff);
    assert_has(text, "12,346 +-1");
    free(text);
    result_destroy(result);
}
END_TEST

START_TEST(file_of_others_cannot_drive_the_terminal)
{
    struct result *result = result_create("com\033[2Jpare", 7);
    char *text;

    result_row_add(result_row(result, "w\033]0;x\007s", "1.1", NULL), MEASURE_LOST, 0);
    result_note(result, "note\033[31m");
    text = shown(view_table, result, 0);
    ck_assert_ptr_null(strchr(text, '\033'));
    ck_assert_ptr_null(strchr(text, '\007'));
    free(text);
    result_destroy(result);
}
END_TEST

START_TEST(whole_profile_fits_80_columns_as_table_and_plots)
{
    struct result *result = bench_profile();
    char *table = shown(view_table, result, 0), *plots = shown(view_plot, result, 0);

    assert_fits(table, 80);
    assert_fits(plots, 80);
    free(table);
    free(plots);
    result_destroy(result);
}
END_TEST

START_TEST(plots_show_each_way_and_where_they_cross)
{
    struct result *result = bench_profile();
    char *text = shown(view_plot, result, VIEW_ASCII);

    assert_has(text, "\nBytes of one user by message rate\nbytes an hour\n");
    assert_has(text, "messages a minute; w ws s sse S sse HTTP/2 l longpoll p poll * several\n");
    assert_has(text, "  poll costs more than longpoll below ");
    assert_has(text, "\nWhat a shorter delay costs\n");
    assert_has(text, "\n  poll ");
    free(text);
    result_destroy(result);
}
END_TEST

START_TEST(sweeps_over_anything_are_charts)
{
    static const struct {
        const char *key;
        enum measure measure;
        const char *title;
    } rows[] = {
        {"rate_per_min", MEASURE_HOUR_BYTES, "Bytes of one user by message rate"},
        {"readers", MEASURE_SERVER_CPU_US, "Server's CPU a delivery by the number of readers"},
        {"rtt_ms", MEASURE_DELIVERY_P50_MS, "Delay by round trip"},
        {"loss_percent", MEASURE_DELIVERY_P99_MS, "Delay by loss of packets"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct result *result = result_create("sweep", 7);
        char *text;

        for (int x = 1; x <= 3; x++) {
            struct facts varied = {0};

            facts_set_number(&varied, rows[i].key, x);
            facts_set_number(&varied, "interval_s", x == 3 ? 1 : 3);
            result_row_add(result_row(result, "poll", "1.1", &varied), rows[i].measure, 10 * x);
            facts_fini(&varied);
        }
        facts_set_number(&result->parameters, "interval_s", 3);
        text = shown(view_plot, result, 0);
        assert_has(text, rows[i].title);
        assert_has(text, "p poll p poll 1 s * several");
        free(text);
        result_destroy(result);
    }
}
END_TEST

/* As compare and idle write them: the delay in one row, the bytes in the idle one. */
START_TEST(bytes_of_an_interval_may_stand_in_its_idle_row)
{
    struct result *result = result_create("compare", 7);
    struct chart *chart;

    for (int interval = 1; interval <= 3; interval += 2) {
        struct facts varied = {0};

        facts_set_number(&varied, "interval_s", interval);
        result_row_add(result_row(result, "poll", "1.1", &varied), MEASURE_DELIVERY_P50_MS,
                       500 * interval);
        facts_set_text(&varied, "use", "idle");
        result_row_add(result_row(result, "poll", "1.1", &varied), MEASURE_HOUR_BYTES,
                       60000.0 / interval);
        facts_fini(&varied);
    }
    chart = chart_delay_bytes(result);
    ck_assert_uint_eq(chart->series_count, 1);
    ck_assert_uint_eq(chart->series[0].count, 2);
    ck_assert_double_eq(chart->series[0].points[1].x, 1500);
    ck_assert_double_eq(chart->series[0].points[1].y, 20000);
    ck_assert_str_eq(chart->series[0].points[1].label, "3 s");
    chart_destroy(chart);
    result_destroy(result);
}
END_TEST

START_TEST(result_without_anything_to_plot_says_so)
{
    struct result *result = result_create("compare", 7);
    char *text = shown(view_plot, result, 0);

    ck_assert_str_eq(text, "\nnothing in this result can be plotted\n");
    free(text);
    result_destroy(result);
}
END_TEST

START_TEST(csv_has_a_line_a_measure)
{
    struct result *result = result_create("sweep", 7);
    struct facts varied = {0};
    struct result_row *row;
    char *text;

    facts_set_number(&varied, "interval_s", 3);
    facts_set_text(&varied, "use", "a,\"b\"");
    row = result_row(result, "poll", "1.1", &varied);
    result_row_add(row, MEASURE_DELIVERY_P50_MS, 1);
    result_row_add(row, MEASURE_DELIVERY_P50_MS, 2.5);
    facts_set_text(&row->words, "state", "works");
    text = shown(view_csv, result, 0);
    ck_assert_str_eq(text,
                     "transport,http,varied,measure,unit,rounds,median,min,max\n"
                     "poll,1.1,\"interval_s=3;use=a,\"\"b\"\"\",delivery_p50_ms,ms,2,1.75,1,2.5\n"
                     "poll,1.1,\"interval_s=3;use=a,\"\"b\"\"\",state,,,works,,\n");
    facts_fini(&varied);
    free(text);
    result_destroy(result);
}
END_TEST

START_TEST(markdown_has_tables_that_no_text_can_break)
{
    struct result *result = result_create("compare", 7);
    char *text;

    result_row_add(result_row(result, "w|s<b>\n", "1.1", NULL), MEASURE_LOST, 0);
    facts_set_text(&result->environment, "cpu", "[x](javascript:1)");
    text = shown(view_markdown, result, 0);
    assert_has(text, "\n| way | lost |\n|---|---:|\n| w\\|s\\<b\\>  | 0 |\n");
    assert_has(text, "- cpu: \\[x\\](javascript:1)\n");
    free(text);
    result_destroy(result);
}
END_TEST

/* Lines between points in logarithmic axes: y = x and y = 100 / x meet at 10. */
START_TEST(lines_cross_where_they_meet)
{
    struct chart *chart = chart_create("", "", "");

    chart_add_series(chart, "ws", "1.1");
    chart_add_series(chart, "poll", "1.1");
    chart_add_point(&chart->series[0], 100, 100, 100, 100, NULL);
    chart_add_point(&chart->series[0], 1, 1, 1, 1, NULL);
    chart_add_point(&chart->series[1], 1, 100, 100, 100, NULL);
    chart_add_point(&chart->series[1], 20, 5, 5, 5, NULL);
    chart_add_point(&chart->series[1], 0, 5, 5, 5, NULL);
    chart_find_crossings(chart);
    ck_assert_uint_eq(chart->series[1].count, 2);
    ck_assert_uint_eq(chart->crossing_count, 1);
    ck_assert_str_eq(chart->crossings[0].dearer_below, "poll");
    ck_assert_str_eq(chart->crossings[0].dearer_above, "ws");
    ck_assert_double_eq_tol(chart->crossings[0].x, 10, 1e-9);
    ck_assert_double_eq_tol(chart->crossings[0].y, 10, 1e-9);
    chart_destroy(chart);
}
END_TEST

START_TEST(axes_go_from_round_to_round_numbers)
{
    static const struct {
        double low, high, from, to;
    } rows[] = {
        {3, 70, 2, 100}, {1, 10, 1, 10}, {0.015, 0.3, 0.01, 0.5}, {7, 7, 5, 10}, {5, 5, 2, 10}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct scale scale;

        scale_init(&scale, rows[i].low, rows[i].high);
        ck_assert_msg(scale.low > rows[i].from * 0.999 && scale.low < rows[i].from * 1.001 &&
                          scale.high > rows[i].to * 0.999 && scale.high < rows[i].to * 1.001,
                      "row %zu: %g to %g", i, scale.low, scale.high);
        ck_assert_int_gt(scale.tick_count, 1);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("bench_view");
    TCase *tcase = tcase_create("bench_view");
    SRunner *runner;
    int failed;

    tcase_add_test(tcase, table_has_every_measure_and_fits_80_columns);
    tcase_add_test(tcase, what_was_not_measured_is_a_dash_and_a_lone_value_has_no_spread);
    tcase_add_test(tcase, lines_of_one_variation_stand_under_its_name);
    tcase_add_test(tcase, lines_of_one_section_stand_together_in_the_order_of_their_first);
    tcase_add_test(tcase, matrix_has_faults_down_and_ways_across);
    tcase_add_test(tcase, ascii_table_has_nothing_else);
    tcase_add_test(tcase, file_of_others_cannot_drive_the_terminal);
    tcase_add_test(tcase, whole_profile_fits_80_columns_as_table_and_plots);
    tcase_add_test(tcase, plots_show_each_way_and_where_they_cross);
    tcase_add_test(tcase, sweeps_over_anything_are_charts);
    tcase_add_test(tcase, bytes_of_an_interval_may_stand_in_its_idle_row);
    tcase_add_test(tcase, result_without_anything_to_plot_says_so);
    tcase_add_test(tcase, csv_has_a_line_a_measure);
    tcase_add_test(tcase, markdown_has_tables_that_no_text_can_break);
    tcase_add_test(tcase, lines_cross_where_they_meet);
    tcase_add_test(tcase, axes_go_from_round_to_round_numbers);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
