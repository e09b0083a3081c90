/* client/link/meter: what a link counts, against a real TLS peer that counts for itself. */
#include <check.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "client/link/link_internal.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/log.h"
#include "common/util.h"
#include "tests/support/certificate.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tls_peer.h"

#define HELLO                                                                                      \
    "{\"type\":\"hello\",\"user\":\"ann\",\"epoch\":\"e1\",\"cursor\":\"e1-5\",\"head\":\"e1-5\"," \
    "\"result\":\"new\",\"heartbeat\":60}"
#define TEXT       "hello there"
#define LONG_TEXT  200 /* bytes */
#define TEXTS      (sizeof(TEXT) - 1 + LONG_TEXT)
#define EVENTS_MAX 16
#define WAIT_MS    50 /* of a poll that is held */

static char dir[TEMP_DIR_SIZE], ca_file[TEMP_PATH_SIZE];
static struct certificate certificate;
static uv_loop_t loop;
static struct tls_peer *peer;
static int port;
static struct link *link_under_test;

/* What the peer saw and said, both ways, and what it has to say. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t news;
    size_t plain[METER_DIRECTIONS];
    size_t json[METER_DIRECTIONS]; /* the text of messages too */
    size_t frame_heads;            /* of what came up over ws, masks too */
    size_t upgrade, login;         /* the requests, without a body */
    unsigned requests, posts, polls, empty;
    char events[EVENTS_MAX][1000];
    unsigned event_count;
    unsigned seq;
    bool is_over;
} truth = {.lock = PTHREAD_MUTEX_INITIALIZER, .news = PTHREAD_COND_INITIALIZER};

static void
add_event(const char *format, ...)
{
    va_list args;

    ck_assert_uint_lt(truth.event_count, EVENTS_MAX);
    va_start(args, format);
    vsnprintf(truth.events[truth.event_count++], sizeof(truth.events[0]), format, args);
    va_end(args);
    pthread_cond_broadcast(&truth.news);
}

/* What becomes of a command: its answer into out, and an event of it. */
static void
take_command(const json_t *command, struct buf *out)
{
    const char *type = json_member_string(command, "type");
    const char *id = json_member_string(command, "id");

    if (str_equal(type, "ping")) {
        const char *nonce = json_member_string(command, "nonce");
        add_event("{\"type\":\"pong\",\"nonce\":\"%s\",\"cursor\":\"e1-%u\",\"head\":\"e1-%u\"}",
                  nonce, 5 + truth.seq, 5 + truth.seq);
        buf_addf(out, "{\"type\":\"receipt\",\"nonce\":\"%s\"}", nonce);
        return;
    }

    truth.seq++;
    buf_addf(out, "{\"type\":\"receipt\",\"id\":\"%s\",\"seq\":%u}", id, 5 + truth.seq);
    add_event("{\"type\":\"message\",\"seq\":%u,\"rseq\":%u,\"room\":\"#lobby\",\"from\":\"ann\","
              "\"id\":\"%s\",\"at\":\"2026-01-31T12:00:00.123Z\",\"text\":\"%s\","
              "\"action\":false}",
              5 + truth.seq, truth.seq, id, json_member_string(command, "text"));
}

static void
write_counted(SSL *ssl, const char *data, size_t len)
{
    truth.plain[METER_DOWN] += len;
    SSL_write(ssl, data, (int)len); /* fails where the client has gone */
}

static void
answer(SSL *ssl, const char *type, const char *body)
{
    struct buf out = BUF_INIT;

    buf_addf(&out, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%s", type,
             strlen(body), body);
    write_counted(ssl, out.data, out.len);
    buf_fini(&out);
}

static void
send_frame(SSL *ssl, const char *text)
{
    size_t len = strlen(text);

    truth.plain[METER_DOWN] += len + (len < 126 ? 2 : 4);
    truth.json[METER_DOWN] += len;
    tls_peer_send_text(ssl, text);
}

