/* client/link/link_auto, link_doubt: how auto finds a way, over fake ones. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "client/link/small_file.h"
#include "common/clock.h"
#include "common/util.h"
#include "tests/support/link_world.h"

static const char *
notes(void)
{
    return buf_text(&world.notes);
}

static bool
is_up(const char *name)
{
    fake_way_on(name);
    return fake_way_is_up();
}

/* The trial of the row proves itself. */
static void
prove(const char *name)
{
    ck_assert_msg(is_up(name), "%s is not tried", name);
    world_open(10);
    world_pong();
    ck_assert_str_eq(world_transport(), name);
}

static void
restart(const char *transport)
{
    link_world_destroy();
    link_world_forget();
    link_world_create(transport, false);
    link_start(world.link);
}

static void
forget_host(void)
{
    char *path = xasprintf("%s/transports/localhost:8443", world.dir);

    remove(path);
    free(path);
    link_world_forget();
}

START_TEST(reads_at_once_by_longpoll_and_goes_up_to_ws)
{
    link_world_create("auto", false);
    link_start(world.link);
    ck_assert(is_up("longpoll"));
    ck_assert(!is_up("ws"));
    fake_way_on("longpoll");
    fake_way_open();
    ck_assert(!is_up("ws")); /* there is no position yet */
    fake_way_on("longpoll");
    world_hello("new", 10, 10);
    world_message(11);
    ck_assert_str_eq(buf_text(&world.events), "hello message:11");
    ck_assert(is_up("ws"));
    world_open(10);
    world_pong();
    ck_assert_str_eq(world_transport(), "ws");
    ck_assert_ptr_nonnull(strstr(notes(), "switched longpoll→ws: proven, round trip "));
    ck_assert(!is_up("longpoll"));
    ck_assert(!is_up("sse"));
}
END_TEST

START_TEST(where_ws_is_blocked_sse_is_next_and_the_line_says_why)
{
    link_world_live("auto", "longpoll");
    ck_assert(is_up("ws"));
    fake_way_end(WAY_CLOSED, 0, 0, "closed before the WebSocket was open");
    ck_assert_str_eq(notes(), "");
    prove("sse");
    ck_assert_ptr_nonnull(strstr(notes(), "ws: closed before the WebSocket was open\n"));
    ck_assert_ptr_nonnull(strstr(link_status(world.link)->why_transport, "ws: closed before"));
    ck_assert(!is_up("ws"));
}
END_TEST

START_TEST(who_only_reads_gets_sse)
{
    link_world_create("auto", true);
    link_start(world.link);
    fake_way_on("longpoll");
    fake_way_open();
    world_hello("new", 10, 10);
    ck_assert(!is_up("ws"));
    prove("sse");
    ck_assert_ptr_nonnull(strstr(notes(), "switched longpoll→sse: only reading, and one response "
                                          "is enough for that; proven"));
    ck_assert(!is_up("ws"));
}
END_TEST

START_TEST(what_is_off_here_is_said_and_not_tried_again)
{
    static const int statuses[] = {404, 405, 426, 501};

    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        link_world_live("auto", "longpoll");
        ck_assert(is_up("ws"));
        fake_way_end(WAY_REFUSED, statuses[i], 0, "the server answered so");
        ck_assert_str_eq(notes(), "ws does not work: the server answered so; it is off here and "
                                  "not tried again today\n");
        prove("sse");
        restart("auto");
        ck_assert(is_up("sse"));
        fake_way_open();
        world_hello("new", 10, 10);
        ck_assert(!is_up("ws"));
        link_world_destroy();
        forget_host();
    }
}
END_TEST

/* It begins with what worked here before, and something in between forbids it now. */
START_TEST(a_refusal_that_is_not_the_servers_is_no_refusal_of_rights)
{
    for (int status = 401; status <= 403; status += 2) {
        link_world_live("auto", "longpoll");
        prove("ws");
        restart("auto");
        ck_assert(is_up("ws"));
        fake_way_end(WAY_FOREIGN, status, 0, "by something in between");
        ck_assert_str_eq(notes(), "ws does not work: by something in between; trying longpoll\n");
        ck_assert_ptr_null(fake_ask_question());
        ck_assert(is_up("longpoll"));
        fake_way_open();
        world_hello("new", 10, 10);
        ck_assert(!is_up("ws"));
        ck_assert(world.link->choose.ways[0].is_off);
        link_world_destroy();
        forget_host();
    }
}
END_TEST

