/* client/link/link_receive: what comes down a fake way, and the position that it moves. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "common/util.h"
#include "tests/support/link_case.h"

START_TEST(resume_begins_at_the_last_event_and_repeats_are_dropped)
{
    link_case_live();
    world_message(11);
    world_message(12);
    fake_way_end(WAY_CLOSED, 0, 0, "lost");
    link_world_forget();
    link_reconnect(world.link);
    ck_assert_str_eq(fake_way_after(), "e1-12");
    fake_way_open();
    world_hello_beat("resumed", 12, 15, 60);
    world_message(11);
    world_message(12);
    world_message(13);
    world_message(13);
    world_message(15);
    ck_assert_str_eq(buf_text(&world.events), "hello message:13 message:15");
    ck_assert_uint_eq(link_status(world.link)->recovered, 2);
    world_message(16);
    ck_assert_uint_eq(link_status(world.link)->recovered, 2);
}
END_TEST

START_TEST(position_moves_with_pongs_and_unknown_events_too)
{
    link_case_live();
    fake_way_line("{\"type\":\"pong\",\"cursor\":\"e1-20\",\"head\":\"e1-20\"}");
    link_case_come_back("resumed", 20, 20);
    ck_assert_str_eq(fake_way_after(), "e1-20");
    fake_way_line("{\"type\":\"kick\",\"seq\":22,\"room\":\"#lobby\"}");
    fake_way_line("{\"type\":\"kick\",\"seq\":22,\"room\":\"#lobby\"}");
    fake_way_line("{\"type\":\"presence\",\"user\":\"bob\",\"state\":\"away\"}");
    fake_way_line("{\"type\":\"pong\",\"cursor\":\"e1-3\",\"head\":\"e1-22\"}");
    fake_way_line("{\"type\":\"pong\",\"cursor\":\"e9-99\",\"head\":\"e9-99\"}");
    link_case_come_back("resumed", 22, 22);
    ck_assert_str_eq(fake_way_after(), "e1-22");
    ck_assert_str_eq(buf_text(&world.events), "pong hello unknown:22 presence pong pong hello");
}
END_TEST

START_TEST(position_begins_where_it_was_asked_to)
{
    static const struct {
        const char *after, *expected;
    } rows[] = {
        {"0", "0"},
        {"e1-77", "e1-77"},
        {NULL, ""},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct link_config config = link_case_config();
        link_world_keep_token("T1", true);
        config.after = rows[i].after;
        link_world_create_with(&config);
        link_start(world.link);
        ck_assert_str_eq(fake_way_after(), rows[i].expected);
        link_world_destroy();
    }
}
END_TEST

START_TEST(trimmed_gap_is_passed_on_and_the_stream_goes_on)
{
    link_case_live();
    fake_way_end(WAY_CLOSED, 0, 0, "lost");
    link_world_forget();
    link_reconnect(world.link);
    fake_way_open();
    world_hello_beat("gap", 10, 40, 60);
    fake_way_line("{\"type\":\"gap\",\"from\":11,\"to\":29,\"reason\":\"trimmed\",\"cursor\":"
                  "\"e1-29\"}");
    world_message(29);
    world_message(30);
    ck_assert_str_eq(buf_text(&world.events), "hello gap message:30");
}
END_TEST

START_TEST(cut_log_goes_on_at_its_head_though_that_is_behind_us)
{
    link_case_live();
    world_message(50);
    fake_way_end(WAY_CLOSED, 0, 0, "lost");
    link_world_forget();
    link_reconnect(world.link);
    fake_way_open();
    world_hello_beat("gap", 20, 20, 60);
    fake_way_line("{\"type\":\"gap\",\"from\":null,\"to\":20,\"reason\":\"epoch\",\"cursor\":"
                  "\"e1-20\"}");
    world_message(21);
    ck_assert_str_eq(buf_text(&world.events), "hello gap message:21");
    link_case_come_back("resumed", 21, 21);
    ck_assert_str_eq(fake_way_after(), "e1-21");
}
END_TEST

START_TEST(new_epoch_is_taken_from_hello)
{
    link_case_live();
    fake_way_end(WAY_CLOSED, 0, 0, "lost");
    link_reconnect(world.link);
    fake_way_open();
    fake_way_line("{\"type\":\"hello\",\"user\":\"ann\",\"epoch\":\"e2\",\"cursor\":\"e2-3\","
                  "\"head\":\"e2-3\","
                  "\"result\":\"gap\",\"heartbeat\":15}");
    world_message(4);
    fake_way_end(WAY_CLOSED, 0, 0, "lost");
    link_reconnect(world.link);
    ck_assert_str_eq(fake_way_after(), "e2-4");
}
END_TEST

START_TEST(garbage_is_a_fault_with_a_sentence_and_never_a_crash)
{
    static const struct {
        const char *data;
        size_t len;
    } rows[] = {
        {"", 0},
        {"hello", 5},
        {"[1]", 3},
        {"{\"type\":\"hello\"}", 16},
        {"{\"type\":\"message\",\"seq\":0}", 26},
        {"\xff\xfe\0\0", 4},
        {"{\"type\":\"pong\",\"cursor\":\"e1-1\",\"head\":\"e1-1\"}", 46},
        {"{\"type\":\"new\",\"seq\":7}", 22},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct link_config config = link_case_config();
        link_world_keep_token("T1", true);
        link_world_create_with(&config);
        link_start(world.link);
        fake_way_open();
        fake_way_raw(rows[i].data, rows[i].len);
        ck_assert_msg(world_state() == LINK_FAILED, "row %zu", i);
        ck_assert_int_eq(link_status(world.link)->fault, LINK_FAULT_PROTOCOL);
        ck_assert_uint_gt(strlen(world_why()), 0);
        ck_assert(!fake_way_is_up());
        link_world_destroy();
    }

    link_case_live();
    fake_way_raw("garbage", 7);
    ck_assert_int_eq(world_state(), LINK_WAITING);
    ck_assert(!fake_way_is_up());
}
END_TEST

START_TEST(hello_of_another_user_is_a_fault)
{
    struct link_config config = link_case_config();

    link_world_keep_token("T1", true);
    link_world_create_with(&config);
    link_start(world.link);
    fake_way_open();
    fake_way_line("{\"type\":\"hello\",\"user\":\"bob\",\"epoch\":\"e2\",\"cursor\":\"e2-3\","
                  "\"head\":\"e2-3\","
                  "\"result\":\"new\",\"heartbeat\":15}");
    ck_assert_int_eq(world_state(), LINK_FAILED);
    ck_assert_ptr_nonnull(strstr(world_why(), "another user"));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("link_receive");
    TCase *all = tcase_create("all");

    tcase_add_checked_fixture(all, link_case_set_up, link_world_tear_down);
    tcase_add_test(all, resume_begins_at_the_last_event_and_repeats_are_dropped);
    tcase_add_test(all, position_moves_with_pongs_and_unknown_events_too);
    tcase_add_test(all, position_begins_where_it_was_asked_to);
    tcase_add_test(all, trimmed_gap_is_passed_on_and_the_stream_goes_on);
    tcase_add_test(all, cut_log_goes_on_at_its_head_though_that_is_behind_us);
    tcase_add_test(all, new_epoch_is_taken_from_hello);
    tcase_add_test(all, garbage_is_a_fault_with_a_sentence_and_never_a_crash);
    tcase_add_test(all, hello_of_another_user_is_a_fault);
    suite_add_tcase(suite, all);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
