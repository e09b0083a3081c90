/* common/names: what a user and a room may be called, and the keys of conversations of two. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "common/names.h"
#include "common/util.h"

#define TEN    "0123456789"
#define USER32 TEN TEN TEN "ab"
#define ROOM64 "#" TEN TEN TEN TEN TEN TEN "abc"

static void
ck_fault(const char *name, const char *fault, const char *expected)
{
    if (expected == NULL)
        ck_assert_msg(fault == NULL, "\"%s\": %s", name, fault);
    else
        ck_assert_msg(fault != NULL && strstr(fault, expected) != NULL, "\"%s\": %s", name,
                      fault != NULL ? fault : "no fault");
}

START_TEST(user_name_keeps_its_rule)
{
    static const struct {
        const char *name, *fault;
    } rows[] = {
        {"ann", NULL},
        {"0-_.x", NULL},
        {"a", NULL},
        {USER32, NULL},
        {USER32 "c", "at most 32"},
        {"", "empty"},
        {"-ann", "starts with"},
        {".ann", "starts with"},
        {"_ann", "starts with"},
        {"Ann", "forbidden byte"},
        {"a b", "forbidden byte"},
        {"a,b", "forbidden byte"},
        {"@ann", "forbidden byte"},
        {"\u00e4nn", "forbidden byte"},
        {"ann\n", "forbidden byte"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        ck_fault(rows[i].name, user_name_fault(rows[i].name), rows[i].fault);
}
END_TEST

START_TEST(room_name_keeps_its_rule)
{
    static const struct {
        const char *name, *fault;
    } rows[] = {
        {"#lobby", NULL},
        {"#-", NULL},
        {"#.", NULL},
        {ROOM64, NULL},
        {ROOM64 "d", "at most 64"},
        {"#", "empty"},
        {"", "no mark"},
        {"lobby", "no mark"},
        {"@ann", "no mark"},
        {"#Lobby", "forbidden byte"},
        {"##lobby", "forbidden byte"},
        {"#lob/by", "forbidden byte"},
        {"#lobby\x01", "forbidden byte"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        ck_fault(rows[i].name, room_name_fault(rows[i].name), rows[i].fault);
}
END_TEST

START_TEST(target_is_a_room_or_a_user)
{
    static const struct {
        const char *name, *fault;
    } rows[] = {
        {"#lobby", NULL},
        {"@ann", NULL},
        {"ann", "#room or @user"},
        {"", "#room or @user"},
        {"@", "empty"},
        {"#", "empty"},
        {"@ann,bob", "forbidden byte"},
        {"@@ann", "forbidden byte"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        ck_fault(rows[i].name, target_name_fault(rows[i].name), rows[i].fault);
}
END_TEST

START_TEST(lower_changes_ascii_only_and_fits)
{
    char dst[8];

    name_lower(dst, sizeof(dst), "AnN-9Z");
    ck_assert_str_eq(dst, "ann-9z");
    name_lower(dst, sizeof(dst), "\xc3\x84X");
    ck_assert_str_eq(dst, "\xc3\x84x");
    name_lower(dst, sizeof(dst), "ABCDEFGHIJ");
    ck_assert_str_eq(dst, "abcdefg");
    name_lower(dst, sizeof(dst), "INPLACE");
    name_lower(dst, sizeof(dst), dst);
    ck_assert_str_eq(dst, "inplace");
}
END_TEST

START_TEST(direct_key_is_the_same_from_both_sides)
{
    static const struct {
        const char *a, *b, *key;
    } rows[] = {
        {"ann", "bob", "@ann,bob"},
        {"bob", "ann", "@ann,bob"},
        {"ann", "ann", "@ann,ann"},
        {"ann", "an", "@an,ann"},
        {"a-b", "a.b", "@a-b,a.b"},
        {USER32, "ann", "@" USER32 ",ann"},
        {USER32, USER32, "@" USER32 "," USER32},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char key[ROOM_KEY_SIZE];
        direct_key(key, rows[i].a, rows[i].b);
        ck_assert_str_eq(key, rows[i].key);
        ck_assert(room_key_is_direct(key));
    }
    ck_assert(!room_key_is_direct("#lobby"));
}
END_TEST

START_TEST(each_reader_sees_the_other)
{
    static const struct {
        const char *key, *reader, *other, *seen;
    } rows[] = {
        {"@ann,bob", "ann", "bob", "@bob"}, {"@ann,bob", "bob", "ann", "@ann"},
        {"@ann,ann", "ann", "ann", "@ann"}, {"@ann,bob", "cyd", "", ""},
        {"@ann,bob", "an", "", ""},         {"@an,ann", "ann", "an", "@an"},
        {"@an,ann", "an", "ann", "@ann"},   {"@" USER32 ",z", "z", USER32, "@" USER32},
        {"#lobby", "ann", "", "#lobby"},    {ROOM64, "ann", "", ROOM64},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char other[USER_SIZE], seen[ROOM_KEY_SIZE];
        direct_other(other, rows[i].key, rows[i].reader);
        room_key_seen_by(seen, rows[i].key, rows[i].reader);
        ck_assert_str_eq(other, rows[i].other);
        ck_assert_str_eq(seen, rows[i].seen);
    }
}
END_TEST

static Suite *
names_suite(void)
{
    Suite *suite = suite_create("names");
    TCase *facts = tcase_create("facts");

    tcase_add_test(facts, user_name_keeps_its_rule);
    tcase_add_test(facts, room_name_keeps_its_rule);
    tcase_add_test(facts, target_is_a_room_or_a_user);
    tcase_add_test(facts, lower_changes_ascii_only_and_fits);
    tcase_add_test(facts, direct_key_is_the_same_from_both_sides);
    tcase_add_test(facts, each_reader_sees_the_other);
    suite_add_tcase(suite, facts);

    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(names_suite());

    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