START_TEST(a_network_that_forbids_every_way_is_not_held_against_them)
{
    static const char *const order[] = {"ws", "longpoll", "sse", "poll"};

    link_world_live("auto", "longpoll");
    prove("ws");
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        ck_assert(is_up(order[i]));
        fake_way_end(WAY_FOREIGN, 403, 0, "403 by something in between");
    }
    ck_assert_int_eq(world_state(), LINK_WAITING);
    restart("auto");
    ck_assert(is_up("longpoll"));
    fake_way_open();
    world_hello("new", 10, 10);
    ck_assert(is_up("ws"));
}
END_TEST

START_TEST(the_second_start_begins_with_what_worked)
{
    link_world_live("auto", "longpoll");
    prove("ws");
    restart("auto");
    ck_assert(is_up("ws"));
    ck_assert(!is_up("longpoll"));
    ck_assert_str_eq(link_status(world.link)->why_transport, "it worked here before");
}
END_TEST

START_TEST(what_worked_once_and_does_not_now_gives_place_at_once)
{
    link_world_live("auto", "longpoll");
    prove("ws");
    restart("auto");
    ck_assert(is_up("ws"));
    fake_way_end(WAY_CLOSED, 0, 0, "connection lost");
    ck_assert_str_eq(notes(), "ws does not work: connection lost; trying longpoll\n");
    ck_assert(is_up("longpoll"));
    fake_way_open();
    world_hello("new", 10, 10);
    ck_assert(is_up("sse"));
    ck_assert(!is_up("ws"));
}
END_TEST

START_TEST(no_way_out_of_a_fault_that_is_not_the_transports)
{
    static const struct {
        enum way_end end;
        int status;
        int64_t retry_after_ms;
        enum link_state state;
    } rows[] = {
        {WAY_CERTIFICATE, 0, 0, LINK_FAILED},   {WAY_REFUSED, 403, 0, LINK_FAILED},
        {WAY_REFUSED, 401, 0, LINK_LOGIN},      {WAY_REFUSED, 429, 5000, LINK_WAITING},
        {WAY_REFUSED, 503, 5000, LINK_WAITING}, {WAY_REFUSED, 1012, 0, LINK_WAITING},
        {WAY_UNREACHED, 0, 0, LINK_WAITING},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        link_world_create("auto", false);
        link_start(world.link);
        fake_way_on("longpoll");
        fake_way_end(rows[i].end, rows[i].status, rows[i].retry_after_ms, "because");
        ck_assert_msg(world_state() == rows[i].state, "row %zu: %d", i, world_state());
        ck_assert_str_eq(world_transport(), "longpoll");
        ck_assert_str_eq(notes(), "");
        for (size_t k = 0; k < ARRAY_LEN(world.link->choose.ways) && fake_rows[k + 1] != NULL; k++)
            ck_assert_int_eq(world.link->choose.ways[k].strike_ms, -1);
        if (rows[i].retry_after_ms > 0)
            ck_assert_int_ge(link_status(world.link)->retry_at_ms - clock_mono_ms(), 4900);
        link_world_destroy();
    }
}
END_TEST

START_TEST(bye_comes_back_on_the_same_way)
{
    link_world_live("auto", "longpoll");
    prove("ws");
    fake_way_line("{\"type\":\"bye\",\"reason\":\"restart\",\"delay_ms\":4200}");
    fake_way_end(WAY_REFUSED, 1012, 0, "closed");
    ck_assert_int_eq(world_state(), LINK_WAITING);
    ck_assert_str_eq(world_transport(), "ws");
    ck_assert_int_eq(world.link->choose.ways[0].strike_ms, -1);
}
END_TEST

