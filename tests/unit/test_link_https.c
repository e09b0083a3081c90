/* The rows sse, longpoll and poll against a real TLS peer that plays a script: what comes down, how
 * it ends, and that it can be stopped at any moment. */
#include <check.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "common/util.h"
#include "tests/support/web_case.h"

START_TEST(sse_tells_each_event_of_its_stream)
{
    web.row = &link_sse;
    script_peer_add((struct act){
        "GET /v1/events", "200 OK", "Content-Type: Text/Event-Stream; charset=utf-8\r\n",
        ": hi\n\nevent: other\ndata: no\n\nid: e1-5\ndata: " HELLO "\n\ndata: {\"a\":1}\r\n\r\n",
        .holds = true});
    web_begin(&link_sse);
    web_run_to_line("{\"a\":1}");
    ck_assert_str_eq(web.got.all, HELLO "\n{\"a\":1}\n");
    ck_assert_int_eq(web.got.opens, 1);
    ck_assert_int_eq(web.got.heards, 1);
    ck_assert_str_eq(script_peer_requests(), "GET /v1/events?after=e1-4 HTTP/1.1\n");
}
END_TEST

START_TEST(sse_that_ends_has_ended)
{
    script_peer_add(
        (struct act){"GET /v1/events", "200 OK", STREAM, "data: " HELLO "\n\ndata: {\"b\":2}"});
    web_begin(&link_sse);
    web_run_to_end();
    ck_assert_int_eq(web.got.end, WAY_CLOSED);
    ck_assert_str_eq(web.got.why, "the event stream ended");
    ck_assert_str_eq(web.got.all, HELLO "\n"); /* the half event counts for nothing */
}
END_TEST

START_TEST(sse_too_long_is_refused)
{
    char *text = calloc(1, (1 << 20) + 200);

    memset(text, 'x', (1 << 20) + 100);
    script_peer_add((struct act){"GET /v1/events", "200 OK", STREAM, text});
    web_begin(&link_sse);
    web_run_to_end();
    ck_assert_int_eq(web.got.end, WAY_REFUSED);
    ck_assert_int_eq(web.got.status, 1009);
    web_finish();
    free(text);
}
END_TEST

START_TEST(longpoll_asks_on_from_the_answers_cursor)
{
    script_peer_add((struct act){"GET /v1/hello?after=e1-4 ", "200 OK", JSON, HELLO});
    script_peer_add((struct act){
        "GET /v1/poll?after=e1-4&wait=2&", "200 OK", JSON,
        "{\"events\":[{\"a\":1},{\"b\":\"\xc3\xbc\"}],\"cursor\":\"e1-6\",\"more\":true}"});
    script_peer_add((struct act){"GET /v1/poll?after=e1-6&wait=2&", "200 OK", JSON,
                                 "{\"events\":[{\"c\":3}],\"cursor\":\"e1-7\",\"more\":false}"});
    script_peer_add((struct act){"GET /v1/poll?after=e1-7&wait=2&", .hangs = true});
    web_begin(&link_longpoll);
    web_run_to_request("after=e1-7");
    ck_assert_str_eq(web.got.all, HELLO "\n{\"a\":1}\n{\"b\":\"\xc3\xbc\"}\n{\"c\":3}\n");
    ck_assert_int_eq(web.got.opens, 1);
    ck_assert_int_eq(web.got.heards, 2);
    ck_assert_uint_eq(tls_peer_connections(web.peer), 1);
}
END_TEST

START_TEST(without_reuse_each_request_has_a_connection)
{
    script_peer_add((struct act){"GET /v1/hello", "200 OK", JSON, HELLO});
    script_peer_add((struct act){"GET /v1/poll?after=e1-4&", "200 OK", JSON,
                                 "{\"events\":[{\"a\":1}],\"cursor\":\"e1-6\"}"});
    script_peer_add((struct act){"GET /v1/poll?after=e1-6&", "200 OK", JSON,
                                 "{\"events\":[{\"b\":2}],\"cursor\":\"e1-7\"}"});
    script_peer_add((struct act){"GET /v1/poll?after=e1-7&", .hangs = true});
    web.row = &link_longpoll;
    web_open_base("localhost", web.port, web.ca_file);
    https_forbid_reuse(web.https);
    web_begin(web.row);
    web_run_to_request("after=e1-7");
    ck_assert_str_eq(web.got.all, HELLO "\n{\"a\":1}\n{\"b\":2}\n");
    ck_assert_uint_eq(tls_peer_connections(web.peer), 4);
}
END_TEST

