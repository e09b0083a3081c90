/* client/link/link: its states over a fake way: what ends it, when it comes back, how it closes. */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/util.h"
#include "tests/support/link_case.h"

START_TEST(how_a_way_ends_tells_what_follows)
{
    static const struct {
        enum way_end end;
        int status;
        int64_t retry_after_ms;
        enum link_state first, later; /* before and after it was live once */
    } rows[] = {
        {WAY_CLOSED, 0, 0, LINK_WAITING, LINK_WAITING},
        {WAY_REFUSED, 403, 0, LINK_FAILED, LINK_FAILED},
        {WAY_FOREIGN, 401, 0, LINK_FAILED, LINK_WAITING},
        {WAY_FOREIGN, 403, 0, LINK_FAILED, LINK_WAITING},
        {WAY_REFUSED, 404, 0, LINK_FAILED, LINK_WAITING},
        {WAY_REFUSED, 426, 0, LINK_FAILED, LINK_WAITING},
        {WAY_REFUSED, 501, 0, LINK_FAILED, LINK_WAITING},
        {WAY_REFUSED, 200, 0, LINK_FAILED, LINK_WAITING},
        {WAY_REFUSED, 302, 0, LINK_FAILED, LINK_WAITING},
        {WAY_REFUSED, 400, 0, LINK_FAILED, LINK_WAITING},
        {WAY_REFUSED, 429, 5000, LINK_WAITING, LINK_WAITING},
        {WAY_REFUSED, 503, 5000, LINK_WAITING, LINK_WAITING},
        {WAY_REFUSED, 503, 0, LINK_WAITING, LINK_WAITING},
        {WAY_REFUSED, 502, 0, LINK_WAITING, LINK_WAITING},
        {WAY_REFUSED, 1000, 0, LINK_WAITING, LINK_WAITING},
        {WAY_REFUSED, 1001, 0, LINK_WAITING, LINK_WAITING},
        {WAY_REFUSED, 1008, 0, LINK_WAITING, LINK_WAITING},
        {WAY_REFUSED, 1012, 0, LINK_WAITING, LINK_WAITING},
        {WAY_REFUSED, 1002, 0, LINK_WAITING, LINK_WAITING},
        {WAY_REFUSED, 1007, 0, LINK_FAILED, LINK_WAITING},
        {WAY_REFUSED, 1009, 0, LINK_FAILED, LINK_WAITING},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (int was_live = 0; was_live < 2; was_live++) {
            struct link_config config = link_case_config();
            link_world_keep_token("T1", true);
            link_world_create_with(&config);
            link_start(world.link);
            if (was_live) {
                fake_way_open();
                world_hello_beat("new", 1, 1, 60);
            }
            fake_way_end(rows[i].end, rows[i].status, rows[i].retry_after_ms, "because");
            ck_assert_msg(world_state() == (was_live ? rows[i].later : rows[i].first),
                          "row %zu live %d: state %d", i, was_live, world_state());
            ck_assert_str_eq(world_why(), "because");
            if (rows[i].retry_after_ms > 0)
                ck_assert_int_ge(link_status(world.link)->retry_at_ms - clock_mono_ms(),
                                 rows[i].retry_after_ms - 50);
            link_world_destroy();
        }
}
END_TEST

START_TEST(bye_tells_when_to_come_back)
{
    static const struct {
        enum way_end end;
        int status;
    } rows[] = {
        {WAY_REFUSED, 1012},
        {WAY_CLOSED, 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        link_case_live();
        fake_way_line("{\"type\":\"bye\",\"reason\":\"restart\",\"delay_ms\":4200}");
        ck_assert_int_eq(world_state(), LINK_LIVE);
        ck_assert_str_eq(buf_text(&world.events), "bye");
        fake_way_end(rows[i].end, rows[i].status, 0, "closed");
        ck_assert_int_eq(world_state(), LINK_WAITING);
        ck_assert_str_eq(world_why(), "restart");
        int64_t wait_ms = link_status(world.link)->retry_at_ms - clock_mono_ms();
        ck_assert_int_ge(wait_ms, 4150);
        ck_assert_int_le(wait_ms, 4200);
        link_world_destroy();
    }
}
END_TEST

START_TEST(bye_with_no_delay_comes_back_at_once)
{
    link_case_live();
    fake_way_line("{\"type\":\"bye\",\"reason\":\"x\",\"delay_ms\":0}");
    fake_way_end(WAY_REFUSED, 1012, 0, "closed");
    link_case_run_until(LINK_CONNECTING);
    ck_assert_uint_eq(fake_way_starts(), 2);
}
END_TEST

START_TEST(a_start_that_fails_is_backed_off)
{
    link_case_live();
    fake_way_fail_start(true);
    link_reconnect(world.link);
    ck_assert_int_eq(world_state(), LINK_WAITING);
    fake_way_fail_start(false);
    link_case_run_until(LINK_CONNECTING);
}
END_TEST

START_TEST(no_hello_in_time_is_no_answer)
{
    struct link_config config = link_case_config();

    link_world_keep_token("T1", true);
    link_world_create_with(&config);
    link_start(world.link);
    fake_way_open();
    link_case_run_until(LINK_WAITING);
    ck_assert(!fake_way_is_up());
    ck_assert_ptr_nonnull(strstr(world_why(), "no answer in 1 s"));
}
END_TEST

START_TEST(silence_stalls_and_then_ends_it)
{
    link_case_live();
    link_reconnect(world.link);
    fake_way_open();
    int64_t began_ms = clock_mono_ms(); /* before the last byte, from which silence counts */
    world_hello_beat("resumed", 10, 10, 0.06);
    link_world_forget();
    link_case_run_until(LINK_STALLED);
    ck_assert_int_ge(clock_mono_ms() - began_ms, 89);
    ck_assert(fake_way_is_up());
    link_case_run_until(LINK_WAITING);
    ck_assert_int_ge(clock_mono_ms() - began_ms, 149);
    ck_assert_ptr_nonnull(strstr(world_why(), "no answer for 1 s"));
    ck_assert(!fake_way_is_up());
    ck_assert_str_eq(buf_text(&world.states), "stalled waiting");
}
END_TEST

START_TEST(a_byte_wakes_what_stalled)
{
    link_case_live();
    link_reconnect(world.link);
    fake_way_open();
    world_hello_beat("resumed", 10, 10, 0.06);
    link_case_run_until(LINK_STALLED);
    fake_way_heard();
    ck_assert_int_eq(world_state(), LINK_LIVE);
    link_case_run_until(LINK_STALLED);
    world_message(11);
    ck_assert_int_eq(world_state(), LINK_LIVE);
    ck_assert_str_eq(world_why(), "");
    link_case_run_until(LINK_STALLED);
}
END_TEST

START_TEST(pings_go_out_and_measure_the_way)
{
    char first[64];

    link_case_live();
    ck_assert_int_eq(link_status(world.link)->rtt_us, 0);
    str_copy(first, sizeof(first), fake_way_ping());
    ck_assert_str_ne(first, "");
    fake_way_line("{\"type\":\"pong\",\"cursor\":\"e1-10\",\"head\":\"e1-10\"}");
    fake_way_line(
        "{\"type\":\"pong\",\"nonce\":\"other\",\"cursor\":\"e1-10\",\"head\":\"e1-10\"}");
    ck_assert_int_eq(link_status(world.link)->rtt_us, 0);
    fake_way_line("{\"type\":\"pong\",\"nonce\":\"%s\",\"cursor\":\"e1-10\",\"head\":\"e1-10\"}",
                  first);
    ck_assert_int_gt(link_status(world.link)->rtt_us, 0);

    fake_way_take(3000); /* the sending counts, too */
    link_reconnect(world.link);
    fake_way_open();
    world_hello_beat("resumed", 10, 10, 0.05);
    str_copy(first, sizeof(first), fake_way_ping());
    fake_way_line("{\"type\":\"pong\",\"nonce\":\"%s\",\"cursor\":\"e1-10\",\"head\":\"e1-10\"}",
                  first);
    ck_assert_int_ge(link_status(world.link)->rtt_us, 3000);
    link_case_run_until(LINK_STALLED);
    ck_assert_str_ne(fake_way_ping(), first);
}
END_TEST

START_TEST(users_ping_is_sent_and_not_kept)
{
    struct command ping = {.type = COMMAND_PING, .nonce = "n1"};
    char fault[200];

    link_case_live();
    ck_assert_ptr_null(link_say(world.link, &ping, fault, sizeof(fault)));
    ck_assert_int_eq(link_send_ping(world.link, "n2"), 0);
    ck_assert_str_eq(fake_way_ping(), "n2");
    fake_way_end(WAY_CLOSED, 0, 0, "lost");
    ck_assert_int_lt(link_send_ping(world.link, "n3"), 0);
}
END_TEST

START_TEST(closing_is_possible_in_every_state)
{
    for (int i = 0; i < 5; i++) {
        struct link_config config = link_case_config();
        link_world_create_with(&config);
        if (i > 0)
            link_start(world.link); /* login */
        if (i > 1)
            fake_ask_answer(200, 0, "{\"token\":\"T7\"}"); /* connecting */
        if (i > 2)
            fake_way_end(WAY_CLOSED, 0, 0, "lost"); /* waiting */
        if (i > 3) {
            link_reconnect(world.link);
            fake_way_end(WAY_REFUSED, 403, 0, "no"); /* failed */
        }
        link_close(world.link, false);
        ck_assert_int_eq(world_state(), LINK_ENDED);
        ck_assert(!fake_way_is_up());
        ck_assert_ptr_null(fake_ask_question());
        link_world_destroy();
        token_forget(world.dir, LINK_WORLD_ACCOUNT);
    }
}
END_TEST

START_TEST(bad_configurations_are_refused_with_a_sentence)
{
    static const struct {
        struct link_config config;
        const char *why;
    } rows[] = {
        {{.url = "http://x", .transport = "ws"}, "https"},
        {{.url = "https://x", .transport = "smoke"}, "transport"},
        {{.url = "https://x", .transport = "ws", .after = "x"}, "cursor"},
        {{.url = "https://x", .transport = "ws", .ca_file = "/none"}, "--ca-file"},
        {{.url = "https://x", .transport = "ws", .fingerprint = "1"}, "fingerprint"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct link_config config = rows[i].config;
        char fault[200] = "";
        config.state_dir = world.dir;
        config.user = "ann";
        ck_assert_ptr_null(
            link_create(&world.loop, &config, &link_world_listener, fault, sizeof(fault)));
        ck_assert_msg(strstr(fault, rows[i].why) != NULL, "row %zu: %s", i, fault);
        uv_run(&world.loop, UV_RUN_DEFAULT);
    }

    struct link_config config = link_case_config();
    char fault[200] = "";
    config.state_dir = "/dev/null/x";
    config.transport = "ws";
    ck_assert_ptr_null(
        link_create(&world.loop, &config, &link_world_listener, fault, sizeof(fault)));
    ck_assert_ptr_nonnull(strstr(fault, "state directory"));
}
END_TEST

static int
count_fds(void)
{
    DIR *directory = opendir("/proc/self/fd");
    int count = 0;

    while (readdir(directory) != NULL)
        count++;
    closedir(directory);
    return count;
}

START_TEST(a_thousand_reconnects_lose_nothing_and_leak_nothing)
{
    link_case_live();
    int fds = count_fds();
    int seq = 10;

    for (int i = 0; i < 1000; i++) {
        char id[16];
        snprintf(id, sizeof(id), "r%d", i);
        world_say(id);
        fake_way_end(WAY_CLOSED, 0, 0, "lost");
        link_reconnect(world.link);
        fake_way_open();
        world_hello_beat("resumed", seq, seq, 60);
        world_message(++seq);
        world_receipt(id, ++seq);
        link_world_forget();
        fake_way_sent();
    }
    ck_assert(outbox_is_empty(link_outbox(world.link)));
    ck_assert_uint_eq(link_status(world.link)->reconnects, 1000);
    ck_assert_int_eq(count_fds(), fds);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("link");
    TCase *all = tcase_create("all");

    tcase_add_checked_fixture(all, link_case_set_up, link_world_tear_down);
    tcase_add_test(all, how_a_way_ends_tells_what_follows);
    tcase_add_test(all, bye_tells_when_to_come_back);
    tcase_add_test(all, bye_with_no_delay_comes_back_at_once);
    tcase_add_test(all, a_start_that_fails_is_backed_off);
    tcase_add_test(all, no_hello_in_time_is_no_answer);
    tcase_add_test(all, silence_stalls_and_then_ends_it);
    tcase_add_test(all, a_byte_wakes_what_stalled);
    tcase_add_test(all, pings_go_out_and_measure_the_way);
    tcase_add_test(all, users_ping_is_sent_and_not_kept);
    tcase_add_test(all, closing_is_possible_in_every_state);
    tcase_add_test(all, bad_configurations_are_refused_with_a_sentence);
    tcase_add_test(all, a_thousand_reconnects_lose_nothing_and_leak_nothing);
    suite_add_tcase(suite, all);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
