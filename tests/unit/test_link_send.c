/* client/link/link_send: lines go up a fake way in order, and again until they have a receipt. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/util.h"
#include "tests/support/link_case.h"

START_TEST(lines_are_sent_in_order_many_at_once_and_leave_with_their_receipt)
{
    link_case_live();
    world_say("a");
    world_say("b");
    world_say("c");
    ck_assert_str_eq(world_sent_ids(), "a b c");
    ck_assert_str_eq(buf_text(&world.outboxed), "as bs cs");
    world_receipt("a", 11);
    world_receipt("b", 12);
    ck_assert_str_eq(buf_text(&world.receipts), "a=11 b=12");
    ck_assert_ptr_null(outbox_find(link_outbox(world.link), "a"));
    fake_way_line("{\"type\":\"receipt\",\"id\":\"c\",\"seq\":null}");
    ck_assert_str_eq(buf_text(&world.receipts), "a=11 b=12 c=0");
    ck_assert(outbox_is_empty(link_outbox(world.link)));
    ck_assert_str_eq(buf_text(&world.events), "");
}
END_TEST

START_TEST(a_line_gets_an_id_where_it_has_none)
{
    link_case_live();
    ck_assert_uint_eq(strlen(world_say("")->command.id), ULID_SIZE - 1);
}
END_TEST

START_TEST(a_line_that_came_down_is_said_before_its_receipt)
{
    link_case_live();
    world_say("a");
    world_say("b");
    world_message_of("bob", "b", 11); /* his, by chance of the same id */
    world_message_of("ann", "a", 12);
    ck_assert_uint_eq(outbox_unsent(link_outbox(world.link)), 1);
    ck_assert_str_eq(buf_text(&world.receipts), "");
    world_receipt("a", 12);
    ck_assert_str_eq(buf_text(&world.receipts), "a=12");
    ck_assert_uint_eq(outbox_unsent(link_outbox(world.link)), 1);
}
END_TEST

START_TEST(a_line_that_came_down_goes_again_for_its_receipt_and_cannot_be_refused)
{
    link_case_live();
    world_say("a");
    world_message_of("ann", "a", 11);
    fake_way_end(WAY_CLOSED, 0, 0, "lost");
    ck_assert_uint_eq(outbox_unsent(link_outbox(world.link)), 0);
    world_sent_ids();
    link_case_come_back("resumed", 11, 11);
    ck_assert_str_eq(world_sent_ids(), "a");
    link_world_forget();
    link_case_error("a", "forbidden", 0);
    ck_assert_str_eq(buf_text(&world.outboxed), "");
    ck_assert_ptr_null(outbox_find(link_outbox(world.link), "a"));
}
END_TEST

START_TEST(lines_in_flight_are_bounded)
{
    link_case_live();
    for (int i = 0; i < 100; i++) {
        char id[8];
        snprintf(id, sizeof(id), "i%d", i);
        world_say(id);
    }
    ck_assert_uint_eq(outbox_count(link_outbox(world.link), OUTBOX_SENT), 64);
    world_sent_ids();
    world_receipt("i0", 11);
    ck_assert_str_eq(world_sent_ids(), "i64");
}
END_TEST

START_TEST(a_choked_way_goes_on_where_it_stopped)
{
    link_case_live();
    world_say("a");
    fake_way_choke(true);
    world_say("b");
    world_say("c");
    ck_assert_str_eq(world_sent_ids(), "a");
    fake_way_choke(false);
    fake_way_open();
    ck_assert_str_eq(world_sent_ids(), "b c");
}
END_TEST

START_TEST(after_a_cut_the_same_ids_go_again_in_order)
{
    link_case_live();
    world_say("a");
    world_say("b");
    world_receipt("a", 11);
    world_say("c");
    world_sent_ids();
    link_world_forget();
    fake_way_end(WAY_CLOSED, 0, 0, "lost");
    ck_assert_str_eq(buf_text(&world.outboxed), "bq cq");
    world_say("d");
    ck_assert_str_eq(world_sent_ids(), "");
    link_case_come_back("resumed", 10, 10);
    ck_assert_str_eq(world_sent_ids(), "b c d");
    world_receipt("b", 12);
    world_receipt("c", 13);
    world_receipt("d", 14);
    ck_assert(outbox_is_empty(link_outbox(world.link)));
    ck_assert_uint_eq(link_status(world.link)->reconnects, 1);
}
END_TEST

START_TEST(nothing_is_sent_before_hello)
{
    struct link_config config = link_case_config();

    link_world_keep_token("T1", true);
    link_world_create_with(&config);
    world_say("a");
    link_start(world.link);
    fake_way_open();
    ck_assert_str_eq(world_sent_ids(), "");
    world_hello_beat("new", 0, 0, 60);
    ck_assert_str_eq(world_sent_ids(), "a");
}
END_TEST

START_TEST(queued_lines_survive_a_restart_of_the_client)
{
    link_case_live();
    world_say("a");
    world_say("b");
    link_world_destroy();
    world_sent_ids();
    link_case_live();
    ck_assert_str_eq(world_sent_ids(), "a b");
}
END_TEST

