/* client/link/ask_https: questions to a real TLS peer. */
#include <check.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "client/link/ask.h"
#include "client/link/https.h"
#include "client/link/proxy.h"
#include "client/link/trust.h"
#include "client/link/url.h"
#include "common/log.h"
#include "common/util.h"
#include "tests/support/certificate.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tls_peer.h"

static char dir[TEMP_DIR_SIZE], pins[TEMP_PATH_SIZE], ca_file[TEMP_PATH_SIZE];
static struct certificate certificate;
static uv_loop_t loop;
static struct tls_peer *peer;
static struct url url;
static struct proxy proxy;
static struct trust *trust;
static struct https *https;
static struct ask *ask;

/* What came back. */
static struct {
    int count;
    enum ask_end end;
    int status;
    int64_t retry_after_ms;
    char body[1000];
    size_t len;
    char why[300];
} got;

/* The last request that the peer read. */
static char request[20000];
static atomic_int requests;

static void
serve(SSL *ssl, int fd, void *context)
{
    char text[20000];

    while (tls_peer_read_request(ssl, text, sizeof(text))) {
        memcpy(request, text, sizeof(text));
        atomic_fetch_add(&requests, 1);
        if (strncmp(text, "GET /busy", 9) == 0) {
            tls_peer_answer(ssl, "503 Unavailable", "Retry-After: 7\r\n", "{}");
        } else if (strncmp(text, "GET /away", 9) == 0) {
            tls_peer_answer(ssl, "302 Found", "Location: https://localhost:1/\r\n", "");
        } else if (strncmp(text, "GET /silent", 11) == 0) {
            tls_peer_read_request(ssl, text, sizeof(text));
            return;
        } else if (strncmp(text, "GET /cut", 8) == 0) {
            return;
        } else if (strncmp(text, "GET /huge", 9) == 0) {
            char block[8192];
            memset(block, 'x', sizeof(block));
            int len = snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\n\r\n");
            for (int i = 0; i < 2000 && SSL_write(ssl, i == 0 ? text : block,
                                                  i == 0 ? len : (int)sizeof(block)) > 0;
                 i++)
                ;
            return;
        } else {
            tls_peer_answer(ssl, "200 OK", "", "{\"token\":\"T\"}");
        }
    }
}

static void
set_up(void)
{
    const struct tls_peer_config config = {.certificate = &certificate, .serve = serve};

    signal(SIGPIPE, SIG_IGN);
    log_open("/dev/null");
    memset(&got, 0, sizeof(got));
    requests = 0;
    temp_dir_make(dir);
    temp_path(pins, dir, "pins");
    temp_path(ca_file, dir, "ca.pem");
    certificate_make(&certificate, "localhost", "DNS:localhost", NULL, 10);
    certificate_write(&certificate, ca_file);
    peer = tls_peer_start(&config, &url.port);
    ck_assert_int_eq(uv_loop_init(&loop), 0);
}

static void
begin_with(const char *host, const char *use_ca_file, enum http_wish http)
{
    char why[200] = "";

    str_copy(url.host, sizeof(url.host), host);
    trust = trust_create(host, url.port, pins, use_ca_file, NULL, why, sizeof(why));
    ck_assert_msg(trust != NULL, "%s", why);
    https = https_create(&loop, trust, NULL, 2);
    ck_assert_ptr_nonnull(https);
    ask = ask_https.create(https, &url, &proxy, http);
}

static void
begin(const char *host, const char *use_ca_file)
{
    begin_with(host, use_ca_file, HTTP_AUTO);
}

static void
end(void)
{
    if (ask != NULL)
        ask_https.destroy(ask);
    if (https != NULL)
        https_destroy(https);
    trust_destroy(trust);
    ask = NULL;
    https = NULL;
    trust = NULL;
    uv_run(&loop, UV_RUN_DEFAULT);
}

static void
tear_down(void)
{
    end();
    ck_assert_int_eq(uv_loop_close(&loop), 0);
    tls_peer_stop(peer);
    certificate_fini(&certificate);
    temp_dir_remove(dir);
}

