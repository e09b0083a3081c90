/* client/link/link_trial: one leg carries while another is tried; make before break. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/link_world.h"

static char why[200];

static void
wish(const char *name)
{
    ck_assert_msg(link_set_transport(world.link, name, why, sizeof(why)) == 0, "%s", why);
}

/* ws carries, sse was wished for and has started. */
static void
start_trial(void)
{
    link_world_live("ws", "ws");
    wish("sse");
    fake_way_on("sse");
    ck_assert(fake_way_is_up());
    ck_assert_str_eq(world_transport(), "ws");
}

START_TEST(another_row_carries_once_it_has_proved_itself)
{
    start_trial();
    world_open(10);
    ck_assert_str_eq(world_transport(), "ws");
    world_pong();
    ck_assert_str_eq(world_transport(), "sse");
    ck_assert_str_eq(buf_text(&world.notes), "switched ws→sse: asked for\n");
    ck_assert_str_eq(link_status(world.link)->why_transport, "asked for");
    ck_assert_uint_eq(link_status(world.link)->switches, 1);
    ck_assert_uint_eq(link_status(world.link)->reconnects, 0);
    fake_way_on("ws");
    ck_assert(!fake_way_is_up());
    fake_way_on("sse");
    ck_assert(fake_way_is_up());
    ck_assert_str_eq(buf_text(&world.events), ""); /* hello and pong of a trial are not news */
    world_message(11);
    ck_assert_str_eq(buf_text(&world.events), "message:11");
}
END_TEST

START_TEST(a_pong_down_the_other_leg_proves_nothing)
{
    char nonce[64];

    start_trial();
    world_open(10);
    strcpy(nonce, fake_way_ping());
    fake_way_on("ws");
    fake_way_line("{\"type\":\"pong\",\"nonce\":\"%s\",\"cursor\":\"e1-10\",\"head\":\"e1-10\"}",
                  nonce);
    ck_assert_str_eq(world_transport(), "ws");
    ck_assert(world_has_trial());
    strcpy(nonce, fake_way_ping());
    fake_way_on("sse");
    fake_way_line("{\"type\":\"pong\",\"nonce\":\"%s\",\"cursor\":\"e1-10\",\"head\":\"e1-10\"}",
                  nonce);
    ck_assert_str_eq(world_transport(), "ws");
}
END_TEST

static void
give_pong(const char *row, const char *nonce)
{
    char kept[64];

    snprintf(kept, sizeof(kept), "%s", nonce);
    fake_way_on(row);
    fake_way_line("{\"type\":\"pong\",\"nonce\":\"%s\",\"cursor\":\"e1-10\",\"head\":\"e1-10\"}",
                  kept);
}

/* A pong goes to the session's next question, which may be either's. */
START_TEST(between_ways_that_ask_a_pong_counts_wherever_it_comes_down)
{
    link_world_live("longpoll", "longpoll");
    ck_assert_int_eq(link_set_transport(world.link, "poll", NULL, 0), 0);
    fake_way_on("poll");
    world_open(10);
    ck_assert_int_eq(link_send_ping(world.link, "u1"), 0);
    give_pong("poll", "u1");
    ck_assert_str_eq(buf_text(&world.events), "pong");
    ck_assert_str_eq(world_transport(), "longpoll");
    give_pong("longpoll", fake_way_ping());
    ck_assert_str_eq(world_transport(), "poll");
    fake_way_on("longpoll");
    ck_assert(!fake_way_is_up());
}
END_TEST

START_TEST(a_proof_that_comes_too_late_leaves_all_as_it_was)
{
    start_trial();
    world_open(10);
    world_run_until(world_has_no_trial);
    ck_assert(!fake_way_is_up());
    ck_assert_ptr_nonnull(strstr(buf_text(&world.notes), "sse does not work: a ping was not"));
    ck_assert_ptr_nonnull(strstr(buf_text(&world.notes), "staying on ws"));
    ck_assert_str_eq(world_transport(), "ws");
    fake_way_on("ws");
    ck_assert(fake_way_is_up());
    ck_assert_str_eq(buf_text(&world.states), "");
}
END_TEST

START_TEST(a_trial_without_hello_ends_in_time)
{
    start_trial();
    fake_way_open();
    world_run_until(world_has_no_trial);
    ck_assert_str_eq(buf_text(&world.notes),
                     "sse does not work: no answer in 1 s; staying on ws\n");
}
END_TEST

