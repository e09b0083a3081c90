/* client/link/link_ws: a WebSocket to a real TLS peer, and the link over it. */
#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "client/link/link_internal.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/util.h"
#include "tests/support/certificate.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tls_peer.h"

#define HELLO                                                                                      \
    "{\"type\":\"hello\",\"user\":\"ann\",\"epoch\":\"e1\",\"cursor\":\"e1-5\",\"head\":\"e1-5\"," \
    "\"result\":\"new\",\"heartbeat\":60}"

static char dir[TEMP_DIR_SIZE], pins[TEMP_PATH_SIZE], ca_file[TEMP_PATH_SIZE];
static struct certificate certificate;
static uv_loop_t loop;
static struct tls_peer *peer;
static int port;
static struct trust *trust;
static struct way_base *base;
static struct link_way *way;

/* What the peer does with an upgrade, and what it saw. */
static enum {
    PLAY_ECHO,     /* upgrades, says hello, sends each frame back */
    PLAY_REFUSE,   /* 503, Retry-After: 9 */
    PLAY_401,      /* and a question is answered with the server's own 401 */
    PLAY_403_HERE, /* to the upgrade; a question is answered with 200 */
    PLAY_403_ALL,  /* a page, to everything */
    PLAY_403_CUT,  /* a question gets no answer */
    PLAY_REDIRECT,
    PLAY_CUT,      /* closes without an answer */
    PLAY_GARBAGE,  /* an answer that is no HTTP */
    PLAY_BINARY,   /* a binary frame */
    PLAY_FLOOD,    /* an event of 2 MiB */
    PLAY_BIG,      /* an event of 300 KiB */
    PLAY_CLOSE,    /* close frame 1012 */
    PLAY_BAD_KEY,  /* 101 with a wrong accept key */
    PLAY_RESERVED, /* a frame with reserved bits */
    PLAY_DROP,     /* upgrades and is gone */
    PLAY_MUTE,     /* upgrades and says nothing, reads nothing */
} play;
static char request[20000];
static atomic_int upgrades, last_opcode, close_code;

static void
send_block(SSL *ssl, size_t len)
{
    char *text = malloc(len + 1);

    memset(text, 'x', len);
    text[len] = '\0';
    tls_peer_send_text(ssl, text);
    free(text);
}

static void
echo(SSL *ssl)
{
    static const size_t size = 70000;
    char *text = malloc(size);

    tls_peer_send_text(ssl, HELLO);
    for (;;) {
        int opcode = tls_peer_read_frame(ssl, text, size);
        if (opcode != -1)
            last_opcode = opcode;
        if (opcode == 8)
            close_code = (unsigned char)text[0] << 8 | (unsigned char)text[1];
        if (opcode != 1)
            break;
        tls_peer_send_text(ssl, text);
    }
    free(text);
}

static void
play_upgraded(SSL *ssl)
{
    static const unsigned char binary[] = {0x82, 0x01, 'x'}, reserved[] = {0xf1, 0x01, 'x'},
                               closing[] = {0x88, 0x02, 0x03, 0xf4};
    char text[1000];

    atomic_fetch_add(&upgrades, 1);
    if (play == PLAY_ECHO)
        echo(ssl);
    else if (play == PLAY_BINARY)
        SSL_write(ssl, binary, sizeof(binary));
    else if (play == PLAY_RESERVED)
        SSL_write(ssl, reserved, sizeof(reserved));
    else if (play == PLAY_CLOSE)
        SSL_write(ssl, closing, sizeof(closing));
    else if (play == PLAY_FLOOD)
        send_block(ssl, 2 << 20);
    else if (play == PLAY_BIG)
        send_block(ssl, 300 << 10);
    if (play == PLAY_MUTE)
        poll(&(struct pollfd){.fd = SSL_get_fd(ssl)}, 1, -1); /* until it is cut */
    if (play == PLAY_DROP || play == PLAY_ECHO)
        return;
    while (tls_peer_read_frame(ssl, text, sizeof(text)) >= 0)
        ;
}