static void
serve_ws(SSL *ssl, const char *request)
{
    char text[8000];
    int opcode;

    tls_peer_upgrade(ssl, request);
    truth.upgrade = strlen(request);
    truth.plain[METER_DOWN] += strlen("HTTP/1.1 101 Switching Protocols\r\n"
                                      "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                                      "Sec-WebSocket-Accept: \r\n"
                                      "Sec-WebSocket-Protocol: rtchat.v1\r\n\r\n") +
                               28; /* the key, in base64 */
    send_frame(ssl, HELLO);
    pthread_mutex_unlock(&truth.lock);
    while ((opcode = tls_peer_read_frame(ssl, text, sizeof(text))) == 1) {
        struct buf receipt = BUF_INIT;
        size_t len = strlen(text), head = len < 126 ? 6 : 8;
        json_t *command = json_loads(text, 0, NULL);

        pthread_mutex_lock(&truth.lock);
        truth.plain[METER_UP] += len + head;
        truth.json[METER_UP] += len;
        truth.frame_heads += head;
        truth.event_count = 0;
        take_command(command, &receipt);
        if (!str_equal(json_member_string(command, "type"), "ping"))
            send_frame(ssl, buf_text(&receipt));
        send_frame(ssl, truth.events[0]);
        pthread_mutex_unlock(&truth.lock);
        json_decref(command);
        buf_fini(&receipt);
    }
    pthread_mutex_lock(&truth.lock);
    truth.plain[METER_UP] += opcode == 8 ? 6 + 2 : 0;
}

static bool
wait_for_news(void)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += WAIT_MS * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    while (truth.event_count == 0 && !truth.is_over)
        if (pthread_cond_timedwait(&truth.news, &truth.lock, &until) != 0)
            break;
    return truth.event_count > 0;
}

static void
serve_poll(SSL *ssl, bool holds)
{
    struct buf page = BUF_INIT;

    truth.polls++;
    if (holds)
        wait_for_news();
    truth.empty += truth.event_count == 0 ? 1 : 0;
    buf_add_str(&page, "{\"events\":[");
    for (unsigned i = 0; i < truth.event_count; i++) {
        buf_addf(&page, "%s%s", i > 0 ? "," : "", truth.events[i]);
        truth.json[METER_DOWN] += strlen(truth.events[i]);
    }
    buf_addf(&page, "],\"cursor\":\"e1-%u\",\"more\":false}", 5 + truth.seq);
    truth.event_count = 0;
    answer(ssl, "application/json", page.data);
    buf_fini(&page);
}

static void
serve_events(SSL *ssl)
{
    static const char *const head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    struct buf part = BUF_INIT;

    write_counted(ssl, head, strlen(head));
    snprintf(truth.events[truth.event_count++], sizeof(truth.events[0]), "%s", HELLO);
    while (!truth.is_over) {
        buf_clear(&part);
        for (unsigned i = 0; i < truth.event_count; i++) {
            buf_addf(&part, "data: %s\n\n", truth.events[i]);
            truth.json[METER_DOWN] += strlen(truth.events[i]);
        }
        truth.event_count = 0;
        if (part.len > 0)
            write_counted(ssl, part.data, part.len);
        wait_for_news();
    }
    buf_fini(&part);
}

static void
serve_post(SSL *ssl, const char *body)
{
    struct buf receipts = BUF_INIT;
    json_t *commands = json_loads(body, 0, NULL);

    truth.posts++;
    buf_add_byte(&receipts, '[');
    for (size_t i = 0; i < json_array_size(commands); i++) {
        const json_t *command = json_array_get(commands, i);
        char *text = json_dumps(command, JSON_COMPACT);

        truth.json[METER_UP] += strlen(text);
        if (i > 0)
            buf_add_byte(&receipts, ',');
        size_t before = receipts.len;
        take_command(command, &receipts);
        if (!str_equal(json_member_string(command, "type"),
                       "ping")) /* the link has no use for it */
            truth.json[METER_DOWN] += receipts.len - before;
        free(text);
    }
    buf_add_byte(&receipts, ']');
    answer(ssl, "application/json", buf_text(&receipts));
    json_decref(commands);
    buf_fini(&receipts);
}

static void
serve_one(SSL *ssl, const char *request)
{
    static const char *const session = "{\"token\":\"T9\",\"user\":\"ann\",\"guest\":true}";
    const char *body = strstr(request, "\r\n\r\n") + 4;

    truth.requests++;
    truth.plain[METER_UP] += strlen(request);
    if (strncmp(request, "POST /v1/login", 14) == 0) {
        truth.login = (size_t)(body - request);
        truth.json[METER_UP] += strlen(body);
        truth.json[METER_DOWN] += strlen(session);
        answer(ssl, "application/json", session);
    } else if (strncmp(request, "GET /v1/ws", 10) == 0) {
        serve_ws(ssl, request);
    } else if (strncmp(request, "GET /v1/hello", 13) == 0) {
        truth.json[METER_DOWN] += strlen(HELLO);
        answer(ssl, "application/json", HELLO);
    } else if (strncmp(request, "GET /v1/poll", 12) == 0) {
        serve_poll(ssl, strstr(request, "wait=0") == NULL);
    } else if (strncmp(request, "GET /v1/events", 14) == 0) {
        serve_events(ssl);
    } else {
        serve_post(ssl, body);
    }
}

