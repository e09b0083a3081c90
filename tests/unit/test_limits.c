/* server/chat/limits: who asks too much, and when he may ask again. */
#include "server/chat/limits.h"

#include "common/clock.h"
#include "common/util.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static struct limits *limits;

static void
set_up(void)
{
    static const struct limits_config config = {
        .rate = 20, .burst = 5, .connections_per_address = 2};

    clock_set(0, 1000000);
    limits = limits_create(&config);
}

static void
tear_down(void)
{
    limits_destroy(limits);
    clock_release();
}

/* How many of count commands at this moment are let through. */
static int
take(const char *user, int count)
{
    int64_t retry_after_ms;
    int taken = 0;

    for (int i = 0; i < count; i++)
        taken += limits_take_command(limits, user, &retry_after_ms);

    return taken;
}

START_TEST(typing_is_passed_on_once_in_three_seconds)
{
    ck_assert(limits_take_typing(limits, "ann", "#a"));
    ck_assert(!limits_take_typing(limits, "ann", "#a"));
    ck_assert(limits_take_typing(limits, "ann", "#b"));
    ck_assert(limits_take_typing(limits, "bob", "#a"));
    clock_advance(TYPING_EVERY_MS - 1);
    ck_assert(!limits_take_typing(limits, "ann", "#a"));
    clock_advance(1);
    ck_assert(limits_take_typing(limits, "ann", "#a"));
    ck_assert(!limits_take_typing(limits, "ann", "#a"));
}
END_TEST

START_TEST(commands_come_in_a_burst_and_then_at_the_rate)
{
    int64_t retry_after_ms = 0;

    ck_assert_int_eq(take("ann", 9), 5);
    ck_assert(!limits_take_command(limits, "ann", &retry_after_ms));
    ck_assert_int_eq(retry_after_ms, 50);
    clock_advance(49);
    ck_assert(!limits_take_command(limits, "ann", &retry_after_ms));
    ck_assert_int_eq(retry_after_ms, 1);
    clock_advance(1);
    ck_assert_int_eq(take("ann", 2), 1);
    clock_advance(100);
    ck_assert_int_eq(take("ann", 9), 2);
    clock_advance(3600 * 1000);
    ck_assert_int_eq(take("ann", 9), 5);
}
END_TEST

START_TEST(users_have_buckets_of_their_own)
{
    ck_assert_int_eq(take("ann", 9), 5);
    ck_assert_int_eq(take("bob", 9), 5);
}
END_TEST

START_TEST(no_rate_means_no_limit)
{
    struct limits *none = limits_create(&(struct limits_config){0});
    int64_t retry_after_ms;

    for (int i = 0; i < 1000; i++) {
        ck_assert(limits_take_command(none, "ann", &retry_after_ms));
        ck_assert(limits_enter(none, "::1"));
    }
    limits_leave(none, "::1");
    limits_destroy(none);
}
END_TEST

static bool
may_login(const char *name, const char *address)
{
    int64_t retry_after_ms;

    return limits_may_login(limits, name, address, &retry_after_ms);
}

START_TEST(ten_failures_of_a_name_from_an_address_in_a_minute)
{
    int64_t retry_after_ms = 0;

    for (int i = 0; i < 10; i++) {
        ck_assert_msg(may_login("ann", "::1"), "failure %d", i);
        limits_login_failed(limits, "ann", "::1");
        clock_advance(1000);
    }

    ck_assert(!limits_may_login(limits, "ann", "::1", &retry_after_ms));
    ck_assert_int_eq(retry_after_ms, 50000);
    ck_assert(may_login("bob", "::1"));
    ck_assert(may_login("ann", "::2"));
    clock_advance(49999);
    ck_assert(!may_login("ann", "::1"));
    clock_advance(1);
    ck_assert(may_login("ann", "::1"));
    limits_login_failed(limits, "ann", "::1");
    ck_assert_msg(!may_login("ann", "::1"), "more than ten in the last minute");
}
END_TEST

START_TEST(sixty_failures_of_an_address_in_a_minute)
{
    char name[16];

    for (int i = 0; i < 60; i++) {
        snprintf(name, sizeof(name), "u%d", i);
        ck_assert_msg(may_login(name, "::1"), "failure %d", i);
        limits_login_failed(limits, name, "::1");
    }

    ck_assert(!may_login("ann", "::1"));
    ck_assert(may_login("ann", "::2"));
    clock_advance(60000);
    ck_assert(may_login("ann", "::1"));
}
END_TEST

START_TEST(address_has_its_share_of_connections)
{
    ck_assert(limits_enter(limits, "::1"));
    ck_assert(limits_enter(limits, "::1"));
    ck_assert(!limits_enter(limits, "::1"));
    ck_assert(limits_enter(limits, "::2"));
    limits_leave(limits, "::1");
    ck_assert(limits_enter(limits, "::1"));
    ck_assert(!limits_enter(limits, "::1"));
    limits_leave(limits, "::1");
    limits_leave(limits, "::1");
    limits_leave(limits, "::2");
    ck_assert(limits_enter(limits, "::2"));
}
END_TEST

/* More names than are kept: the newest ones are still held to the limit. */
START_TEST(many_names_push_out_the_longest_quiet_only)
{
    char name[16];

    ck_assert_int_eq(take("old", 9), 5);
    ck_assert_int_eq(take("busy", 9), 5);
    for (int i = 0; i < 70000; i++) {
        snprintf(name, sizeof(name), "u%d", i);
        ck_assert_int_eq(take(name, 1), 1);
        if (i % 1000 == 0)
            ck_assert_int_eq(take("busy", 1), 0);
    }
    ck_assert_int_eq(take("busy", 1), 0);
    ck_assert_int_eq(take(name, 9), 4);
    ck_assert_int_eq(take("old", 9), 5);
}
END_TEST

static Suite *
limits_suite(void)
{
    Suite *suite = suite_create("limits");
    TCase *facts = tcase_create("facts");

    tcase_add_checked_fixture(facts, set_up, tear_down);
    tcase_add_test(facts, typing_is_passed_on_once_in_three_seconds);
    tcase_add_test(facts, commands_come_in_a_burst_and_then_at_the_rate);
    tcase_add_test(facts, users_have_buckets_of_their_own);
    tcase_add_test(facts, no_rate_means_no_limit);
    tcase_add_test(facts, ten_failures_of_a_name_from_an_address_in_a_minute);
    tcase_add_test(facts, sixty_failures_of_an_address_in_a_minute);
    tcase_add_test(facts, address_has_its_share_of_connections);
    tcase_add_test(facts, many_names_push_out_the_longest_quiet_only);
    suite_add_tcase(suite, facts);

    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(limits_suite());

    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
