/* client/ui/panel: figures as rows of words, at every width. */
#include "client/ui/panel.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "client/link/link.h"
#include "client/link/meter.h"
#include "client/link/whatif.h"
#include "client/ui/glyphs.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/text.h"
#include "common/util.h"

#define NOW_MS (INT64_C(1000) * METER_BAR_MS)

static struct link_status status;
static struct way_facts facts;
static struct meter_counts counts;
static struct meter_times times;
static struct panel panel;

static void
set_bars(struct meter_trail *trail)
{
    static const int64_t max_us[] = {500, 2000, 20000, 200000, 2000000};

    trail->newest = NOW_MS / METER_BAR_MS;
    for (size_t i = 0; i < METER_BARS; i++)
        trail->bars[i] = (struct meter_bar){.max_us = -1};
    for (size_t i = 0; i < ARRAY_LEN(max_us); i++)
        trail->bars[(trail->newest - (int64_t)i) % METER_BARS].max_us = max_us[i];
    trail->bars[(trail->newest - 5) % METER_BARS].failed = true;
}

/* The figures of the mock-up. */
static void
set_up(void)
{
    status = (struct link_status){
        .state = LINK_LIVE, .transport = "longpoll", .live_since_ms = NOW_MS - 2530000};
    facts = (struct way_facts){
        .http = "1.1", .tls = "TLSv1.3", .held_since_ms = NOW_MS - 7000, .wait_s = 25};
    counts = (struct meter_counts){
        .flow = {{.bytes = {4000, 2000, 2666, 700, 504}, .messages = 14},
                 {.bytes = {9000, 6000, 6643, 7000, 2812}, .messages = 61}},
        .requests = 112,
        .posts = 14,
        .polls = 98,
        .empty_answers = 61,
        .connections = 3,
        .handshakes = 3,
        .reconnects = 2,
        .gaps = 1,
        .recovered = 4,
    };
    memset(&times, 0, sizeof(times));
    for (int i = 0; i < 98; i++)
        histogram_add(&times.receipt, 28000);
    histogram_add(&times.receipt, 412000);
    times.receipt_us = 31000;
    set_bars(&times.receipt_trail);
    set_bars(&times.lag_trail);
    panel = (struct panel){
        .glyphs = glyphs_get(false),
        .status = &status,
        .facts = &facts,
        .counts = &counts,
        .times = &times,
        .now_ms = NOW_MS,
        .counted_ms = 2530000,
        .poll_interval_ms = 3000,
        .heartbeat_ms = 15000,
    };
}

static const char *
row_of(int row, int columns)
{
    static struct buf words;

    buf_clear(&words);
    panel_row(&words, &panel, row, columns);
    ck_assert_int_le(text_columns(buf_text(&words), words.len), columns);
    return buf_text(&words);
}

static const char *const wide[PANEL_WIDE_ROWS - 1] = {
    " ● longpoll  HTTP/1.1 · TLS 1.3 · up 42:10 · poll held 07/25 s          "
    "reconnects 2 · recovered 4 · gaps 1 · repeats 0 ",
    "               now    p50    p95    max  last 60 s                      "
    "                              ↑ up       ↓ down ",
    " send→ack     31ms   29ms   29ms  412ms                ✗█▆▄▂▁           "
    "          payload          1 204 B      9 812 B ",
    " push lag ±      –      –      –      –                ✗█▆▄▂▁           "
    "          on the wire      9 870 B     31 455 B ",
    " requests 112 (98 poll + 14 send, 61 empty) · TCP 3 · TLS 3 full + 0 resumed"
    "      overhead       619 B/msg    354 B/msg ",
};

START_TEST(wide_rows_are_as_drawn)
{
    ck_assert_str_eq(row_of(_i, 120), wide[_i]);
    ck_assert_int_eq(text_columns(wide[_i], strlen(wide[_i])), 120);
}
END_TEST

static const char *const narrow[PANEL_NARROW_ROWS - 1] = {
    " ● longpoll  HTTP/1.1 · TLS 1.3 · up 42:10 · poll held 07/25 s",
    " reconnects 2 · recovered 4 · gaps 1 · repeats 0",
    "               now    p50    p95    max  last 60 s",
    " send→ack     31ms   29ms   29ms  412ms                ✗█▆▄▂▁",
    " push lag ±      –      –      –      –                ✗█▆▄▂▁",
    " ↑ payload 1 204 B · on the wire 9 870 B · overhead 619 B/msg",
    " ↓ payload 9 812 B · on the wire 31 455 B · overhead 354 B/msg",
    " requests 112 (98 poll + 14 send, 61 empty) · TCP 3 · TLS 3 full + 0 resumed",
};

START_TEST(narrow_rows_stand_one_under_the_other)
{
    ck_assert_str_eq(row_of(_i, 80), narrow[_i]);
}
END_TEST

