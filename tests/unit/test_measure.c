#include "client/measure/contest_table.h"
#include "client/measure/schedule.h"
#include "client/measure/tally.h"
#include "common/buf.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define TAG "0123456789abcdef"

START_TEST(schedule_has_one_line_in_each_slot)
{
    const struct schedule schedule = {.rate = 20, .seed = 7};

    for (unsigned n = 0; n < 1000; n++) {
        int64_t at_us = schedule_at_us(&schedule, n);

        ck_assert_int_ge(at_us, n * 50000);
        ck_assert_int_lt(at_us, (n + 1) * 50000);
    }
}
END_TEST

/* A reader that asks at intervals must not be hit at the same point of them each time. */
START_TEST(schedule_lies_anywhere_in_the_slot)
{
    const struct schedule schedule = {.rate = 1, .seed = 7};
    unsigned quarters[4] = {0};

    for (unsigned n = 0; n < 1000; n++)
        quarters[(schedule_at_us(&schedule, n) - n * 1000000) / 250000]++;
    for (size_t i = 0; i < 4; i++)
        ck_assert_msg(quarters[i] > 180 && quarters[i] < 320, "quarter %zu: %u", i, quarters[i]);
}
END_TEST

START_TEST(schedule_is_the_seed_s)
{
    const struct schedule a = {.rate = 3.5, .seed = 1}, same = a, b = {.rate = 3.5, .seed = 2};
    unsigned differ = 0;

    for (unsigned n = 0; n < 100; n++) {
        ck_assert_int_eq(schedule_at_us(&a, n), schedule_at_us(&same, n));
        differ += schedule_at_us(&a, n) != schedule_at_us(&b, n);
    }
    ck_assert_uint_gt(differ, 90);
}
END_TEST

START_TEST(tally_sees_what_is_lost_repeated_and_out_of_order)
{
    static const struct {
        const char *numbers; /* digits, in the order in which they come, of 0-4 */
        unsigned came, repeated, disordered;
    } rows[] = {
        {"", 0, 0, 0},      {"01234", 5, 0, 0}, {"0134", 4, 0, 0}, {"00123", 4, 1, 0},
        {"01324", 5, 0, 1}, {"34012", 5, 0, 3}, {"4444", 1, 3, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tally tally;

        tally_init(&tally, 5);
        for (const char *digit = rows[i].numbers; *digit != '\0'; digit++)
            tally_add(&tally, (unsigned)(*digit - '0'));
        ck_assert_msg(tally.came == rows[i].came && tally.repeated == rows[i].repeated &&
                          tally.disordered == rows[i].disordered,
                      "%s: came %u, repeated %u, disordered %u", rows[i].numbers, tally.came,
                      tally.repeated, tally.disordered);
        tally_fini(&tally);
    }
}
END_TEST

START_TEST(tally_counts_more_repeats_than_a_byte_holds)
{
    struct tally tally;

    tally_init(&tally, 1);
    for (int i = 0; i < 1000; i++)
        tally_add(&tally, 0);
    ck_assert_uint_eq(tally.came, 1);
    ck_assert_uint_eq(tally.repeated, 999);
    tally_fini(&tally);
}
END_TEST

START_TEST(tally_text_tells_its_number)
{
    static const size_t lens[] = {TALLY_TEXT_MIN, 64, 4096};

    for (size_t i = 0; i < 3; i++) {
        char *text = malloc(lens[i] + 1);

        tally_text(text, lens[i], TAG, 99999);
        ck_assert_uint_eq(strlen(text), lens[i]);
        ck_assert_int_eq(tally_number(text, TAG, 100000), 99999);
        free(text);
    }
}
END_TEST

START_TEST(tally_takes_no_other_text_for_its_own)
{
    static const char *const texts[] = {
        "",
        "hello",
        "rally",
        "rally 0123456789abcdef",
        "rally 0123456789abcdef x",
        "rally 0123456789abcdee 3 ...",
        "rally 0123456789abcdef 10 ...",
        "rally 0123456789abcdef -1 ...",
        "rally 0123456789abcdef 99999999999999999999 ...",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        ck_assert_msg(tally_number(texts[i], TAG, 10) == -1, "\"%s\"", texts[i]);
    ck_assert_int_eq(tally_number("rally " TAG " 3 ...", TAG, 10), 3);
}
END_TEST

static struct rally_result
result_of(int64_t delay_us, uint64_t up)
{
    struct rally_result result = {.is_complete = true, .said = 10, .facts.http = "2"};

    for (int i = 0; i < 20; i++)
        histogram_add(&result.delivery, delay_us);
    result.sender.flow[METER_UP].bytes[METER_TEXT] = up;
    result.readers.flow[METER_DOWN].bytes[METER_TLS] = 100;
    result.sender.requests = 3;
    result.readers.requests = 4;
    result.opened.connections = 2;
    result.lost = 1;
    return result;
}

START_TEST(contest_table_names_who_was_soonest_and_who_took_least)
{
    struct rally_result quick = result_of(1000, 5000), small = result_of(900000, 50);
    struct rally_result none = {.why = "the server answered 404"};
    struct contest_table table = {0};
    struct buf text = BUF_INIT;

    contest_table_add(&table, "ws", &quick);
    contest_table_add(&table, "poll", &small);
    contest_table_add(&table, "sse", &none);
    contest_table_write(&table, 10, 64, 4, &text);
    ck_assert_ptr_nonnull(strstr(buf_text(&text), "soonest ws, fewest bytes poll; lost 2, shown"));
    ck_assert_ptr_nonnull(strstr(buf_text(&text), "sse       the server answered 404\n"));
    /* 5,000 bytes up by 10 messages; the requests of both links; the connections of the opening */
    ck_assert_ptr_nonnull(strstr(buf_text(&text), " 7      2      500       10\n"));
    for (const char *line = buf_text(&text); *line != '\0'; line += strcspn(line, "\n") + 1)
        ck_assert_uint_le(strcspn(line, "\n"), 76);
    buf_fini(&text);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("measure");
    TCase *tests = tcase_create("measure");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, tests);
    tcase_add_test(tests, schedule_has_one_line_in_each_slot);
    tcase_add_test(tests, schedule_lies_anywhere_in_the_slot);
    tcase_add_test(tests, schedule_is_the_seed_s);
    tcase_add_test(tests, tally_sees_what_is_lost_repeated_and_out_of_order);
    tcase_add_test(tests, tally_counts_more_repeats_than_a_byte_holds);
    tcase_add_test(tests, tally_text_tells_its_number);
    tcase_add_test(tests, tally_takes_no_other_text_for_its_own);
    tcase_add_test(tests, contest_table_names_who_was_soonest_and_who_took_least);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
