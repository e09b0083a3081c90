/* The rows sse, longpoll and poll, and their uplink, against a real TLS peer that plays a script.
 */
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "client/link/https.h"
#include "client/link/link_internal.h"
#include "client/link/uplink.h"
#include "common/buf.h"
#include "common/log.h"
#include "common/util.h"
#include "tests/support/certificate.h"
#include "tests/support/h2_peer.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tls_peer.h"

#define JSON "Content-Type: application/json\r\n"
#define HELLO                                                                                      \
    "{\"type\":\"hello\",\"user\":\"ann\",\"epoch\":\"e1\",\"cursor\":\"e1-5\",\"head\":\"e1-5\"," \
    "\"result\":\"new\",\"heartbeat\":2}"
#define RECEIPT "{\"type\":\"receipt\",\"id\":\"%s\",\"seq\":7}"

static const struct link_ops *const rows[] = {&link_sse, &link_longpoll, &link_poll};

static char dir[TEMP_DIR_SIZE], pins[TEMP_PATH_SIZE], ca_file[TEMP_PATH_SIZE];
static struct certificate certificate;
static uv_loop_t loop;
static struct tls_peer *peer;
static int port;
static struct trust *trust;
static struct https *https;
static struct way_base *base;
static enum http_wish http;
static const struct link_ops *row;
static struct link_way *way;

/* One answer of the peer's: to the first request that begins with `to`, or for ever. */
struct act {
    const char *to, *status, *extra, *body;
    int times;           /* 0: for ever */
    bool cuts;           /* promises a byte more than it sends, and is gone */
    bool holds;          /* an event stream: stays open after body */
    bool hangs;          /* says nothing at all */
    enum h2_after after; /* with HTTP/2, where it is none of these */
};

static struct act script[12];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char requests[200000]; /* all of them, "\n" between */
static atomic_int request_count;
static atomic_int open_connections; /* of HTTP/2 */

static void
note_request(const char *text)
{
    const char *body = strstr(text, "\r\n\r\n");
    size_t len = strlen(requests);

    snprintf(requests + len, sizeof(requests) - len, "%.*s%s%s\n", (int)strcspn(text, "\r"), text,
             body[4] == '\0' ? "" : " ", body + 4);
    atomic_fetch_add(&request_count, 1);
}

static struct act
find_act(const char *text)
{
    struct act found = {.status = "404 Not Found", .extra = JSON, .body = "{}"};

    pthread_mutex_lock(&lock);
    note_request(text);
    for (size_t i = 0; i < ARRAY_LEN(script); i++) {
        struct act *act = &script[i];
        if (act->to == NULL || strncmp(text, act->to, strlen(act->to)) != 0 || act->times < 0)
            continue;
        found = *act;
        if (act->times > 0 && --act->times == 0)
            act->times = -1;
        break;
    }
    pthread_mutex_unlock(&lock);
    return found;
}

/* The receipts for each id in a POST's body, as the server would. The caller frees it. */
static char *
receipts(const char *body)
{
    struct buf answer = BUF_INIT;
    char separator = '[';

    for (const char *at = body; (at = strstr(at, "\"id\":\"")) != NULL;) {
        char id[ID_SIZE];
        at += strlen("\"id\":\"");
        snprintf(id, sizeof(id), "%.*s", (int)strcspn(at, "\""), at);
        buf_add_byte(&answer, separator);
        buf_addf(&answer, RECEIPT, id);
        separator = ',';
    }
    buf_add_byte(&answer, ']');
    char *text = xstrdup(buf_text(&answer));
    buf_fini(&answer);
    return text;
}

static char *
body_of(const struct act *act, const char *text)
{
    if (act->hangs)
        return NULL;

    return act->body != NULL ? xstrdup(act->body) : receipts(strstr(text, "\r\n\r\n"));
}

/* False when the connection is over. */
static bool
play(SSL *ssl, const struct act *act, const char *text)
{
    char ignored[100], head[300];

    if (act->hangs || act->holds) {
        if (act->holds) {
            int len =
                snprintf(head, sizeof(head), "HTTP/1.1 %s\r\n%s\r\n", act->status, act->extra);
            SSL_write(ssl, head, len);
            if (act->body[0] != '\0')
                SSL_write(ssl, act->body, (int)strlen(act->body));
        }
        tls_peer_read_request(ssl, ignored, sizeof(ignored));
        return false;
    }
    if (act->cuts) {
        int len = snprintf(head, sizeof(head), "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n",
                           act->status, strlen(act->body) + 1, act->extra);
        SSL_write(ssl, head, len);
        SSL_write(ssl, act->body, (int)strlen(act->body));
        return false;
    }
    char *body = body_of(act, text);
    tls_peer_answer(ssl, act->status, act->extra, body);
    free(body);
    return true;
}

/* With HTTP/2 a request is cut by a reset of its stream. */
static struct h2_answer
answer_h2(void *context, const char *text)
{
    const struct act act = find_act(text);
    enum h2_after after = act.cuts    ? H2_RESETS
                          : act.holds ? H2_HOLDS
                          : act.hangs ? H2_HANGS
                                      : act.after;

    return (struct h2_answer){after, act.status, act.extra, body_of(&act, text)};
}