static void
on_answer(void *context, const struct ask_answer *answer)
{
    got.count++;
    got.end = answer->end;
    got.status = answer->status;
    got.retry_after_ms = answer->retry_after_ms;
    got.len = answer->len;
    snprintf(got.body, sizeof(got.body), "%s", answer->body);
    snprintf(got.why, sizeof(got.why), "%s", answer->why);
}

static struct ask_request *
send_question(const char *path, const char *body, int64_t timeout_ms)
{
    const struct ask_question question = {
        .path = path, .token = "T1", .body = body, .timeout_ms = timeout_ms};

    return ask_https.send(ask, &question, on_answer, NULL);
}

static void
run_until(int count)
{
    for (int i = 0; got.count < count && i < 100000; i++)
        uv_run(&loop, UV_RUN_ONCE);
    ck_assert_int_eq(got.count, count);
}

static void
question(const char *path, const char *body)
{
    int before = got.count;

    send_question(path, body, 20000);
    ck_assert_int_eq(got.count, before);
    run_until(before + 1);
}

START_TEST(get_and_post_carry_token_and_body)
{
    begin("localhost", ca_file);
    question("/v1/rooms?x=%23a", NULL);
    ck_assert_int_eq(got.end, ASK_ANSWERED);
    ck_assert_int_eq(got.status, 200);
    ck_assert_str_eq(got.body, "{\"token\":\"T\"}");
    ck_assert_uint_eq(got.len, 13);
    ck_assert_ptr_eq(strstr(request, "GET /v1/rooms?x=%23a HTTP/1.1\r\n"), request);
    ck_assert_ptr_nonnull(strstr(request, "Authorization: Bearer T1\r\n"));

    question("/v1/login", "{\"user\":\"ann\"}");
    ck_assert_ptr_eq(strstr(request, "POST /v1/login HTTP/1.1\r\n"), request);
    ck_assert_ptr_nonnull(strstr(request, "\r\n\r\n{\"user\":\"ann\"}"));
    ck_assert_ptr_null(strstr(request, "Expect:"));
    ck_assert_uint_eq(tls_peer_connections(peer), 1); /* it was used again */
}
END_TEST

START_TEST(status_and_retry_after_come_through)
{
    begin("localhost", ca_file);
    question("/busy", NULL);
    ck_assert_int_eq(got.status, 503);
    ck_assert_int_eq(got.retry_after_ms, 7000);
    question("/away", NULL);
    ck_assert_int_eq(got.status, 302); /* the token goes nowhere else */
}
END_TEST

START_TEST(unknown_certificate_gets_no_secret)
{
    begin("localhost", NULL);
    question("/v1/login", "{\"password\":\"secret\"}");
    ck_assert_int_eq(got.end, ASK_CERTIFICATE);
    ck_assert_int_eq(trust_report(trust)->fault, TRUST_UNKNOWN);
    ck_assert_str_eq(trust_report(trust)->got, certificate.fingerprint);
    ck_assert_int_eq(requests, 0);

    ck_assert_int_eq(trust_pin(trust), 0);
    question("/v1/login", "{\"password\":\"secret\"}");
    ck_assert_int_eq(got.end, ASK_ANSWERED);
    ck_assert_int_eq(requests, 1);
}
END_TEST

START_TEST(wrong_name_is_refused_though_the_chain_is_good)
{
    begin("127.0.0.1", ca_file);
    question("/v1/login", "{}");
    ck_assert_int_eq(got.end, ASK_CERTIFICATE);
    ck_assert_ptr_nonnull(strstr(got.why, "is for localhost, not 127.0.0.1"));
    ck_assert_int_eq(requests, 0);
}
END_TEST

START_TEST(many_at_once_are_all_answered)
{
    begin("localhost", ca_file);
    for (int i = 0; i < 50; i++)
        send_question("/v1/x", i % 2 == 0 ? NULL : "{}", 20000);
    run_until(50);
    ck_assert_int_eq(requests, 50);
    ck_assert_uint_le(tls_peer_connections(peer), 2);
}
END_TEST

