/* client/link/link: the state machine over a fake way: order, resume, re-send, back-off, login. */
#include <check.h>
#include <dirent.h>
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
#include "tests/support/fake_way.h"
#include "tests/support/temp_dir.h"

#define ACCOUNT "ann@localhost:8443"

static const struct link_patience impatience = {
    .open_ms = 60,
    .ask_ms = 1000,
    .logout_ms = 500,
    .heartbeat_ms = 10000,
    .retry_ms = 20,
    .proof_min_ms = 30,
    .proof_max_ms = 60,
    .owed_ms = 40,
};

static char dir[TEMP_DIR_SIZE];
static uv_loop_t loop; /* stops at each call of the listener, so that nothing is overslept */
static struct link *under_test;

/* What the listener heard, a word or line each. */
static struct buf states, events, outboxed, receipts;

static void
on_status(void *context, const struct link_status *status)
{
    static const char *const names[] = {"idle",    "login",   "connecting", "live",
                                        "stalled", "waiting", "failed",     "ended"};

    buf_addf(&states, "%s%s", states.len > 0 ? " " : "", names[status->state]);
    uv_stop(&loop);
}

static void
on_event(void *context, const struct event *event, const char *json, size_t len)
{
    buf_addf(&events, "%s%s", events.len > 0 ? " " : "", event_type_name(event->type));
    if (event->seq > 0)
        buf_addf(&events, ":%d", (int)event->seq);
    ck_assert_uint_gt(len, 0);
    ck_assert_int_eq(json[0], '{');
}

static void
on_outbox(void *context, const struct outbox_item *item)
{
    static const char marks[] = {'q', 's', 'r'};

    buf_addf(&outboxed, "%s%s%c", outboxed.len > 0 ? " " : "", item->command.id,
             marks[item->state]);
    uv_stop(&loop);
}

static void
on_receipt(void *context, const struct outbox_item *item, uint64_t seq, const char *json,
           size_t len)
{
    buf_addf(&receipts, "%s%s=%d", receipts.len > 0 ? " " : "", item->command.id, (int)seq);
}

static const struct link_listener listener = {NULL,      on_status,  on_event,
                                              on_outbox, on_receipt, NULL};

static void
forget_all(void)
{
    buf_clear(&states);
    buf_clear(&events);
    buf_clear(&outboxed);
    buf_clear(&receipts);
}

static void
set_up(void)
{
    log_open("/dev/null");
    temp_dir_make(dir);
    fake_way_reset();
    ck_assert_int_eq(uv_loop_init(&loop), 0);
}

static void
destroy_link(void)
{
    link_destroy(under_test);
    under_test = NULL;
    while (uv_run(&loop, UV_RUN_DEFAULT) != 0)
        ;
}

static void
tear_down(void)
{
    destroy_link();
    ck_assert_int_eq(uv_loop_close(&loop), 0);
    fake_way_reset();
    buf_fini(&states);
    buf_fini(&events);
    buf_fini(&outboxed);
    buf_fini(&receipts);
    temp_dir_remove(dir);
}

static struct link_config
default_config(void)
{
    return (struct link_config){
        .url = "https://localhost:8443", .user = "Ann", .transport = "fake", .state_dir = dir};
}

static void
create_link(const struct link_config *config)
{
    const struct link_seams seams = {fake_rows, &fake_ask, impatience};
    char why[200] = "";

    under_test = link_create_with(&loop, config, &listener, &seams, why, sizeof(why));
    ck_assert_msg(under_test != NULL, "%s", why);
}

static void
keep_token(const char *text, bool is_guest)
{
    struct token token = {.is_guest = is_guest};

    ck_assert_int_eq(str_copy(token.text, sizeof(token.text), text), 0);
    ck_assert_int_eq(token_save(dir, ACCOUNT, &token), 0);
}

static enum link_state
state(void)
{
    return link_status(under_test)->state;
}

static const char *
why(void)
{
    return link_status(under_test)->why;
}

static void
on_deadline(uv_timer_t *timer)
{
    *(bool *)timer->data = true;
}

static void
on_closed(uv_handle_t *timer)
{
    *(bool *)timer->data = true;
}

/* Until the loop has let go of it: a turn that somebody has stopped does nothing. */
static void
close_timer(uv_timer_t *timer)
{
    bool is_closed = false;

    timer->data = &is_closed;
    uv_close((uv_handle_t *)timer, on_closed);
    while (!is_closed)
        uv_run(&loop, UV_RUN_NOWAIT);
}

/* Runs the loop until the link is in the state, at most 5 s. */
static void
run_until(enum link_state wanted)
{
    uv_timer_t deadline;
    bool is_over = false;

    uv_timer_init(&loop, &deadline);
    deadline.data = &is_over;
    uv_update_time(&loop);
    uv_timer_start(&deadline, on_deadline, 5000, 0);
    while (state() != wanted && !is_over)
        uv_run(&loop, UV_RUN_ONCE);
    close_timer(&deadline);
    ck_assert_msg(state() == wanted, "state %d, wanted %d: %s", state(), wanted, why());
}

static void
run_until_sent(const char *part)
{
    uv_timer_t deadline;
    bool is_over = false, is_sent = false;

    uv_timer_init(&loop, &deadline);
    deadline.data = &is_over;
    uv_update_time(&loop);
    uv_timer_start(&deadline, on_deadline, 5000, 0);
    while (!is_sent && !is_over) {
        uv_run(&loop, UV_RUN_ONCE);
        is_sent = strstr(fake_way_sent(), part) != NULL;
    }
    close_timer(&deadline);
    ck_assert_msg(is_sent, "%s was not sent", part);
}

static void
hello(const char *result, int cursor, int head, double heartbeat)
{
    fake_way_line("{\"type\":\"hello\",\"server\":\"rtchat\",\"user\":\"ann\",\"epoch\":\"e1\","
                  "\"cursor\":\"e1-%d\",\"head\":\"e1-%d\",\"result\":\"%s\",\"heartbeat\":%g,"
                  "\"rooms\":[]}",
                  cursor, head, result, heartbeat);
}

