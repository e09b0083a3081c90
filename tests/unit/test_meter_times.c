/* client/link/meter: times, bars and losses; over ways that the test speaks for. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "client/link/link_internal.h"
#include "client/link/meter_tls.h"
#include "common/clock.h"
#include "common/util.h"
#include "tests/support/certificate.h"
#include "tests/support/link_world.h"

#define WALL_MS INT64_C(1700000000000)
#define MONO_MS (INT64_C(1000) * METER_BAR_MS)

static struct meter *meter;

static void
set_up(void)
{
    clock_set(WALL_MS, MONO_MS);
    meter = meter_create();
}

static void
tear_down(void)
{
    meter_unref(meter);
    clock_release();
}

static int64_t
bar(const struct meter_trail *trail, size_t index)
{
    struct meter_bar bars[METER_BARS];

    meter_trail_read(trail, clock_mono_ms(), bars);
    return bars[index].max_us;
}

static bool
has_failed(size_t index)
{
    struct meter_bar bars[METER_BARS];

    meter_trail_read(&meter_times(meter)->receipt_trail, clock_mono_ms(), bars);
    return bars[index].failed;
}

START_TEST(bars_keep_the_greatest_of_three_seconds_and_move_on)
{
    const struct meter_trail *trail = &meter_times(meter)->receipt_trail;

    meter_receipt(meter, clock_mono_us() - 5000);
    meter_receipt(meter, clock_mono_us() - 31000);
    meter_receipt(meter, clock_mono_us() - 8000);
    ck_assert_int_eq(meter_times(meter)->receipt_us, 8000);
    ck_assert_uint_eq(meter_times(meter)->receipt.count, 3);
    ck_assert_int_eq(bar(trail, METER_BARS - 1), 31000);
    ck_assert_int_eq(bar(trail, METER_BARS - 2), -1);
    clock_advance(2 * METER_BAR_MS);
    ck_assert_int_eq(bar(trail, METER_BARS - 3), 31000);
    meter_receipt(meter, clock_mono_us() - 7000);
    ck_assert_int_eq(bar(trail, METER_BARS - 1), 7000);
    ck_assert_int_eq(bar(trail, METER_BARS - 2), -1);
    ck_assert_int_eq(bar(trail, METER_BARS - 3), 31000);
    clock_advance((METER_BARS - 3) * METER_BAR_MS);
    ck_assert_int_eq(bar(trail, 0), 31000);
    clock_advance(METER_BAR_MS);
    ck_assert_int_eq(bar(trail, 0), -1);
    ck_assert_int_eq(bar(trail, 1), 7000);
    clock_advance(INT64_C(100) * METER_BARS * METER_BAR_MS);
    for (size_t i = 0; i < METER_BARS; i++)
        ck_assert_int_eq(bar(trail, i), -1);
}
END_TEST

START_TEST(bars_without_a_connection_are_marked)
{
    meter_lost(meter);
    clock_advance(2 * METER_BAR_MS);
    for (size_t i = METER_BARS - 3; i < METER_BARS; i++)
        ck_assert(has_failed(i));
    ck_assert(!has_failed(METER_BARS - 4));
    meter_back(meter);
    clock_advance(METER_BAR_MS);
    ck_assert(!has_failed(METER_BARS - 1));
    ck_assert(has_failed(METER_BARS - 2));
}
END_TEST

/* The server is a minute ahead. A line of our own took 40 ms there and back, so its clock is known
 * to within 20 ms; another's line is then told its age by that. */
START_TEST(lag_learns_the_servers_clock_from_lines_of_our_own)
{
    const struct meter_times *times = meter_times(meter);
    int64_t ahead_ms = 60000, sent_us = clock_mono_us();

    clock_advance(40);
    meter_lag(meter, WALL_MS + 20 + ahead_ms, sent_us);
    ck_assert_int_eq(times->lag_us, 20000);
    ck_assert_int_eq(times->clock_error_us, 20000);
    clock_advance(1000);
    meter_lag(meter, clock_wall_ms() + ahead_ms - 300, 0);
    ck_assert_int_eq(times->lag_us, 300000);
    ck_assert_int_eq(times->clock_error_us, 20000);
}
END_TEST

START_TEST(lag_without_lines_of_our_own_takes_the_clocks_to_agree_where_they_can)
{
    const struct meter_times *times = meter_times(meter);

    meter_lag(meter, WALL_MS - 15, 0);
    ck_assert_int_eq(times->lag_us, 15000);
    ck_assert_int_eq(times->clock_error_us, -1);
    meter_lag(meter, WALL_MS + 200, 0); /* said before it came: that clock is 200 ms ahead */
    ck_assert_int_eq(times->lag_us, 0);
    meter_lag(meter, WALL_MS + 100, 0);
    ck_assert_int_eq(times->lag_us, 100000);
}
END_TEST

START_TEST(a_clock_that_was_set_is_learned_anew)
{
    const struct meter_times *times = meter_times(meter);
    int64_t sent_us = clock_mono_us();

    clock_advance(10);
    meter_lag(meter, WALL_MS + 5, sent_us);
    ck_assert_int_eq(times->clock_error_us, 5000);
    meter_lag(meter, clock_wall_ms() + 3600000, 0); /* an hour from now */
    ck_assert_int_eq(times->lag_us, 0);
    ck_assert_int_eq(times->clock_error_us, -1);
}
END_TEST