START_TEST(failures_have_words)
{
    begin("localhost", ca_file);
    send_question("/silent", NULL, 300);
    run_until(1);
    ck_assert_int_eq(got.end, ASK_FAILED);
    ck_assert_str_eq(got.why, "no answer in 1 s");
    question("/cut", NULL);
    ck_assert_int_eq(got.end, ASK_FAILED);
    ck_assert_str_ne(got.why, "");
    question("/huge", NULL);
    ck_assert_int_eq(got.end, ASK_FAILED);
    ck_assert_ptr_nonnull(strstr(got.why, "too long"));
    end();

    int port = url.port;
    url.port = 1;
    begin("localhost", ca_file);
    question("/", NULL);
    ck_assert_int_eq(got.end, ASK_FAILED);
    ck_assert_str_eq(got.why, "refused");
    end();

    begin("no-such-host.invalid", ca_file);
    question("/", NULL);
    ck_assert_str_eq(got.why, "name not found");
    url.port = port;
}
END_TEST

/* The peer counts in a thread of its own, and may be behind what we have seen of it. */
static void
wait_for_handshakes(unsigned count)
{
    for (int i = 0; tls_peer_handshakes(peer) < count && i < 20000; i++)
        usleep(1000);
    ck_assert_uint_eq(tls_peer_handshakes(peer), count);
}

START_TEST(nothing_is_said_to_a_server_without_the_http_that_is_asked_for)
{
    begin_with("localhost", ca_file, HTTP_2);
    question("/v1/login", "{}");
    ck_assert_int_eq(got.end, ASK_WRONG_HTTP);
    ck_assert_str_eq(got.why, "the server offers no HTTP/2: wanted what --http=2 asks for");
    wait_for_handshakes(1);
    ck_assert_int_eq(requests, 0);
}
END_TEST

START_TEST(what_timed_out_leaves_its_connection_to_nobody)
{
    begin("localhost", ca_file);
    question("/first", NULL);
    send_question("/silent", NULL, 100);
    run_until(2);
    ck_assert_int_eq(got.end, ASK_FAILED);
    question("/second", NULL);
    ck_assert_int_eq(got.end, ASK_ANSWERED);
    ck_assert_uint_eq(tls_peer_connections(peer), 2);
}
END_TEST

START_TEST(what_is_cancelled_or_dropped_is_silent_or_told_so)
{
    begin("localhost", ca_file);
    struct ask_request *first = send_question("/silent", NULL, 20000);
    send_question("/silent", NULL, 20000);
    while (requests < 2)
        uv_run(&loop, UV_RUN_ONCE);
    ask_https.cancel(first);
    ck_assert_int_eq(got.count, 0);
    end();
    ck_assert_int_eq(got.count, 1);
    ck_assert_int_eq(got.end, ASK_DROPPED);
}
END_TEST

static void
serve_garbage(SSL *ssl, int fd, void *context)
{
    ck_assert_int_eq(write_all(fd, "SSH-2.0-OpenSSH_9.2\r\n", 21), 0);
}

START_TEST(a_peer_without_tls_is_a_failure_with_words)
{
    const struct tls_peer_config config = {.serve = serve_garbage, .is_plain = true};
    int port = url.port;

    struct tls_peer *plain = tls_peer_start(&config, &url.port);
    begin("localhost", ca_file);
    question("/", NULL);
    ck_assert_int_eq(got.end, ASK_FAILED);
    ck_assert_str_ne(got.why, "");
    end();
    tls_peer_stop(plain);
    url.port = port;
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("ask");
    TCase *all = tcase_create("all");

    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_test(all, get_and_post_carry_token_and_body);
    tcase_add_test(all, status_and_retry_after_come_through);
    tcase_add_test(all, unknown_certificate_gets_no_secret);
    tcase_add_test(all, wrong_name_is_refused_though_the_chain_is_good);
    tcase_add_test(all, many_at_once_are_all_answered);
    tcase_add_test(all, failures_have_words);
    tcase_add_test(all, nothing_is_said_to_a_server_without_the_http_that_is_asked_for);
    tcase_add_test(all, what_timed_out_leaves_its_connection_to_nobody);
    tcase_add_test(all, what_is_cancelled_or_dropped_is_silent_or_told_so);
    tcase_add_test(all, a_peer_without_tls_is_a_failure_with_words);
    suite_add_tcase(suite, all);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