static void
message_of(const char *from, const char *id, int seq)
{
    fake_way_line("{\"type\":\"message\",\"seq\":%d,\"rseq\":%d,\"room\":\"#lobby\",\"from\":"
                  "\"%s\",\"id\":\"%s\",\"at\":\"2026-01-31T12:00:00.123Z\",\"text\":\"hi\","
                  "\"action\":false}",
                  seq, seq, from, id);
}

static void
message(int seq)
{
    char id[16];

    snprintf(id, sizeof(id), "m%d", seq);
    message_of("bob", id, seq);
}

/* A link that has a token and is live at position 10. */
static void
make_live(void)
{
    struct link_config config = default_config();

    keep_token("T1", true);
    create_link(&config);
    link_start(under_test);
    ck_assert(fake_way_is_up());
    fake_way_open();
    hello("new", 10, 10, 60);
    ck_assert_int_eq(state(), LINK_LIVE);
    forget_all();
}

static void
come_back(const char *result, int cursor, int head)
{
    link_reconnect(under_test);
    fake_way_open();
    hello(result, cursor, head, 60);
    ck_assert_int_eq(state(), LINK_LIVE);
}

static struct outbox_item *
say(const char *id)
{
    struct command command = {.type = COMMAND_SAY, .room = "#lobby", .text = xstrdup("hi")};
    char fault[200];

    str_copy(command.id, sizeof(command.id), id);
    struct outbox_item *item = link_say(under_test, &command, fault, sizeof(fault));
    ck_assert_ptr_nonnull(item);
    return item;
}

static void
receipt(const char *id, int seq)
{
    fake_way_line("{\"type\":\"receipt\",\"id\":\"%s\",\"seq\":%d}", id, seq);
}

static void
error_event(const char *id, const char *code, int retry_after_ms)
{
    fake_way_line("{\"type\":\"error\",\"id\":\"%s\",\"code\":\"%s\",\"message\":\"no\","
                  "\"retry_after_ms\":%d}",
                  id, code, retry_after_ms);
}

/* The ids of the lines that were sent, joined by blanks. */
static const char *
sent_ids(void)
{
    static char text[4000];
    const char *at = fake_way_sent();

    text[0] = '\0';
    while ((at = strstr(at, "\"id\":\"")) != NULL) {
        at += strlen("\"id\":\"");
        size_t len = strlen(text);
        snprintf(text + len, sizeof(text) - len, "%s%.*s", len > 0 ? " " : "",
                 (int)strcspn(at, "\""), at);
    }
    return text;
}

START_TEST(guest_logs_in_keeps_its_token_and_goes_live)
{
    struct link_config config = default_config();
    struct token token;

    create_link(&config);
    ck_assert_str_eq(link_user(under_test), "ann");
    link_start(under_test);
    ck_assert_str_eq(fake_ask_question(), "POST /v1/login {\"user\":\"ann\"}");
    fake_ask_answer(200, 0, "{\"token\":\"T7\",\"user\":\"ann\",\"guest\":true}");
    ck_assert_str_eq(fake_way_token(), "T7");
    ck_assert_str_eq(fake_way_after(), "");
    ck_assert_int_eq(token_load(dir, ACCOUNT, &token), 0);
    ck_assert_str_eq(token.text, "T7");
    ck_assert(token.is_guest);

    fake_way_open();
    ck_assert_int_eq(state(), LINK_CONNECTING);
    hello("new", 0, 0, 15);
    ck_assert_str_eq(buf_text(&states), "login connecting live");
    ck_assert_str_eq(buf_text(&events), "hello");
    ck_assert_str_eq(link_status(under_test)->transport, "fake");
    ck_assert_uint_eq(link_status(under_test)->tries, 0);
}
END_TEST

START_TEST(registering_sends_the_invite_once)
{
    struct link_config config = default_config();

    config.password = "pass \"word\"";
    config.register_account = true;
    config.invite = "I1";
    create_link(&config);
    link_start(under_test);
    ck_assert_str_eq(fake_ask_question(), "POST /v1/register {\"user\":\"ann\",\"password\":\"pass "
                                          "\\\"word\\\"\",\"invite\":\"I1\"}");
    fake_ask_answer(200, 0, "{\"token\":\"T7\",\"user\":\"ann\"}");
    fake_way_end(WAY_REFUSED, 401, 0, "the server answered 401");
    ck_assert_str_eq(fake_ask_question(),
                     "POST /v1/login {\"user\":\"ann\",\"password\":\"pass \\\"word\\\"\"}");
}
END_TEST

START_TEST(kept_token_needs_no_login)
{
    make_live();
    ck_assert_str_eq(fake_way_token(), "T1");
}
END_TEST

START_TEST(guest_session_ends_before_a_login_with_password)
{
    struct link_config config = default_config();

    keep_token("T1", true);
    config.password = "secret";
    create_link(&config);
    link_start(under_test);
    ck_assert_str_eq(fake_ask_question(), "POST /v1/logout {}");
    ck_assert_str_eq(fake_ask_token(), "T1");
    fake_ask_answer(200, 0, "{}");
    ck_assert_str_eq(fake_ask_question(),
                     "POST /v1/login {\"user\":\"ann\",\"password\":\"secret\"}");
}
END_TEST

START_TEST(login_that_needs_a_person_fails_with_the_servers_sentence)
{
    static const int statuses[] = {400, 401, 403, 409, 422};

    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        struct link_config config = default_config();
        create_link(&config);
        link_start(under_test);
        fake_ask_answer(statuses[i], 0,
                        "{\"error\":{\"code\":\"x\",\"message\":\"wrong \\u202e password\"}}");
        ck_assert_int_eq(state(), LINK_FAILED);
        ck_assert_int_eq(link_status(under_test)->fault, LINK_FAULT_LOGIN);
        ck_assert_ptr_nonnull(strstr(why(), "password"));
        ck_assert_ptr_null(strstr(why(), "\xe2\x80\xae"));
        ck_assert_ptr_null(fake_ask_question());

        link_retry_login(under_test, "ann", "right");
        ck_assert_str_eq(fake_ask_question(),
                         "POST /v1/login {\"user\":\"ann\",\"password\":\"right\"}");
        destroy_link();
    }
}
END_TEST

