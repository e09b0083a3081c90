/* client/link/choose: which way auto takes, over a set clock. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "client/link/choose.h"
#include "common/buf.h"
#include "common/util.h"

#define MINUTE INT64_C(60000)
#define WALL   INT64_C(1764000000000)

enum { WS, SSE, LONGPOLL, POLL };

static const char *const names[] = {"ws", "sse", "longpoll", "poll"};

static struct choose
fresh(bool reads_only)
{
    struct choose choose;

    choose_init(&choose, &choose_times, names, ARRAY_LEN(names), reads_only);
    return choose;
}

static int
trial(const struct choose *choose, int current, int64_t now_ms)
{
    int64_t next_ms;

    return choose_trial(choose, current, false, now_ms, &next_ms);
}

static int64_t
next_trial_ms(const struct choose *choose, int current, int64_t now_ms)
{
    int64_t next_ms;

    ck_assert_int_eq(choose_trial(choose, current, false, now_ms, &next_ms), -1);
    return next_ms;
}

START_TEST(begins_with_the_quick_one_and_tries_the_best_besides)
{
    struct choose choose = fresh(false);

    ck_assert_int_eq(choose_start(&choose), LONGPOLL);
    ck_assert_int_eq(trial(&choose, LONGPOLL, 0), WS);
    choose_works(&choose, WS);
    ck_assert_int_eq(next_trial_ms(&choose, WS, 0), -1);
}
END_TEST

START_TEST(who_only_reads_likes_sse_best)
{
    struct choose choose = fresh(true);

    ck_assert_int_eq(choose_start(&choose), LONGPOLL);
    ck_assert_int_eq(trial(&choose, LONGPOLL, 0), SSE);
    ck_assert_int_eq(next_trial_ms(&choose, SSE, 0), -1);
    ck_assert(choose_likes(&choose, SSE, WS));
}
END_TEST

START_TEST(after_a_strike_the_next_one_is_tried_and_the_first_again_soon)
{
    struct choose choose = fresh(false);

    choose_strike(&choose, WS, 1000);
    ck_assert_int_eq(trial(&choose, LONGPOLL, 1000), SSE);
    choose_works(&choose, SSE);
    ck_assert_int_eq(next_trial_ms(&choose, SSE, 1000), 16000);
    ck_assert_int_eq(trial(&choose, SSE, 16000), WS);
}
END_TEST

START_TEST(two_strikes_in_five_minutes_demote)
{
    static const struct {
        int64_t between_ms;
        bool is_demoted;
    } rows[] = {{15000, true}, {5 * MINUTE, true}, {5 * MINUTE + 1, false}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct choose choose = fresh(false);
        choose_strike(&choose, WS, 0);
        choose_strike(&choose, WS, rows[i].between_ms);
        ck_assert_msg(choose.ways[WS].is_demoted == rows[i].is_demoted, "row %zu", i);
    }
}
END_TEST

START_TEST(probes_of_a_demoted_way_grow_seldom_and_promote_it)
{
    static const int64_t waits[] = {1, 2, 5, 10, 10, 10};
    struct choose choose = fresh(false);
    int64_t now_ms = 100;

    choose_strike(&choose, WS, 0);
    choose_strike(&choose, WS, now_ms);
    for (size_t i = 0; i < ARRAY_LEN(waits); i++) {
        ck_assert_int_eq(next_trial_ms(&choose, SSE, now_ms), now_ms + waits[i] * MINUTE);
        now_ms += waits[i] * MINUTE;
        ck_assert_int_eq(trial(&choose, SSE, now_ms), WS);
        if (i + 1 < ARRAY_LEN(waits))
            choose_strike(&choose, WS, now_ms);
    }
    choose_works(&choose, WS);
    ck_assert(!choose.ways[WS].is_demoted);

    /* It dies young again: the back-off goes on, until it has served well. */
    choose_strike(&choose, WS, now_ms);
    choose_strike(&choose, WS, now_ms);
    ck_assert_int_eq(next_trial_ms(&choose, SSE, now_ms), now_ms + 10 * MINUTE);
    choose_works(&choose, WS);
    choose_served(&choose, WS, 5 * MINUTE);
    choose_strike(&choose, WS, now_ms);
    choose_strike(&choose, WS, now_ms);
    ck_assert_int_eq(next_trial_ms(&choose, SSE, now_ms), now_ms + MINUTE);
}
END_TEST

