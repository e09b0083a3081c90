/* common/histogram: quantiles are near the truth. */
#include <check.h>
#include <stdlib.h>

#include "common/histogram.h"

START_TEST(empty_histogram_has_zero_quantiles)
{
    struct histogram histogram = {0};

    ck_assert_int_eq(histogram_quantile(&histogram, 0.5), 0);
    ck_assert_int_eq(histogram_quantile(&histogram, 1), 0);
}
END_TEST

START_TEST(quantile_is_at_most_an_eighth_too_high)
{
    for (int64_t us = 0; us < INT64_C(1) << 40; us = us * 3 / 2 + 1) {
        struct histogram histogram = {0};
        int64_t quantile;

        histogram_add(&histogram, us);
        histogram_add(&histogram, INT64_C(1) << 41);
        quantile = histogram_quantile(&histogram, 0.5);
        ck_assert_msg(quantile >= us && quantile <= us + us / 8, "%lld became %lld", (long long)us,
                      (long long)quantile);
    }
}
END_TEST

START_TEST(quantiles_of_a_thousand_and_their_maximum)
{
    struct histogram histogram = {0}, other = {0};

    for (int i = 1; i <= 1000; i++)
        histogram_add(i % 2 == 0 ? &histogram : &other, i);
    histogram_merge(&histogram, &other);
    ck_assert_uint_eq(histogram.count, 1000);
    ck_assert_int_ge(histogram_quantile(&histogram, 0.5), 500);
    ck_assert_int_le(histogram_quantile(&histogram, 0.5), 563);
    ck_assert_int_ge(histogram_quantile(&histogram, 0.99), 990);
    ck_assert_int_eq(histogram_quantile(&histogram, 1), 1000);
}
END_TEST

START_TEST(negative_time_counts_as_none)
{
    struct histogram histogram = {0};

    histogram_add(&histogram, -5);
    ck_assert_uint_eq(histogram.count, 1);
    ck_assert_int_eq(histogram_quantile(&histogram, 1), 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("histogram");
    TCase *all = tcase_create("all");

    tcase_add_test(all, empty_histogram_has_zero_quantiles);
    tcase_add_test(all, quantile_is_at_most_an_eighth_too_high);
    tcase_add_test(all, quantiles_of_a_thousand_and_their_maximum);
    tcase_add_test(all, negative_time_counts_as_none);
    suite_add_tcase(suite, all);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
