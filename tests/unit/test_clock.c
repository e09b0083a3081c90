/* common/clock: two clocks that tests can hold, and stamps to and fro. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/util.h"

START_TEST(set_clock_stands_until_advanced)
{
    clock_set(1000, 50);
    ck_assert_int_eq(clock_wall_ms(), 1000);
    ck_assert_int_eq(clock_mono_ms(), 50);
    ck_assert_int_eq(clock_mono_us(), 50000);

    clock_advance(25);
    ck_assert_int_eq(clock_wall_ms(), 1025);
    ck_assert_int_eq(clock_mono_ms(), 75);
    ck_assert_int_eq(clock_mono_us(), 75000);
}
END_TEST

START_TEST(released_clock_is_the_real_one)
{
    clock_set(0, 0);
    clock_release();
    ck_assert_int_gt(clock_wall_ms(), INT64_C(1700000000000));

    int64_t before = clock_mono_us();
    ck_assert_int_gt(before, 0);
    ck_assert_int_ge(clock_mono_us(), before);
}
END_TEST

static const struct {
    int64_t wall_ms;
    const char *text;
} stamps[] = {
    {0, "1970-01-01T00:00:00.000Z"},
    {1, "1970-01-01T00:00:00.001Z"},
    {-1, "1969-12-31T23:59:59.999Z"},
    {-1000, "1969-12-31T23:59:59.000Z"},
    {INT64_C(1769860800123), "2026-01-31T12:00:00.123Z"},
    {INT64_C(1709164800000), "2024-02-29T00:00:00.000Z"},
    {INT64_C(253402300799999), "9999-12-31T23:59:59.999Z"},
    {-INT64_C(62167219200000), "0000-01-01T00:00:00.000Z"},
};

START_TEST(stamp_is_written_and_read_back)
{
    char text[CLOCK_STAMP_SIZE];
    int64_t wall_ms = 77;

    clock_format(text, stamps[_i].wall_ms);
    ck_assert_str_eq(text, stamps[_i].text);
    ck_assert_int_eq(clock_parse(text, &wall_ms), 0);
    ck_assert_int_eq(wall_ms, stamps[_i].wall_ms);
}
END_TEST

START_TEST(stamp_outside_of_four_digit_years_is_clamped)
{
    char text[CLOCK_STAMP_SIZE];

    clock_format(text, INT64_MAX);
    ck_assert_str_eq(text, "9999-12-31T23:59:59.999Z");
    clock_format(text, INT64_MIN);
    ck_assert_str_eq(text, "0000-01-01T00:00:00.000Z");
}
END_TEST

START_TEST(fraction_may_have_up_to_nine_digits)
{
    static const struct {
        const char *text;
        int64_t wall_ms;
    } rows[] = {
        {"1970-01-01T00:00:02Z", 2000},           {"1970-01-01T00:00:02.5Z", 2500},
        {"1970-01-01T00:00:02.05Z", 2050},        {"1970-01-01T00:00:02.1239Z", 2123},
        {"1970-01-01T00:00:02.999999999Z", 2999},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t wall_ms = 77;
        ck_assert_msg(clock_parse(rows[i].text, &wall_ms) == 0, "%s", rows[i].text);
        ck_assert_int_eq(wall_ms, rows[i].wall_ms);
    }
}
END_TEST

static const char *const bad_stamps[] = {
    "",
    "now",
    "2026-01-31",
    "2026-01-31T12:00:00",
    "2026-01-31T12:00:00.Z",
    "2026-01-31T12:00:00.1234567890Z",
    "2026-01-31T12:00:00+00:00",
    "2026-01-31t12:00:00z",
    "2026-01-31 12:00:00Z",
    "2026-02-29T12:00:00Z",
    "2026-04-31T12:00:00Z",
    "2026-00-10T12:00:00Z",
    "2026-13-10T12:00:00Z",
    "2026-01-00T12:00:00Z",
    "2026-01-31T24:00:00Z",
    "2026-01-31T12:60:00Z",
    "2026-01-31T12:00:60Z",
    "26-01-31T12:00:00Z",
    "-026-01-31T12:00:00Z",
    "2026-01-31T12:00:00ZZ",
    " 2026-01-31T12:00:00Z",
};

START_TEST(malformed_stamp_is_refused)
{
    int64_t wall_ms = 77;

    ck_assert_msg(clock_parse(bad_stamps[_i], &wall_ms) == -EINVAL, "%s", bad_stamps[_i]);
    ck_assert_int_eq(wall_ms, 77);
}
END_TEST

static Suite *
clock_suite(void)
{
    Suite *suite = suite_create("clock");
    TCase *facts = tcase_create("facts");

    tcase_add_test(facts, set_clock_stands_until_advanced);
    tcase_add_test(facts, released_clock_is_the_real_one);
    tcase_add_loop_test(facts, stamp_is_written_and_read_back, 0, (int)ARRAY_LEN(stamps));
    tcase_add_test(facts, stamp_outside_of_four_digit_years_is_clamped);
    tcase_add_test(facts, fraction_may_have_up_to_nine_digits);
    tcase_add_loop_test(facts, malformed_stamp_is_refused, 0, (int)ARRAY_LEN(bad_stamps));
    suite_add_tcase(suite, facts);

    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(clock_suite());

    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