START_TEST(rate_limited_lines_wait_and_keep_their_order)
{
    static const char *const codes[] = {"rate_limited", "unavailable"};

    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        link_case_live();
        world_say("a");
        world_say("b");
        world_say("c");
        world_sent_ids();
        world_receipt("a", 11);
        link_case_error("b", codes[i], 60);
        int64_t began_ms = clock_mono_ms();
        link_case_error("c", codes[i], 50);
        world_say("d");
        ck_assert_str_eq(world_sent_ids(), "");
        ck_assert_uint_eq(outbox_count(link_outbox(world.link), OUTBOX_QUEUED), 3);
        link_case_run_until_sent("\"b\"");
        ck_assert_int_ge(clock_mono_ms() - began_ms, 55);
        ck_assert_str_eq(world_sent_ids(), ""); /* one at a time now */
        world_receipt("b", 12);
        ck_assert_str_eq(world_sent_ids(), "c");
        world_receipt("c", 13);
        ck_assert_str_eq(world_sent_ids(), "d");
        world_receipt("d", 14);
        world_say("e");
        world_say("f");
        ck_assert_str_eq(world_sent_ids(), "e f");
        link_world_destroy();
        link_case_live();
        link_world_destroy();
        char command[TEMP_PATH_SIZE];
        snprintf(command, sizeof(command), "rm -rf '%s/outbox'", world.dir);
        ck_assert_int_eq(system(command), 0);
        fake_way_sent();
    }
}
END_TEST

/* Of many under way the server may refuse one and take the next. */
START_TEST(near_the_rate_lines_go_one_after_another)
{
    struct link_config config = link_case_config();

    link_world_keep_token("T1", true);
    link_world_create_with(&config);
    link_start(world.link);
    fake_way_open();
    fake_way_line("{\"type\":\"hello\",\"user\":\"ann\",\"epoch\":\"e1\",\"cursor\":\"e1-1\","
                  "\"head\":\"e1-1\",\"result\":\"new\",\"heartbeat\":60,\"limits\":{\"rate\":1,"
                  "\"burst\":4}}");
    for (int i = 0; i < 6; i++)
        world_say((char[]){(char)('a' + i), '\0'});
    ck_assert_str_eq(world_sent_ids(), "a b c");
    world_receipt("a", 2);
    world_receipt("b", 3);
    ck_assert_str_eq(world_sent_ids(), "");
    world_receipt("c", 4);
    ck_assert_str_eq(world_sent_ids(), "d");
    world_receipt("d", 5);
    ck_assert_str_eq(world_sent_ids(), "e");
}
END_TEST

START_TEST(other_errors_refuse_for_good)
{
    static const char *const codes[] = {"conflict",        "invalid",   "forbidden", "not_member",
                                        "unknown_command", "too_large", "brand_new"};

    link_case_live();
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        struct outbox_item *item = world_say(codes[i]);
        world_say("next");
        link_case_error(codes[i], codes[i], 0);
        ck_assert_int_eq(item->state, OUTBOX_REFUSED);
        ck_assert_str_eq(item->refusal.message, "no");
        world_receipt("next", (int)(20 + i));
    }
    ck_assert_str_eq(buf_text(&world.events), "");
    world_sent_ids();
    fake_way_end(WAY_CLOSED, 0, 0, "lost");
    link_case_come_back("resumed", 10, 10);
    ck_assert_str_eq(world_sent_ids(), "");
    ck_assert_uint_eq(outbox_count(link_outbox(world.link), OUTBOX_REFUSED), ARRAY_LEN(codes));
}
END_TEST

START_TEST(a_session_that_ended_is_renewed_and_the_line_goes_again)
{
    link_case_live();
    world_say("a");
    link_case_error("a", "unauthorized", 0);
    ck_assert_int_eq(world_state(), LINK_WAITING);
    ck_assert_int_eq(outbox_find(link_outbox(world.link), "a")->state, OUTBOX_QUEUED);
    world_sent_ids();
    link_case_come_back("resumed", 10, 10);
    ck_assert_str_eq(world_sent_ids(), "a");
}
END_TEST

START_TEST(errors_and_receipts_of_nobody_are_events)
{
    link_case_live();
    fake_way_line("{\"type\":\"error\",\"code\":\"bad_request\",\"message\":\"x\"}");
    link_case_error("nobody", "conflict", 0);
    world_receipt("nobody", 11);
    fake_way_line("{\"type\":\"receipt\",\"nonce\":\"n\"}");
    ck_assert_str_eq(buf_text(&world.events), "error error receipt:11 receipt");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("link_send");
    TCase *all = tcase_create("all");

    tcase_add_checked_fixture(all, link_case_set_up, link_world_tear_down);
    tcase_add_test(all, lines_are_sent_in_order_many_at_once_and_leave_with_their_receipt);
    tcase_add_test(all, a_line_gets_an_id_where_it_has_none);
    tcase_add_test(all, a_line_that_came_down_is_said_before_its_receipt);
    tcase_add_test(all, a_line_that_came_down_goes_again_for_its_receipt_and_cannot_be_refused);
    tcase_add_test(all, lines_in_flight_are_bounded);
    tcase_add_test(all, a_choked_way_goes_on_where_it_stopped);
    tcase_add_test(all, after_a_cut_the_same_ids_go_again_in_order);
    tcase_add_test(all, nothing_is_sent_before_hello);
    tcase_add_test(all, queued_lines_survive_a_restart_of_the_client);
    tcase_add_test(all, rate_limited_lines_wait_and_keep_their_order);
    tcase_add_test(all, near_the_rate_lines_go_one_after_another);
    tcase_add_test(all, other_errors_refuse_for_good);
    tcase_add_test(all, a_session_that_ended_is_renewed_and_the_line_goes_again);
    tcase_add_test(all, errors_and_receipts_of_nobody_are_events);
    suite_add_tcase(suite, all);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
