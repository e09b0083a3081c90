/* The uplink of the rows sse, longpoll and poll, against a real TLS peer that plays a script. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/link/uplink.h"
#include "common/util.h"
#include "tests/support/web_case.h"

START_TEST(what_waits_goes_up_together_and_in_order)
{
    for (size_t i = 0; i < ARRAY_LEN(web_rows); i++) {
        web.row = web_rows[i];
        web_let_greet();
        script_peer_add((struct act){"POST /v1/send", "200 OK", JSON, NULL});
        web_begin(web.row);
        ck_assert_int_eq(web.row->send(web.way, "{}", 2), -EPIPE); /* it is not open */
        web_run_to_line("hello");
        for (int j = 0; j < 250; j++) {
            char id[8];
            snprintf(id, sizeof(id), "m%03d", j);
            web_send(id);
        }
        web_run_to_line("\"m249\"");
        ck_assert_int_eq(script_peer_count(script_peer_requests(), "POST /v1/send"), 3);
        ck_assert_int_eq(script_peer_count(script_peer_requests(), "Expect"), 0);
        const char *at = web.got.all;
        for (int j = 0; j < 250; j++) {
            char id[10];
            snprintf(id, sizeof(id), "\"m%03d\"", j);
            at = strstr(at, id);
            ck_assert_msg(at != NULL, "%s: %s out of order", web.row->name, id);
        }
        web_finish();
    }
}
END_TEST

START_TEST(refused_members_are_told_in_their_place)
{
    web.row = &link_sse;
    web_let_greet();
    script_peer_add((struct act){
        "POST /v1/send", "207 Multi-Status", JSON,
        "[{\"type\":\"receipt\",\"id\":\"a\",\"seq\":1},"
        "{\"type\":\"receipt\",\"nonce\":\"n\"},"
        "{\"type\":\"receipt\",\"seq\":null},"
        "{\"type\":\"error\",\"id\":\"b\",\"code\":\"forbidden\",\"message\":\"no\"}]"});
    web_begin(web.row);
    web_run_to_line("hello");
    web_send("a");
    ck_assert_int_eq(web.row->send(web.way, "{\"type\":\"ping\",\"nonce\":\"n\"}", 27), 0);
    ck_assert_int_eq(web.row->send(web.way, "{\"type\":\"typing\",\"room\":\"#a\"}", 30), 0);
    web_send("b");
    web_run_to_line("forbidden");
    ck_assert_str_eq(web.got.all, HELLO "\n{\"type\":\"receipt\",\"id\":\"a\",\"seq\":1}\n"
                                        "{\"type\":\"error\",\"id\":\"b\",\"code\":\"forbidden\","
                                        "\"message\":\"no\"}\n");
    ck_assert_int_eq(web.got.ends, 0);
}
END_TEST

START_TEST(posts_without_an_answer_are_repeated_as_they_were)
{
    web.row = &link_sse;
    web_let_greet();
    script_peer_add((struct act){"POST /v1/send", "200 OK", JSON, "[{\"ty", 1, .cuts = true});
    script_peer_add((struct act){"POST /v1/send", "502 Bad Gateway", "", "", 1});
    script_peer_add((struct act){"POST /v1/send", "200 OK", JSON, NULL});
    web_begin(web.row);
    web_run_to_line("hello");
    web_send("a");
    web_send("b");
    web_run_to_request("POST");
    web_send("c");
    web_run_to_line("\"c\"");
    ck_assert_int_eq(
        script_peer_count(script_peer_requests(),
                          "[{\"type\":\"say\",\"id\":\"a\"},{\"type\":\"say\",\"id\":\"b\"}]"),
        3);
    ck_assert_int_eq(script_peer_count(web.got.all, "receipt"), 3);
}
END_TEST

START_TEST(posts_that_are_never_answered_end_the_way)
{
    web.row = &link_longpoll;
    web_let_greet();
    script_peer_add((struct act){"POST /v1/send", "200 OK", JSON, "[", .cuts = true});
    web_begin(web.row);
    web_run_to_line("hello");
    web_send("a");
    web_run_to_end();
    ck_assert_int_eq(web.got.end, WAY_CLOSED);
    ck_assert_int_eq(script_peer_count(script_peer_requests(), "POST"), 4);
    ck_assert_int_eq(web.got.lines, 1);
}
END_TEST

START_TEST(whole_posts_that_are_refused_end_the_way)
{
    static const struct {
        const char *status, *extra;
        int number;
        int64_t retry_after_ms;
    } refusals[] = {
        {"401 Unauthorized", JSON, 401, 0},
        {"403 Forbidden", JSON, 403, 0},
        {"404 Not Found", JSON, 404, 0},
        {"429 Too Many", JSON "Retry-After: 4\r\n", 429, 4000},
        {"503 Unavailable", JSON "Retry-After: 9\r\n", 503, 9000},
    };

    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        web.row = web_rows[i % ARRAY_LEN(web_rows)];
        web_let_greet();
        script_peer_add((struct act){"POST /v1/send", refusals[i].status, refusals[i].extra,
                                     "{\"error\":{\"code\":\"x\",\"message\":\"not so\"}}"});
        web_begin(web.row);
        web_run_to_line("hello");
        web_send("a");
        web_run_to_end();
        ck_assert_msg(web.got.end == WAY_REFUSED && web.got.status == refusals[i].number &&
                          web.got.retry_after_ms == refusals[i].retry_after_ms &&
                          strstr(web.got.why, ": not so") != NULL,
                      "row %zu: end %d status %d why %s", i, web.got.end, web.got.status,
                      web.got.why);
        web_finish();
    }
}
END_TEST

