/* server/chat/invites: codes, what is kept of them, and how long. */
#include "server/chat/invites.h"

#include "common/util.h"

#include <check.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NOW_MS   INT64_C(1700000000000)
#define UNTIL_MS (NOW_MS + 1000)

static void
add(struct invites *invites, int64_t made_ms, int64_t until_ms, char ret_code[INVITE_SIZE])
{
    struct record record;

    invite_make(made_ms, until_ms, ret_code, &record);
    invites_apply(invites, &record);
    record_fini(&record);
}

static void
apply(struct invites *invites, const char *key, const char *value)
{
    struct record record = {.value = xstrdup(value)};

    str_copy(record.key, sizeof(record.key), key);
    invites_apply(invites, &record);
    record_fini(&record);
}

START_TEST(code_is_found_in_any_case_until_it_lapses)
{
    struct invites *invites = invites_create();
    struct invite found;
    char code[INVITE_SIZE];

    add(invites, NOW_MS, UNTIL_MS, code);
    ck_assert_uint_eq(strlen(code), INVITE_SIZE - 1);
    ck_assert_int_eq(invites_find(invites, code, UNTIL_MS - 1, &found), 0);
    ck_assert_int_eq(strncmp(found.label, code, INVITE_LABEL_LEN), 0);
    ck_assert_int_eq(found.until_ms, UNTIL_MS);
    ck_assert_int_eq(invites_find(invites, code, UNTIL_MS, &found), -ENOENT);
    for (char *letter = code; *letter != '\0'; letter++)
        *letter = (char)toupper((unsigned char)*letter);
    ck_assert_int_eq(invites_find(invites, code, NOW_MS, &found), 0);
    code[INVITE_SIZE - 2] = code[INVITE_SIZE - 2] == '0' ? '1' : '0';
    ck_assert_int_eq(invites_find(invites, code, NOW_MS, &found), -ENOENT);
    ck_assert_int_eq(invites_find(invites, "", NOW_MS, &found), -ENOENT);
    invites_destroy(invites);
}
END_TEST

START_TEST(record_does_not_hold_the_code)
{
    char code[INVITE_SIZE];
    struct record record;

    invite_make(NOW_MS, UNTIL_MS, code, &record);
    ck_assert_ptr_null(strstr(record.key, code + INVITE_LABEL_LEN));
    ck_assert_ptr_null(strstr(record.value, code + INVITE_LABEL_LEN));
    record_fini(&record);
}
END_TEST

START_TEST(use_deletes_the_record_which_must_be_there)
{
    struct invites *invites = invites_create();
    struct append_item item = {0};
    struct invite found;
    char code[INVITE_SIZE];

    add(invites, NOW_MS, UNTIL_MS, code);
    ck_assert_int_eq(invites_find(invites, code, NOW_MS, &found), 0);
    invite_use(found.key, &item);
    ck_assert(item.must_be_there && item.kind == APPEND_RECORD && item.record.value == NULL);
    invites_apply(invites, &item.record);
    ck_assert_int_eq(invites_find(invites, code, NOW_MS, &found), -ENOENT);
    invites_apply(invites, &item.record);
    invites_destroy(invites);
}
END_TEST

START_TEST(all_come_in_order_of_age_and_the_lapsed_are_told_apart)
{
    struct invites *invites = invites_create();
    char codes[3][INVITE_SIZE];
    struct invite *all, lapsed[3];

    add(invites, NOW_MS + 2, UNTIL_MS, codes[2]);
    add(invites, NOW_MS, UNTIL_MS + 1, codes[0]);
    add(invites, NOW_MS + 1, UNTIL_MS, codes[1]);
    ck_assert_uint_eq(invites_copy(invites, &all), 3);
    for (size_t i = 0; i < 3; i++)
        ck_assert_msg(strncmp(all[i].label, codes[i], INVITE_LABEL_LEN) == 0, "row %zu", i);
    free(all);
    ck_assert_uint_eq(invites_lapsed(invites, UNTIL_MS - 1, lapsed, 3), 0);
    ck_assert_uint_eq(invites_lapsed(invites, UNTIL_MS, lapsed, 3), 2);
    ck_assert_uint_eq(invites_lapsed(invites, UNTIL_MS, lapsed, 1), 1);
    invites_destroy(invites);
}
END_TEST

START_TEST(other_and_unreadable_records_are_passed_over)
{
    static const char *const rows[][2] = {
        {"user/ann", "{\"label\":\"a\",\"made\":1,\"until\":2}"},
        {"invite/0", "{"},
        {"invite/0", "{\"made\":1,\"until\":2}"},
        {"invite/0", "{\"label\":\"too-long\",\"made\":1,\"until\":2}"},
        {"invite/0", "{\"label\":\"a\",\"made\":-1,\"until\":2}"},
    };
    struct invites *invites = invites_create();
    struct invite *all;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        apply(invites, rows[i][0], rows[i][1]);
    ck_assert_uint_eq(invites_copy(invites, &all), 0);
    free(all);
    invites_destroy(invites);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("invites");
    TCase *facts = tcase_create("facts");

    tcase_add_test(facts, code_is_found_in_any_case_until_it_lapses);
    tcase_add_test(facts, record_does_not_hold_the_code);
    tcase_add_test(facts, use_deletes_the_record_which_must_be_there);
    tcase_add_test(facts, all_come_in_order_of_age_and_the_lapsed_are_told_apart);
    tcase_add_test(facts, other_and_unreadable_records_are_passed_over);
    suite_add_tcase(suite, facts);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