static void
serve(SSL *ssl, int fd, void *context)
{
    char request[20000];

    while (tls_peer_read_request(ssl, request, sizeof(request))) {
        pthread_mutex_lock(&truth.lock);
        serve_one(ssl, request);
        pthread_mutex_unlock(&truth.lock);
    }
}

static void
start_peer(int tls_max)
{
    const struct tls_peer_config config = {
        .certificate = &certificate, .serve = serve, .tls_max = tls_max};

    peer = tls_peer_start(&config, &port);
}

static void
set_up(void)
{
    signal(SIGPIPE, SIG_IGN);
    log_open("/dev/null");
    memset(truth.plain, 0, sizeof(truth.plain));
    memset(truth.json, 0, sizeof(truth.json));
    truth.frame_heads = truth.upgrade = truth.login = 0;
    truth.requests = truth.posts = truth.polls = truth.empty = 0;
    truth.event_count = truth.seq = 0;
    truth.is_over = false;
    temp_dir_make(dir);
    temp_path(ca_file, dir, "ca.pem");
    certificate_make(&certificate, "localhost", "DNS:localhost", NULL, 10);
    certificate_write(&certificate, ca_file);
    ck_assert_int_eq(uv_loop_init(&loop), 0);
}

static void
tear_down(void)
{
    pthread_mutex_lock(&truth.lock);
    truth.is_over = true;
    pthread_cond_broadcast(&truth.news);
    pthread_mutex_unlock(&truth.lock);
    link_destroy(link_under_test);
    link_under_test = NULL;
    while (uv_run(&loop, UV_RUN_DEFAULT) != 0)
        ;
    ck_assert_int_eq(uv_loop_close(&loop), 0);
    tls_peer_stop(peer);
    certificate_fini(&certificate);
    temp_dir_remove(dir);
}

/* What the link told. */
static struct {
    int live, messages, pongs, receipts;
} got;

static void
on_status(void *context, const struct link_status *status)
{
    got.live += status->state == LINK_LIVE;
}

static void
on_event(void *context, const struct event *event, const char *json, size_t len)
{
    got.messages += event->type == EVENT_MESSAGE;
    got.pongs += event->type == EVENT_PONG;
}

static void
on_outbox(void *context, const struct outbox_item *item)
{
}

static void
on_receipt(void *context, const struct outbox_item *item, uint64_t seq, const char *json,
           size_t len)
{
    got.receipts++;
}

static void
on_note(void *context, const char *text)
{
}

static void
begin(const char *transport)
{
    const struct link_listener listener = {NULL,      on_status,  on_event,
                                           on_outbox, on_receipt, on_note};
    char address[64], why[300] = "";

    memset(&got, 0, sizeof(got));
    snprintf(address, sizeof(address), "https://localhost:%d", port);
    const struct link_config config = {.url = address,
                                       .user = "ann",
                                       .transport = transport,
                                       .poll_interval_ms = 20,
                                       .state_dir = dir,
                                       .ca_file = ca_file,
                                       .proxy = "none"};
    link_under_test = link_create(&loop, &config, &listener, why, sizeof(why));
    ck_assert_msg(link_under_test != NULL, "%s", why);
    link_start(link_under_test);
}

static void
say(const char *text)
{
    struct command command = {.type = COMMAND_SAY, .text = xstrdup(text)};
    char why[200];

    str_copy(command.room, sizeof(command.room), "#lobby");
    ck_assert_ptr_nonnull(link_say(link_under_test, &command, why, sizeof(why)));
}

static void
run_until(const int *count, int wanted)
{
    for (int64_t end_ms = clock_mono_ms() + 20000; *count < wanted;) {
        ck_assert_msg(clock_mono_ms() < end_ms, "%d came: wanted %d", *count, wanted);
        uv_run(&loop, UV_RUN_ONCE);
    }
}

/* Says a short and a long line over the transport and waits for all that follows. */
static void
talk(const char *transport)
{
    char text[LONG_TEXT + 1];

    memset(text, 'x', LONG_TEXT);
    text[LONG_TEXT] = '\0';
    begin(transport);
    run_until(&got.pongs, 1);
    say(TEXT);
    run_until(&got.messages, 1);
    run_until(&got.receipts, 1);
    say(text);
    run_until(&got.messages, 2);
    run_until(&got.receipts, 2);
}