static struct h2_peer h2_peer = {.answer = answer_h2};

static void
serve(SSL *ssl, int fd, void *context)
{
    static const size_t size = 300000;

    if (h2_peer_is_on(ssl)) {
        atomic_fetch_add(&open_connections, 1);
        h2_peer_serve(&h2_peer, ssl);
        atomic_fetch_sub(&open_connections, 1);
        return;
    }

    char *text = malloc(size);
    bool is_on = true;

    while (is_on && tls_peer_read_request(ssl, text, size)) {
        struct act act = find_act(text);
        is_on = play(ssl, &act, text);
    }
    free(text);
}

/* What the way told. */
static struct {
    int opens, lines, heards, ends;
    char all[20000]; /* the lines, "\n" behind each */
    enum way_end end;
    int status;
    int64_t retry_after_ms;
    char why[300];
} got;
static int stop_at_line; /* the way is stopped from within this one; 0: never */

static void
on_open(void *context)
{
    got.opens++;
}

static void
on_line(void *context, const char *json, size_t len)
{
    size_t at = strlen(got.all);

    got.lines++;
    snprintf(got.all + at, sizeof(got.all) - at, "%.*s\n", (int)len, json);
    if (got.lines == stop_at_line) {
        row->stop(way);
        way = NULL;
    }
}

static void
on_heard(void *context)
{
    got.heards++;
}

static void
on_ended(void *context, enum way_end end, int status, int64_t retry_after_ms, const char *why)
{
    got.ends++;
    got.end = end;
    got.status = status;
    got.retry_after_ms = retry_after_ms;
    snprintf(got.why, sizeof(got.why), "%s", why);
    way = NULL;
}

static const struct way_listener way_listener = {NULL, on_open, on_line, on_heard, on_ended};

static void
set_up(void)
{
    const struct tls_peer_config config = {
        .certificate = &certificate, .serve = serve, .has_h2 = true};

    signal(SIGPIPE, SIG_IGN);
    log_open("/dev/null");
    temp_dir_make(dir);
    temp_path(pins, dir, "pins");
    temp_path(ca_file, dir, "ca.pem");
    certificate_make(&certificate, "localhost", "DNS:localhost", NULL, 10);
    certificate_write(&certificate, ca_file);
    peer = tls_peer_start(&config, &port);
    ck_assert_int_eq(uv_loop_init(&loop), 0);
}

static void
set_up_1(void)
{
    http = HTTP_1_1;
    set_up();
}

static void
set_up_2(void)
{
    http = HTTP_2;
    set_up();
}

static void
forget(void)
{
    pthread_mutex_lock(&lock);
    memset(script, 0, sizeof(script));
    requests[0] = '\0';
    request_count = 0;
    h2_peer.resets = 0;
    pthread_mutex_unlock(&lock);
    memset(&got, 0, sizeof(got));
    stop_at_line = 0;
}

static void
finish(void)
{
    if (way != NULL)
        row->stop(way);
    if (base != NULL)
        row->base_destroy(base);
    if (https != NULL)
        https_destroy(https);
    trust_destroy(trust);
    way = NULL;
    base = NULL;
    https = NULL;
    trust = NULL;
    while (uv_run(&loop, UV_RUN_DEFAULT) != 0)
        ;
    forget();
}

static void
tear_down(void)
{
    finish();
    ck_assert_int_eq(uv_loop_close(&loop), 0);
    tls_peer_stop(peer);
    certificate_fini(&certificate);
    temp_dir_remove(dir);
}

static void
add_act(struct act act)
{
    size_t i = 0;

    pthread_mutex_lock(&lock);
    while (script[i].to != NULL)
        i++;
    ck_assert_uint_lt(i, ARRAY_LEN(script));
    script[i] = act;
    pthread_mutex_unlock(&lock);
}

static void
open_base(const char *host, int to_port, const char *use_ca_file)
{
    char why[300] = "";

    if (base != NULL)
        return;

    trust = trust_create(host, to_port, pins, use_ca_file, NULL, why, sizeof(why));
    ck_assert_msg(trust != NULL, "%s", why);
    https = https_create(&loop, trust, NULL, 16);
    ck_assert_ptr_nonnull(https);
    base = row->base_create(&loop, trust, https, why, sizeof(why));
    ck_assert_msg(base != NULL, "%s", why);
}

static struct way_facts facts;

static void
begin_at(const char *host, int to_port, const char *use_ca_file, const struct cursor *after)
{
    open_base(host, to_port, use_ca_file);
    const struct way_config config = {.loop = &loop,
                                      .base = base,
                                      .host = host,
                                      .port = to_port,
                                      .http = http,
                                      .token = "T1",
                                      .after = after,
                                      .poll_interval_ms = 20,
                                      .trust = trust,
                                      .facts = &facts,
                                      .listener = &way_listener};
    way = row->start(&config);
    ck_assert_ptr_nonnull(way);
    ck_assert_int_eq(got.opens + got.ends, 0);
}

static void
begin(const struct link_ops *use_row)
{
    static const struct cursor after = {"e1", 4};

    row = use_row;
    begin_at("localhost", port, ca_file, &after);
}