START_TEST(what_is_off_is_not_tried_while_it_is_remembered)
{
    struct choose choose = fresh(false);

    choose_off(&choose, WS, 0);
    ck_assert_int_eq(trial(&choose, LONGPOLL, 0), SSE);
    choose_works(&choose, SSE);
    ck_assert_int_eq(next_trial_ms(&choose, SSE, 0), 24 * 60 * MINUTE);
    for (int i = SSE; i <= POLL; i++) {
        ck_assert(!choose_is_hopeless(&choose));
        choose_off(&choose, i, 0);
    }
    ck_assert(choose_is_hopeless(&choose));
    ck_assert_int_eq(choose_start(&choose), -1);
}
END_TEST

START_TEST(when_all_are_off_it_is_not_the_ways)
{
    struct choose choose = fresh(false);

    for (int i = WS; i <= POLL; i++) {
        choose_off(&choose, i, 0);
        choose_pardon(&choose);
        ck_assert_int_eq(choose.ways[i].is_off, i != POLL);
    }
    for (int i = WS; i <= POLL; i++)
        ck_assert(!choose.ways[i].is_off);
    ck_assert_int_eq(choose_start(&choose), LONGPOLL);
    ck_assert_int_eq(trial(&choose, LONGPOLL, 0), WS);
}
END_TEST

START_TEST(each_way_is_begun_with_once_in_a_round)
{
    struct choose choose = fresh(false);

    ck_assert_int_eq(choose_start(&choose), LONGPOLL);
    ck_assert_int_eq(choose_start(&choose), WS);
    ck_assert_int_eq(choose_start(&choose), SSE);
    ck_assert_int_eq(choose_start(&choose), POLL);
    ck_assert_int_eq(choose_start(&choose), -1);
    choose_again(&choose);
    ck_assert_int_eq(choose_start(&choose), LONGPOLL);
}
END_TEST

START_TEST(demoted_ways_are_begun_with_last)
{
    struct choose choose = fresh(false);

    choose_strike(&choose, LONGPOLL, 0);
    choose_strike(&choose, LONGPOLL, 0);
    ck_assert_int_eq(choose_start(&choose), WS);
    ck_assert_int_eq(choose_start(&choose), SSE);
    ck_assert_int_eq(choose_start(&choose), POLL);
    ck_assert_int_eq(choose_start(&choose), LONGPOLL);
}
END_TEST

START_TEST(a_way_that_fails_gives_place_to_any_other)
{
    struct choose choose = fresh(false);
    int64_t next_ms;

    choose_strike(&choose, SSE, 0);
    choose_off(&choose, WS, 0);
    ck_assert_int_eq(choose_trial(&choose, SSE, true, 0, &next_ms), LONGPOLL);
    choose_strike(&choose, LONGPOLL, 0);
    ck_assert_int_eq(choose_trial(&choose, SSE, true, 0, &next_ms), POLL);
    choose_put_off(&choose, POLL, 20000);
    ck_assert_int_eq(choose_trial(&choose, SSE, true, 0, &next_ms), -1);
    ck_assert_int_eq(next_ms, 15000);
}
END_TEST

START_TEST(a_host_is_remembered_for_a_day)
{
    struct choose choose = fresh(false), later;
    struct buf kept = BUF_INIT;

    choose_off(&choose, WS, 0);
    choose_strike(&choose, LONGPOLL, 0);
    choose_strike(&choose, LONGPOLL, 0);
    choose_works(&choose, SSE);
    choose_keep(&choose, &kept, WALL);

    later = fresh(false);
    choose_recall(&later, buf_text(&kept), WALL + MINUTE, 0);
    ck_assert_int_eq(choose_start(&later), SSE);
    ck_assert_int_eq(next_trial_ms(&later, SSE, 0), (24 * 60 - 1) * MINUTE);
    ck_assert(later.ways[LONGPOLL].is_demoted);

    /* What was learnt then is not made younger by being kept again. */
    buf_clear(&kept);
    choose_keep(&later, &kept, WALL + 23 * 60 * MINUTE);
    later = fresh(false);
    choose_recall(&later, buf_text(&kept), WALL + 24 * 60 * MINUTE, 0);
    ck_assert_int_eq(choose_start(&later), SSE);
    ck_assert_int_eq(trial(&later, SSE, 0), WS);
    ck_assert(!later.ways[LONGPOLL].is_demoted);
    buf_fini(&kept);
}
END_TEST