static uint64_t
plain_of(const struct meter_flow *flow)
{
    return flow->bytes[METER_FRAMING] + flow->bytes[METER_JSON] + flow->bytes[METER_TEXT];
}

static uint64_t
json_of(const struct meter_flow *flow)
{
    return flow->bytes[METER_JSON] + flow->bytes[METER_TEXT];
}

/* Stops what goes on by itself, and waits until the peer has seen all that was sent. */
static void
settle(struct meter_counts *ret_counts)
{
    bool is_settled = false;

    link_pause(link_under_test);
    for (int64_t end_ms = clock_mono_ms() + 10000; !is_settled && clock_mono_ms() < end_ms;) {
        uv_run(&loop, UV_RUN_NOWAIT);
        link_count(link_under_test, ret_counts);
        pthread_mutex_lock(&truth.lock);
        is_settled = truth.plain[METER_UP] == plain_of(&ret_counts->flow[METER_UP]) &&
                     truth.requests == ret_counts->requests &&
                     tls_peer_connections(peer) == ret_counts->connections &&
                     tls_peer_handshakes(peer) == ret_counts->handshakes;
        pthread_mutex_unlock(&truth.lock);
    }
    ck_assert_uint_eq(plain_of(&ret_counts->flow[METER_UP]), truth.plain[METER_UP]);
    ck_assert_uint_eq(ret_counts->requests, truth.requests);
    ck_assert_uint_eq(ret_counts->connections, tls_peer_connections(peer));
    ck_assert_uint_eq(ret_counts->handshakes, tls_peer_handshakes(peer));
}

START_TEST(a_websocket_counts_each_byte_of_its_frames)
{
    struct meter_counts counts;

    start_peer(0);
    talk("ws");
    link_count(link_under_test, &counts);
    const struct meter_flow *up = &counts.flow[METER_UP], *down = &counts.flow[METER_DOWN];

    ck_assert_uint_eq(up->messages, 2);
    ck_assert_uint_eq(down->messages, 2);
    ck_assert_uint_eq(up->bytes[METER_TEXT], TEXTS);
    ck_assert_uint_eq(down->bytes[METER_TEXT], TEXTS);
    ck_assert_uint_eq(up->bytes[METER_FRAMING], truth.login + truth.upgrade + truth.frame_heads);
    ck_assert_uint_eq(truth.frame_heads, 6 + 6 + 8); /* the ping, a short and a long line */
    ck_assert_uint_eq(counts.requests, 2);
    ck_assert_uint_eq(counts.connections, 2);
    ck_assert_uint_eq(counts.handshakes, 2);
    ck_assert_uint_eq(counts.posts + counts.polls + counts.resumptions, 0);
}
END_TEST

static const struct {
    const char *transport;
    int tls_max;
} http_rows[] = {
    {"sse", 0},  {"sse", TLS1_2_VERSION},  {"longpoll", 0}, {"longpoll", TLS1_2_VERSION},
    {"poll", 0}, {"poll", TLS1_2_VERSION}, {"ws", 0},       {"ws", TLS1_2_VERSION},
};

START_TEST(every_transport_counts_what_the_peer_saw)
{
    const char *transport = http_rows[_i].transport;
    struct meter_counts counts;

    start_peer(http_rows[_i].tls_max);
    talk(transport);
    settle(&counts);
    const struct meter_flow *up = &counts.flow[METER_UP], *down = &counts.flow[METER_DOWN];

    ck_assert_uint_eq(up->messages, 2);
    ck_assert_uint_eq(down->messages, 2);
    ck_assert_uint_eq(up->bytes[METER_TEXT], TEXTS);
    ck_assert_uint_eq(down->bytes[METER_TEXT], TEXTS);
    ck_assert_uint_eq(json_of(up), truth.json[METER_UP]);
    ck_assert_uint_eq(json_of(down), truth.json[METER_DOWN]);
    ck_assert_uint_eq(counts.posts, truth.posts);
    ck_assert_uint_eq(counts.polls, truth.polls);
    ck_assert_uint_eq(counts.resumptions, 0);
    /* The answer to a poll that was given up may come or not. */
    if (counts.polls == 0)
        ck_assert_uint_eq(plain_of(down), truth.plain[METER_DOWN]);
    else
        ck_assert_uint_le(counts.empty_answers, truth.empty);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("meter");
    TCase *all = tcase_create("all");

    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_test(all, a_websocket_counts_each_byte_of_its_frames);
    tcase_add_loop_test(all, every_transport_counts_what_the_peer_saw, 0, ARRAY_LEN(http_rows));
    suite_add_tcase(suite, all);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