static void
on_deadline(uv_timer_t *timer)
{
    *(bool *)timer->data = true;
}

static void
on_tick(uv_timer_t *timer)
{
}

/* Runs the loop until it is there or 20 s are over. The peer's threads do not wake the loop, so it
 * ticks. */
static void
run_until(bool (*is_there)(const void *wanted), const void *wanted, const char *what)
{
    uv_timer_t deadline, tick;
    bool is_over = false;

    uv_timer_init(&loop, &tick);
    uv_timer_start(&tick, on_tick, 10, 10);
    uv_timer_init(&loop, &deadline);
    deadline.data = &is_over;
    uv_update_time(&loop);
    uv_timer_start(&deadline, on_deadline, 20000, 0);
    while (!is_there(wanted) && !is_over)
        uv_run(&loop, UV_RUN_ONCE);
    uv_close((uv_handle_t *)&deadline, NULL);
    uv_close((uv_handle_t *)&tick, NULL);
    uv_run(&loop, UV_RUN_NOWAIT);
    ck_assert_msg(is_there(wanted), "wanted %s, got lines:\n%s why: %s\nrequests:\n%s", what,
                  got.all, got.why, requests);
}

static bool
has_line(const void *wanted)
{
    return strstr(got.all, wanted) != NULL;
}

static bool
has_ended(const void *wanted)
{
    return got.ends > 0;
}

static bool
was_requested(const void *wanted)
{
    pthread_mutex_lock(&lock);
    bool was = strstr(requests, wanted) != NULL;
    pthread_mutex_unlock(&lock);
    return was;
}

static void
run_to_line(const char *line)
{
    run_until(has_line, line, line);
}

static void
run_to_end(void)
{
    run_until(has_ended, NULL, "an end");
}

static void
run_to_request(const char *request)
{
    run_until(was_requested, request, request);
}

static int
count_of(const char *text, const char *part)
{
    int count = 0;

    for (; (text = strstr(text, part)) != NULL; text += strlen(part))
        count++;
    return count;
}

static void
send_command(const char *id)
{
    char json[200];
    int len = snprintf(json, sizeof(json), "{\"type\":\"say\",\"id\":\"%s\"}", id);

    ck_assert_int_eq(row->send(way, json, (size_t)len), 0);
}

#define STREAM "Content-Type: text/event-stream\r\n"

/* A server that greets, and holds. */
static void
let_greet(void)
{
    add_act((struct act){"GET /v1/events", "200 OK", STREAM, ":\n\ndata: " HELLO "\n\n",
                         .holds = true});
    add_act((struct act){"GET /v1/hello", "200 OK", JSON, HELLO});
    if (row == &link_poll)
        add_act(
            (struct act){"GET /v1/poll", "200 OK", JSON, "{\"events\":[],\"cursor\":\"e1-5\"}"});
    else
        add_act((struct act){"GET /v1/poll", .hangs = true});
}

START_TEST(sse_tells_each_event_of_its_stream)
{
    row = &link_sse;
    add_act((struct act){
        "GET /v1/events", "200 OK", "Content-Type: Text/Event-Stream; charset=utf-8\r\n",
        ": hi\n\nevent: other\ndata: no\n\nid: e1-5\ndata: " HELLO "\n\ndata: {\"a\":1}\r\n\r\n",
        .holds = true});
    begin(&link_sse);
    run_to_line("{\"a\":1}");
    ck_assert_str_eq(got.all, HELLO "\n{\"a\":1}\n");
    ck_assert_int_eq(got.opens, 1);
    ck_assert_int_eq(got.heards, 1);
    ck_assert_str_eq(requests, "GET /v1/events?after=e1-4 HTTP/1.1\n");
}
END_TEST

START_TEST(sse_that_ends_has_ended)
{
    add_act((struct act){"GET /v1/events", "200 OK", STREAM, "data: " HELLO "\n\ndata: {\"b\":2}"});
    begin(&link_sse);
    run_to_end();
    ck_assert_int_eq(got.end, WAY_CLOSED);
    ck_assert_str_eq(got.why, "the event stream ended");
    ck_assert_str_eq(got.all, HELLO "\n"); /* the half event counts for nothing */
}
END_TEST

START_TEST(sse_too_long_is_refused)
{
    char *text = calloc(1, (1 << 20) + 200);

    memset(text, 'x', (1 << 20) + 100);
    add_act((struct act){"GET /v1/events", "200 OK", STREAM, text});
    begin(&link_sse);
    run_to_end();
    ck_assert_int_eq(got.end, WAY_REFUSED);
    ck_assert_int_eq(got.status, 1009);
    finish();
    free(text);
}
END_TEST

