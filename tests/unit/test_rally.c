/* client/measure/rally: it comes to its end whatever its links do. */
#include "client/measure/rally.h"
#include "client/measure/tally.h"
#include "common/log.h"
#include "tests/support/temp_dir.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WATCH_MS 20000

static char dir[TEMP_DIR_SIZE];
static uv_loop_t loop;
static bool is_done;
static char why[200];

static void
on_nothing(void *context)
{
}

static void
on_said(void *context, unsigned count)
{
}

static void
on_done(void *context, const struct rally_result *result)
{
    is_done = true;
    snprintf(why, sizeof(why), "%s", result->is_complete ? "complete" : result->why);
}

static void
on_watch(uv_timer_t *timer)
{
    ck_abort_msg("the rally has not ended");
}

static void
set_up(void)
{
    temp_dir_make(dir);
    log_set_level(LOG_ERROR);
    uv_loop_init(&loop);
    is_done = false;
}

static void
tear_down(void)
{
    temp_dir_remove(dir);
}

static const struct rally_listener listener = {
    .begun = on_nothing,
    .said = on_said,
    .ended = on_nothing,
    .done = on_done,
};

static struct rally *
start(int64_t open_ms)
{
    const struct rally_plan plan = {
        .link = {.url = "https://127.0.0.1:1", .user = "ann", .transport = "ws", .state_dir = dir},
        .room = "#rally",
        .readers = 2,
        .messages = 1,
        .rate = 1,
        .text_len = TALLY_TEXT_MIN,
        .open_ms = open_ms,
        .patience_ms = 1000,
    };
    char fault[200] = "";
    struct rally *rally = rally_start(&loop, &plan, &listener, fault, sizeof(fault));

    ck_assert_msg(rally != NULL, "%s", fault);
    return rally;
}

/* With nothing on the loop but the rally and a watch that must not go off. */
static void
run_to_its_end(void)
{
    uv_timer_t watch;

    uv_timer_init(&loop, &watch);
    uv_timer_start(&watch, on_watch, WATCH_MS, 0);
    while (!is_done)
        uv_run(&loop, UV_RUN_ONCE);
    uv_close((uv_handle_t *)&watch, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
}

START_TEST(links_that_get_nowhere_end_it_when_its_time_is_up)
{
    start(300);
    run_to_its_end();
    ck_assert_msg(strstr(why, "ann was not ready in time") != NULL, "%s", why);
}
END_TEST

START_TEST(cancelled_before_anything_happened_it_ends)
{
    rally_cancel(start(60000));
    run_to_its_end();
    ck_assert_str_eq(why, "cancelled");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("rally");
    TCase *all = tcase_create("all");

    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_test(all, links_that_get_nowhere_end_it_when_its_time_is_up);
    tcase_add_test(all, cancelled_before_anything_happened_it_ends);
    suite_add_tcase(suite, all);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