static void
serve(SSL *ssl, int fd, void *context)
{
    char text[20000];

    if (!tls_peer_read_request(ssl, text, sizeof(text)))
        return;

    memcpy(request, text, sizeof(text));
    if (strncmp(text, "POST /v1/log", 12) == 0)
        tls_peer_answer(ssl, "200 OK", "", "{\"token\":\"T9\",\"user\":\"ann\",\"guest\":true}");
    else if (play == PLAY_REFUSE)
        tls_peer_answer(ssl, "503 Unavailable", "Retry-After: 9\r\n", "{}");
    else if (play == PLAY_401)
        tls_peer_answer(ssl, "401 Unauthorized", "",
                        "{\"error\":{\"code\":\"unauthorized\",\"message\":\"log in\"}}");
    else if (play == PLAY_403_HERE && strncmp(text, "GET /v1/hello", 13) == 0)
        tls_peer_answer(ssl, "200 OK", "", "{}");
    else if (play == PLAY_403_CUT && strncmp(text, "GET /v1/hello", 13) == 0)
        return;
    else if (play == PLAY_403_HERE || play == PLAY_403_ALL || play == PLAY_403_CUT)
        tls_peer_answer(ssl, "403 Forbidden", "", "<html>");
    else if (play == PLAY_REDIRECT)
        tls_peer_answer(ssl, "302 Found", "Location: https://localhost:1/x\r\n", "");
    else if (play == PLAY_GARBAGE)
        SSL_write(ssl, "\0\1\2garbage\r\n\r\n", 14);
    else if (play == PLAY_BAD_KEY)
        tls_peer_answer(ssl, "101 Switching Protocols",
                        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n",
                        "");
    else if (play != PLAY_CUT) {
        tls_peer_upgrade(ssl, text);
        play_upgraded(ssl);
    }
}

/* What the way told. */
static struct {
    int opens, lines, heards, ends;
    size_t line_len;
    char line[1000];
    enum way_end end;
    int status;
    int64_t retry_after_ms;
    char why[200];
} got;

static void
on_open(void *context)
{
    got.opens++;
}

static void
on_line(void *context, const char *json, size_t len)
{
    got.lines++;
    got.line_len = len;
    snprintf(got.line, sizeof(got.line), "%.*s", (int)MIN(len, sizeof(got.line) - 1), json);
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
    const struct tls_peer_config config = {.certificate = &certificate, .serve = serve};

    signal(SIGPIPE, SIG_IGN);
    log_open("/dev/null");
    memset(&got, 0, sizeof(got));
    play = PLAY_ECHO;
    upgrades = last_opcode = close_code = 0;
    temp_dir_make(dir);
    temp_path(pins, dir, "pins");
    temp_path(ca_file, dir, "ca.pem");
    certificate_make(&certificate, "localhost", "DNS:localhost", NULL, 10);
    certificate_write(&certificate, ca_file);
    peer = tls_peer_start(&config, &port);
    ck_assert_int_eq(uv_loop_init(&loop), 0);
}

static void
tear_down(void)
{
    if (way != NULL)
        link_ws.stop(way);
    if (base != NULL)
        link_ws.base_destroy(base);
    trust_destroy(trust);
    way = NULL;
    base = NULL;
    trust = NULL;
    while (uv_run(&loop, UV_RUN_DEFAULT) != 0)
        ;
    ck_assert_int_eq(uv_loop_close(&loop), 0);
    tls_peer_stop(peer);
    certificate_fini(&certificate);
    temp_dir_remove(dir);
}

static void
begin(const char *host, int to_port, const char *use_ca_file)
{
    char why[300] = "";

    if (base == NULL) {
        trust = trust_create(host, to_port, pins, use_ca_file, NULL, why, sizeof(why));
        ck_assert_msg(trust != NULL, "%s", why);
        base = link_ws.base_create(&loop, trust, NULL, why, sizeof(why));
        ck_assert_msg(base != NULL, "%s", why);
    }

    const struct cursor after = {"e1", 4};
    const struct way_config config = {.loop = &loop,
                                      .base = base,
                                      .host = host,
                                      .port = to_port,
                                      .token = "T1",
                                      .after = &after,
                                      .trust = trust,
                                      .listener = &way_listener};
    way = link_ws.start(&config);
    ck_assert_ptr_nonnull(way);
    ck_assert_int_eq(got.opens + got.ends, 0);
}

static void
on_deadline(uv_timer_t *timer)
{
    *(bool *)timer->data = true;
}

/* Runs the loop until *count is wanted, at most 20 s. */
static void
run_until(const int *count, int wanted)
{
    uv_timer_t deadline;
    bool is_over = false;

    uv_timer_init(&loop, &deadline);
    deadline.data = &is_over;
    uv_update_time(&loop);
    uv_timer_start(&deadline, on_deadline, 20000, 0);
    while (*count < wanted && !is_over)
        uv_run(&loop, UV_RUN_ONCE);
    uv_close((uv_handle_t *)&deadline, NULL);
    uv_run(&loop, UV_RUN_NOWAIT);
    ck_assert_msg(*count >= wanted, "count %d, wanted %d, why %s", *count, wanted, got.why);
}