START_TEST(polls_without_a_cursor_begin_at_hellos)
{
    web.row = &link_poll;
    script_peer_add((struct act){"GET /v1/hello ", "200 OK", JSON, HELLO});
    script_peer_add((struct act){"GET /v1/poll?after=e1-5&wait=0&", "200 OK", JSON,
                                 "{\"events\":[],\"cursor\":\"e1-9\"}"});
    web_begin_at("localhost", web.port, web.ca_file, NULL);
    web_run_to_request("GET /v1/poll?after=e1-9&wait=0&");
    ck_assert_str_eq(web.got.all, HELLO "\n");
}
END_TEST

START_TEST(poll_asks_at_once_after_it_has_said_something)
{
    web.row = &link_poll;
    web_open_base("localhost", web.port, web.ca_file);
    const struct way_config config = {.loop = &web.loop,
                                      .base = web.base,
                                      .host = "localhost",
                                      .port = web.port,
                                      .http = web.http,
                                      .token = "T1",
                                      .poll_interval_ms = 3600000,
                                      .trust = web.trust,
                                      .listener = &web_listener};
    script_peer_add((struct act){"GET /v1/hello", "200 OK", JSON, HELLO});
    script_peer_add(
        (struct act){"GET /v1/poll", "200 OK", JSON, "{\"events\":[],\"cursor\":\"e1-6\"}", 1});
    script_peer_add((struct act){"GET /v1/poll?after=e1-6", "200 OK", JSON,
                                 "{\"events\":[{\"seq\":7}],\"cursor\":\"e1-7\"}"});
    script_peer_add((struct act){"POST /v1/send", "200 OK", JSON, NULL});
    web.way = web.row->start(&config);
    web_run_to_line("hello");
    web_send("m1");
    web_run_to_line("{\"seq\":7}");
    ck_assert_ptr_nonnull(strstr(web.got.all, "\"id\":\"m1\""));
}
END_TEST

START_TEST(answers_cut_in_the_middle_are_asked_for_again)
{
    script_peer_add((struct act){"GET /v1/hello", "200 OK", JSON, "{\"type\":", 1, .cuts = true});
    script_peer_add((struct act){"GET /v1/hello", "200 OK", JSON, HELLO});
    script_peer_add((struct act){"GET /v1/poll?after=e1-4", "200 OK", JSON,
                                 "{\"events\":[{\"a\":1}],\"cursor\":\"e1-6\"", 1, .cuts = true});
    script_peer_add(
        (struct act){"GET /v1/poll?after=e1-4", "200 OK", JSON, "{\"events\":[{\"a\":1}],\"cu", 1});
    script_peer_add((struct act){"GET /v1/poll?after=e1-4", "504 Gateway Timeout", "", "", 1});
    script_peer_add((struct act){"GET /v1/poll?after=e1-4", "200 OK", JSON,
                                 "{\"events\":[{\"a\":1}],\"cursor\":\"e1-6\"}"});
    script_peer_add((struct act){"GET /v1/poll?after=e1-6", .hangs = true});
    web_begin(&link_longpoll);
    web_run_to_request("after=e1-6");
    ck_assert_str_eq(web.got.all, HELLO "\n{\"a\":1}\n");
    ck_assert_int_eq(script_peer_count(script_peer_requests(), "GET /v1/hello"), 2);
    ck_assert_int_eq(script_peer_count(script_peer_requests(), "after=e1-4&"), 4);
    ck_assert_int_eq(web.got.ends, 0);
}
END_TEST

START_TEST(answers_that_are_always_cut_end_the_way)
{
    script_peer_add((struct act){"GET /v1/hello", "200 OK", JSON, HELLO});
    script_peer_add((struct act){"GET /v1/poll", "200 OK", JSON, "{\"events\":[", .cuts = true});
    web_begin(&link_poll);
    web_run_to_end();
    ck_assert_int_eq(web.got.end, WAY_CLOSED);
    ck_assert_str_eq(web.got.why, web.http == HTTP_2
                                      ? "the server broke the request off"
                                      : "connection lost in the middle of an answer");
    ck_assert_int_eq(script_peer_count(script_peer_requests(), "GET /v1/poll"), 4);
}
END_TEST