START_TEST(every_way_is_tried_once_and_then_it_rests)
{
    static const char *const order[] = {"longpoll", "ws", "sse", "poll"};

    link_world_create("auto", false);
    link_start(world.link);
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        ck_assert_int_eq(world_state(), LINK_CONNECTING);
        ck_assert(is_up(order[i]));
        fake_way_end(WAY_CLOSED, 0, 0, "connection lost");
    }
    ck_assert_int_eq(world_state(), LINK_WAITING);
    ck_assert_str_eq(world_transport(), "longpoll");
}
END_TEST

START_TEST(what_is_no_rtchat_on_every_way_needs_a_person)
{
    static const char *const order[] = {"longpoll", "ws", "sse", "poll"};

    for (int status = 200; status <= 404; status += 204) {
        link_world_create("auto", false);
        link_start(world.link);
        for (size_t i = 0; i < ARRAY_LEN(order); i++) {
            ck_assert(is_up(order[i]));
            fake_way_end(WAY_REFUSED, status, 0, "a page of the hotel's");
        }
        ck_assert_int_eq(world_state(), LINK_FAILED);
        ck_assert_int_eq(link_status(world.link)->fault, LINK_FAULT_PROTOCOL);
        link_world_destroy();
    }

    /* And nothing of it is remembered. */
    restart("auto");
    ck_assert(is_up("longpoll"));
}
END_TEST

START_TEST(a_way_that_served_well_is_taken_again)
{
    world.patience.choose = choose_times;
    world.patience.choose.useful_ms = 0;
    link_world_live("auto", "longpoll");
    prove("ws");
    fake_way_end(WAY_CLOSED, 0, 0, "connection lost");
    ck_assert_int_eq(world_state(), LINK_WAITING);
    ck_assert_str_eq(world_transport(), "ws");
}
END_TEST

START_TEST(a_way_that_flaps_is_demoted_and_probed_later)
{
    world.patience.choose = choose_times;
    world.patience.choose.second_ms = 400;
    world.patience.choose.probe_ms[0] = 80;
    link_world_live("auto", "longpoll");
    prove("ws");
    fake_way_end(WAY_CLOSED, 0, 0, "connection lost");
    ck_assert_ptr_nonnull(strstr(notes(), "ws was lost: connection lost; trying longpoll\n"));
    ck_assert(is_up("longpoll"));
    world_open(10);
    world_pong();
    prove("sse");
    world_run_until(world_has_trial);
    ck_assert(is_up("ws"));
    fake_way_end(WAY_CLOSED, 0, 0, "connection lost");
    ck_assert_ptr_nonnull(strstr(notes(), "ws does not work: connection lost; two strikes, so it "
                                          "is tried again in "));
    ck_assert(world.link->choose.ways[0].is_demoted);
    world_run_until(world_has_trial);
    prove("ws");
    ck_assert(!world.link->choose.ways[0].is_demoted);
}
END_TEST

static bool
is_tried_sse(void)
{
    return is_up("sse");
}

START_TEST(a_way_that_does_not_prove_itself_goes_on_until_another_has)
{
    link_world_create("auto", false);
    link_start(world.link);
    fake_way_on("longpoll");
    fake_way_open();
    world_hello("new", 10, 10);
    ck_assert(is_up("ws"));
    fake_way_end(WAY_CLOSED, 0, 0, "cut");
    ck_assert(is_up("sse"));
    fake_way_end(WAY_CLOSED, 0, 0, "cut");
    ck_assert(world_has_no_trial());
    world_run_until(world_has_trial);
    ck_assert(is_up("poll"));
    ck_assert_ptr_nonnull(strstr(notes(), "longpoll: a ping was not answered in 1 s"));
    fake_way_on("longpoll");
    world_message(11);
    ck_assert_str_eq(buf_text(&world.events), "hello message:11");
    fake_way_on("poll");
    fake_way_open();
    world_hello("resumed", 10, 11);
    world_pong();
    ck_assert_str_eq(world_transport(), "poll");
    ck_assert_ptr_nonnull(strstr(notes(), "switched longpoll→poll: a ping was not answered"));
}
END_TEST

static bool
is_late(void)
{
    return world.link->leg->is_late;
}

