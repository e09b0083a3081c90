/* bench: advise. Every formula against figures that were computed by hand, and the choice. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/result/advice.h"
#include "bench/result/result.h"
#include "bench/result/view.h"
#include "common/text.h"
#include "common/util.h"
#include "tests/unit/bench_profile.h"

#define NEAR 1e-6

static void
set_bytes(struct result_row *row, enum flow flow, enum direction direction, enum layer layer,
          double bytes)
{
    result_row_add(row, measure_bytes(flow, direction, layer), bytes);
}

/* A poll costs 10 B up, 20 B down, 10 us. A delivery costs 5 B up, 100 B down, 5 us besides its
 * half a poll. A message said costs 150 B up, 40 B down, 20 us. A connection holds 1,500 B. */
static struct result *
small_profile(const char *transport)
{
    struct result *profile = result_create("compare", 1);
    struct result_row *row = result_row(profile, transport, "1.1", NULL);
    struct facts idle = {0};

    facts_set_number(&profile->parameters, "readers", 2);
    facts_set_number(&profile->parameters, "wait_s", 20);
    facts_set_number(&profile->parameters, "keep_alive_s", 60);
    set_bytes(row, FLOW_READ, DIRECTION_UP, LAYER_FRAMING, 10);
    set_bytes(row, FLOW_READ, DIRECTION_DOWN, LAYER_TEXT, 100);
    set_bytes(row, FLOW_READ, DIRECTION_DOWN, LAYER_FRAMING, 10);
    set_bytes(row, FLOW_SEND, DIRECTION_UP, LAYER_TEXT, 100);
    set_bytes(row, FLOW_SEND, DIRECTION_UP, LAYER_FRAMING, 50);
    set_bytes(row, FLOW_SEND, DIRECTION_DOWN, LAYER_JSON, 40);
    result_row_add(row, MEASURE_READ_REQUESTS, 0.5);
    result_row_add(row, MEASURE_SEND_REQUESTS, 1);
    result_row_add(row, MEASURE_SERVER_CPU_US, 20);
    result_row_add(row, MEASURE_SEND_CPU_US, 20);
    result_row_add(row, MEASURE_SERVER_RSS_BYTES, 1000);
    result_row_add(row, MEASURE_KERNEL_BYTES, 500);
    result_row_add(row, MEASURE_DELIVERY_P50_MS, 2);
    result_row_add(row, MEASURE_DELIVERY_P99_MS, 5);
    facts_set_text(&idle, "use", "idle");
    row = result_row(profile, transport, "1.1", &idle);
    facts_fini(&idle);
    result_row_add(row, MEASURE_HOUR_REQUESTS, 1200);
    result_row_add(row, MEASURE_HOUR_SERVER_CPU_MS, 12);
    set_bytes(row, FLOW_HOUR, DIRECTION_UP, LAYER_FRAMING, 12000);
    set_bytes(row, FLOW_HOUR, DIRECTION_DOWN, LAYER_FRAMING, 24000);
    return profile;
}

/* Told 120 times an hour, saying 60 times, a minute late at most, a second of round trip. */
static struct advice_question
slow_question(void)
{
    struct advice_question question = advice_defaults;

    question.read_per_min = 2;
    question.said_per_min = 1;
    question.delay_s = 60;
    question.rtt_ms = 1000;
    return question;
}

static struct advice
advised(const struct result *profile, const struct advice_question *question)
{
    struct advice advice;
    char why[200] = "";

    ck_assert_msg(advice_make(profile, question, &advice, why, sizeof(why)) == 0, "%s", why);
    return advice;
}

START_TEST(short_poll_by_hand)
{
    struct result *profile = small_profile("poll");
    struct advice_question question = slow_question();
    struct advice_cost cost;
    struct advice advice;

    ck_assert_int_eq(advice_make(profile, &question, &advice, (char[200]){0}, 200), 0);
    ck_assert_uint_eq(advice.count, 1);
    cost = advice.costs[0];
    ck_assert_double_eq_tol(cost.interval_s, 59, NEAR);
    ck_assert_double_eq_tol(cost.polls, 3600.0 / 59, NEAR);
    ck_assert_double_eq_tol(cost.requests, 3600.0 / 59 + 60, NEAR);
    ck_assert_double_eq_tol(advice_bytes(&cost, DIRECTION_UP), 3600.0 / 59 * 10 + 600 + 9000, NEAR);
    ck_assert_double_eq_tol(advice_bytes(&cost, DIRECTION_DOWN), 3600.0 / 59 * 20 + 12000 + 2400,
                            NEAR);
    ck_assert_double_eq_tol(cost.cpu_ms, (3600.0 / 59 * 10 + 120 * 5 + 60 * 20) / 1000, NEAR);
    ck_assert_double_eq_tol(cost.connections, 2, NEAR);
    ck_assert_double_eq_tol(cost.memory_bytes, 3000, NEAR);
    ck_assert_double_eq_tol(cost.handshakes, 0, NEAR);
    ck_assert_double_eq_tol(cost.delay_ms, 30500, NEAR);
    ck_assert_double_eq_tol(cost.delay_worst_ms, 60000, NEAR);
    ck_assert(cost.meets_delay);
    result_destroy(profile);
}
END_TEST