START_TEST(how_it_ends_is_told_once_and_clearly)
{
    static const struct {
        const char *status, *extra, *body;
        enum way_end end;
        int number;
        int64_t retry_after_ms;
        const char *why;
    } ends[] = {
        {"503 Unavailable", JSON "Retry-After: 9\r\n", "{}", WAY_REFUSED, 503, 9000, "503"},
        {"401 Unauthorized", JSON, "{\"error\":{\"code\":\"x\",\"message\":\"log in\"}}",
         WAY_REFUSED, 401, 0, ": log in"},
        {"403 Forbidden", JSON, "{\"error\":{\"code\":\"x\",\"message\":\"not you\"}}", WAY_REFUSED,
         403, 0, ": not you"},
        {"401 Unauthorized", JSON, "{\"error\":\"x\"}", WAY_FOREIGN, 401, 0,
         "401 by something in between"},
        {"403 Forbidden", "", "<html>", WAY_FOREIGN, 403, 0, "403 by something in between"},
        {"403 Forbidden", "", "", WAY_FOREIGN, 403, 0, "403 by something in between"},
        {"404 Not Found", "", "", WAY_REFUSED, 404, 0, "404"},
        {"302 Found", "Location: https://localhost:1/x\r\n", "", WAY_REFUSED, 302, 0, "302"},
        {"200 OK", "Content-Type: text/html\r\n", "<html>", WAY_REFUSED, 200, 0,
         "came as text/html"},
        {"200 OK", "", "x", WAY_REFUSED, 200, 0, "came as nothing"},
        {"200 OK", "", "", WAY_REFUSED, 200, 0, "came as nothing"},
    };

    for (size_t i = 0; i < ARRAY_LEN(ends) * ARRAY_LEN(web_rows); i++) {
        const size_t which = i / ARRAY_LEN(web_rows);
        web.row = web_rows[i % ARRAY_LEN(web_rows)];
        script_peer_add(
            (struct act){"GET /v1/", ends[which].status, ends[which].extra, ends[which].body});
        web_begin(web.row);
        web_run_to_end();
        for (int turns = 0; turns < 20; turns++)
            uv_run(&web.loop, UV_RUN_NOWAIT);
        ck_assert_msg(web.got.ends == 1 && web.got.end == ends[which].end &&
                          web.got.status == ends[which].number &&
                          web.got.retry_after_ms == ends[which].retry_after_ms &&
                          strstr(web.got.why, ends[which].why) != NULL && web.got.opens == 0,
                      "%s %zu: end %d status %d why %s", web.row->name, which, web.got.end,
                      web.got.status, web.got.why);
        web_finish();
    }
}
END_TEST

START_TEST(refused_connects_and_unknown_names_are_said_so)
{
    for (size_t i = 0; i < ARRAY_LEN(web_rows); i++) {
        web.row = web_rows[i];
        web_begin_at("localhost", 1, web.ca_file, NULL);
        web_run_to_end();
        ck_assert_int_eq(web.got.end, WAY_UNREACHED);
        ck_assert_str_eq(web.got.why, "refused");
        web_finish();
        web_begin_at("no-such-host.invalid", web.port, web.ca_file, NULL);
        web_run_to_end();
        ck_assert_int_eq(web.got.end, WAY_UNREACHED);
        ck_assert_str_eq(web.got.why, "name not found");
        web_finish();
    }
}
END_TEST

START_TEST(unknown_certificate_gets_no_token)
{
    for (size_t i = 0; i < ARRAY_LEN(web_rows); i++) {
        web.row = web_rows[i];
        web_let_greet();
        web_begin_at("localhost", web.port, NULL, NULL);
        web_run_to_end();
        ck_assert_int_eq(web.got.end, WAY_CERTIFICATE);
        ck_assert_int_eq(trust_report(web.trust)->fault, TRUST_UNKNOWN);
        ck_assert_str_eq(script_peer_requests(), "");
        web_finish();
    }
}
END_TEST