START_TEST(a_trial_that_ends_leaves_all_as_it_was)
{
    static const struct {
        enum way_end end;
        int status;
    } rows[] = {
        {WAY_CLOSED, 0},    {WAY_UNREACHED, 0},  {WAY_CERTIFICATE, 0}, {WAY_REFUSED, 401},
        {WAY_REFUSED, 403}, {WAY_REFUSED, 404},  {WAY_REFUSED, 429},   {WAY_REFUSED, 503},
        {WAY_REFUSED, 500}, {WAY_REFUSED, 1012}, {WAY_REFUSED, 200},   {WAY_FOREIGN, 403},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (int opened = 0; opened < 2; opened++) {
            start_trial();
            if (opened)
                world_open(10);
            fake_way_end(rows[i].end, rows[i].status, 1000, "because");
            ck_assert_msg(world_state() == LINK_LIVE, "row %zu", i);
            ck_assert_str_eq(buf_text(&world.notes), "sse does not work: because; staying on ws\n");
            ck_assert_str_eq(buf_text(&world.states), "");
            ck_assert_str_eq(link_status(world.link)->why, "");
            ck_assert_ptr_null(fake_ask_question());
            fake_way_on("ws");
            world_message(11);
            ck_assert_str_eq(buf_text(&world.events), "message:11");
            link_world_destroy();
        }
}
END_TEST

START_TEST(a_trial_that_does_not_go_on_where_we_are_ends)
{
    for (int i = 0; i < 6; i++) {
        start_trial();
        fake_way_open();
        switch (i) {
        case 0: world_hello("gap", 10, 10); break;
        case 1: world_hello("new", 10, 10); break;
        case 2: world_hello("resumed", 12, 12); break;
        case 3:
            fake_way_line("{\"type\":\"hello\",\"user\":\"ann\",\"epoch\":\"e2\",\"cursor\":"
                          "\"e2-10\",\"head\":\"e2-10\",\"result\":\"resumed\",\"heartbeat\":15}");
            break;
        case 4:
            fake_way_line("{\"type\":\"hello\",\"user\":\"bob\",\"epoch\":\"e1\",\"cursor\":"
                          "\"e1-10\",\"head\":\"e1-10\",\"result\":\"resumed\",\"heartbeat\":15}");
            break;
        default:
            world_hello("resumed", 10, 20);
            fake_way_line("{\"type\":\"gap\",\"from\":11,\"to\":14,\"reason\":\"trimmed\","
                          "\"cursor\":\"e1-14\"}");
        }
        ck_assert_msg(world_has_no_trial(), "case %d", i);
        ck_assert_str_eq(world_transport(), "ws");
        ck_assert_str_eq(buf_text(&world.events), "");
        fake_way_on("ws");
        world_message(11);
        ck_assert_str_eq(buf_text(&world.events), "message:11");
        link_world_destroy();
    }
}
END_TEST

START_TEST(garbage_down_a_trial_ends_it_alone)
{
    start_trial();
    fake_way_open();
    fake_way_raw("garbage", 7);
    ck_assert(world_has_no_trial());
    ck_assert_int_eq(world_state(), LINK_LIVE);
    wish("sse");
    fake_way_open();
    world_message(11); /* before hello */
    ck_assert(world_has_no_trial());
    ck_assert_str_eq(buf_text(&world.events), "");
}
END_TEST

START_TEST(bye_of_a_trial_ends_it_alone)
{
    start_trial();
    world_open(10);
    fake_way_line("{\"type\":\"bye\",\"reason\":\"drain\",\"delay_ms\":100}");
    ck_assert(world_has_no_trial());
    ck_assert_str_eq(buf_text(&world.events), "");
    ck_assert_int_eq(world_state(), LINK_LIVE);
}
END_TEST

START_TEST(events_of_both_legs_come_once_and_in_order)
{
    start_trial();
    fake_way_on("ws");
    world_message(11);
    fake_way_on("sse");
    fake_way_open();
    world_hello("resumed", 10, 13);
    world_message(11);
    world_message(12);
    fake_way_on("ws");
    world_message(12);
    world_message(14);
    fake_way_line("{\"type\":\"brand_new\",\"seq\":15,\"room\":\"#lobby\"}");
    fake_way_line("{\"type\":\"presence\",\"user\":\"bob\",\"state\":\"away\"}");
    fake_way_on("sse");
    fake_way_line("{\"type\":\"presence\",\"user\":\"bob\",\"state\":\"away\"}");
    world_message(14);
    fake_way_line("{\"type\":\"brand_new\",\"seq\":15,\"room\":\"#lobby\"}");
    world_pong();
    ck_assert_str_eq(world_transport(), "sse");
    world_message(15);
    world_message(16);
    ck_assert_str_eq(buf_text(&world.events), "message:11 message:12 message:14 unknown:15 "
                                              "presence message:16");
}
END_TEST

START_TEST(a_trial_that_is_behind_may_carry)
{
    start_trial();
    world_open(10);
    fake_way_on("ws");
    world_message(11);
    world_message(12);
    fake_way_on("sse");
    world_pong(); /* its own cursor is at 10 still */
    ck_assert_str_eq(world_transport(), "sse");
    world_message(11);
    world_message(12);
    world_message(13);
    ck_assert_str_eq(buf_text(&world.events), "message:11 message:12 message:13");
}
END_TEST

START_TEST(what_was_sent_without_a_receipt_goes_again_with_the_same_id)
{
    start_trial();
    world_say("a");
    world_say("b");
    fake_way_on("ws");
    ck_assert_str_eq(world_sent_ids(), "a b");
    world_receipt("a", 11);
    fake_way_on("sse");
    world_open(10);
    ck_assert_str_eq(world_sent_ids(), "");
    world_pong();
    ck_assert_str_eq(world_sent_ids(), "b");
    world_say("c");
    ck_assert_str_eq(world_sent_ids(), "c");
    world_receipt("b", 12);
    world_receipt("c", 13);
    ck_assert(outbox_is_empty(link_outbox(world.link)));
    ck_assert_str_eq(buf_text(&world.receipts), "a=11 b=12 c=13");
}
END_TEST

START_TEST(the_users_ping_is_asked_again_on_the_new_leg)
{
    start_trial();
    ck_assert_int_eq(link_send_ping(world.link, "mine"), 0);
    world_open(10);
    world_pong();
    ck_assert_str_eq(world_transport(), "sse");
    ck_assert_str_eq(fake_way_ping(), "mine");
    world_pong();
    ck_assert_str_eq(buf_text(&world.events), "pong");
}
END_TEST

START_TEST(a_trial_that_said_hello_carries_when_the_other_leg_dies)
{
    start_trial();
    world_say("a");
    world_open(10);
    fake_way_on("ws");
    fake_way_end(WAY_CLOSED, 0, 0, "connection lost");
    ck_assert_str_eq(world_transport(), "sse");
    ck_assert_int_eq(world_state(), LINK_LIVE);
    ck_assert_str_eq(buf_text(&world.notes), "switched ws→sse: connection lost\n");
    ck_assert_uint_eq(link_status(world.link)->reconnects, 0);
    fake_way_on("sse");
    ck_assert_str_eq(world_sent_ids(), "a");
    world_pong();
    ck_assert(world.link->leg->is_proven);
}
END_TEST

START_TEST(a_trial_that_still_opens_is_what_the_link_waits_for_then)
{
    start_trial();
    fake_way_on("ws");
    fake_way_end(WAY_CLOSED, 0, 0, "connection lost");
    ck_assert_int_eq(world_state(), LINK_CONNECTING);
    ck_assert_str_eq(world_transport(), "sse");
    fake_way_on("sse");
    ck_assert(fake_way_is_up());
    world_open(10);
    ck_assert_int_eq(world_state(), LINK_LIVE);
    ck_assert_str_eq(buf_text(&world.events), "hello");
}
END_TEST

static bool
is_waiting(void)
{
    return world_state() == LINK_WAITING;
}

START_TEST(a_trial_that_still_opens_and_does_not_is_backed_off)
{
    start_trial();
    fake_way_on("ws");
    fake_way_end(WAY_CLOSED, 0, 0, "connection lost");
    world_run_until(is_waiting);
    ck_assert_str_eq(link_status(world.link)->transport, "sse");
}
END_TEST

START_TEST(a_server_that_goes_down_ends_both)
{
    start_trial();
    fake_way_on("ws");
    fake_way_line("{\"type\":\"bye\",\"reason\":\"restart\",\"delay_ms\":4200}");
    fake_way_end(WAY_REFUSED, 1012, 0, "closed");
    ck_assert_int_eq(world_state(), LINK_WAITING);
    ck_assert_str_eq(world_transport(), "ws");
    ck_assert_str_eq(buf_text(&world.notes), "sse was not tried to the end: restart\n");
    fake_way_on("sse");
    ck_assert(!fake_way_is_up());
}
END_TEST

START_TEST(a_session_that_lapses_is_renewed_and_what_was_sent_goes_again)
{
    start_trial();
    world_say("a");
    fake_way_end(WAY_REFUSED, 401, 0, "the server answered 401");
    ck_assert_int_eq(world_state(), LINK_LIVE);
    fake_way_on("ws");
    world_sent_ids();
    fake_way_end(WAY_REFUSED, 401, 0, "the server answered 401");
    ck_assert_str_eq(fake_ask_question(), "POST /v1/login {\"user\":\"ann\"}");
    ck_assert_int_eq(world_state(), LINK_LOGIN);
    fake_ask_answer(200, 0, "{\"token\":\"T2\",\"user\":\"ann\",\"guest\":true}");
    ck_assert_str_eq(fake_way_token(), "T2");
    world_open(10);
    ck_assert_str_eq(world_sent_ids(), "a");
}
END_TEST

START_TEST(the_last_of_two_wishes_counts)
{
    start_trial();
    wish("longpoll");
    ck_assert(!fake_way_is_up());
    fake_way_on("longpoll");
    world_open(10);
    wish("longpoll");
    ck_assert_uint_eq(fake_way_starts(), 1);
    world_pong();
    ck_assert_str_eq(world_transport(), "longpoll");
    ck_assert_str_eq(buf_text(&world.notes), "switched ws→longpoll: asked for\n");

    wish("poll");
    wish("longpoll");
    ck_assert(world_has_no_trial());
    ck_assert_str_eq(world_transport(), "longpoll");
}
END_TEST

START_TEST(there_and_back_again_a_hundred_times_loses_nothing)
{
    static const char *const names[] = {"ws", "sse", "longpoll", "poll"};
    int seq = 10, now = 0;
    char expected[4000] = "";

    link_world_live("ws", "ws");
    for (int i = 0; i < 100; i++) {
        char id[16], word[32];
        int next = (now + 1 + i % 3) % 4;
        snprintf(id, sizeof(id), "i%d", i);
        world_say(id);
        wish(names[next]);
        fake_way_on(names[next]);
        world_open(seq);
        fake_way_on(names[now]);
        world_message(++seq);
        snprintf(word, sizeof(word), "%smessage:%d", i == 0 ? "" : " ", seq);
        strcat(expected, word);
        fake_way_on(names[next]);
        world_pong();
        world_message(seq);
        world_receipt(id, seq);
        ck_assert_str_eq(world_transport(), names[next]);
        now = next;
    }
    ck_assert_str_eq(buf_text(&world.events), expected);
    ck_assert(outbox_is_empty(link_outbox(world.link)));
    ck_assert_uint_eq(link_status(world.link)->switches, 100);
}
END_TEST

START_TEST(where_nothing_carries_the_next_try_takes_it)
{
    link_world_create("ws", false);
    link_start(world.link);
    fake_way_on("ws");
    fake_way_end(WAY_CLOSED, 0, 0, "lost");
    ck_assert_int_eq(world_state(), LINK_WAITING);
    wish("sse");
    ck_assert_int_eq(world_state(), LINK_CONNECTING);
    ck_assert_str_eq(world_transport(), "sse");
    wish("longpoll");
    ck_assert_str_eq(world_transport(), "longpoll");
    fake_way_on("sse");
    ck_assert(!fake_way_is_up());
    fake_way_on("longpoll");
    fake_way_end(WAY_REFUSED, 404, 0, "the server answered 404");
    ck_assert_int_eq(world_state(), LINK_FAILED);
    wish("poll");
    fake_way_on("poll");
    ck_assert(fake_way_is_up());
}
END_TEST

START_TEST(an_unknown_transport_is_refused_with_what_there_is)
{
    link_world_live("ws", "ws");
    ck_assert_int_lt(link_set_transport(world.link, "smoke", why, sizeof(why)), 0);
    ck_assert_str_eq(why, "transport \"smoke\" unknown: wanted auto|ws|sse|longpoll|poll");
}
END_TEST

START_TEST(closing_is_possible_at_every_step_of_a_trial)
{
    for (int step = 0; step < 4; step++)
        for (int how = 0; how < 3; how++) {
            start_trial();
            if (step > 0)
                fake_way_open();
            if (step > 1)
                world_hello("resumed", 10, 10);
            if (step > 2)
                world_pong();
            if (how < 2) {
                link_close(world.link, how == 1);
                if (how == 1)
                    fake_ask_answer(200, 0, "{}");
                ck_assert_int_eq(world_state(), LINK_ENDED);
                ck_assert(!fake_way_is_up());
                fake_way_on("ws");
                ck_assert(!fake_way_is_up());
            }
            link_world_destroy();
        }
}
END_TEST

static void
close_link(void)
{
    world.on_note = world.on_outbox = world.on_event = NULL;
    link_close(world.link, false);
}

/* Whoever hears of a switch may close the link at once. */
START_TEST(closing_within_what_is_heard_is_possible)
{
    for (int i = 0; i < 5; i++) {
        start_trial();
        world_say("a");
        world_open(10);
        world.on_note = i < 2 ? close_link : NULL;
        world.on_outbox = i == 2 || i == 3 ? close_link : NULL;
        world.on_event = i == 4 ? close_link : NULL;
        if (i == 0 || i == 2) {
            world_pong();
        } else if (i == 4) {
            world_message(11);
        } else {
            fake_way_on("ws");
            fake_way_end(WAY_CLOSED, 0, 0, "lost");
        }
        ck_assert_msg(world_state() == LINK_ENDED, "case %d", i);
        fake_way_on("sse");
        ck_assert(!fake_way_is_up());
        link_world_destroy();
    }
}
END_TEST

static void
wish_for_poll(void)
{
    world.on_note = NULL;
    wish("poll");
}

START_TEST(another_wish_within_what_is_heard_is_possible)
{
    start_trial();
    world_open(10);
    world.on_note = wish_for_poll;
    world_pong();
    ck_assert_str_eq(world_transport(), "sse");
    fake_way_on("poll");
    world_open(10);
    world_pong();
    ck_assert_str_eq(world_transport(), "poll");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("link_trial");
    TCase *all = tcase_create("all");

    tcase_set_timeout(all, 60);
    tcase_add_checked_fixture(all, link_world_set_up, link_world_tear_down);
    tcase_add_test(all, another_row_carries_once_it_has_proved_itself);
    tcase_add_test(all, a_pong_down_the_other_leg_proves_nothing);
    tcase_add_test(all, between_ways_that_ask_a_pong_counts_wherever_it_comes_down);
    tcase_add_test(all, a_proof_that_comes_too_late_leaves_all_as_it_was);
    tcase_add_test(all, a_trial_without_hello_ends_in_time);
    tcase_add_test(all, a_trial_that_ends_leaves_all_as_it_was);
    tcase_add_test(all, a_trial_that_does_not_go_on_where_we_are_ends);
    tcase_add_test(all, garbage_down_a_trial_ends_it_alone);
    tcase_add_test(all, bye_of_a_trial_ends_it_alone);
    tcase_add_test(all, events_of_both_legs_come_once_and_in_order);
    tcase_add_test(all, a_trial_that_is_behind_may_carry);
    tcase_add_test(all, what_was_sent_without_a_receipt_goes_again_with_the_same_id);
    tcase_add_test(all, the_users_ping_is_asked_again_on_the_new_leg);
    tcase_add_test(all, a_trial_that_said_hello_carries_when_the_other_leg_dies);
    tcase_add_test(all, a_trial_that_still_opens_is_what_the_link_waits_for_then);
    tcase_add_test(all, a_trial_that_still_opens_and_does_not_is_backed_off);
    tcase_add_test(all, a_server_that_goes_down_ends_both);
    tcase_add_test(all, a_session_that_lapses_is_renewed_and_what_was_sent_goes_again);
    tcase_add_test(all, the_last_of_two_wishes_counts);
    tcase_add_test(all, there_and_back_again_a_hundred_times_loses_nothing);
    tcase_add_test(all, where_nothing_carries_the_next_try_takes_it);
    tcase_add_test(all, an_unknown_transport_is_refused_with_what_there_is);
    tcase_add_test(all, closing_is_possible_at_every_step_of_a_trial);
    tcase_add_test(all, closing_within_what_is_heard_is_possible);
    tcase_add_test(all, another_wish_within_what_is_heard_is_possible);
    suite_add_tcase(suite, all);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
