/* server/web/inbox: the news of a batch and its answers show together, with one wake. */
#include "server/web/inbox.h"

#include "server/web/worker.h"

#include <check.h>

static uv_loop_t loop;
static uv_async_t wake;
static unsigned wakes;
static struct inbox inbox;

static void
count_wake(uv_async_t *async)
{
    wakes++;
}

static void
set_up(void)
{
    wakes = 0;
    ck_assert_int_eq(uv_loop_init(&loop), 0);
    ck_assert_int_eq(uv_async_init(&loop, &wake, count_wake), 0);
    inbox_init(&inbox, &wake);
}

static void
tear_down(void)
{
    inbox_close(&inbox);
    inbox_fini(&inbox);
    uv_close((uv_handle_t *)&wake, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
}

/* The letters are these, in this order, and there is news or not. */
static void
takes(struct letter *const *letters, size_t count, bool news)
{
    bool is_news;
    struct letter *letter = inbox_take(&inbox, &is_news);

    for (size_t i = 0; i < count; i++) {
        ck_assert_ptr_eq(letter, letters[i]);
        letter = letter->next;
    }
    ck_assert_ptr_null(letter);
    ck_assert_int_eq(is_news, news);
}

START_TEST(what_is_left_shows_at_rouse_with_one_wake)
{
    struct letter a = {0}, b = {0}, c = {0};

    inbox_leave_news(&inbox);
    inbox_leave(&inbox, &a);
    inbox_leave(&inbox, &b);
    uv_run(&loop, UV_RUN_NOWAIT);
    ck_assert_uint_eq(wakes, 0);
    takes(NULL, 0, false);

    inbox_post(&inbox, &c); /* somebody else's, in between */
    uv_run(&loop, UV_RUN_NOWAIT);
    ck_assert_uint_eq(wakes, 1);
    takes((struct letter *[]){&c}, 1, false);

    inbox_rouse(&inbox);
    uv_run(&loop, UV_RUN_NOWAIT);
    ck_assert_uint_eq(wakes, 2);
    takes((struct letter *[]){&a, &b}, 2, true);
    takes(NULL, 0, false);
}
END_TEST

START_TEST(rouse_wakes_nobody_who_was_left_nothing)
{
    struct letter a = {0}, b = {0};

    inbox_rouse(&inbox);
    uv_run(&loop, UV_RUN_NOWAIT);
    ck_assert_uint_eq(wakes, 0);

    inbox_post(&inbox, &a);
    inbox_tell_news(&inbox);
    inbox_leave(&inbox, &b);
    inbox_rouse(&inbox);
    takes((struct letter *[]){&a, &b}, 2, true);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("inbox");
    TCase *tcase = tcase_create("inbox");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, what_is_left_shows_at_rouse_with_one_wake);
    tcase_add_test(tcase, rouse_wakes_nobody_who_was_left_nothing);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