START_TEST(layers_are_kept_apart)
{
    struct result *profile = small_profile("poll");
    struct advice_question question = slow_question();
    struct advice advice = advised(profile, &question);

    ck_assert_double_eq_tol(advice.costs[0].bytes[DIRECTION_UP][LAYER_TEXT], 6000, NEAR);
    ck_assert_double_eq_tol(advice.costs[0].bytes[DIRECTION_UP][LAYER_FRAMING],
                            36000.0 / 59 + 600 + 3000, NEAR);
    ck_assert_double_eq_tol(advice.costs[0].bytes[DIRECTION_DOWN][LAYER_TEXT], 12000, NEAR);
    ck_assert_double_eq_tol(advice.costs[0].bytes[DIRECTION_DOWN][LAYER_FRAMING], 72000.0 / 59,
                            NEAR);
    ck_assert_double_eq_tol(advice.costs[0].bytes[DIRECTION_DOWN][LAYER_JSON], 2400, NEAR);
    result_destroy(profile);
}
END_TEST

/* m = 1/60 a second, W = 20 s: (1 - e^(-1/3)) x 60 = 17.008121 s held, and the round trip. */
START_TEST(long_poll_by_hand)
{
    struct result *profile = small_profile("longpoll");
    struct advice_question question = slow_question();
    struct advice advice;

    question.read_per_min = 1;
    advice = advised(profile, &question);
    ck_assert_double_eq_tol(advice.costs[0].polls, 3600 / 18.008121, 1e-4);
    ck_assert_double_eq_tol(advice.costs[0].interval_s, 0, NEAR);
    ck_assert_double_eq_tol(advice.costs[0].delay_ms, 2 + 500, NEAR);
    ck_assert_double_eq_tol(advice.costs[0].delay_worst_ms, 5 + 1500, NEAR);
    question.read_per_min = 0;
    advice = advised(profile, &question);
    ck_assert_double_eq_tol(advice.costs[0].polls, 3600.0 / 21, NEAR);
    result_destroy(profile);
}
END_TEST

/* 240 pings an hour: a long poll is held for 15 s at most, and both are requests. A short poller
 * sends no more of them than it polls. */
START_TEST(pings_count_and_end_what_is_held)
{
    struct result *profile = small_profile("longpoll");
    struct advice_question question = slow_question();
    struct facts idle = {0};
    struct advice advice;

    facts_set_text(&idle, "use", "idle");
    result_row_add(result_row(profile, "longpoll", "1.1", &idle), MEASURE_HOUR_PINGS, 240);
    question.read_per_min = 0;
    question.said_per_min = 0;
    advice = advised(profile, &question);
    ck_assert_double_eq_tol(advice.costs[0].polls, 3600.0 / 16, NEAR);
    ck_assert_double_eq_tol(advice.costs[0].requests, 225 + 240, NEAR);
    ck_assert_double_eq_tol(advice_bytes(&advice.costs[0], DIRECTION_DOWN), 465 * 20, NEAR);
    result_destroy(profile);

    profile = small_profile("poll");
    result_row_add(result_row(profile, "poll", "1.1", &idle), MEASURE_HOUR_PINGS, 240);
    facts_fini(&idle);
    advice = advised(profile, &question);
    ck_assert_double_eq_tol(advice.costs[0].pings, 3600.0 / 59, NEAR);
    ck_assert_double_eq_tol(advice.costs[0].requests, 2 * 3600.0 / 59, NEAR);
    result_destroy(profile);
}
END_TEST