START_TEST(posts_that_something_in_between_forbids_say_so)
{
    for (size_t i = 0; i < ARRAY_LEN(web_rows); i++) {
        web.row = web_rows[i];
        web_let_greet();
        script_peer_add(
            (struct act){"POST /v1/send", "403 Forbidden", JSON, "{\"error\":\"policy\"}"});
        web_begin(web.row);
        web_run_to_line("hello");
        web_send("a");
        web_run_to_end();
        ck_assert_int_eq(web.got.end, WAY_FOREIGN);
        ck_assert_str_eq(web.got.why, "403 by something in between");
        web_finish();
    }
}
END_TEST

START_TEST(answers_to_commands_that_are_none_end_the_way)
{
    static const char *const bodies[] = {"<html>", "{}", "[]", "[{},{}]", "3"};

    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        web.row = &link_sse;
        web_let_greet();
        script_peer_add(
            (struct act){"POST /v1/send", "200 OK", "Content-Type: text/html\r\n", bodies[i]});
        web_begin(web.row);
        web_run_to_line("hello");
        web_send("a");
        web_run_to_end();
        ck_assert_int_eq(web.got.end, WAY_REFUSED);
        ck_assert_str_eq(web.got.why, "the answer to commands is text/html: wanted an array of 1");
        web_finish();
    }
}
END_TEST

START_TEST(batches_that_are_too_large_are_split)
{
    web.row = &link_sse;
    web_let_greet();
    script_peer_add((struct act){"POST /v1/send", "413 Too Large", JSON, "{}", 3});
    script_peer_add((struct act){"POST /v1/send", "200 OK", JSON, NULL});
    web_begin(web.row);
    web_run_to_line("hello");
    for (int i = 0; i < 4; i++) {
        char id[3] = {'m', (char)('0' + i), '\0'};
        web_send(id);
    }
    web_run_to_line("\"m3\"");
    /* 4, 2 and 1 were too large: the first goes nowhere, the others one by one. */
    ck_assert_ptr_nonnull(
        strstr(web.got.all, "{\"type\":\"error\",\"id\":\"m0\",\"code\":\"too_large\""));
    ck_assert_int_eq(script_peer_count(web.got.all, "receipt"), 3);
    ck_assert_int_eq(script_peer_count(script_peer_requests(), "POST"), 6);
}
END_TEST

START_TEST(a_full_queue_says_not_now_and_tells_when_to_go_on)
{
    char json[3000];
    int error = 0, count = 0;

    web.row = &link_sse;
    web_let_greet();
    script_peer_add((struct act){"POST /v1/send", "200 OK", JSON, NULL});
    web_begin(web.row);
    web_run_to_line("hello");
    snprintf(json, sizeof(json), "{\"id\":\"a\",\"text\":\"%02000d\"}", 0);
    while ((error = web.row->send(web.way, json, strlen(json))) == 0 && count < 5000)
        count++;
    ck_assert_int_eq(error, -EAGAIN);
    ck_assert_int_le(count, UPLINK_QUEUE_BYTES_MAX / 2000);
    ck_assert_int_eq(web.got.opens, 1);
    while (web.got.opens < 2)
        uv_run(&web.loop, UV_RUN_ONCE);
    ck_assert_int_eq(web.row->send(web.way, json, strlen(json)), 0);
}
END_TEST

START_TEST(stopping_is_possible_within_a_receipt)
{
    for (size_t i = 0; i < ARRAY_LEN(web_rows); i++) {
        web.row = web_rows[i];
        web.stop_at_line = 2;
        web_let_greet();
        script_peer_add((struct act){"POST /v1/send", "200 OK", JSON, NULL});
        web_begin(web.row);
        web_run_to_line("hello");
        web_send("a");
        web_send("b");
        while (web.way != NULL)
            uv_run(&web.loop, UV_RUN_ONCE);
        ck_assert_int_eq(web.got.lines, 2);
        web_finish();
    }
}
END_TEST

static void
add_case(Suite *suite, const char *name, void (*fixture)(void))
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, fixture, web_tear_down);
    tcase_add_test(tcase, what_waits_goes_up_together_and_in_order);
    tcase_add_test(tcase, refused_members_are_told_in_their_place);
    tcase_add_test(tcase, posts_without_an_answer_are_repeated_as_they_were);
    tcase_add_test(tcase, posts_that_are_never_answered_end_the_way);
    tcase_add_test(tcase, whole_posts_that_are_refused_end_the_way);
    tcase_add_test(tcase, posts_that_something_in_between_forbids_say_so);
    tcase_add_test(tcase, answers_to_commands_that_are_none_end_the_way);
    tcase_add_test(tcase, batches_that_are_too_large_are_split);
    tcase_add_test(tcase, a_full_queue_says_not_now_and_tells_when_to_go_on);
    tcase_add_test(tcase, stopping_is_possible_within_a_receipt);
    suite_add_tcase(suite, tcase);
}

int
main(void)
{
    Suite *suite = suite_create("link_uplink");
    add_case(suite, "HTTP/1.1", web_set_up_1);
    add_case(suite, "HTTP/2", web_set_up_2);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