START_TEST(login_that_may_go_better_later_is_tried_again)
{
    static const struct {
        int status;
        int64_t retry_after_ms, least_ms;
    } rows[] = {
        {429, 3000, 2990}, {503, 4000, 3990}, {503, 0, 0}, {500, 0, 0}, {502, 0, 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct link_config config = default_config();
        create_link(&config);
        link_start(under_test);
        fake_ask_answer(rows[i].status, rows[i].retry_after_ms, "<html>");
        ck_assert_msg(state() == LINK_WAITING, "row %zu", i);
        int64_t wait_ms = link_status(under_test)->retry_at_ms - clock_mono_ms();
        ck_assert_int_ge(wait_ms, rows[i].least_ms);
        ck_assert_int_le(wait_ms, 4000);
        destroy_link();
    }
}
END_TEST

START_TEST(login_without_an_answer_is_tried_again)
{
    struct link_config config = default_config();

    create_link(&config);
    link_start(under_test);
    fake_ask_fail(ASK_FAILED, "refused");
    ck_assert_int_eq(state(), LINK_WAITING);
    ck_assert_str_eq(why(), "refused");
    ck_assert_ptr_null(fake_ask_question());
    run_until(LINK_LOGIN);
    ck_assert_ptr_nonnull(fake_ask_question());
    ck_assert_uint_eq(link_status(under_test)->tries, 2);
}
END_TEST

START_TEST(guest_claims_itself_by_one_secret_for_as_long_as_the_link)
{
    struct link_config config = default_config();
    char claim[100];

    create_link(&config);
    link_start(under_test);
    snprintf(claim, sizeof(claim), "%s", fake_ask_claim());
    ck_assert_uint_eq(strlen(claim), 32);
    ck_assert_uint_eq(strspn(claim, "0123456789abcdef"), 32);
    fake_ask_fail(ASK_FAILED, "connection lost");
    link_reconnect(under_test);
    ck_assert_str_eq(fake_ask_question(), "POST /v1/login {\"user\":\"ann\"}");
    ck_assert_str_eq(fake_ask_claim(), claim);
    destroy_link();

    create_link(&config);
    link_start(under_test);
    ck_assert_str_ne(fake_ask_claim(), claim);
    destroy_link();

    fake_way_reset();
    config.password = "secret";
    create_link(&config);
    link_start(under_test);
    ck_assert_str_eq(fake_ask_claim(), "");
}
END_TEST

START_TEST(certificate_is_a_fault_and_never_tried_again)
{
    struct link_config config = default_config();

    create_link(&config);
    link_start(under_test);
    fake_ask_fail(ASK_CERTIFICATE, "certificate: self-signed");
    ck_assert_int_eq(state(), LINK_FAILED);
    ck_assert_int_eq(link_status(under_test)->fault, LINK_FAULT_CERTIFICATE);
    ck_assert_uint_eq(fake_way_starts(), 0);
    destroy_link();

    keep_token("T1", true);
    create_link(&config);
    link_start(under_test);
    fake_way_end(WAY_CERTIFICATE, 0, 0, "certificate: self-signed");
    ck_assert_int_eq(state(), LINK_FAILED);
    ck_assert_int_eq(link_status(under_test)->fault, LINK_FAULT_CERTIFICATE);
}
END_TEST

START_TEST(what_is_no_rtchat_fails_with_a_sentence)
{
    static const struct {
        int status;
        const char *body;
    } rows[] = {
        {200, ""},
        {200, "[]"},
        {200, "{\"token\":\"\"}"},
        {200, "{\"token\":\"a b\"}"},
        {200, "{\"token\":\"a\\r\\nX: y\"}"},
        {200, "{\"token\":\"T\",\"user\":\"bob\"}"},
        {404, "<html>"},
        {302, ""},
        {501, ""},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct link_config config = default_config();
        create_link(&config);
        link_start(under_test);
        fake_ask_answer(rows[i].status, 0, rows[i].body);
        ck_assert_msg(state() == LINK_FAILED, "row %zu", i);
        ck_assert_int_eq(link_status(under_test)->fault, LINK_FAULT_PROTOCOL);
        ck_assert_uint_gt(strlen(why()), 0);
        destroy_link();
    }
}
END_TEST

START_TEST(refused_token_logs_in_again_once)
{
    struct link_config config = default_config();

    keep_token("T1", true);
    create_link(&config);
    link_start(under_test);
    fake_way_end(WAY_REFUSED, 401, 0, "the server answered 401");
    ck_assert_str_eq(fake_ask_question(), "POST /v1/login {\"user\":\"ann\"}");
    fake_ask_answer(200, 0, "{\"token\":\"T2\",\"user\":\"ann\",\"guest\":true}");
    ck_assert_str_eq(fake_way_token(), "T2");
    fake_way_end(WAY_REFUSED, 401, 0, "the server answered 401");
    ck_assert_int_eq(state(), LINK_FAILED);
    ck_assert_int_eq(link_status(under_test)->fault, LINK_FAULT_LOGIN);
    ck_assert_ptr_null(fake_ask_question());
}
END_TEST

START_TEST(once_counts_from_the_last_good_session)
{
    make_live();
    fake_way_end(WAY_CLOSED, 0, 0, "connection lost");
    for (int i = 0; i < 3; i++) {
        link_reconnect(under_test);
        fake_way_end(WAY_REFUSED, 401, 0, "x");
        fake_ask_answer(200, 0, "{\"token\":\"T2\",\"user\":\"ann\",\"guest\":true}");
        fake_way_open();
        hello("resumed", 10, 10, 60);
        ck_assert_int_eq(state(), LINK_LIVE);
    }
}
END_TEST

START_TEST(how_a_way_ends_tells_what_follows)
{
    static const struct {
        enum way_end end;
        int status;
        int64_t retry_after_ms;
        enum link_state first, later; /* before and after it was live once */
    } rows[] = {
        {WAY_CLOSED, 0, 0, LINK_WAITING, LINK_WAITING},
        {WAY_REFUSED, 403, 0, LINK_FAILED, LINK_FAILED},
        {WAY_FOREIGN, 401, 0, LINK_FAILED, LINK_WAITING},
        {WAY_FOREIGN, 403, 0, LINK_FAILED, LINK_WAITING},
        {WAY_REFUSED, 404, 0, LINK_FAILED, LINK_WAITING},
        {WAY_REFUSED, 426, 0, LINK_FAILED, LINK_WAITING},
        {WAY_REFUSED, 501, 0, LINK_FAILED, LINK_WAITING},
        {WAY_REFUSED, 200, 0, LINK_FAILED, LINK_WAITING},
        {WAY_REFUSED, 302, 0, LINK_FAILED, LINK_WAITING},
        {WAY_REFUSED, 400, 0, LINK_FAILED, LINK_WAITING},
        {WAY_REFUSED, 429, 5000, LINK_WAITING, LINK_WAITING},
        {WAY_REFUSED, 503, 5000, LINK_WAITING, LINK_WAITING},
        {WAY_REFUSED, 503, 0, LINK_WAITING, LINK_WAITING},
        {WAY_REFUSED, 502, 0, LINK_WAITING, LINK_WAITING},
        {WAY_REFUSED, 1000, 0, LINK_WAITING, LINK_WAITING},
        {WAY_REFUSED, 1001, 0, LINK_WAITING, LINK_WAITING},
        {WAY_REFUSED, 1008, 0, LINK_WAITING, LINK_WAITING},
        {WAY_REFUSED, 1012, 0, LINK_WAITING, LINK_WAITING},
        {WAY_REFUSED, 1002, 0, LINK_WAITING, LINK_WAITING},
        {WAY_REFUSED, 1007, 0, LINK_FAILED, LINK_WAITING},
        {WAY_REFUSED, 1009, 0, LINK_FAILED, LINK_WAITING},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (int was_live = 0; was_live < 2; was_live++) {
            struct link_config config = default_config();
            keep_token("T1", true);
            create_link(&config);
            link_start(under_test);
            if (was_live) {
                fake_way_open();
                hello("new", 1, 1, 60);
            }
            fake_way_end(rows[i].end, rows[i].status, rows[i].retry_after_ms, "because");
            ck_assert_msg(state() == (was_live ? rows[i].later : rows[i].first),
                          "row %zu live %d: state %d", i, was_live, state());
            ck_assert_str_eq(why(), "because");
            if (rows[i].retry_after_ms > 0)
                ck_assert_int_ge(link_status(under_test)->retry_at_ms - clock_mono_ms(),
                                 rows[i].retry_after_ms - 50);
            destroy_link();
        }
}
END_TEST

START_TEST(bye_tells_when_to_come_back)
{
    static const struct {
        enum way_end end;
        int status;
    } rows[] = {
        {WAY_REFUSED, 1012},
        {WAY_CLOSED, 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        make_live();
        fake_way_line("{\"type\":\"bye\",\"reason\":\"restart\",\"delay_ms\":4200}");
        ck_assert_int_eq(state(), LINK_LIVE);
        ck_assert_str_eq(buf_text(&events), "bye");
        fake_way_end(rows[i].end, rows[i].status, 0, "closed");
        ck_assert_int_eq(state(), LINK_WAITING);
        ck_assert_str_eq(why(), "restart");
        int64_t wait_ms = link_status(under_test)->retry_at_ms - clock_mono_ms();
        ck_assert_int_ge(wait_ms, 4150);
        ck_assert_int_le(wait_ms, 4200);
        destroy_link();
    }
}
END_TEST

START_TEST(bye_with_no_delay_comes_back_at_once)
{
    make_live();
    fake_way_line("{\"type\":\"bye\",\"reason\":\"x\",\"delay_ms\":0}");
    fake_way_end(WAY_REFUSED, 1012, 0, "closed");
    run_until(LINK_CONNECTING);
    ck_assert_uint_eq(fake_way_starts(), 2);
}
END_TEST

START_TEST(a_start_that_fails_is_backed_off)
{
    make_live();
    fake_way_fail_start(true);
    link_reconnect(under_test);
    ck_assert_int_eq(state(), LINK_WAITING);
    fake_way_fail_start(false);
    run_until(LINK_CONNECTING);
}
END_TEST

START_TEST(no_hello_in_time_is_no_answer)
{
    struct link_config config = default_config();

    keep_token("T1", true);
    create_link(&config);
    link_start(under_test);
    fake_way_open();
    run_until(LINK_WAITING);
    ck_assert(!fake_way_is_up());
    ck_assert_ptr_nonnull(strstr(why(), "no answer in 1 s"));
}
END_TEST

START_TEST(silence_stalls_and_then_ends_it)
{
    make_live();
    link_reconnect(under_test);
    fake_way_open();
    int64_t began_ms = clock_mono_ms(); /* before the last byte, from which silence counts */
    hello("resumed", 10, 10, 0.06);
    forget_all();
    run_until(LINK_STALLED);
    ck_assert_int_ge(clock_mono_ms() - began_ms, 89);
    ck_assert(fake_way_is_up());
    run_until(LINK_WAITING);
    ck_assert_int_ge(clock_mono_ms() - began_ms, 149);
    ck_assert_ptr_nonnull(strstr(why(), "no answer for 1 s"));
    ck_assert(!fake_way_is_up());
    ck_assert_str_eq(buf_text(&states), "stalled waiting");
}
END_TEST

START_TEST(a_byte_wakes_what_stalled)
{
    make_live();
    link_reconnect(under_test);
    fake_way_open();
    hello("resumed", 10, 10, 0.06);
    run_until(LINK_STALLED);
    fake_way_heard();
    ck_assert_int_eq(state(), LINK_LIVE);
    run_until(LINK_STALLED);
    message(11);
    ck_assert_int_eq(state(), LINK_LIVE);
    ck_assert_str_eq(why(), "");
    run_until(LINK_STALLED);
}
END_TEST

START_TEST(pings_go_out_and_measure_the_way)
{
    char first[64];

    make_live();
    ck_assert_int_eq(link_status(under_test)->rtt_us, 0);
    str_copy(first, sizeof(first), fake_way_ping());
    ck_assert_str_ne(first, "");
    fake_way_line("{\"type\":\"pong\",\"cursor\":\"e1-10\",\"head\":\"e1-10\"}");
    fake_way_line(
        "{\"type\":\"pong\",\"nonce\":\"other\",\"cursor\":\"e1-10\",\"head\":\"e1-10\"}");
    ck_assert_int_eq(link_status(under_test)->rtt_us, 0);
    fake_way_line("{\"type\":\"pong\",\"nonce\":\"%s\",\"cursor\":\"e1-10\",\"head\":\"e1-10\"}",
                  first);
    ck_assert_int_gt(link_status(under_test)->rtt_us, 0);

    fake_way_take(3000); /* the sending counts, too */
    link_reconnect(under_test);
    fake_way_open();
    hello("resumed", 10, 10, 0.05);
    str_copy(first, sizeof(first), fake_way_ping());
    fake_way_line("{\"type\":\"pong\",\"nonce\":\"%s\",\"cursor\":\"e1-10\",\"head\":\"e1-10\"}",
                  first);
    ck_assert_int_ge(link_status(under_test)->rtt_us, 3000);
    run_until(LINK_STALLED);
    ck_assert_str_ne(fake_way_ping(), first);
}
END_TEST

START_TEST(users_ping_is_sent_and_not_kept)
{
    struct command ping = {.type = COMMAND_PING, .nonce = "n1"};
    char fault[200];

    make_live();
    ck_assert_ptr_null(link_say(under_test, &ping, fault, sizeof(fault)));
    ck_assert_int_eq(link_send_ping(under_test, "n2"), 0);
    ck_assert_str_eq(fake_way_ping(), "n2");
    fake_way_end(WAY_CLOSED, 0, 0, "lost");
    ck_assert_int_lt(link_send_ping(under_test, "n3"), 0);
}
END_TEST

START_TEST(lines_are_sent_in_order_many_at_once_and_leave_with_their_receipt)
{
    make_live();
    say("a");
    say("b");
    say("c");
    ck_assert_str_eq(sent_ids(), "a b c");
    ck_assert_str_eq(buf_text(&outboxed), "as bs cs");
    receipt("a", 11);
    receipt("b", 12);
    ck_assert_str_eq(buf_text(&receipts), "a=11 b=12");
    ck_assert_ptr_null(outbox_find(link_outbox(under_test), "a"));
    fake_way_line("{\"type\":\"receipt\",\"id\":\"c\",\"seq\":null}");
    ck_assert_str_eq(buf_text(&receipts), "a=11 b=12 c=0");
    ck_assert(outbox_is_empty(link_outbox(under_test)));
    ck_assert_str_eq(buf_text(&events), "");
}
END_TEST

START_TEST(a_line_that_came_down_is_said_before_its_receipt)
{
    make_live();
    say("a");
    say("b");
    message_of("bob", "b", 11); /* his, by chance of the same id */
    message_of("ann", "a", 12);
    ck_assert_uint_eq(outbox_unsent(link_outbox(under_test)), 1);
    ck_assert_str_eq(buf_text(&receipts), "");
    receipt("a", 12);
    ck_assert_str_eq(buf_text(&receipts), "a=12");
    ck_assert_uint_eq(outbox_unsent(link_outbox(under_test)), 1);
}
END_TEST

START_TEST(a_line_that_came_down_goes_again_for_its_receipt_and_cannot_be_refused)
{
    make_live();
    say("a");
    message_of("ann", "a", 11);
    fake_way_end(WAY_CLOSED, 0, 0, "lost");
    ck_assert_uint_eq(outbox_unsent(link_outbox(under_test)), 0);
    sent_ids();
    come_back("resumed", 11, 11);
    ck_assert_str_eq(sent_ids(), "a");
    forget_all();
    error_event("a", "forbidden", 0);
    ck_assert_str_eq(buf_text(&outboxed), "");
    ck_assert_ptr_null(outbox_find(link_outbox(under_test), "a"));
}
END_TEST

START_TEST(a_line_gets_an_id_where_it_has_none)
{
    make_live();
    ck_assert_uint_eq(strlen(say("")->command.id), ULID_SIZE - 1);
}
END_TEST

START_TEST(lines_in_flight_are_bounded)
{
    make_live();
    for (int i = 0; i < 100; i++) {
        char id[8];
        snprintf(id, sizeof(id), "i%d", i);
        say(id);
    }
    ck_assert_uint_eq(outbox_count(link_outbox(under_test), OUTBOX_SENT), 64);
    sent_ids();
    receipt("i0", 11);
    ck_assert_str_eq(sent_ids(), "i64");
}
END_TEST

START_TEST(a_choked_way_goes_on_where_it_stopped)
{
    make_live();
    say("a");
    fake_way_choke(true);
    say("b");
    say("c");
    ck_assert_str_eq(sent_ids(), "a");
    fake_way_choke(false);
    fake_way_open();
    ck_assert_str_eq(sent_ids(), "b c");
}
END_TEST

START_TEST(after_a_cut_the_same_ids_go_again_in_order)
{
    make_live();
    say("a");
    say("b");
    receipt("a", 11);
    say("c");
    sent_ids();
    forget_all();
    fake_way_end(WAY_CLOSED, 0, 0, "lost");
    ck_assert_str_eq(buf_text(&outboxed), "bq cq");
    say("d");
    ck_assert_str_eq(sent_ids(), "");
    come_back("resumed", 10, 10);
    ck_assert_str_eq(sent_ids(), "b c d");
    receipt("b", 12);
    receipt("c", 13);
    receipt("d", 14);
    ck_assert(outbox_is_empty(link_outbox(under_test)));
    ck_assert_uint_eq(link_status(under_test)->reconnects, 1);
}
END_TEST

START_TEST(nothing_is_sent_before_hello)
{
    struct link_config config = default_config();

    keep_token("T1", true);
    create_link(&config);
    say("a");
    link_start(under_test);
    fake_way_open();
    ck_assert_str_eq(sent_ids(), "");
    hello("new", 0, 0, 60);
    ck_assert_str_eq(sent_ids(), "a");
}
END_TEST

START_TEST(queued_lines_survive_a_restart_of_the_client)
{
    make_live();
    say("a");
    say("b");
    destroy_link();
    sent_ids();
    make_live();
    ck_assert_str_eq(sent_ids(), "a b");
}
END_TEST

START_TEST(rate_limited_lines_wait_and_keep_their_order)
{
    static const char *const codes[] = {"rate_limited", "unavailable"};

    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        make_live();
        say("a");
        say("b");
        say("c");
        sent_ids();
        receipt("a", 11);
        error_event("b", codes[i], 60);
        int64_t began_ms = clock_mono_ms();
        error_event("c", codes[i], 50);
        say("d");
        ck_assert_str_eq(sent_ids(), "");
        ck_assert_uint_eq(outbox_count(link_outbox(under_test), OUTBOX_QUEUED), 3);
        run_until_sent("\"b\"");
        ck_assert_int_ge(clock_mono_ms() - began_ms, 55);
        ck_assert_str_eq(sent_ids(), ""); /* one at a time now */
        receipt("b", 12);
        ck_assert_str_eq(sent_ids(), "c");
        receipt("c", 13);
        ck_assert_str_eq(sent_ids(), "d");
        receipt("d", 14);
        say("e");
        say("f");
        ck_assert_str_eq(sent_ids(), "e f");
        destroy_link();
        make_live();
        destroy_link();
        char command[TEMP_PATH_SIZE];
        snprintf(command, sizeof(command), "rm -rf '%s/outbox'", dir);
        ck_assert_int_eq(system(command), 0);
        fake_way_sent();
    }
}
END_TEST

/* Of many under way the server may refuse one and take the next. */
START_TEST(near_the_rate_lines_go_one_after_another)
{
    struct link_config config = default_config();

    keep_token("T1", true);
    create_link(&config);
    link_start(under_test);
    fake_way_open();
    fake_way_line("{\"type\":\"hello\",\"user\":\"ann\",\"epoch\":\"e1\",\"cursor\":\"e1-1\","
                  "\"head\":\"e1-1\",\"result\":\"new\",\"heartbeat\":60,\"limits\":{\"rate\":1,"
                  "\"burst\":4}}");
    for (int i = 0; i < 6; i++)
        say((char[]){(char)('a' + i), '\0'});
    ck_assert_str_eq(sent_ids(), "a b c");
    receipt("a", 2);
    receipt("b", 3);
    ck_assert_str_eq(sent_ids(), "");
    receipt("c", 4);
    ck_assert_str_eq(sent_ids(), "d");
    receipt("d", 5);
    ck_assert_str_eq(sent_ids(), "e");
}
END_TEST

START_TEST(other_errors_refuse_for_good)
{
    static const char *const codes[] = {"conflict",        "invalid",   "forbidden", "not_member",
                                        "unknown_command", "too_large", "brand_new"};

    make_live();
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        struct outbox_item *item = say(codes[i]);
        say("next");
        error_event(codes[i], codes[i], 0);
        ck_assert_int_eq(item->state, OUTBOX_REFUSED);
        ck_assert_str_eq(item->refusal.message, "no");
        receipt("next", (int)(20 + i));
    }
    ck_assert_str_eq(buf_text(&events), "");
    sent_ids();
    fake_way_end(WAY_CLOSED, 0, 0, "lost");
    come_back("resumed", 10, 10);
    ck_assert_str_eq(sent_ids(), "");
    ck_assert_uint_eq(outbox_count(link_outbox(under_test), OUTBOX_REFUSED), ARRAY_LEN(codes));
}
END_TEST

START_TEST(a_session_that_ended_is_renewed_and_the_line_goes_again)
{
    make_live();
    say("a");
    error_event("a", "unauthorized", 0);
    ck_assert_int_eq(state(), LINK_WAITING);
    ck_assert_int_eq(outbox_find(link_outbox(under_test), "a")->state, OUTBOX_QUEUED);
    sent_ids();
    come_back("resumed", 10, 10);
    ck_assert_str_eq(sent_ids(), "a");
}
END_TEST

START_TEST(errors_and_receipts_of_nobody_are_events)
{
    make_live();
    fake_way_line("{\"type\":\"error\",\"code\":\"bad_request\",\"message\":\"x\"}");
    error_event("nobody", "conflict", 0);
    receipt("nobody", 11);
    fake_way_line("{\"type\":\"receipt\",\"nonce\":\"n\"}");
    ck_assert_str_eq(buf_text(&events), "error error receipt:11 receipt");
}
END_TEST

START_TEST(resume_begins_at_the_last_event_and_repeats_are_dropped)
{
    make_live();
    message(11);
    message(12);
    fake_way_end(WAY_CLOSED, 0, 0, "lost");
    forget_all();
    link_reconnect(under_test);
    ck_assert_str_eq(fake_way_after(), "e1-12");
    fake_way_open();
    hello("resumed", 12, 15, 60);
    message(11);
    message(12);
    message(13);
    message(13);
    message(15);
    ck_assert_str_eq(buf_text(&events), "hello message:13 message:15");
    ck_assert_uint_eq(link_status(under_test)->recovered, 2);
    message(16);
    ck_assert_uint_eq(link_status(under_test)->recovered, 2);
}
END_TEST

START_TEST(position_moves_with_pongs_and_unknown_events_too)
{
    make_live();
    fake_way_line("{\"type\":\"pong\",\"cursor\":\"e1-20\",\"head\":\"e1-20\"}");
    come_back("resumed", 20, 20);
    ck_assert_str_eq(fake_way_after(), "e1-20");
    fake_way_line("{\"type\":\"kick\",\"seq\":22,\"room\":\"#lobby\"}");
    fake_way_line("{\"type\":\"kick\",\"seq\":22,\"room\":\"#lobby\"}");
    fake_way_line("{\"type\":\"presence\",\"user\":\"bob\",\"state\":\"away\"}");
    fake_way_line("{\"type\":\"pong\",\"cursor\":\"e1-3\",\"head\":\"e1-22\"}");
    fake_way_line("{\"type\":\"pong\",\"cursor\":\"e9-99\",\"head\":\"e9-99\"}");
    come_back("resumed", 22, 22);
    ck_assert_str_eq(fake_way_after(), "e1-22");
    ck_assert_str_eq(buf_text(&events), "pong hello unknown:22 presence pong pong hello");
}
END_TEST

START_TEST(position_begins_where_it_was_asked_to)
{
    static const struct {
        const char *after, *expected;
    } rows[] = {
        {"0", "0"},
        {"e1-77", "e1-77"},
        {NULL, ""},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct link_config config = default_config();
        keep_token("T1", true);
        config.after = rows[i].after;
        create_link(&config);
        link_start(under_test);
        ck_assert_str_eq(fake_way_after(), rows[i].expected);
        destroy_link();
    }
}
END_TEST

START_TEST(trimmed_gap_is_passed_on_and_the_stream_goes_on)
{
    make_live();
    fake_way_end(WAY_CLOSED, 0, 0, "lost");
    forget_all();
    link_reconnect(under_test);
    fake_way_open();
    hello("gap", 10, 40, 60);
    fake_way_line("{\"type\":\"gap\",\"from\":11,\"to\":29,\"reason\":\"trimmed\",\"cursor\":"
                  "\"e1-29\"}");
    message(29);
    message(30);
    ck_assert_str_eq(buf_text(&events), "hello gap message:30");
}
END_TEST

START_TEST(cut_log_goes_on_at_its_head_though_that_is_behind_us)
{
    make_live();
    message(50);
    fake_way_end(WAY_CLOSED, 0, 0, "lost");
    forget_all();
    link_reconnect(under_test);
    fake_way_open();
    hello("gap", 20, 20, 60);
    fake_way_line("{\"type\":\"gap\",\"from\":null,\"to\":20,\"reason\":\"epoch\",\"cursor\":"
                  "\"e1-20\"}");
    message(21);
    ck_assert_str_eq(buf_text(&events), "hello gap message:21");
    come_back("resumed", 21, 21);
    ck_assert_str_eq(fake_way_after(), "e1-21");
}
END_TEST

START_TEST(new_epoch_is_taken_from_hello)
{
    make_live();
    fake_way_end(WAY_CLOSED, 0, 0, "lost");
    link_reconnect(under_test);
    fake_way_open();
    fake_way_line("{\"type\":\"hello\",\"user\":\"ann\",\"epoch\":\"e2\",\"cursor\":\"e2-3\","
                  "\"head\":\"e2-3\","
                  "\"result\":\"gap\",\"heartbeat\":15}");
    message(4);
    fake_way_end(WAY_CLOSED, 0, 0, "lost");
    link_reconnect(under_test);
    ck_assert_str_eq(fake_way_after(), "e2-4");
}
END_TEST

START_TEST(garbage_is_a_fault_with_a_sentence_and_never_a_crash)
{
    static const struct {
        const char *data;
        size_t len;
    } rows[] = {
        {"", 0},
        {"hello", 5},
        {"[1]", 3},
        {"{\"type\":\"hello\"}", 16},
        {"{\"type\":\"message\",\"seq\":0}", 26},
        {"\xff\xfe\0\0", 4},
        {"{\"type\":\"pong\",\"cursor\":\"e1-1\",\"head\":\"e1-1\"}", 46},
        {"{\"type\":\"new\",\"seq\":7}", 22},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct link_config config = default_config();
        keep_token("T1", true);
        create_link(&config);
        link_start(under_test);
        fake_way_open();
        fake_way_raw(rows[i].data, rows[i].len);
        ck_assert_msg(state() == LINK_FAILED, "row %zu", i);
        ck_assert_int_eq(link_status(under_test)->fault, LINK_FAULT_PROTOCOL);
        ck_assert_uint_gt(strlen(why()), 0);
        ck_assert(!fake_way_is_up());
        destroy_link();
    }

    make_live();
    fake_way_raw("garbage", 7);
    ck_assert_int_eq(state(), LINK_WAITING);
    ck_assert(!fake_way_is_up());
}
END_TEST

START_TEST(hello_of_another_user_is_a_fault)
{
    struct link_config config = default_config();

    keep_token("T1", true);
    create_link(&config);
    link_start(under_test);
    fake_way_open();
    fake_way_line("{\"type\":\"hello\",\"user\":\"bob\",\"epoch\":\"e2\",\"cursor\":\"e2-3\","
                  "\"head\":\"e2-3\","
                  "\"result\":\"new\",\"heartbeat\":15}");
    ck_assert_int_eq(state(), LINK_FAILED);
    ck_assert_ptr_nonnull(strstr(why(), "another user"));
}
END_TEST

START_TEST(closing_with_logout_frees_the_name)
{
    struct token token;

    make_live();
    link_close(under_test, true);
    ck_assert(!fake_way_is_up());
    ck_assert_int_ne(state(), LINK_ENDED);
    ck_assert_str_eq(fake_ask_question(), "POST /v1/logout {}");
    ck_assert_str_eq(fake_ask_token(), "T1");
    fake_ask_answer(200, 0, "{}");
    ck_assert_int_eq(state(), LINK_ENDED);
    ck_assert_int_lt(token_load(dir, ACCOUNT, &token), 0);
}
END_TEST

START_TEST(logout_that_nobody_heard_keeps_the_token)
{
    struct token token;

    make_live();
    link_close(under_test, true);
    fake_ask_fail(ASK_FAILED, "refused");
    ck_assert_int_eq(state(), LINK_ENDED);
    ck_assert_int_eq(token_load(dir, ACCOUNT, &token), 0);
}
END_TEST

START_TEST(closing_is_possible_in_every_state)
{
    for (int i = 0; i < 5; i++) {
        struct link_config config = default_config();
        create_link(&config);
        if (i > 0)
            link_start(under_test); /* login */
        if (i > 1)
            fake_ask_answer(200, 0, "{\"token\":\"T7\"}"); /* connecting */
        if (i > 2)
            fake_way_end(WAY_CLOSED, 0, 0, "lost"); /* waiting */
        if (i > 3) {
            link_reconnect(under_test);
            fake_way_end(WAY_REFUSED, 403, 0, "no"); /* failed */
        }
        link_close(under_test, false);
        ck_assert_int_eq(state(), LINK_ENDED);
        ck_assert(!fake_way_is_up());
        ck_assert_ptr_null(fake_ask_question());
        destroy_link();
        token_forget(dir, ACCOUNT);
    }
}
END_TEST

static void
answered(void *context, int status, const char *body, size_t len)
{
    snprintf(context, 100, "%d %.*s", status, (int)len, body);
}

START_TEST(questions_carry_the_token_and_bring_the_answer)
{
    char text[100] = "";

    make_live();
    link_ask(under_test, "/v1/rooms", answered, text);
    ck_assert_str_eq(fake_ask_question(), "GET /v1/rooms");
    ck_assert_str_eq(fake_ask_token(), "T1");
    fake_ask_answer(200, 0, "[]");
    ck_assert_str_eq(text, "200 []");
    link_ask(under_test, "/v1/rooms", answered, text);
    fake_ask_fail(ASK_FAILED, "refused");
    ck_assert_str_eq(text, "0 refused");
    text[0] = '\0';
    link_ask(under_test, "/v1/rooms", answered, text);
    destroy_link();
    ck_assert_str_eq(text, "");
}
END_TEST

START_TEST(a_name_that_is_none_asks_for_another)
{
    struct link_config config = default_config();

    config.user = "-root";
    create_link(&config);
    ck_assert_ptr_null(link_outbox(under_test));
    link_start(under_test);
    ck_assert_int_eq(state(), LINK_FAILED);
    ck_assert_int_eq(link_status(under_test)->fault, LINK_FAULT_LOGIN);
    ck_assert_ptr_null(fake_ask_question());
    link_retry_login(under_test, "ann", NULL);
    ck_assert_str_eq(fake_ask_question(), "POST /v1/login {\"user\":\"ann\"}");
    ck_assert_ptr_nonnull(link_outbox(under_test));
}
END_TEST

START_TEST(bad_configurations_are_refused_with_a_sentence)
{
    static const struct {
        struct link_config config;
        const char *why;
    } rows[] = {
        {{.url = "http://x", .transport = "ws"}, "https"},
        {{.url = "https://x", .transport = "smoke"}, "transport"},
        {{.url = "https://x", .transport = "ws", .after = "x"}, "cursor"},
        {{.url = "https://x", .transport = "ws", .ca_file = "/none"}, "--ca-file"},
        {{.url = "https://x", .transport = "ws", .fingerprint = "1"}, "fingerprint"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct link_config config = rows[i].config;
        char fault[200] = "";
        config.state_dir = dir;
        config.user = "ann";
        ck_assert_ptr_null(link_create(&loop, &config, &listener, fault, sizeof(fault)));
        ck_assert_msg(strstr(fault, rows[i].why) != NULL, "row %zu: %s", i, fault);
        uv_run(&loop, UV_RUN_DEFAULT);
    }

    struct link_config config = default_config();
    char fault[200] = "";
    config.state_dir = "/dev/null/x";
    config.transport = "ws";
    ck_assert_ptr_null(link_create(&loop, &config, &listener, fault, sizeof(fault)));
    ck_assert_ptr_nonnull(strstr(fault, "state directory"));
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

START_TEST(a_thousand_reconnects_lose_nothing_and_leak_nothing)
{
    make_live();
    int fds = count_fds();
    int seq = 10;

    for (int i = 0; i < 1000; i++) {
        char id[16];
        snprintf(id, sizeof(id), "r%d", i);
        say(id);
        fake_way_end(WAY_CLOSED, 0, 0, "lost");
        link_reconnect(under_test);
        fake_way_open();
        hello("resumed", seq, seq, 60);
        message(++seq);
        receipt(id, ++seq);
        forget_all();
        fake_way_sent();
    }
    ck_assert(outbox_is_empty(link_outbox(under_test)));
    ck_assert_uint_eq(link_status(under_test)->reconnects, 1000);
    ck_assert_int_eq(count_fds(), fds);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("link");
    TCase *all = tcase_create("all");

    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_test(all, guest_logs_in_keeps_its_token_and_goes_live);
    tcase_add_test(all, registering_sends_the_invite_once);
    tcase_add_test(all, kept_token_needs_no_login);
    tcase_add_test(all, guest_session_ends_before_a_login_with_password);
    tcase_add_test(all, login_that_needs_a_person_fails_with_the_servers_sentence);
    tcase_add_test(all, login_that_may_go_better_later_is_tried_again);
    tcase_add_test(all, login_without_an_answer_is_tried_again);
    tcase_add_test(all, guest_claims_itself_by_one_secret_for_as_long_as_the_link);
    tcase_add_test(all, certificate_is_a_fault_and_never_tried_again);
    tcase_add_test(all, what_is_no_rtchat_fails_with_a_sentence);
    tcase_add_test(all, refused_token_logs_in_again_once);
    tcase_add_test(all, once_counts_from_the_last_good_session);
    tcase_add_test(all, how_a_way_ends_tells_what_follows);
    tcase_add_test(all, bye_tells_when_to_come_back);
    tcase_add_test(all, bye_with_no_delay_comes_back_at_once);
    tcase_add_test(all, a_start_that_fails_is_backed_off);
    tcase_add_test(all, no_hello_in_time_is_no_answer);
    tcase_add_test(all, silence_stalls_and_then_ends_it);
    tcase_add_test(all, a_byte_wakes_what_stalled);
    tcase_add_test(all, pings_go_out_and_measure_the_way);
    tcase_add_test(all, users_ping_is_sent_and_not_kept);
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
    tcase_add_test(all, resume_begins_at_the_last_event_and_repeats_are_dropped);
    tcase_add_test(all, position_moves_with_pongs_and_unknown_events_too);
    tcase_add_test(all, position_begins_where_it_was_asked_to);
    tcase_add_test(all, trimmed_gap_is_passed_on_and_the_stream_goes_on);
    tcase_add_test(all, cut_log_goes_on_at_its_head_though_that_is_behind_us);
    tcase_add_test(all, new_epoch_is_taken_from_hello);
    tcase_add_test(all, garbage_is_a_fault_with_a_sentence_and_never_a_crash);
    tcase_add_test(all, hello_of_another_user_is_a_fault);
    tcase_add_test(all, closing_with_logout_frees_the_name);
    tcase_add_test(all, logout_that_nobody_heard_keeps_the_token);
    tcase_add_test(all, closing_is_possible_in_every_state);
    tcase_add_test(all, questions_carry_the_token_and_bring_the_answer);
    tcase_add_test(all, a_name_that_is_none_asks_for_another);
    tcase_add_test(all, bad_configurations_are_refused_with_a_sentence);
    tcase_add_test(all, a_thousand_reconnects_lose_nothing_and_leak_nothing);
    suite_add_tcase(suite, all);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