START_TEST(longpoll_asks_on_from_the_answers_cursor)
{
    add_act((struct act){"GET /v1/hello?after=e1-4 ", "200 OK", JSON, HELLO});
    add_act((struct act){
        "GET /v1/poll?after=e1-4&wait=2&", "200 OK", JSON,
        "{\"events\":[{\"a\":1},{\"b\":\"\xc3\xbc\"}],\"cursor\":\"e1-6\",\"more\":true}"});
    add_act((struct act){"GET /v1/poll?after=e1-6&wait=2&", "200 OK", JSON,
                         "{\"events\":[{\"c\":3}],\"cursor\":\"e1-7\",\"more\":false}"});
    add_act((struct act){"GET /v1/poll?after=e1-7&wait=2&", .hangs = true});
    begin(&link_longpoll);
    run_to_request("after=e1-7");
    ck_assert_str_eq(got.all, HELLO "\n{\"a\":1}\n{\"b\":\"\xc3\xbc\"}\n{\"c\":3}\n");
    ck_assert_int_eq(got.opens, 1);
    ck_assert_int_eq(got.heards, 2);
    ck_assert_uint_eq(tls_peer_connections(peer), 1);
}
END_TEST

START_TEST(without_reuse_each_request_has_a_connection)
{
    add_act((struct act){"GET /v1/hello", "200 OK", JSON, HELLO});
    add_act((struct act){"GET /v1/poll?after=e1-4&", "200 OK", JSON,
                         "{\"events\":[{\"a\":1}],\"cursor\":\"e1-6\"}"});
    add_act((struct act){"GET /v1/poll?after=e1-6&", "200 OK", JSON,
                         "{\"events\":[{\"b\":2}],\"cursor\":\"e1-7\"}"});
    add_act((struct act){"GET /v1/poll?after=e1-7&", .hangs = true});
    row = &link_longpoll;
    open_base("localhost", port, ca_file);
    https_forbid_reuse(https);
    begin(row);
    run_to_request("after=e1-7");
    ck_assert_str_eq(got.all, HELLO "\n{\"a\":1}\n{\"b\":2}\n");
    ck_assert_uint_eq(tls_peer_connections(peer), 4);
}
END_TEST

START_TEST(polls_without_a_cursor_begin_at_hellos)
{
    row = &link_poll;
    add_act((struct act){"GET /v1/hello ", "200 OK", JSON, HELLO});
    add_act((struct act){"GET /v1/poll?after=e1-5&wait=0&", "200 OK", JSON,
                         "{\"events\":[],\"cursor\":\"e1-9\"}"});
    begin_at("localhost", port, ca_file, NULL);
    run_to_request("GET /v1/poll?after=e1-9&wait=0&");
    ck_assert_str_eq(got.all, HELLO "\n");
}
END_TEST

START_TEST(poll_asks_at_once_after_it_has_said_something)
{
    row = &link_poll;
    open_base("localhost", port, ca_file);
    const struct way_config config = {.loop = &loop,
                                      .base = base,
                                      .host = "localhost",
                                      .port = port,
                                      .http = http,
                                      .token = "T1",
                                      .poll_interval_ms = 3600000,
                                      .trust = trust,
                                      .listener = &way_listener};
    add_act((struct act){"GET /v1/hello", "200 OK", JSON, HELLO});
    add_act((struct act){"GET /v1/poll", "200 OK", JSON, "{\"events\":[],\"cursor\":\"e1-6\"}", 1});
    add_act((struct act){"GET /v1/poll?after=e1-6", "200 OK", JSON,
                         "{\"events\":[{\"seq\":7}],\"cursor\":\"e1-7\"}"});
    add_act((struct act){"POST /v1/send", "200 OK", JSON, NULL});
    way = row->start(&config);
    run_to_line("hello");
    send_command("m1");
    run_to_line("{\"seq\":7}");
    ck_assert_ptr_nonnull(strstr(got.all, "\"id\":\"m1\""));
}
END_TEST

START_TEST(answers_cut_in_the_middle_are_asked_for_again)
{
    add_act((struct act){"GET /v1/hello", "200 OK", JSON, "{\"type\":", 1, .cuts = true});
    add_act((struct act){"GET /v1/hello", "200 OK", JSON, HELLO});
    add_act((struct act){"GET /v1/poll?after=e1-4", "200 OK", JSON,
                         "{\"events\":[{\"a\":1}],\"cursor\":\"e1-6\"", 1, .cuts = true});
    add_act(
        (struct act){"GET /v1/poll?after=e1-4", "200 OK", JSON, "{\"events\":[{\"a\":1}],\"cu", 1});
    add_act((struct act){"GET /v1/poll?after=e1-4", "504 Gateway Timeout", "", "", 1});
    add_act((struct act){"GET /v1/poll?after=e1-4", "200 OK", JSON,
                         "{\"events\":[{\"a\":1}],\"cursor\":\"e1-6\"}"});
    add_act((struct act){"GET /v1/poll?after=e1-6", .hangs = true});
    begin(&link_longpoll);
    run_to_request("after=e1-6");
    ck_assert_str_eq(got.all, HELLO "\n{\"a\":1}\n");
    ck_assert_int_eq(count_of(requests, "GET /v1/hello"), 2);
    ck_assert_int_eq(count_of(requests, "after=e1-4&"), 4);
    ck_assert_int_eq(got.ends, 0);
}
END_TEST

START_TEST(answers_that_are_always_cut_end_the_way)
{
    add_act((struct act){"GET /v1/hello", "200 OK", JSON, HELLO});
    add_act((struct act){"GET /v1/poll", "200 OK", JSON, "{\"events\":[", .cuts = true});
    begin(&link_poll);
    run_to_end();
    ck_assert_int_eq(got.end, WAY_CLOSED);
    ck_assert_str_eq(got.why, http == HTTP_2 ? "the server broke the request off"
                                             : "connection lost in the middle of an answer");
    ck_assert_int_eq(count_of(requests, "GET /v1/poll"), 4);
}
END_TEST