START_TEST(what_worked_and_then_failed_is_remembered_for_a_day_from_then_on)
{
    struct choose choose = fresh(false), later;
    struct buf kept = BUF_INIT;

    choose_recall(&choose, "first ws 1764000000000\n", WALL + 23 * 60 * MINUTE, 0);
    choose_strike(&choose, WS, 0);
    choose_strike(&choose, WS, 0);
    choose_keep(&choose, &kept, WALL + 23 * 60 * MINUTE);

    later = fresh(false);
    choose_recall(&later, buf_text(&kept), WALL + 46 * 60 * MINUTE, 0);
    ck_assert(later.ways[WS].is_demoted);
    buf_fini(&kept);
}
END_TEST

START_TEST(memory_that_is_damaged_counts_for_nothing)
{
    static const char *const texts[] = {
        "",
        "\n\n",
        "off",
        "off ws",
        "off ws x",
        "off smoke 1764000000000",
        "off ws -9223372036854775808",
        "off ws 9223372036854775807",
        "off ws 99999999999999999999999999",
        "wish ws 1764000000000",
        "offoffoffoffoffoffoffoff ws 1764000000000",
        "off ws 1763913600000", /* a day old */
        "off ws 1764000000001", /* of the future */
    };

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct choose choose = fresh(false);
        choose_recall(&choose, texts[i], WALL, 0);
        ck_assert_msg(choose_start(&choose) == LONGPOLL && trial(&choose, LONGPOLL, 0) == WS,
                      "row %zu", i);
    }
}
END_TEST

START_TEST(what_follows_is_said_in_a_few_words)
{
    struct choose choose = fresh(false);
    struct buf said = BUF_INIT;

    choose_strike(&choose, WS, 0);
    choose_say(&said, &choose, WS, 0);
    ck_assert_str_eq(buf_text(&said), "tried again in 15 s");
    buf_clear(&said);
    choose_strike(&choose, WS, 0);
    choose_say(&said, &choose, WS, 0);
    ck_assert_str_eq(buf_text(&said), "two strikes, so it is tried again in 1 min");
    buf_clear(&said);
    choose_off(&choose, WS, 0);
    choose_say(&said, &choose, WS, 0);
    ck_assert_str_eq(buf_text(&said), "it is off here and not tried again today");
    buf_fini(&said);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("choose");
    TCase *all = tcase_create("all");

    tcase_add_test(all, begins_with_the_quick_one_and_tries_the_best_besides);
    tcase_add_test(all, who_only_reads_likes_sse_best);
    tcase_add_test(all, after_a_strike_the_next_one_is_tried_and_the_first_again_soon);
    tcase_add_test(all, two_strikes_in_five_minutes_demote);
    tcase_add_test(all, probes_of_a_demoted_way_grow_seldom_and_promote_it);
    tcase_add_test(all, what_is_off_is_not_tried_while_it_is_remembered);
    tcase_add_test(all, when_all_are_off_it_is_not_the_ways);
    tcase_add_test(all, each_way_is_begun_with_once_in_a_round);
    tcase_add_test(all, demoted_ways_are_begun_with_last);
    tcase_add_test(all, a_way_that_fails_gives_place_to_any_other);
    tcase_add_test(all, a_host_is_remembered_for_a_day);
    tcase_add_test(all, what_worked_and_then_failed_is_remembered_for_a_day_from_then_on);
    tcase_add_test(all, memory_that_is_damaged_counts_for_nothing);
    tcase_add_test(all, what_follows_is_said_in_a_few_words);
    suite_add_tcase(suite, all);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
