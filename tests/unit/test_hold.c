/* server/chat/hold: commands behind a refused one wait for it, but not for ever. */
#include "server/chat/hold.h"

#include <check.h>
#include <stdlib.h>

static struct hold hold;
static struct refusal refusal;

static void
set_up(void)
{
    hold = (struct hold){0};
    hold_begin(&hold, "a", 50, 1000);
}

START_TEST(nothing_is_held_before_a_refusal)
{
    hold = (struct hold){0};
    ck_assert_int_eq(hold_check(&hold, "a", 0, &refusal), 0);
}
END_TEST

START_TEST(what_follows_is_refused_until_the_refused_one_comes_again)
{
    ck_assert_int_eq(hold_check(&hold, "b", 1010, &refusal), -1);
    ck_assert_int_eq(refusal.code, REFUSAL_RATE_LIMITED);
    ck_assert_int_eq(refusal.retry_after_ms, 40);
    /* Its time has come, and it has not. */
    ck_assert_int_eq(hold_check(&hold, "b", 1100, &refusal), -1);
    ck_assert_int_eq(refusal.retry_after_ms, 1);
    ck_assert_int_eq(hold_check(&hold, "a", 1110, &refusal), 0);
    ck_assert_int_eq(hold_check(&hold, "b", 1110, &refusal), 0);
}
END_TEST

START_TEST(one_that_never_comes_again_holds_for_two_seconds)
{
    ck_assert_int_eq(hold_check(&hold, "b", 1000 + HOLD_MS - 1, &refusal), -1);
    ck_assert_int_eq(hold_check(&hold, "b", 1000 + HOLD_MS, &refusal), 0);
    ck_assert_int_eq(hold_check(&hold, "c", 1000 + HOLD_MS, &refusal), 0);
}
END_TEST

START_TEST(those_that_are_held_do_not_hold_longer)
{
    for (int64_t now_ms = 1000; now_ms < 1000 + HOLD_MS; now_ms += 10)
        ck_assert_int_eq(hold_check(&hold, "b", now_ms, &refusal), -1);
    ck_assert_int_eq(hold_check(&hold, "b", 1000 + HOLD_MS, &refusal), 0);
}
END_TEST

START_TEST(a_long_wait_holds_as_long_as_it_was_told)
{
    hold_begin(&hold, "a", 9000, 1000);
    ck_assert_int_eq(hold_check(&hold, "b", 9999, &refusal), -1);
    ck_assert_int_eq(hold_check(&hold, "b", 10000, &refusal), 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("hold");
    TCase *facts = tcase_create("facts");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(facts, set_up, NULL);
    tcase_add_test(facts, nothing_is_held_before_a_refusal);
    tcase_add_test(facts, what_follows_is_refused_until_the_refused_one_comes_again);
    tcase_add_test(facts, one_that_never_comes_again_holds_for_two_seconds);
    tcase_add_test(facts, those_that_are_held_do_not_hold_longer);
    tcase_add_test(facts, a_long_wait_holds_as_long_as_it_was_told);
    suite_add_tcase(suite, facts);
    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
