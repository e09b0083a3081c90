/* bench: two results side by side. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "bench/result/diff.h"
#include "bench/result/result.h"
#include "common/text.h"
#include "common/util.h"
#include "tests/unit/bench_profile.h"

/* Three rounds each, and what it is to be called. */
static const struct {
    enum measure measure;
    double before[3], after[3];
    enum diff_verdict verdict;
} rows[] = {
    {MEASURE_DELIVERY_P50_MS, {10, 11, 12}, {11.5, 13, 14}, DIFF_SAME}, /* 12 and 11.5 overlap */
    {MEASURE_DELIVERY_P50_MS, {10, 11, 12}, {13, 14, 15}, DIFF_WORSE},
    {MEASURE_DELIVERY_P50_MS, {13, 14, 15}, {10, 11, 12}, DIFF_BETTER},
    {MEASURE_DELIVERY_P50_MS, {100, 100, 100}, {101, 101, 101}, DIFF_SAME}, /* 1 % */
    {MEASURE_DELIVERED, {10, 10, 10}, {20, 20, 20}, DIFF_CHANGED},
    {MEASURE_LOST, {0, 0, 0}, {0, 0, 0}, DIFF_SAME},
    {MEASURE_LOST, {0, 0, 0}, {1, 1, 1}, DIFF_WORSE},
};

START_TEST(change_is_judged_by_the_spread_of_the_rounds)
{
    struct result *result = result_create("compare", 1);
    struct result_row *before = result_row(result, "ws", "1.1", NULL);
    struct result_row *after = result_row(result, "ws", "2", NULL);
    bool is_sure;

    for (size_t i = 0; i < 3; i++) {
        result_row_add(before, rows[_i].measure, rows[_i].before[i]);
        result_row_add(after, rows[_i].measure, rows[_i].after[i]);
    }
    ck_assert_int_eq((int)diff_judge(before, after, rows[_i].measure, &is_sure),
                     (int)rows[_i].verdict);
    ck_assert(is_sure);
    result_destroy(result);
}
END_TEST

static char *
shown(const struct result *before, const struct result *after, bool show_all)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    ck_assert_int_eq(diff_show(before, after, show_all, 0, out), 0);
    fclose(out);
    for (const char *line = text; *line != '\0';) {
        size_t width = strcspn(line, "\n");

        ck_assert_msg(text_columns(line, width) <= 80, "too wide: %.*s", (int)width, line);
        line += width + (line[width] == '\n');
    }
    return text;
}

static void
assert_has(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "there is no \"%s\" in:\n%s", part, text);
}

START_TEST(same_run_twice_has_no_change)
{
    struct result *before = bench_profile(), *after = bench_profile();
    char *text = shown(before, after, false);

    assert_has(text, "\nthe same conditions\n");
    assert_has(text, "\n0 better, 0 worse, ");
    ck_assert_ptr_null(strstr(text, "row by row"));
    free(text);
    text = shown(before, after, true);
    ck_assert_ptr_nonnull(strstr(text, "  delivery, half within, ms "));
    ck_assert_ptr_nonnull(strstr(text, "  0 %  same\n"));
    free(text);
    result_destroy(before);
    result_destroy(after);
}
END_TEST

START_TEST(what_changed_is_said_with_how_much_and_what_it_means)
{
    struct result *before = bench_profile(), *after = bench_profile();
    struct result_row *ws = result_row(after, "ws", "1.1", NULL);
    char *text;

    bench_profile_set(ws, MEASURE_DELIVERY_P50_MS, 6);
    bench_profile_set(ws, MEASURE_CLIENT_CPU_US, 20);
    facts_set_text(&after->environment, "cpu", "Other CPU");
    facts_set_number(&after->parameters, "new", 1);
    result_row(after, "carrier pigeon", "1.1", NULL);
    text = shown(before, after, false);
    assert_has(text, "not the same conditions:\n  cpu: Example CPU -> Other CPU\n"
                     "  new: nothing -> 1\n");
    assert_has(text, "  -- ws\n");
    assert_has(text, "  delivery, half within, ms    1.20 ±0.02    6.00      x5   worse?\n");
    assert_has(text, "-33 %");
    assert_has(text, "\nonly in the second: carrier pigeon\n");
    assert_has(text, "\n1 better, 1 worse, ");
    assert_has(text, "one round alone");
    free(text);
    result_destroy(before);
    result_destroy(after);
}
END_TEST

START_TEST(state_behind_a_fault_that_changed_is_said)
{
    struct result *before = bench_profile(), *after = bench_profile();
    struct facts varied = {0};
    char *text;

    facts_set_text(&varied, "fault", "no-upgrade");
    facts_set_text(&result_row(after, "ws", "1.1", &varied)->words, "state", "works");
    facts_fini(&varied);
    text = shown(before, after, false);
    assert_has(text, "  -- ws, no-upgrade\n");
    assert_has(text, "  state  blocked   works       -  changed\n");
    free(text);
    result_destroy(before);
    result_destroy(after);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("bench_diff");
    TCase *tcase = tcase_create("bench_diff");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, change_is_judged_by_the_spread_of_the_rounds, 0,
                        (int)ARRAY_LEN(rows));
    tcase_add_test(tcase, same_run_twice_has_no_change);
    tcase_add_test(tcase, what_changed_is_said_with_how_much_and_what_it_means);
    tcase_add_test(tcase, state_behind_a_fault_that_changed_is_said);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
