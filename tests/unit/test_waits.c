/* server/web/waits: whose time is up. */
#include "server/web/waits.h"

#include "server/web/conn.h"

#include <check.h>
#include <stdlib.h>

static struct waits *waits;
static struct conn conns[3];
static struct conn *up[8];
static size_t up_count;

static void
note(struct conn *conn)
{
    ck_assert(!conn->waits);
    up[up_count++] = conn;
}

static void
start(void)
{
    waits = waits_create(10500);
    up_count = 0;
    for (size_t i = 0; i < 3; i++)
        conns[i] = (struct conn){0};
}

static void
end(void)
{
    waits_destroy(waits);
}

START_TEST(time_is_up_at_the_next_whole_second_and_not_before)
{
    waits_add(waits, &conns[0], 11200);
    waits_tick(waits, 11999, note);
    ck_assert_uint_eq(up_count, 0);
    waits_tick(waits, 12000, note);
    ck_assert_uint_eq(up_count, 1);
    waits_tick(waits, 90000, note);
    ck_assert_uint_eq(up_count, 1);
}
END_TEST

START_TEST(they_are_up_in_the_order_of_their_times)
{
    waits_add(waits, &conns[0], 65500);
    waits_add(waits, &conns[1], 11500);
    waits_add(waits, &conns[2], 35500);
    waits_tick(waits, 70000, note);
    ck_assert_uint_eq(up_count, 3);
    ck_assert_ptr_eq(up[0], &conns[1]);
    ck_assert_ptr_eq(up[1], &conns[2]);
    ck_assert_ptr_eq(up[2], &conns[0]);
}
END_TEST

START_TEST(who_was_removed_is_not_told_of)
{
    waits_add(waits, &conns[0], 11500);
    waits_add(waits, &conns[1], 11600);
    waits_remove(waits, &conns[0]);
    waits_remove(waits, &conns[0]);
    waits_tick(waits, 13000, note);
    ck_assert_uint_eq(up_count, 1);
    ck_assert_ptr_eq(up[0], &conns[1]);
}
END_TEST

START_TEST(a_tick_that_comes_late_loses_nobody)
{
    waits_add(waits, &conns[0], 5000);           /* was up before it was added */
    waits_add(waits, &conns[1], 10500 + 200000); /* beyond what the buckets stand for */
    waits_tick(waits, 200000, note);
    ck_assert_uint_eq(up_count, 2);
    ck_assert_ptr_eq(up[0], &conns[0]);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("waits");
    TCase *tcase = tcase_create("waits");

    tcase_add_checked_fixture(tcase, start, end);
    tcase_add_test(tcase, time_is_up_at_the_next_whole_second_and_not_before);
    tcase_add_test(tcase, they_are_up_in_the_order_of_their_times);
    tcase_add_test(tcase, who_was_removed_is_not_told_of);
    tcase_add_test(tcase, a_tick_that_comes_late_loses_nobody);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