START_TEST(what_waits_goes_up_together_and_in_order)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        row = rows[i];
        let_greet();
        add_act((struct act){"POST /v1/send", "200 OK", JSON, NULL});
        begin(row);
        ck_assert_int_eq(row->send(way, "{}", 2), -EPIPE); /* it is not open */
        run_to_line("hello");
        for (int j = 0; j < 250; j++) {
            char id[8];
            snprintf(id, sizeof(id), "m%03d", j);
            send_command(id);
        }
        run_to_line("\"m249\"");
        ck_assert_int_eq(count_of(requests, "POST /v1/send"), 3);
        ck_assert_int_eq(count_of(requests, "Expect"), 0);
        const char *at = got.all;
        for (int j = 0; j < 250; j++) {
            char id[10];
            snprintf(id, sizeof(id), "\"m%03d\"", j);
            at = strstr(at, id);
            ck_assert_msg(at != NULL, "%s: %s out of order", row->name, id);
        }
        finish();
    }
}
END_TEST

START_TEST(refused_members_are_told_in_their_place)
{
    row = &link_sse;
    let_greet();
    add_act((struct act){
        "POST /v1/send", "207 Multi-Status", JSON,
        "[{\"type\":\"receipt\",\"id\":\"a\",\"seq\":1},"
        "{\"type\":\"receipt\",\"nonce\":\"n\"},"
        "{\"type\":\"receipt\",\"seq\":null},"
        "{\"type\":\"error\",\"id\":\"b\",\"code\":\"forbidden\",\"message\":\"no\"}]"});
    begin(row);
    run_to_line("hello");
    send_command("a");
    ck_assert_int_eq(row->send(way, "{\"type\":\"ping\",\"nonce\":\"n\"}", 27), 0);
    ck_assert_int_eq(row->send(way, "{\"type\":\"typing\",\"room\":\"#a\"}", 30), 0);
    send_command("b");
    run_to_line("forbidden");
    ck_assert_str_eq(got.all, HELLO "\n{\"type\":\"receipt\",\"id\":\"a\",\"seq\":1}\n"
                                    "{\"type\":\"error\",\"id\":\"b\",\"code\":\"forbidden\","
                                    "\"message\":\"no\"}\n");
    ck_assert_int_eq(got.ends, 0);
}
END_TEST

START_TEST(posts_without_an_answer_are_repeated_as_they_were)
{
    row = &link_sse;
    let_greet();
    add_act((struct act){"POST /v1/send", "200 OK", JSON, "[{\"ty", 1, .cuts = true});
    add_act((struct act){"POST /v1/send", "502 Bad Gateway", "", "", 1});
    add_act((struct act){"POST /v1/send", "200 OK", JSON, NULL});
    begin(row);
    run_to_line("hello");
    send_command("a");
    send_command("b");
    run_to_request("POST");
    send_command("c");
    run_to_line("\"c\"");
    ck_assert_int_eq(
        count_of(requests, "[{\"type\":\"say\",\"id\":\"a\"},{\"type\":\"say\",\"id\":\"b\"}]"), 3);
    ck_assert_int_eq(count_of(got.all, "receipt"), 3);
}
END_TEST

START_TEST(posts_that_are_never_answered_end_the_way)
{
    row = &link_longpoll;
    let_greet();
    add_act((struct act){"POST /v1/send", "200 OK", JSON, "[", .cuts = true});
    begin(row);
    run_to_line("hello");
    send_command("a");
    run_to_end();
    ck_assert_int_eq(got.end, WAY_CLOSED);
    ck_assert_int_eq(count_of(requests, "POST"), 4);
    ck_assert_int_eq(got.lines, 1);
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
        row = rows[i % ARRAY_LEN(rows)];
        let_greet();
        add_act((struct act){"POST /v1/send", refusals[i].status, refusals[i].extra,
                             "{\"error\":{\"code\":\"x\",\"message\":\"not so\"}}"});
        begin(row);
        run_to_line("hello");
        send_command("a");
        run_to_end();
        ck_assert_msg(got.end == WAY_REFUSED && got.status == refusals[i].number &&
                          got.retry_after_ms == refusals[i].retry_after_ms &&
                          strstr(got.why, ": not so") != NULL,
                      "row %zu: end %d status %d why %s", i, got.end, got.status, got.why);
        finish();
    }
}
END_TEST

START_TEST(posts_that_something_in_between_forbids_say_so)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        row = rows[i];
        let_greet();
        add_act((struct act){"POST /v1/send", "403 Forbidden", JSON, "{\"error\":\"policy\"}"});
        begin(row);
        run_to_line("hello");
        send_command("a");
        run_to_end();
        ck_assert_int_eq(got.end, WAY_FOREIGN);
        ck_assert_str_eq(got.why, "403 by something in between");
        finish();
    }
}
END_TEST