START_TEST(stopping_is_possible_within_each_line)
{
    for (size_t i = 0; i < ARRAY_LEN(web_rows) * 3; i++) {
        web.row = web_rows[i % ARRAY_LEN(web_rows)];
        web.stop_at_line = (int)(i / ARRAY_LEN(web_rows)) + 1;
        script_peer_add((struct act){"GET /v1/hello", "200 OK", JSON, HELLO});
        script_peer_add((struct act){"GET /v1/events", "200 OK", STREAM,
                                     "data: " HELLO "\n\ndata: {\"a\":1}\n\ndata: {\"b\":2}\n\n"});
        script_peer_add((struct act){"GET /v1/poll", "200 OK", JSON,
                                     "{\"events\":[{\"a\":1},{\"b\":2}],\"cursor\":\"e1-6\"}"});
        web_begin(web.row);
        while (web.way != NULL)
            uv_run(&web.loop, UV_RUN_ONCE);
        ck_assert_int_eq(web.got.lines, web.stop_at_line);
        ck_assert_int_eq(web.got.ends, 0);
        web_finish();
    }
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

/* The peer's threads keep their end until they have seen ours close. */
static bool
has_few_fds(const void *wanted)
{
    return count_fds() <= *(const int *)wanted;
}

START_TEST(stopping_is_possible_at_any_moment)
{
    for (size_t i = 0; i < ARRAY_LEN(web_rows); i++) {
        web.row = web_rows[i];
        for (int turns = 0; turns < 40; turns++) {
            web_let_greet();
            web_begin(web.row);
            for (int turn = 0; turn < turns; turn++)
                uv_run(&web.loop, UV_RUN_NOWAIT);
            if (web.way != NULL)
                web.row->stop(web.way);
            web.way = NULL;
            ck_assert_int_eq(web.got.ends, 0);
            web_forget();
        }
        web_finish();
        ck_assert_int_eq(uv_loop_alive(&web.loop), 0);
    }
}
END_TEST

START_TEST(ways_leave_no_file_behind)
{
    int fds =
        count_fds() + (int)ARRAY_LEN(web_rows) * 4 * 2; /* the peer's ends stay till its stop */

    for (int i = 0; i < 12; i++) {
        web.row = web_rows[i % (int)ARRAY_LEN(web_rows)];
        web_let_greet();
        web_begin(web.row);
        web_run_to_line("hello");
        web_finish();
    }
    ck_assert(has_few_fds(&fds));
}
END_TEST

static void
add_case(Suite *suite, const char *name, void (*fixture)(void))
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, fixture, web_tear_down);
    tcase_add_test(tcase, sse_tells_each_event_of_its_stream);
    tcase_add_test(tcase, sse_that_ends_has_ended);
    tcase_add_test(tcase, sse_too_long_is_refused);
    tcase_add_test(tcase, longpoll_asks_on_from_the_answers_cursor);
    tcase_add_test(tcase, polls_without_a_cursor_begin_at_hellos);
    tcase_add_test(tcase, poll_asks_at_once_after_it_has_said_something);
    tcase_add_test(tcase, answers_cut_in_the_middle_are_asked_for_again);
    tcase_add_test(tcase, answers_that_are_always_cut_end_the_way);
    tcase_add_test(tcase, how_it_ends_is_told_once_and_clearly);
    tcase_add_test(tcase, refused_connects_and_unknown_names_are_said_so);
    tcase_add_test(tcase, unknown_certificate_gets_no_token);
    tcase_add_test(tcase, stopping_is_possible_within_each_line);
    tcase_add_test(tcase, stopping_is_possible_at_any_moment);
    tcase_add_test(tcase, ways_leave_no_file_behind);
    suite_add_tcase(suite, tcase);
}

int
main(void)
{
    Suite *suite = suite_create("link_https");
    add_case(suite, "HTTP/1.1", web_set_up_1);
    add_case(suite, "HTTP/2", web_set_up_2);
    TCase *fresh = tcase_create("what shares none");
    tcase_add_checked_fixture(fresh, web_set_up_1, web_tear_down);
    tcase_add_test(fresh, without_reuse_each_request_has_a_connection);
    suite_add_tcase(suite, fresh);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