START_TEST(a_proven_way_that_is_slow_for_a_moment_stays)
{
    link_world_live("auto", "longpoll");
    prove("ws");
    leg_ping(world.link->leg);
    link_world_forget();
    world_run_until(is_late);
    ck_assert(is_tried_sse());
    fake_way_on("ws");
    world_pong();
    ck_assert(!is_tried_sse());
    ck_assert_str_eq(world_transport(), "ws");
    ck_assert_int_eq(world.link->choose.ways[0].strike_ms, -1);
    ck_assert_str_eq(notes(), "");
}
END_TEST

START_TEST(a_proven_way_that_is_slow_while_another_gets_through_pays)
{
    link_world_live("auto", "longpoll");
    prove("ws");
    leg_ping(world.link->leg);
    world_run_until(is_late);
    prove("sse");
    ck_assert_int_ge(world.link->choose.ways[0].strike_ms, 0);
    ck_assert_ptr_nonnull(strstr(notes(), "switched ws→sse: a ping was not answered in 1 s"));
}
END_TEST

START_TEST(a_receipt_without_its_message_means_that_something_buffers)
{
    link_world_live("auto", "longpoll");
    prove("ws");
    world_say("a");
    world_receipt("a", 11);
    world_run_until(is_late);
    ck_assert_ptr_nonnull(strstr(notes(), "ws: a line was taken but did not come back in 1 s"));
    prove("sse");
    world_message(11);
    ck_assert_str_eq(buf_text(&world.events), "message:11");
}
END_TEST

static int64_t until_ms;

static bool
is_past(void)
{
    return clock_mono_ms() >= until_ms;
}

static void
tick(uv_timer_t *timer)
{
    uv_stop(timer->loop);
}

static void
run_for(int64_t ms)
{
    uv_timer_t ticker;

    uv_timer_init(&world.loop, &ticker);
    uv_timer_start(&ticker, tick, 5, 5);
    until_ms = clock_mono_ms() + ms;
    world_run_until(is_past);
    world_close_timer(&ticker);
}

START_TEST(a_receipt_whose_message_comes_or_is_on_its_way_is_fine)
{
    link_world_live("auto", "longpoll");
    prove("ws");
    world_say("a");
    world_receipt("a", 13);
    world_message(11); /* much is on its way */
    run_for(120);
    world_message(12);
    run_for(120);
    world_message(13);
    run_for(250);
    ck_assert(!is_late());
    ck_assert_str_eq(world_transport(), "ws");
}
END_TEST

START_TEST(the_users_wish_ends_auto_and_auto_comes_back)
{
    char why[200];

    link_world_live("auto", "longpoll");
    prove("ws");
    ck_assert_int_eq(link_set_transport(world.link, "poll", why, sizeof(why)), 0);
    prove("poll");
    ck_assert(!is_up("ws"));
    link_world_forget();
    ck_assert_int_eq(link_set_transport(world.link, "auto", why, sizeof(why)), 0);
    ck_assert_str_eq(notes(), "poll is used until something better proves itself\n");
    prove("ws");
}
END_TEST

START_TEST(auto_takes_back_a_wish_that_is_still_tried)
{
    char why[200];

    link_world_live("auto", "longpoll");
    prove("ws");
    ck_assert_int_eq(link_set_transport(world.link, "poll", why, sizeof(why)), 0);
    ck_assert(is_up("poll"));
    ck_assert_int_eq(link_set_transport(world.link, "auto", why, sizeof(why)), 0);
    ck_assert(!is_up("poll"));
    ck_assert_str_eq(world_transport(), "ws");
    ck_assert(world.link->is_auto);

    ck_assert_int_eq(link_set_transport(world.link, "poll", why, sizeof(why)), 0);
    prove("poll");
    ck_assert_int_eq(link_set_transport(world.link, "longpoll", why, sizeof(why)), 0);
    ck_assert_int_eq(link_set_transport(world.link, "auto", why, sizeof(why)), 0);
    prove("ws");
    ck_assert(world.link->is_auto);
}
END_TEST