START_TEST(answers_to_commands_that_are_none_end_the_way)
{
    static const char *const bodies[] = {"<html>", "{}", "[]", "[{},{}]", "3"};

    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        row = &link_sse;
        let_greet();
        add_act((struct act){"POST /v1/send", "200 OK", "Content-Type: text/html\r\n", bodies[i]});
        begin(row);
        run_to_line("hello");
        send_command("a");
        run_to_end();
        ck_assert_int_eq(got.end, WAY_REFUSED);
        ck_assert_str_eq(got.why, "the answer to commands is text/html: wanted an array of 1");
        finish();
    }
}
END_TEST

START_TEST(batches_that_are_too_large_are_split)
{
    row = &link_sse;
    let_greet();
    add_act((struct act){"POST /v1/send", "413 Too Large", JSON, "{}", 3});
    add_act((struct act){"POST /v1/send", "200 OK", JSON, NULL});
    begin(row);
    run_to_line("hello");
    for (int i = 0; i < 4; i++) {
        char id[3] = {'m', (char)('0' + i), '\0'};
        send_command(id);
    }
    run_to_line("\"m3\"");
    /* 4, 2 and 1 were too large: the first goes nowhere, the others one by one. */
    ck_assert_ptr_nonnull(
        strstr(got.all, "{\"type\":\"error\",\"id\":\"m0\",\"code\":\"too_large\""));
    ck_assert_int_eq(count_of(got.all, "receipt"), 3);
    ck_assert_int_eq(count_of(requests, "POST"), 6);
}
END_TEST

START_TEST(a_full_queue_says_not_now_and_tells_when_to_go_on)
{
    char json[3000];
    int error = 0, count = 0;

    row = &link_sse;
    let_greet();
    add_act((struct act){"POST /v1/send", "200 OK", JSON, NULL});
    begin(row);
    run_to_line("hello");
    snprintf(json, sizeof(json), "{\"id\":\"a\",\"text\":\"%02000d\"}", 0);
    while ((error = row->send(way, json, strlen(json))) == 0 && count < 5000)
        count++;
    ck_assert_int_eq(error, -EAGAIN);
    ck_assert_int_le(count, UPLINK_QUEUE_BYTES_MAX / 2000);
    ck_assert_int_eq(got.opens, 1);
    while (got.opens < 2)
        uv_run(&loop, UV_RUN_ONCE);
    ck_assert_int_eq(row->send(way, json, strlen(json)), 0);
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

    for (size_t i = 0; i < ARRAY_LEN(ends) * ARRAY_LEN(rows); i++) {
        const size_t which = i / ARRAY_LEN(rows);
        row = rows[i % ARRAY_LEN(rows)];
        add_act((struct act){"GET /v1/", ends[which].status, ends[which].extra, ends[which].body});
        begin(row);
        run_to_end();
        for (int turns = 0; turns < 20; turns++)
            uv_run(&loop, UV_RUN_NOWAIT);
        ck_assert_msg(
            got.ends == 1 && got.end == ends[which].end && got.status == ends[which].number &&
                got.retry_after_ms == ends[which].retry_after_ms &&
                strstr(got.why, ends[which].why) != NULL && got.opens == 0,
            "%s %zu: end %d status %d why %s", row->name, which, got.end, got.status, got.why);
        finish();
    }
}
END_TEST

START_TEST(refused_connects_and_unknown_names_are_said_so)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        row = rows[i];
        begin_at("localhost", 1, ca_file, NULL);
        run_to_end();
        ck_assert_int_eq(got.end, WAY_UNREACHED);
        ck_assert_str_eq(got.why, "refused");
        finish();
        begin_at("no-such-host.invalid", port, ca_file, NULL);
        run_to_end();
        ck_assert_int_eq(got.end, WAY_UNREACHED);
        ck_assert_str_eq(got.why, "name not found");
        finish();
    }
}
END_TEST

START_TEST(unknown_certificate_gets_no_token)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        row = rows[i];
        let_greet();
        begin_at("localhost", port, NULL, NULL);
        run_to_end();
        ck_assert_int_eq(got.end, WAY_CERTIFICATE);
        ck_assert_int_eq(trust_report(trust)->fault, TRUST_UNKNOWN);
        ck_assert_str_eq(requests, "");
        finish();
    }
}
END_TEST

START_TEST(stopping_is_possible_within_each_line)
{
    for (size_t i = 0; i < ARRAY_LEN(rows) * 3; i++) {
        row = rows[i % ARRAY_LEN(rows)];
        stop_at_line = (int)(i / ARRAY_LEN(rows)) + 1;
        add_act((struct act){"GET /v1/hello", "200 OK", JSON, HELLO});
        add_act((struct act){"GET /v1/events", "200 OK", STREAM,
                             "data: " HELLO "\n\ndata: {\"a\":1}\n\ndata: {\"b\":2}\n\n"});
        add_act((struct act){"GET /v1/poll", "200 OK", JSON,
                             "{\"events\":[{\"a\":1},{\"b\":2}],\"cursor\":\"e1-6\"}"});
        begin(row);
        while (way != NULL)
            uv_run(&loop, UV_RUN_ONCE);
        ck_assert_int_eq(got.lines, stop_at_line);
        ck_assert_int_eq(got.ends, 0);
        finish();
    }
}
END_TEST

