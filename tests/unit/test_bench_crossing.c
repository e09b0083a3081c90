#include "bench/result/crossing.h"

#include "bench/result/result.h"

#include <check.h>
#include <math.h>
#include <string.h>

START_TEST(crossing_lies_where_the_lines_cross)
{
    static const struct {
        double x[4], a[4], b[4];
        bool is_there, falls;
        double where;
    } rows[] = {
        {{0, 1, 2, 3}, {0, 1, 2, 3}, {2, 2, 2, 2}, true, false, 2},
        {{0, 10, 20, 30}, {5, 5, 5, 5}, {0, 4, 8, 12}, true, true, 12.5},
        {{0, 6, 60, 600}, {100, 160, 700, 6100}, {400, 400, 400, 400}, true, false, 30},
        {{0, 1, 2, 3}, {1, 2, 3, 4}, {0, 1, 2, 3}, false, false, 0},
        {{0, 1, 2, 3}, {1, 1, 1, 1}, {1, 1, 1, 1}, false, false, 0},
        {{0, 1, 2, 3}, {0, 1, 2, 3}, {0, 0, 0, 0}, false, false, 0},  /* touch at an end */
        {{0, 1, 2, 3}, {2, 1, 1, 2}, {0, 1, 1, 0}, false, false, 0},  /* touch in the middle */
        {{0, 1, 2, 3}, {0, 5, 0, 5}, {1, 1, 1, 1}, true, false, 0.2}, /* the first of three */
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        double where = 0;
        bool falls = false;

        ck_assert_msg(crossing_find(rows[i].x, rows[i].a, rows[i].b, 4, &where, &falls) ==
                          rows[i].is_there,
                      "row %zu", i);
        ck_assert_msg(fabs(where - rows[i].where) < 1e-9 && falls == rows[i].falls,
                      "row %zu: at %g, falls %d", i, where, falls);
    }
}
END_TEST

static void
add(struct result *result, const char *transport, double interval_s, double rate, double bytes)
{
    struct facts varied = {0};

    facts_set_number(&varied, "rate_per_min", rate);
    if (interval_s > 0)
        facts_set_number(&varied, "interval_s", interval_s);
    result_row_add(result_row(result, transport, "1.1", &varied), MEASURE_HOUR_BYTES, bytes);
    facts_fini(&varied);
}

/* ws costs by the message, poll by the question: they meet at (1000 - 100) / 30. */
START_TEST(crossing_is_told_with_who_costs_more)
{
    struct result *result = result_create("sweep", 1);

    for (double rate = 0; rate <= 60; rate += 20) {
        add(result, "ws", 0, rate, 100 + 30 * rate);
        add(result, "poll", 3, rate, 1000);
        add(result, "poll", 1, rate, 3000);
        add(result, "sse", 0, rate, 90 + 31 * rate); /* crosses ws, which is not asked for */
    }
    crossing_note(result, "rate_per_min", MEASURE_HOUR_BYTES);
    ck_assert_uint_eq(result->note_count, 2);
    ck_assert_str_eq(result->notes[0], "bytes an hour and user: from 30 messages/min on, ws costs "
                                       "more than poll every 3 s");
    result_destroy(result);
}
END_TEST

START_TEST(crossing_needs_both_at_a_point)
{
    struct result *result = result_create("sweep", 1);

    add(result, "ws", 0, 0, 1);
    add(result, "ws", 0, 10, 3);
    add(result, "poll", 3, 0, 2);
    crossing_note(result, "rate_per_min", MEASURE_HOUR_BYTES);
    ck_assert_uint_eq(result->note_count, 0);
    result_destroy(result);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("bench_crossing");
    TCase *tests = tcase_create("bench_crossing");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, tests);
    tcase_add_test(tests, crossing_lies_where_the_lines_cross);
    tcase_add_test(tests, crossing_is_told_with_who_costs_more);
    tcase_add_test(tests, crossing_needs_both_at_a_point);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