/* The idle hour counts as it stands, a delivery as it was measured. */
START_TEST(push_by_hand)
{
    struct result *profile = small_profile("ws");
    struct advice_question question = slow_question();
    struct advice advice = advised(profile, &question);
    const struct advice_cost *cost = &advice.costs[0];

    ck_assert_double_eq_tol(cost->polls, 0, NEAR);
    ck_assert_double_eq_tol(advice_bytes(cost, DIRECTION_UP), 12000 + 120 * 10 + 60 * 150, NEAR);
    ck_assert_double_eq_tol(advice_bytes(cost, DIRECTION_DOWN), 24000 + 120 * 110 + 60 * 40, NEAR);
    ck_assert_double_eq_tol(cost->cpu_ms, 12 + 120 * 0.010 + 60 * 0.020, NEAR);
    ck_assert_double_eq_tol(cost->delay_ms, 502, NEAR);
    ck_assert_double_eq_tol(cost->delay_worst_ms, 505, NEAR);
    result_destroy(profile);
}
END_TEST

/* 7,200 s between polls, 60 s kept: a connection for 60 of 7,200 s and a handshake each. A message
 * said every 600 s: for 60 of 600 s, and a handshake each. */
START_TEST(connection_that_is_not_kept_costs_a_handshake)
{
    struct result *profile = small_profile("poll");
    struct advice_question question = slow_question();
    struct advice advice;

    question.delay_s = 7201;
    question.said_per_min = 0.1;
    advice = advised(profile, &question);
    ck_assert_double_eq_tol(advice.costs[0].connections, 60.0 / 7200 + 0.1, NEAR);
    ck_assert_double_eq_tol(advice.costs[0].handshakes, 0.5 + 6, NEAR);
    ck_assert(!advice.costs[0].way.knows_handshake);
    result_destroy(profile);
}
END_TEST

/* Without keep-alive a request, which brings two messages, costs 610 B more of TLS and TCP/IP down
 * and 900 us of CPU; that the answer has more text is not the handshake's. */
START_TEST(handshake_is_what_keep_alive_saves)
{
    struct result *profile = small_profile("longpoll");
    struct facts varied = {0};
    struct advice_question question = slow_question();
    struct result_row *row;
    struct advice advice;

    facts_set_text(&varied, "keep_alive", "no");
    row = result_row(profile, "longpoll", "1.1", &varied);
    facts_fini(&varied);
    set_bytes(row, FLOW_READ, DIRECTION_DOWN, LAYER_TEXT, 200);
    set_bytes(row, FLOW_READ, DIRECTION_DOWN, LAYER_TLS, 250);
    set_bytes(row, FLOW_READ, DIRECTION_DOWN, LAYER_TCPIP, 55);
    result_row_add(row, MEASURE_READ_REQUESTS, 0.5);
    result_row_add(row, MEASURE_HANDSHAKE_CPU_US, 900);
    question.said_per_min = 0.1;
    advice = advised(profile, &question);
    ck_assert(advice.costs[0].way.knows_handshake);
    ck_assert_double_eq_tol(advice.costs[0].handshakes, 6, NEAR);
    ck_assert_double_eq_tol(advice.costs[0].bytes[DIRECTION_DOWN][LAYER_TLS], 6 * 500, NEAR);
    ck_assert_double_eq_tol(advice.costs[0].bytes[DIRECTION_DOWN][LAYER_TCPIP], 6 * 110, NEAR);
    ck_assert_double_eq_tol(advice.costs[0].bytes[DIRECTION_DOWN][LAYER_TEXT], 120 * 100, NEAR);
    result_destroy(profile);
}
END_TEST

/* 14.4 ms of CPU in an hour, 1,500 B, 39,600 B down, 60 requests, radio 1,000 s. */
START_TEST(money_by_hand)
{
    static const double gib = 1073741824.0;
    struct result *profile = small_profile("ws");
    struct advice_question question = slow_question();
    struct advice advice;

    question.prices = (struct advice_prices){.core_month = 36};
    advice = advised(profile, &question);
    ck_assert_double_eq_tol(advice.costs[0].money_month, 14.4 / 3600000 * 36, 1e-12);
    question.prices = (struct advice_prices){.gib_memory = 4};
    advice = advised(profile, &question);
    ck_assert_double_eq_tol(advice.costs[0].money_month, 3000 / gib * 4, 1e-12);
    question.prices = (struct advice_prices){.gib_traffic = 2};
    advice = advised(profile, &question);
    ck_assert_double_eq_tol(advice.costs[0].money_month, 39600.0 * 730 / gib * 2, 1e-9);
    question.prices = (struct advice_prices){.million_requests = 5};
    advice = advised(profile, &question);
    ck_assert_double_eq_tol(advice.costs[0].money_month, 60.0 * 730 / 1e6 * 5, 1e-9);
    question.prices = (struct advice_prices){.radio_hour = 7};
    ck_assert_double_eq(advised(profile, &question).costs[0].money_month, 0);
    question.is_mobile = true;
    advice = advised(profile, &question);
    ck_assert_double_eq_tol(advice.costs[0].radio_s,
                            3600 * (1 - exp(-(60 + 120 + 240) * 5 / 3600.0)), NEAR);
    ck_assert_double_eq_tol(advice.costs[0].money_month, advice.costs[0].radio_s / 3600 * 730 * 7,
                            NEAR);
    result_destroy(profile);
}
END_TEST