START_TEST(stopping_is_possible_within_a_receipt)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        row = rows[i];
        stop_at_line = 2;
        let_greet();
        add_act((struct act){"POST /v1/send", "200 OK", JSON, NULL});
        begin(row);
        run_to_line("hello");
        send_command("a");
        send_command("b");
        while (way != NULL)
            uv_run(&loop, UV_RUN_ONCE);
        ck_assert_int_eq(got.lines, 2);
        finish();
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
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        row = rows[i];
        for (int turns = 0; turns < 40; turns++) {
            let_greet();
            begin(row);
            for (int turn = 0; turn < turns; turn++)
                uv_run(&loop, UV_RUN_NOWAIT);
            if (way != NULL)
                row->stop(way);
            way = NULL;
            ck_assert_int_eq(got.ends, 0);
            forget();
        }
        finish();
        ck_assert_int_eq(uv_loop_alive(&loop), 0);
    }
}
END_TEST

START_TEST(ways_leave_no_file_behind)
{
    int fds = count_fds() + (int)ARRAY_LEN(rows) * 4 * 2; /* the peer's ends stay till its stop */

    for (int i = 0; i < 12; i++) {
        row = rows[i % (int)ARRAY_LEN(rows)];
        let_greet();
        begin(row);
        run_to_line("hello");
        finish();
    }
    ck_assert(has_few_fds(&fds));
}
END_TEST

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

    for (size_t i = 0; i < ARRAY_LEN(wishes) * ARRAY_LEN(rows); i++) {
        size_t which = i / ARRAY_LEN(rows);
        http = wishes[which].wish;
        row = rows[i % ARRAY_LEN(rows)];
        let_greet();
        begin(row);
        run_to_line("hello");
        ck_assert_str_eq(facts.http, wishes[which].http);
        ck_assert_str_eq(facts.http_why, wishes[which].why);
        ck_assert_str_eq(facts.tls, "TLSv1.3");
        finish();
    }
}
END_TEST

START_TEST(all_that_is_asked_shares_a_connection)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        row = rows[i];
        let_greet();
        add_act((struct act){"POST /v1/send", "200 OK", JSON, NULL});
        begin(row);
        run_to_line("hello");
        for (int j = 0; j < 300; j++) {
            char id[8];
            snprintf(id, sizeof(id), "m%03d", j);
            send_command(id);
        }
        run_to_line("\"m299\"");
        finish();
        ck_assert_uint_eq(tls_peer_connections(peer), i + 1);
    }
}
END_TEST

static bool
has_resets(const void *wanted)
{
    return h2_peer.resets >= *(const int *)wanted;
}

/* As when the transport is changed: the next one finds the connection open. */
START_TEST(a_way_that_is_stopped_resets_its_stream_and_no_more)
{
    static const int stopped = 4;

    row = &link_sse;
    let_greet();
    for (int i = 0; i <= stopped; i++) {
        got.all[0] = '\0';
        got.opens = 0;
        begin(row);
        run_to_line("hello");
        if (i < stopped)
            row->stop(way);
    }
    run_until(has_resets, &stopped, "resets");
    ck_assert_uint_eq(tls_peer_connections(peer), 1);
}
END_TEST

static bool
has_no_connection(const void *wanted)
{
    return atomic_load(&open_connections) == 0;
}

/* As when the next way is a WebSocket: nothing would take the reset along. */
START_TEST(a_way_that_is_stopped_and_followed_by_nothing_closes_its_connection)
{
    row = &link_sse;
    let_greet();
    begin(row);
    run_to_line("hello");
    ck_assert(!has_no_connection(NULL));
    row->stop(way);
    way = NULL;
    run_until(has_no_connection, NULL, "the connection closed");
}
END_TEST

START_TEST(after_goaway_the_stream_goes_on_and_what_is_new_goes_elsewhere)
{
    row = &link_sse;
    add_act((struct act){"GET /v1/events", "200 OK", STREAM, "data: " HELLO "\n\n", 1,
                         .after = H2_GOES});
    add_act((struct act){"POST /v1/send", "200 OK", JSON, NULL});
    begin(row);
    run_to_line("hello");
    send_command("a");
    run_to_line("\"a\"");
    send_command("b");
    run_to_line("\"b\"");
    ck_assert_int_eq(got.ends, 0);
    ck_assert_uint_eq(tls_peer_connections(peer), 2);
}
END_TEST

START_TEST(a_stream_that_was_refused_is_asked_for_again)
{
    row = &link_sse;
    let_greet();
    add_act((struct act){"POST /v1/send", "200 OK", JSON, "", 2, .after = H2_REFUSES});
    add_act((struct act){"POST /v1/send", "200 OK", JSON, NULL});
    begin(row);
    run_to_line("hello");
    send_command("a");
    run_to_line("\"a\"");
    ck_assert_int_eq(got.ends, 0);
    ck_assert_int_eq(count_of(got.all, "receipt"), 1);
}
END_TEST

