/* What the rows sse, longpoll and poll share with HTTP/2: a connection, against a real TLS peer. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/util.h"
#include "tests/support/web_case.h"

START_TEST(facts_say_which_http_and_why)
{
    static const struct {
        enum http_wish wish;
        const char *http, *why;
    } wishes[] = {
        {HTTP_AUTO, "2", "by ALPN"},
        {HTTP_1_1, "1.1", "asked for"},
        {HTTP_2, "2", "asked for"},
    };

    for (size_t i = 0; i < ARRAY_LEN(wishes) * ARRAY_LEN(web_rows); i++) {
        size_t which = i / ARRAY_LEN(web_rows);
        web.http = wishes[which].wish;
        web.row = web_rows[i % ARRAY_LEN(web_rows)];
        web_let_greet();
        web_begin(web.row);
        web_run_to_line("hello");
        ck_assert_str_eq(web.facts.http, wishes[which].http);
        ck_assert_str_eq(web.facts.http_why, wishes[which].why);
        ck_assert_str_eq(web.facts.tls, "TLSv1.3");
        web_finish();
    }
}
END_TEST

START_TEST(all_that_is_asked_shares_a_connection)
{
    for (size_t i = 0; i < ARRAY_LEN(web_rows); i++) {
        web.row = web_rows[i];
        web_let_greet();
        script_peer_add((struct act){"POST /v1/send", "200 OK", JSON, NULL});
        web_begin(web.row);
        web_run_to_line("hello");
        for (int j = 0; j < 300; j++) {
            char id[8];
            snprintf(id, sizeof(id), "m%03d", j);
            web_send(id);
        }
        web_run_to_line("\"m299\"");
        web_finish();
        ck_assert_uint_eq(tls_peer_connections(web.peer), i + 1);
    }
}
END_TEST

static bool
has_resets(const void *wanted)
{
    return script_peer_resets() >= *(const int *)wanted;
}

/* As when the transport is changed: the next one finds the connection open. */
START_TEST(a_way_that_is_stopped_resets_its_stream_and_no_more)
{
    static const int stopped = 4;

    web.row = &link_sse;
    web_let_greet();
    for (int i = 0; i <= stopped; i++) {
        web.got.all[0] = '\0';
        web.got.opens = 0;
        web_begin(web.row);
        web_run_to_line("hello");
        if (i < stopped)
            web.row->stop(web.way);
    }
    web_run_until(has_resets, &stopped, "resets");
    ck_assert_uint_eq(tls_peer_connections(web.peer), 1);
}
END_TEST

static bool
has_no_connection(const void *wanted)
{
    return script_peer_h2_connections() == 0;
}

/* As when the next way is a WebSocket: nothing would take the reset along. */
START_TEST(a_way_that_is_stopped_and_followed_by_nothing_closes_its_connection)
{
    web.row = &link_sse;
    web_let_greet();
    web_begin(web.row);
    web_run_to_line("hello");
    ck_assert(!has_no_connection(NULL));
    web.row->stop(web.way);
    web.way = NULL;
    web_run_until(has_no_connection, NULL, "the connection closed");
}
END_TEST

START_TEST(after_goaway_the_stream_goes_on_and_what_is_new_goes_elsewhere)
{
    web.row = &link_sse;
    script_peer_add((struct act){"GET /v1/events", "200 OK", STREAM, "data: " HELLO "\n\n", 1,
                                 .after = H2_GOES});
    script_peer_add((struct act){"POST /v1/send", "200 OK", JSON, NULL});
    web_begin(web.row);
    web_run_to_line("hello");
    web_send("a");
    web_run_to_line("\"a\"");
    web_send("b");
    web_run_to_line("\"b\"");
    ck_assert_int_eq(web.got.ends, 0);
    ck_assert_uint_eq(tls_peer_connections(web.peer), 2);
}
END_TEST