START_TEST(what_is_measured_stands_among_the_estimates)
{
    const char *words = row_of(PANEL_WIDE_ROWS - 1, 120);

    ck_assert_ptr_nonnull(strstr(words, "overhead of the same 75 msgs: ws "));
    ck_assert_ptr_nonnull(strstr(words, "longpoll 30.3K (measured)"));
    ck_assert_ptr_null(strstr(words, "longpoll 30.3K (est)"));
    words = row_of(PANEL_NARROW_ROWS - 1, 80);
    ck_assert_ptr_nonnull(strstr(words, "longpoll 30.3K measured · poll "));
    ck_assert_ptr_nonnull(strstr(words, " est"));
}
END_TEST

START_TEST(rows_fit_at_every_width_whatever_the_figures)
{
    counts.requests = counts.polls = counts.posts = counts.empty_answers = 123456789012;
    counts.connections = counts.handshakes = counts.resumptions = 1234567;
    counts.flow[METER_UP].bytes[METER_TCPIP] = UINT64_C(12345678901234);
    for (int columns = 20; columns <= 250; columns++)
        for (int row = 0; row < panel_row_count(columns); row++)
            row_of(row, columns);
}
END_TEST

START_TEST(ascii_needs_no_more_than_ascii)
{
    panel.glyphs = glyphs_get(true);
    for (int columns = 80; columns <= 120; columns += 40)
        for (int row = 0; row < panel_row_count(columns); row++)
            for (const char *at = row_of(row, columns); *at != '\0'; at++)
                ck_assert_int_gt(*at, 0);
    ck_assert_ptr_nonnull(strstr(row_of(3, 80), "x#+-._"));
}
END_TEST

START_TEST(without_a_connection_it_says_so)
{
    status.state = LINK_WAITING;
    ck_assert_str_eq(row_of(0, 80), " ○ longpoll  not connected");
}
END_TEST

START_TEST(times_never_jump_out_of_their_columns)
{
    static const struct {
        int64_t us;
        const char *words;
    } cases[] = {
        {340, " 0.3ms"},      {9949, " 9.9ms"},      {9960, "  10ms"},
        {999400, " 999ms"},   {1020000, " 1.02s"},   {9996000, " 10.0s"},
        {62000000, " 62.0s"}, {123000000, "  123s"}, {3600000000, " 3600s"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        times.receipt_us = cases[i].us;
        ck_assert_msg(strncmp(row_of(3, 80) + strlen(" send→ack   "), cases[i].words, 6) == 0,
                      "%lld is %s", (long long)cases[i].us, row_of(3, 80));
    }
}
END_TEST

static uint64_t
overhead(const char *transport, const struct whatif *talk)
{
    for (size_t i = 0; i < WHATIF_COUNT; i++)
        if (str_equal(whatif_rows[i].transport, transport))
            return whatif_rows[i].overhead(talk);

    ck_abort_msg("no %s", transport);
    return 0;
}

START_TEST(estimates_follow_what_each_transport_does)
{
    const struct whatif idle = {.ms = 3600000, .poll_interval_ms = 3000, .heartbeat_ms = 15000};
    const struct whatif chat = {.said = 1000,
                                .heard = 5000,
                                .ms = 3600000,
                                .poll_interval_ms = 3000,
                                .heartbeat_ms = 15000};
    struct whatif chat_2 = chat;

    chat_2.is_http2 = true;
    /* An idle hour is 1,200 questions by short poll. */
    ck_assert_uint_gt(overhead("poll", &idle), 2 * overhead("longpoll", &idle));
    ck_assert_uint_gt(overhead("longpoll", &idle), overhead("ws", &idle));
    /* Many messages: each is an exchange by long poll, and a frame by WebSocket. */
    ck_assert_uint_gt(overhead("longpoll", &chat), 3 * overhead("ws", &chat));
    ck_assert_uint_gt(overhead("longpoll", &chat), overhead("poll", &chat));
    ck_assert_uint_gt(overhead("sse", &chat), overhead("ws", &chat));
    ck_assert_uint_lt(overhead("sse", &chat), 2 * overhead("ws", &chat));
    for (size_t i = 1; i < WHATIF_COUNT; i++)
        ck_assert_uint_lt(whatif_rows[i].overhead(&chat_2), whatif_rows[i].overhead(&chat));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("panel");
    TCase *all = tcase_create("all");

    tcase_add_checked_fixture(all, set_up, NULL);
    tcase_add_loop_test(all, wide_rows_are_as_drawn, 0, ARRAY_LEN(wide));
    tcase_add_loop_test(all, narrow_rows_stand_one_under_the_other, 0, ARRAY_LEN(narrow));
    tcase_add_test(all, what_is_measured_stands_among_the_estimates);
    tcase_add_test(all, rows_fit_at_every_width_whatever_the_figures);
    tcase_add_test(all, ascii_needs_no_more_than_ascii);
    tcase_add_test(all, without_a_connection_it_says_so);
    tcase_add_test(all, times_never_jump_out_of_their_columns);
    tcase_add_test(all, estimates_follow_what_each_transport_does);
    suite_add_tcase(suite, all);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
