/* client/link/pace: how many commands may be under way. */
#include <check.h>
#include <stdlib.h>

#include "client/link/pace.h"

/* How many can be sent at once, none being answered. */
static size_t
count_sendable(struct pace *pace, int64_t now_ms)
{
    size_t count = 0;

    while (pace_may_send(pace, count, now_ms)) {
        pace_sent(pace, now_ms);
        count++;
    }

    return count;
}

START_TEST(without_a_limit_64_may_be_under_way)
{
    struct pace pace;

    pace_init(&pace);
    ck_assert_uint_eq(count_sendable(&pace, 0), 64);
    pace_set(&pace, 0, 0, 0);
    ck_assert_uint_eq(count_sendable(&pace, 0), 64);
    ck_assert(!pace_may_send(&pace, 64, 1000000));
}
END_TEST

START_TEST(a_quarter_of_the_burst_is_left_alone)
{
    struct pace pace;

    pace_init(&pace);
    pace_set(&pace, 10, 40, 0);
    ck_assert_uint_eq(count_sendable(&pace, 0), 30);
    ck_assert_uint_eq(count_sendable(&pace, 0), 1);
    ck_assert(pace_may_send(&pace, 0, 0));
    ck_assert(!pace_may_send(&pace, 1, 0));
}
END_TEST

START_TEST(it_fills_at_the_rate_up_to_the_burst)
{
    struct pace pace;

    pace_init(&pace);
    pace_set(&pace, 10, 40, 0);
    count_sendable(&pace, 0);
    ck_assert_uint_eq(count_sendable(&pace, 500), 5);
    ck_assert_uint_eq(count_sendable(&pace, 100000000), 30);
}
END_TEST

START_TEST(a_refusal_empties_it)
{
    struct pace pace;

    pace_init(&pace);
    pace_set(&pace, 10, 40, 0);
    pace_refused(&pace, 0);
    ck_assert_uint_eq(count_sendable(&pace, 900), 1);
    ck_assert_uint_eq(count_sendable(&pace, 1900), 8);
}
END_TEST

START_TEST(a_new_connection_does_not_fill_it)
{
    struct pace pace;

    pace_init(&pace);
    pace_set(&pace, 10, 40, 0);
    pace_refused(&pace, 0);
    pace_set(&pace, 10, 40, 100);
    ck_assert(!pace_may_send(&pace, 1, 100));
}
END_TEST

START_TEST(absurd_limits_do_no_harm)
{
    struct pace pace;

    pace_init(&pace);
    pace_set(&pace, INT64_MAX, INT64_MAX, 0);
    ck_assert_uint_eq(count_sendable(&pace, INT64_MAX), 64);
    pace_set(&pace, 1, 0, 0);
    ck_assert_uint_eq(count_sendable(&pace, 0), 1);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("pace");
    TCase *all = tcase_create("all");

    tcase_add_test(all, without_a_limit_64_may_be_under_way);
    tcase_add_test(all, a_quarter_of_the_burst_is_left_alone);
    tcase_add_test(all, it_fills_at_the_rate_up_to_the_burst);
    tcase_add_test(all, a_refusal_empties_it);
    tcase_add_test(all, a_new_connection_does_not_fill_it);
    tcase_add_test(all, absurd_limits_do_no_harm);
    suite_add_tcase(suite, all);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