START_TEST(a_stream_that_was_refused_is_asked_for_again)
{
    web.row = &link_sse;
    web_let_greet();
    script_peer_add((struct act){"POST /v1/send", "200 OK", JSON, "", 2, .after = H2_REFUSES});
    script_peer_add((struct act){"POST /v1/send", "200 OK", JSON, NULL});
    web_begin(web.row);
    web_run_to_line("hello");
    web_send("a");
    web_run_to_line("\"a\"");
    ck_assert_int_eq(web.got.ends, 0);
    ck_assert_int_eq(script_peer_count(web.got.all, "receipt"), 1);
}
END_TEST

START_TEST(a_connection_that_is_cut_ends_the_way_once)
{
    for (size_t i = 0; i < ARRAY_LEN(web_rows); i++) {
        web.row = web_rows[i];
        web_let_greet();
        script_peer_add((struct act){"POST /v1/send", "200 OK", JSON, "[", .after = H2_CUTS});
        web_begin(web.row);
        web_run_to_line("hello");
        web_send("a");
        web_run_to_end();
        ck_assert_int_eq(web.got.end, WAY_CLOSED);
        ck_assert_int_eq(web.got.ends, 1);
        web_finish();
    }
}
END_TEST

/* The one that has been silent for too long may be dead, and would be for the next one too. */
START_TEST(a_renewed_pool_leaves_what_is_there_and_begins_anew)
{
    web.row = &link_sse;
    web_let_greet();
    web_begin(web.row);
    web_run_to_line("hello");
    struct link_way *old = web.way;
    https_renew(web.https);
    web.got.all[0] = '\0';
    web.got.opens = 0;
    web_begin(web.row);
    web_run_to_line("hello");
    ck_assert_uint_eq(tls_peer_connections(web.peer), 2);
    web.row->stop(old);
    ck_assert_int_eq(web.got.ends, 0);
}
END_TEST

static int timeouts;

static void
on_timeout(void *context, const struct https_answer *answer)
{
    ck_assert_int_eq(answer->end, HTTPS_FAILED);
    timeouts++;
}

static bool
has_timed_out(const void *wanted)
{
    return timeouts > 0;
}

START_TEST(what_times_out_leaves_its_connection_to_nobody)
{
    web.row = &link_sse;
    web_let_greet();
    web_begin(web.row);
    web_run_to_line("hello");
    timeouts = 0;
    const struct https_listener listener = {.done = on_timeout};
    const struct https_question question = {.host = "localhost",
                                            .port = web.port,
                                            .http = web.http,
                                            .path = "/v1/silent",
                                            .accept = "*/*",
                                            .timeout_ms = 50,
                                            .answer_max = 10};
    script_peer_add((struct act){"GET /v1/silent", .hangs = true});
    script_peer_add((struct act){"POST /v1/send", "200 OK", JSON, NULL});
    https_send(web.https, &question, &listener);
    web_run_until(has_timed_out, NULL, "a time-out");
    web_send("a");
    web_run_to_line("\"a\"");
    ck_assert_int_eq(web.got.ends, 0);
    ck_assert_uint_eq(tls_peer_connections(web.peer), 2);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("link_shared");
    TCase *all = tcase_create("all");

    tcase_add_checked_fixture(all, web_set_up_2, web_tear_down);
    tcase_add_test(all, facts_say_which_http_and_why);
    tcase_add_test(all, all_that_is_asked_shares_a_connection);
    tcase_add_test(all, a_way_that_is_stopped_resets_its_stream_and_no_more);
    tcase_add_test(all, a_way_that_is_stopped_and_followed_by_nothing_closes_its_connection);
    tcase_add_test(all, after_goaway_the_stream_goes_on_and_what_is_new_goes_elsewhere);
    tcase_add_test(all, a_stream_that_was_refused_is_asked_for_again);
    tcase_add_test(all, a_connection_that_is_cut_ends_the_way_once);
    tcase_add_test(all, a_renewed_pool_leaves_what_is_there_and_begins_anew);
    tcase_add_test(all, what_times_out_leaves_its_connection_to_nobody);
    suite_add_tcase(suite, all);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
