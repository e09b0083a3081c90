/* common/cursor: one spelling of a position, and nothing else. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cursor.h"
#include "common/util.h"

START_TEST(cursor_is_read_and_written_back)
{
    static const struct {
        const char *text, *epoch;
        uint64_t seq;
    } rows[] = {
        {"0", "", 0},
        {"k3-4120", "k3", 4120},
        {"0-0", "0", 0},
        {"a-1", "a", 1},
        {"0123456789abcdef-18446744073709551615", "0123456789abcdef", UINT64_MAX},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct cursor cursor;
        char text[CURSOR_SIZE];
        ck_assert_msg(cursor_parse(rows[i].text, &cursor) == 0, "%s", rows[i].text);
        ck_assert_str_eq(cursor.epoch, rows[i].epoch);
        ck_assert_uint_eq(cursor.seq, rows[i].seq);
        ck_assert(cursor_is_oldest(&cursor) == (rows[i].epoch[0] == '\0'));
        cursor_format(text, &cursor);
        ck_assert_str_eq(text, rows[i].text);
    }
}
END_TEST

static const char *const bad_cursors[] = {
    "",
    "1",
    "00",
    "-",
    "-1",
    "k3",
    "k3-",
    "k3-x",
    "k3-1x",
    "k3--1",
    "k3-+1",
    "k3- 1",
    " k3-1",
    "k3-1 ",
    "K3-1",
    "k_3-1",
    "k3-01",
    "k3-1-1",
    "k3-18446744073709551616",
    "0123456789abcdefg-1",
    "k3-99999999999999999999999999999999999999999999999999",
};

START_TEST(malformed_cursor_is_refused)
{
    struct cursor cursor = {.epoch = "old", .seq = 7};

    ck_assert_msg(cursor_parse(bad_cursors[_i], &cursor) == -EINVAL, "\"%s\"", bad_cursors[_i]);
    ck_assert_str_eq(cursor.epoch, "old");
    ck_assert_uint_eq(cursor.seq, 7);
}
END_TEST

START_TEST(made_epochs_are_valid_and_differ)
{
    char a[EPOCH_SIZE], b[EPOCH_SIZE];

    epoch_make(a);
    epoch_make(b);
    ck_assert(epoch_is_valid(a));
    ck_assert(epoch_is_valid(b));
    ck_assert_str_ne(a, b);
}
END_TEST

START_TEST(epoch_keeps_its_rule)
{
    ck_assert(epoch_is_valid("k3"));
    ck_assert(epoch_is_valid("0123456789abcdef"));
    ck_assert(!epoch_is_valid(""));
    ck_assert(!epoch_is_valid("0123456789abcdefg"));
    ck_assert(!epoch_is_valid("K3"));
    ck_assert(!epoch_is_valid("k-3"));
}
END_TEST

static Suite *
cursor_suite(void)
{
    Suite *suite = suite_create("cursor");
    TCase *facts = tcase_create("facts");

    tcase_add_test(facts, cursor_is_read_and_written_back);
    tcase_add_loop_test(facts, malformed_cursor_is_refused, 0, (int)ARRAY_LEN(bad_cursors));
    tcase_add_test(facts, made_epochs_are_valid_and_differ);
    tcase_add_test(facts, epoch_keeps_its_rule);
    suite_add_tcase(suite, facts);

    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(cursor_suite());

    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
