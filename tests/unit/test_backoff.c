/* client/link/backoff: how long to wait before the next try. */
#include <check.h>
#include <stdlib.h>

#include "client/link/backoff.h"
#include "common/util.h"

static uint64_t
draw_most(uint64_t bound)
{
    return bound - 1;
}

static uint64_t
draw_least(uint64_t bound)
{
    return 0;
}

START_TEST(bound_doubles_from_half_a_second_to_thirty)
{
    static const int64_t expected[] = {500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000};
    struct backoff backoff;

    backoff_init(&backoff);
    for (size_t i = 0; i < ARRAY_LEN(expected); i++)
        ck_assert_int_eq(backoff_next(&backoff, 0, draw_most), expected[i]);
}
END_TEST

START_TEST(jitter_is_full)
{
    struct backoff backoff;

    backoff_init(&backoff);
    for (int i = 0; i < 10; i++)
        ck_assert_int_eq(backoff_next(&backoff, 0, draw_least), 1);
}
END_TEST

START_TEST(only_thirty_seconds_of_service_make_waits_short_again)
{
    static const struct {
        int64_t service_ms, expected;
    } rows[] = {
        {0, 4000},
        {29999, 4000},
        {30000, 500},
        {90000, 500},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct backoff backoff;
        backoff_init(&backoff);
        for (int k = 0; k < 3; k++)
            backoff_next(&backoff, 0, draw_most);
        backoff_live(&backoff, 1000);
        ck_assert_msg(backoff_next(&backoff, 1000 + rows[i].service_ms, draw_most) ==
                          rows[i].expected,
                      "row %zu", i);
    }
}
END_TEST

START_TEST(time_without_service_is_no_good_service)
{
    struct backoff backoff;

    backoff_init(&backoff);
    backoff_live(&backoff, 0);
    ck_assert_int_eq(backoff_next(&backoff, 10, draw_most), 500);
    ck_assert_int_eq(backoff_next(&backoff, 100000, draw_most), 1000);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("backoff");
    TCase *all = tcase_create("all");

    tcase_add_test(all, bound_doubles_from_half_a_second_to_thirty);
    tcase_add_test(all, jitter_is_full);
    tcase_add_test(all, only_thirty_seconds_of_service_make_waits_short_again);
    tcase_add_test(all, time_without_service_is_no_good_service);
    suite_add_tcase(suite, all);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