static struct meter_counts
counts_of_world(void)
{
    struct meter_counts counts;

    link_count(world.link, &counts);
    return counts;
}

START_TEST(a_link_counts_repeats_recovered_events_gaps_and_reconnects)
{
    link_world_live("ws", "ws");
    world_message(11);
    world_message(11);
    ck_assert_uint_eq(counts_of_world().repeats, 1);
    ck_assert_uint_eq(counts_of_world().flow[METER_DOWN].messages, 2);
    fake_way_line("{\"type\":\"gap\",\"from\":1,\"to\":2,\"reason\":\"trimmed\","
                  "\"cursor\":\"e1-11\"}");
    ck_assert_uint_eq(counts_of_world().gaps, 1);
    ck_assert_uint_eq(counts_of_world().reconnects, 0);
    ck_assert_uint_eq(counts_of_world().recovered, 0);

    fake_way_end(WAY_CLOSED, 0, 0, "cut");
    link_reconnect(world.link);
    fake_way_open();
    world_hello("resumed", 11, 13);
    world_message(12);
    world_message(13);
    world_message(14);
    ck_assert_uint_eq(counts_of_world().reconnects, 1);
    ck_assert_uint_eq(counts_of_world().recovered, 2);
}
END_TEST

START_TEST(a_link_times_each_receipt_from_its_first_sending)
{
    link_world_live("ws", "ws");
    world_say("a");
    world_say("b");
    world_receipt("a", 11);
    ck_assert_uint_eq(link_times(world.link)->receipt.count, 1);
    world_receipt("b", 12);
    ck_assert_uint_eq(link_times(world.link)->receipt.count, 2);
    ck_assert_uint_eq(counts_of_world().flow[METER_UP].messages, 2);
}
END_TEST

/* A handshake between two contexts in memory. NULL session: in full. */
static SSL_SESSION *
shake_hands(SSL_CTX *client_tls, SSL_CTX *server_tls, SSL_SESSION *session)
{
    SSL *client = SSL_new(client_tls), *server = SSL_new(server_tls);
    BIO *near, *far;
    char byte;

    BIO_new_bio_pair(&near, 0, &far, 0);
    SSL_set_bio(client, near, near);
    SSL_set_bio(server, far, far);
    SSL_set_connect_state(client);
    SSL_set_accept_state(server);
    if (session != NULL)
        SSL_set_session(client, session);
    for (int i = 0; i < 10; i++) {
        SSL_do_handshake(client);
        SSL_do_handshake(server);
    }
    SSL_write(server, "x", 1);
    ck_assert_int_eq(SSL_read(client, &byte, 1), 1); /* the tickets come before it */
    SSL_SESSION *fresh = SSL_get1_session(client);
    SSL_shutdown(client);
    SSL_free(client);
    SSL_free(server);
    return fresh;
}

START_TEST(resumed_handshakes_are_told_from_full_ones)
{
    struct certificate certificate;
    struct meter_counts counts;
    SSL_CTX *client = SSL_CTX_new(TLS_client_method()), *server = SSL_CTX_new(TLS_server_method());
    int version = _i == 0 ? TLS1_3_VERSION : TLS1_2_VERSION;

    certificate_make(&certificate, "localhost", "DNS:localhost", NULL, 10);
    SSL_CTX_use_certificate(server, certificate.x509);
    SSL_CTX_use_PrivateKey(server, certificate.key);
    SSL_CTX_set_session_id_context(server, (const unsigned char *)"t", 1);
    SSL_CTX_set_max_proto_version(client, version);
    meter_tls_watch(meter, client);

    SSL_SESSION *session = shake_hands(client, server, NULL);
    meter_read(meter, &counts);
    ck_assert_uint_eq(counts.handshakes, 1);
    ck_assert_uint_eq(counts.resumptions, 0);
    SSL_SESSION *again = shake_hands(client, server, session);
    meter_read(meter, &counts);
    ck_assert_uint_eq(counts.handshakes, 1);
    ck_assert_uint_eq(counts.resumptions, 1);

    SSL_SESSION_free(session);
    SSL_SESSION_free(again);
    SSL_CTX_free(client);
    SSL_CTX_free(server);
    certificate_fini(&certificate);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("meter_times");
    TCase *alone = tcase_create("alone"), *linked = tcase_create("linked");

    tcase_add_checked_fixture(alone, set_up, tear_down);
    tcase_add_test(alone, bars_keep_the_greatest_of_three_seconds_and_move_on);
    tcase_add_test(alone, bars_without_a_connection_are_marked);
    tcase_add_test(alone, lag_learns_the_servers_clock_from_lines_of_our_own);
    tcase_add_test(alone, lag_without_lines_of_our_own_takes_the_clocks_to_agree_where_they_can);
    tcase_add_test(alone, a_clock_that_was_set_is_learned_anew);
    tcase_add_loop_test(alone, resumed_handshakes_are_told_from_full_ones, 0, 2);
    suite_add_tcase(suite, alone);
    tcase_add_checked_fixture(linked, link_world_set_up, link_world_tear_down);
    tcase_add_test(linked, a_link_counts_repeats_recovered_events_gaps_and_reconnects);
    tcase_add_test(linked, a_link_times_each_receipt_from_its_first_sending);
    suite_add_tcase(suite, linked);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