START_TEST(a_wish_that_comes_to_nothing_leaves_auto_on)
{
    char why[200];

    link_world_live("auto", "longpoll");
    prove("ws");
    ck_assert_int_eq(link_set_transport(world.link, "poll", why, sizeof(why)), 0);
    fake_way_on("poll");
    fake_way_end(WAY_CLOSED, 0, 0, "cut");
    ck_assert(world.link->is_auto);
    ck_assert_str_eq(world_transport(), "ws");
}
END_TEST

/* Whatever came to pass, the next start works. */
START_TEST(a_damaged_memory_is_as_good_as_none)
{
    char *path = xasprintf("%s/transports/localhost:8443", world.dir);

    ck_assert_int_eq(small_file_write(path, "first\0\xff\n\n\n", 10), 0);
    free(path);
    link_world_create("auto", false);
    link_start(world.link);
    ck_assert(is_up("longpoll"));
}
END_TEST

static void
close_link(void)
{
    world.on_note = NULL;
    link_close(world.link, false);
}

START_TEST(closing_within_a_note_is_possible)
{
    for (int i = 0; i < 3; i++) {
        link_world_live("auto", "longpoll");
        world.on_note = close_link;
        if (i == 0) { /* off here */
            fake_way_on("ws");
            fake_way_end(WAY_REFUSED, 404, 0, "off");
        } else if (i == 1) { /* a switch */
            fake_way_on("ws");
            world_open(10);
            world_pong();
        } else { /* another one is taken */
            fake_way_on("ws");
            fake_way_end(WAY_CLOSED, 0, 0, "cut");
            fake_way_on("sse");
            fake_way_end(WAY_CLOSED, 0, 0, "cut");
            fake_way_on("longpoll");
            fake_way_end(WAY_REFUSED, 200, 0, "cut");
        }
        ck_assert_msg(world_state() == LINK_ENDED, "case %d", i);
        for (size_t k = 1; fake_rows[k] != NULL; k++)
            ck_assert(!is_up(fake_rows[k]->name));
        link_world_destroy();
        forget_host();
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("link_auto");
    TCase *all = tcase_create("all");

    tcase_set_timeout(all, 60);
    tcase_add_checked_fixture(all, link_world_set_up, link_world_tear_down);
    tcase_add_test(all, reads_at_once_by_longpoll_and_goes_up_to_ws);
    tcase_add_test(all, where_ws_is_blocked_sse_is_next_and_the_line_says_why);
    tcase_add_test(all, who_only_reads_gets_sse);
    tcase_add_test(all, what_is_off_here_is_said_and_not_tried_again);
    tcase_add_test(all, a_refusal_that_is_not_the_servers_is_no_refusal_of_rights);
    tcase_add_test(all, a_network_that_forbids_every_way_is_not_held_against_them);
    tcase_add_test(all, the_second_start_begins_with_what_worked);
    tcase_add_test(all, what_worked_once_and_does_not_now_gives_place_at_once);
    tcase_add_test(all, no_way_out_of_a_fault_that_is_not_the_transports);
    tcase_add_test(all, bye_comes_back_on_the_same_way);
    tcase_add_test(all, every_way_is_tried_once_and_then_it_rests);
    tcase_add_test(all, what_is_no_rtchat_on_every_way_needs_a_person);
    tcase_add_test(all, a_way_that_served_well_is_taken_again);
    tcase_add_test(all, a_way_that_flaps_is_demoted_and_probed_later);
    tcase_add_test(all, a_way_that_does_not_prove_itself_goes_on_until_another_has);
    tcase_add_test(all, a_proven_way_that_is_slow_for_a_moment_stays);
    tcase_add_test(all, a_proven_way_that_is_slow_while_another_gets_through_pays);
    tcase_add_test(all, a_receipt_without_its_message_means_that_something_buffers);
    tcase_add_test(all, a_receipt_whose_message_comes_or_is_on_its_way_is_fine);
    tcase_add_test(all, the_users_wish_ends_auto_and_auto_comes_back);
    tcase_add_test(all, auto_takes_back_a_wish_that_is_still_tried);
    tcase_add_test(all, a_wish_that_comes_to_nothing_leaves_auto_on);
    tcase_add_test(all, a_damaged_memory_is_as_good_as_none);
    tcase_add_test(all, closing_within_a_note_is_possible);
    suite_add_tcase(suite, all);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