static void
run_for(int turns)
{
    for (int i = 0; i < turns; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
}

START_TEST(upgrade_carries_name_token_cursor_and_subprotocol)
{
    char host[64];

    begin("localhost", port, ca_file);
    run_until(&got.lines, 1);
    ck_assert_int_eq(got.opens, 1);
    ck_assert_str_eq(got.line, HELLO);
    ck_assert_ptr_eq(strstr(request, "GET /v1/ws?after=e1-4 HTTP/1.1\r\n"), request);
    snprintf(host, sizeof(host), "\r\nHost: localhost:%d\r\n", port);
    ck_assert_ptr_nonnull(strcasestr(request, host));
    ck_assert_ptr_nonnull(strcasestr(request, "\r\nauthorization: Bearer T1\r\n"));
    ck_assert_ptr_nonnull(strcasestr(request, "\r\nSec-WebSocket-Protocol: rtchat.v1\r\n"));
    ck_assert_ptr_null(strcasestr(request, "Sec-WebSocket-Extensions"));
}
END_TEST

START_TEST(lines_go_up_and_come_down_whole)
{
    char line[60001];

    begin("localhost", port, ca_file);
    ck_assert_int_lt(link_ws.send(way, "early", 5), 0);
    run_until(&got.lines, 1);
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(link_ws.send(way, "{\"a\":1}", 7), 0);
    run_until(&got.lines, 101);
    ck_assert_str_eq(got.line, "{\"a\":1}");

    memset(line, 'y', sizeof(line) - 1);
    line[sizeof(line) - 1] = '\0';
    ck_assert_int_eq(link_ws.send(way, line, sizeof(line) - 1), 0);
    run_until(&got.lines, 102);
    ck_assert_uint_eq(got.line_len, sizeof(line) - 1);
    ck_assert_int_eq(got.line[500], 'y');
}
END_TEST

START_TEST(a_full_socket_says_not_now_and_tells_when_to_go_on)
{
    char line[16384];
    int error = 0;

    play = PLAY_MUTE;
    begin("localhost", port, ca_file);
    run_until(&got.opens, 1);
    memset(line, 'z', sizeof(line));
    for (int i = 0; i < 10000 && error == 0; i++)
        error = link_ws.send(way, line, sizeof(line));
    ck_assert_int_eq(error, -EAGAIN);
}
END_TEST

START_TEST(big_events_come_whole_and_bigger_ones_end_it)
{
    play = PLAY_BIG;
    begin("localhost", port, ca_file);
    run_until(&got.lines, 1);
    ck_assert_uint_eq(got.line_len, 300 << 10);
    ck_assert_int_gt(got.heards, 0);
    link_ws.stop(way);

    memset(&got, 0, sizeof(got));
    play = PLAY_FLOOD;
    begin("localhost", port, ca_file);
    run_until(&got.ends, 1);
    ck_assert_int_eq(got.end, WAY_REFUSED);
    ck_assert_int_eq(got.status, 1009);
    ck_assert_int_eq(got.lines, 0);
}
END_TEST

START_TEST(how_it_ends_is_told_once_and_clearly)
{
    static const struct {
        int play;
        enum way_end end;
        int status;
        int64_t retry_after_ms;
    } rows[] = {
        {PLAY_REFUSE, WAY_REFUSED, 503, 9000}, {PLAY_401, WAY_REFUSED, 401, 0},
        {PLAY_403_HERE, WAY_FOREIGN, 403, 0},  {PLAY_403_ALL, WAY_FOREIGN, 403, 0},
        {PLAY_403_CUT, WAY_CLOSED, 0, 0},      {PLAY_REDIRECT, WAY_REFUSED, 302, 0},
        {PLAY_CUT, WAY_CLOSED, 0, 0},          {PLAY_BAD_KEY, WAY_CLOSED, 0, 0},
        {PLAY_GARBAGE, WAY_CLOSED, 0, 0},      {PLAY_BINARY, WAY_REFUSED, 1003, 0},
        {PLAY_RESERVED, WAY_CLOSED, 0, 0},     {PLAY_CLOSE, WAY_REFUSED, 1002, 0},
        {PLAY_DROP, WAY_CLOSED, 0, 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        memset(&got, 0, sizeof(got));
        play = rows[i].play;
        begin("localhost", port, ca_file);
        run_until(&got.ends, 1);
        run_for(20);
        ck_assert_int_eq(got.ends, 1);
        ck_assert_msg(got.end == rows[i].end && got.status == rows[i].status &&
                          got.retry_after_ms == rows[i].retry_after_ms,
                      "row %zu: end %d status %d why %s", i, got.end, got.status, got.why);
        ck_assert_uint_gt(strlen(got.why), 0);
    }
}
END_TEST

START_TEST(refused_is_said_so)
{
    begin("localhost", 1, ca_file);
    run_until(&got.ends, 1);
    ck_assert_int_eq(got.end, WAY_UNREACHED);
    ck_assert_str_eq(got.why, "refused");
}
END_TEST

START_TEST(unknown_name_is_said_so)
{
    begin("no-such-host.invalid", port, ca_file);
    run_until(&got.ends, 1);
    ck_assert_int_eq(got.end, WAY_UNREACHED);
    ck_assert_str_eq(got.why, "name not found");
}
END_TEST

START_TEST(unknown_certificate_gets_no_token)
{
    begin("localhost", port, NULL);
    run_until(&got.ends, 1);
    ck_assert_int_eq(got.end, WAY_CERTIFICATE);
    ck_assert_int_eq(trust_report(trust)->fault, TRUST_UNKNOWN);
    ck_assert_str_eq(trust_report(trust)->got, certificate.fingerprint);
    ck_assert_str_eq(request, "");

    ck_assert_int_eq(trust_pin(trust), 0);
    memset(&got, 0, sizeof(got));
    begin("localhost", port, NULL);
    run_until(&got.lines, 1);
}
END_TEST

START_TEST(stopping_is_polite_and_silent)
{
    begin("localhost", port, ca_file);
    run_until(&got.lines, 1);
    link_ws.stop(way);
    way = NULL;
    for (int i = 0; i < 1000 && last_opcode != 8; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
    link_ws.base_destroy(base);
    base = NULL;
    while (uv_run(&loop, UV_RUN_DEFAULT) != 0)
        ;
    tls_peer_stop(peer);
    ck_assert_int_eq(last_opcode, 8);
    ck_assert_int_eq(close_code, 1000);
    ck_assert_int_eq(got.ends, 0);
    const struct tls_peer_config config = {.certificate = &certificate, .serve = serve};
    peer = tls_peer_start(&config, &port);
}
END_TEST

/* Each file takes the lowest free number, so those that lws let go of are theirs now. */
START_TEST(the_end_of_lws_closes_nobody_else_s_file)
{
    int fds[16];

    begin("localhost", port, ca_file);
    run_until(&got.lines, 1);
    link_ws.stop(way);
    link_ws.base_destroy(base);
    way = NULL;
    base = NULL;
    for (size_t i = 0; i < ARRAY_LEN(fds); i++)
        fds[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    while (uv_run(&loop, UV_RUN_DEFAULT) != 0)
        ;
    for (size_t i = 0; i < ARRAY_LEN(fds); i++)
        ck_assert_msg(close(fds[i]) == 0, "number %d was closed already", fds[i]);
}
END_TEST

START_TEST(stopping_is_possible_at_any_moment)
{
    for (int turns = 0; turns < 60; turns++) {
        memset(&got, 0, sizeof(got));
        begin("localhost", port, ca_file);
        run_for(turns);
        if (way != NULL)
            link_ws.stop(way);
        way = NULL;
        got.ends = 0;
        run_for(10);
        ck_assert_int_eq(got.ends, 0);
    }
}
END_TEST

/* The whole link over it. */
static enum link_state state;
static int live, failed, waiting;

static void
on_status(void *context, const struct link_status *status)
{
    state = status->state;
    live += state == LINK_LIVE;
    failed += state == LINK_FAILED;
    waiting += state == LINK_WAITING;
}

static void
on_event(void *context, const struct event *event, const char *json, size_t len)
{
}

static void
on_outbox(void *context, const struct outbox_item *item)
{
}

static void
on_receipt(void *context, const struct outbox_item *item, uint64_t seq, const char *json,
           size_t len)
{
}

static const struct link_listener listener = {NULL, on_status, on_event, on_outbox, on_receipt};

static struct link *
create_link(int to_port, const char *use_ca_file)
{
    char address[64], why[300] = "";

    live = failed = waiting = 0;
    snprintf(address, sizeof(address), "https://localhost:%d", to_port);
    const struct link_config config = {
        .url = address, .user = "ann", .transport = "ws", .state_dir = dir, .ca_file = use_ca_file};
    struct link *link = link_create(&loop, &config, &listener, why, sizeof(why));
    ck_assert_msg(link != NULL, "%s", why);
    return link;
}

START_TEST(link_asks_about_the_certificate_before_it_says_anything)
{
    struct link *link = create_link(port, NULL);

    link_start(link);
    run_until(&failed, 1);
    ck_assert_int_eq(link_status(link)->fault, LINK_FAULT_CERTIFICATE);
    ck_assert_int_eq(link_trust_report(link)->fault, TRUST_UNKNOWN);
    ck_assert_str_eq(request, "");
    link_trust_yes(link);
    run_until(&live, 1);
    ck_assert_str_eq(link_user(link), "ann");
    link_destroy(link);
}
END_TEST

START_TEST(certificate_that_changes_while_live_is_never_given_the_token)
{
    struct link *link = create_link(port, NULL);
    struct certificate other;

    link_start(link);
    run_until(&failed, 1);
    link_trust_yes(link);
    run_until(&live, 1);

    /* The same port with another certificate: the old pin holds for it. */
    certificate_make(&other, "localhost", "DNS:localhost", NULL, 10);
    const struct tls_peer_config config = {.certificate = &other, .serve = serve};
    tls_peer_stop(peer);
    int old_port = port;
    memset(request, 0, sizeof(request));
    peer = tls_peer_start_on(&config, old_port);
    run_until(&failed, 2);
    ck_assert_int_eq(link_status(link)->fault, LINK_FAULT_CERTIFICATE);
    ck_assert_int_eq(link_trust_report(link)->fault, TRUST_CHANGED);
    ck_assert_str_eq(link_trust_report(link)->wanted, certificate.fingerprint);
    ck_assert_str_eq(request, "");
    link_trust_yes(link);
    run_for(20);
    ck_assert_int_eq(state, LINK_FAILED);
    link_destroy(link);
    while (uv_run(&loop, UV_RUN_DEFAULT) != 0)
        ;
    certificate_fini(&other);
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

static void
count_handle(uv_handle_t *handle, void *count)
{
    ++*(int *)count;
}

/* lws leaves a handle behind where a connect fails; see link_lws.c. */
START_TEST(a_hundred_refused_connects_leave_nothing_behind)
{
    int handles = 0, handles_before = 0;

    begin("localhost", 1, ca_file);
    run_until(&got.ends, 1);
    run_for(20);
    int fds = count_fds();
    uv_walk(&loop, count_handle, &handles_before);
    for (int i = 0; i < 100; i++) {
        memset(&got, 0, sizeof(got));
        begin("localhost", 1, ca_file);
        run_until(&got.ends, 1);
    }
    run_for(20);
    uv_walk(&loop, count_handle, &handles);
    ck_assert_int_eq(handles, handles_before);
    ck_assert_int_eq(count_fds(), fds);
}
END_TEST

START_TEST(reconnects_leave_nothing_behind)
{
    struct link *link = create_link(port, ca_file);
    int handles = 0, handles_before = 0;

    link_start(link);
    run_until(&live, 1);
    run_for(20);
    uv_walk(&loop, count_handle, &handles_before);
    for (int i = 2; i < 60; i++) {
        link_reconnect(link);
        run_until(&live, i);
    }
    run_for(20);
    uv_walk(&loop, count_handle, &handles);
    ck_assert_int_eq(handles, handles_before);
    link_destroy(link);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("link_ws");
    TCase *all = tcase_create("all");

    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_test(all, upgrade_carries_name_token_cursor_and_subprotocol);
    tcase_add_test(all, lines_go_up_and_come_down_whole);
    tcase_add_test(all, a_full_socket_says_not_now_and_tells_when_to_go_on);
    tcase_add_test(all, big_events_come_whole_and_bigger_ones_end_it);
    tcase_add_test(all, how_it_ends_is_told_once_and_clearly);
    tcase_add_test(all, refused_is_said_so);
    tcase_add_test(all, unknown_name_is_said_so);
    tcase_add_test(all, unknown_certificate_gets_no_token);
    tcase_add_test(all, stopping_is_polite_and_silent);
    tcase_add_test(all, the_end_of_lws_closes_nobody_else_s_file);
    tcase_add_test(all, stopping_is_possible_at_any_moment);
    tcase_add_test(all, link_asks_about_the_certificate_before_it_says_anything);
    tcase_add_test(all, certificate_that_changes_while_live_is_never_given_the_token);
    tcase_add_test(all, a_hundred_refused_connects_leave_nothing_behind);
    tcase_add_test(all, reconnects_leave_nothing_behind);
    suite_add_tcase(suite, all);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