START_TEST(a_connection_that_is_cut_ends_the_way_once)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        row = rows[i];
        let_greet();
        add_act((struct act){"POST /v1/send", "200 OK", JSON, "[", .after = H2_CUTS});
        begin(row);
        run_to_line("hello");
        send_command("a");
        run_to_end();
        ck_assert_int_eq(got.end, WAY_CLOSED);
        ck_assert_int_eq(got.ends, 1);
        finish();
    }
}
END_TEST

/* The one that has been silent for too long may be dead, and would be for the next one too. */
START_TEST(a_renewed_pool_leaves_what_is_there_and_begins_anew)
{
    row = &link_sse;
    let_greet();
    begin(row);
    run_to_line("hello");
    struct link_way *old = way;
    https_renew(https);
    got.all[0] = '\0';
    got.opens = 0;
    begin(row);
    run_to_line("hello");
    ck_assert_uint_eq(tls_peer_connections(peer), 2);
    row->stop(old);
    ck_assert_int_eq(got.ends, 0);
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
    row = &link_sse;
    let_greet();
    begin(row);
    run_to_line("hello");
    timeouts = 0;
    const struct https_listener listener = {.done = on_timeout};
    const struct https_question question = {.host = "localhost",
                                            .port = port,
                                            .http = http,
                                            .path = "/v1/silent",
                                            .accept = "*/*",
                                            .timeout_ms = 50,
                                            .answer_max = 10};
    add_act((struct act){"GET /v1/silent", .hangs = true});
    add_act((struct act){"POST /v1/send", "200 OK", JSON, NULL});
    https_send(https, &question, &listener);
    run_until(has_timed_out, NULL, "a time-out");
    send_command("a");
    run_to_line("\"a\"");
    ck_assert_int_eq(got.ends, 0);
    ck_assert_uint_eq(tls_peer_connections(peer), 2);
}
END_TEST

static void
add_case(Suite *suite, const char *name, void (*fixture)(void))
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, fixture, tear_down);
    tcase_add_test(tcase, sse_tells_each_event_of_its_stream);
    tcase_add_test(tcase, sse_that_ends_has_ended);
    tcase_add_test(tcase, sse_too_long_is_refused);
    tcase_add_test(tcase, longpoll_asks_on_from_the_answers_cursor);
    tcase_add_test(tcase, polls_without_a_cursor_begin_at_hellos);
    tcase_add_test(tcase, poll_asks_at_once_after_it_has_said_something);
    tcase_add_test(tcase, answers_cut_in_the_middle_are_asked_for_again);
    tcase_add_test(tcase, answers_that_are_always_cut_end_the_way);
    tcase_add_test(tcase, what_waits_goes_up_together_and_in_order);
    tcase_add_test(tcase, refused_members_are_told_in_their_place);
    tcase_add_test(tcase, posts_without_an_answer_are_repeated_as_they_were);
    tcase_add_test(tcase, posts_that_are_never_answered_end_the_way);
    tcase_add_test(tcase, whole_posts_that_are_refused_end_the_way);
    tcase_add_test(tcase, posts_that_something_in_between_forbids_say_so);
    tcase_add_test(tcase, answers_to_commands_that_are_none_end_the_way);
    tcase_add_test(tcase, batches_that_are_too_large_are_split);
    tcase_add_test(tcase, a_full_queue_says_not_now_and_tells_when_to_go_on);
    tcase_add_test(tcase, how_it_ends_is_told_once_and_clearly);
    tcase_add_test(tcase, refused_connects_and_unknown_names_are_said_so);
    tcase_add_test(tcase, unknown_certificate_gets_no_token);
    tcase_add_test(tcase, stopping_is_possible_within_each_line);
    tcase_add_test(tcase, stopping_is_possible_within_a_receipt);
    tcase_add_test(tcase, stopping_is_possible_at_any_moment);
    tcase_add_test(tcase, ways_leave_no_file_behind);
    suite_add_tcase(suite, tcase);
}

int
main(void)
{
    Suite *suite = suite_create("link_https");
    add_case(suite, "HTTP/1.1", set_up_1);
    add_case(suite, "HTTP/2", set_up_2);
    TCase *fresh = tcase_create("what shares none");
    tcase_add_checked_fixture(fresh, set_up_1, tear_down);
    tcase_add_test(fresh, without_reuse_each_request_has_a_connection);
    suite_add_tcase(suite, fresh);
    TCase *shared = tcase_create("what shares a connection");
    tcase_add_checked_fixture(shared, set_up_2, tear_down);
    tcase_add_test(shared, facts_say_which_http_and_why);
    tcase_add_test(shared, all_that_is_asked_shares_a_connection);
    tcase_add_test(shared, a_way_that_is_stopped_resets_its_stream_and_no_more);
    tcase_add_test(shared, a_way_that_is_stopped_and_followed_by_nothing_closes_its_connection);
    tcase_add_test(shared, after_goaway_the_stream_goes_on_and_what_is_new_goes_elsewhere);
    tcase_add_test(shared, a_stream_that_was_refused_is_asked_for_again);
    tcase_add_test(shared, a_connection_that_is_cut_ends_the_way_once);
    tcase_add_test(shared, a_renewed_pool_leaves_what_is_there_and_begins_anew);
    tcase_add_test(shared, what_times_out_leaves_its_connection_to_nobody);
    suite_add_tcase(suite, shared);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