/* 3,600 users at 2 ms, 2 connections of 100 B, 36 requests and 18 handshakes an hour, 450 B up. */
START_TEST(users_at_once_by_hand)
{
    struct advice_cost cost = {.cpu_ms = 2,
                               .connections = 2,
                               .memory_bytes = 200,
                               .requests = 36,
                               .handshakes = 18,
                               .money_month = 0.25};
    struct advice_scale scale;

    cost.bytes[DIRECTION_UP][LAYER_TEXT] = 450;
    cost.bytes[DIRECTION_DOWN][LAYER_TLS] = 900;
    cost.way.handshake.cpu_us = 1000;
    advice_scale(&cost, 3600, &scale);
    ck_assert_double_eq_tol(scale.connections, 7200, NEAR);
    ck_assert_double_eq_tol(scale.memory_bytes, 720000, NEAR);
    ck_assert_double_eq_tol(scale.cores, 0.002, NEAR);
    ck_assert_double_eq_tol(scale.requests_per_s, 36, NEAR);
    ck_assert_double_eq_tol(scale.handshakes_per_s, 18, NEAR);
    ck_assert_double_eq_tol(scale.up_bits_per_s, 3600, NEAR);
    ck_assert_double_eq_tol(scale.down_bits_per_s, 7200, NEAR);
    ck_assert_double_eq_tol(scale.return_handshakes_per_s, 24, NEAR);
    ck_assert_double_eq_tol(scale.return_cores, 0.024, NEAR);
    ck_assert_double_eq_tol(scale.money_month, 900, NEAR);
}
END_TEST

/* Statement 11, out of the figures of the made-up run. */
START_TEST(choice_follows_the_figures)
{
    static const struct {
        double read_per_min, said_per_min, delay_s;
        enum advice_network network;
        const char *choice;
        double margin; /* 0: as usual */
    } rows[] = {
        {0.5, 0.05, 60, ADVICE_OPEN, "poll"},
        {20, 0, 1, ADVICE_OPEN, "sse"},
        {60, 60, 0.5, ADVICE_OPEN, "ws"},
        {20, 2, 1, ADVICE_PROXIED, "sse"},
        {20, 2, 1, ADVICE_HOSTILE, "longpoll"},
        {60, 30, 0.5, ADVICE_OPEN, "sse"},
        {60, 30, 0.5, ADVICE_OPEN, "ws", 0.15},
        {0.5, 0.05, 60, ADVICE_OPEN, "poll", 0.15},
        {20, 0, 1, ADVICE_OPEN, "sse", 0.15},
        {20, 2, 1, ADVICE_PROXIED, "sse", 0.15},
        {20, 2, 1, ADVICE_HOSTILE, "longpoll", 0.15},
    };
    struct result *profile = bench_profile();

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct advice_question question = advice_defaults;
        struct advice advice;

        question.read_per_min = rows[i].read_per_min;
        question.said_per_min = rows[i].said_per_min;
        question.delay_s = rows[i].delay_s;
        question.network = rows[i].network;
        if (rows[i].margin > 0)
            question.margin = rows[i].margin;
        ck_assert_int_eq(advice_make(profile, &question, &advice, (char[200]){0}, 200), 0);
        ck_assert_msg(advice.choice != NULL, "row %zu has no choice", i);
        ck_assert_msg(strcmp(advice.choice->way.transport, rows[i].choice) == 0, "row %zu: %s", i,
                      advice.choice->way.transport);
        ck_assert_ptr_ne(advice.next, advice.choice);
    }
    result_destroy(profile);
}
END_TEST

/* Other figures, another choice: nothing is fixed by name. */
START_TEST(other_figures_make_another_choice)
{
    struct result *profile = bench_profile();
    struct advice_question question = advice_defaults;
    struct advice advice;

    question.read_per_min = 60;
    question.said_per_min = 30;
    question.delay_s = 0.5;
    for (size_t i = 0; i < profile->row_count; i++)
        if (strcmp(profile->rows[i]->transport, "ws") == 0)
            bench_profile_set(profile->rows[i],
                              (int)measure_bytes(FLOW_READ, DIRECTION_DOWN, LAYER_FRAMING), 5000);
    ck_assert_int_eq(advice_make(profile, &question, &advice, (char[200]){0}, 200), 0);
    ck_assert_str_eq(advice.choice->way.transport, "sse");
    result_destroy(profile);
}
END_TEST

START_TEST(what_is_too_late_is_not_chosen)
{
    struct result *profile = small_profile("poll");
    struct advice_question question = slow_question();
    struct advice advice;

    question.delay_s = 1.5;
    advice = advised(profile, &question);
    ck_assert_double_eq_tol(advice.costs[0].interval_s, 1, NEAR);
    ck_assert(!advice.costs[0].meets_delay);
    ck_assert_ptr_null(advice.choice);
    result_destroy(profile);
}
END_TEST

START_TEST(profile_without_the_figures_says_what_is_missing)
{
    struct result *profile = result_create("compare", 1);
    struct advice advice;
    char why[200] = "";

    result_row_add(result_row(profile, "ws", "1.1", NULL), MEASURE_LOST, 0);
    ck_assert_int_lt(advice_make(profile, &advice_defaults, &advice, why, sizeof(why)), 0);
    ck_assert_ptr_nonnull(strstr(why, "bytes a delivery"));
    result_destroy(profile);
}
END_TEST

static char *
shown(const struct result *profile, const struct advice_question *question, bool explain)
{
    struct advice advice;
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    ck_assert_int_eq(advice_make(profile, question, &advice, (char[200]){0}, 200), 0);
    ck_assert_int_eq(advice_show(profile, question, &advice, explain, 0, out), 0);
    fclose(out);
    return text;
}

START_TEST(advice_says_what_to_take_why_and_what_it_comes_to)
{
    struct result *profile = bench_profile();
    struct advice_question question = advice_defaults;
    char *text;

    question.read_per_min = 20;
    question.said_per_min = 0;
    text = shown(profile, &question, false);
    ck_assert_msg(strstr(text, "\ntake sse\n") != NULL, "%s", text);
    ck_assert_ptr_nonnull(strstr(text, "longpoll costs "));
    ck_assert_ptr_nonnull(strstr(text, "1,000,000"));
    ck_assert_ptr_nonnull(strstr(text, "Example CPU"));
    ck_assert_ptr_null(strstr(text, "down ="));
    for (const char *line = text; *line != '\0';) {
        size_t len = strcspn(line, "\n");

        ck_assert_msg(text_columns(line, len) <= 80, "too wide: %.*s", (int)len, line);
        line += len + (line[len] == '\n');
    }
    free(text);
    result_destroy(profile);
}
END_TEST

START_TEST(explanation_has_each_formula_with_its_numbers)
{
    struct result *profile = small_profile("poll");
    struct advice_question question = slow_question();
    char *text = shown(profile, &question, true);

    ck_assert_msg(strstr(text,
                         "interval = max(1, delay 60 - RTT 1) = 59 s; polls = 3600 / interval = "
                         "61.0169\n") != NULL,
                  "%s", text);
    ck_assert_msg(strstr(text, "down = requests 61.0169 x 20 + told 120 x 100 + said 60 x 40 = "
                               "15620.3 B\n") != NULL,
                  "%s", text);
    ck_assert_msg(strstr(text, "memory = 2 connections x 1500 B = 3000 B\n") != NULL, "%s", text);
    free(text);
    result_destroy(profile);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("bench_advice");
    TCase *tcase = tcase_create("bench_advice");
    SRunner *runner;
    int failed;

    tcase_add_test(tcase, short_poll_by_hand);
    tcase_add_test(tcase, layers_are_kept_apart);
    tcase_add_test(tcase, long_poll_by_hand);
    tcase_add_test(tcase, pings_count_and_end_what_is_held);
    tcase_add_test(tcase, push_by_hand);
    tcase_add_test(tcase, connection_that_is_not_kept_costs_a_handshake);
    tcase_add_test(tcase, handshake_is_what_keep_alive_saves);
    tcase_add_test(tcase, money_by_hand);
    tcase_add_test(tcase, users_at_once_by_hand);
    tcase_add_test(tcase, choice_follows_the_figures);
    tcase_add_test(tcase, other_figures_make_another_choice);
    tcase_add_test(tcase, what_is_too_late_is_not_chosen);
    tcase_add_test(tcase, profile_without_the_figures_says_what_is_missing);
    tcase_add_test(tcase, advice_says_what_to_take_why_and_what_it_comes_to);
    tcase_add_test(tcase, explanation_has_each_formula_with_its_numbers);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
