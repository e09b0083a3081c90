/* common/json: JSON from outside is bounded, and looks into it are typed. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/json.h"
#include "common/util.h"

START_TEST(one_value_of_any_kind_is_parsed)
{
    static const char *const rows[] = {
        "{}",
        "[]",
        " {\"a\": [1, 2.5, null, true]} \n",
        "\"text\"",
        "0",
        "null",
        "\"\\ud83e\\udd80\"",
        "\"[[[[[[[[[[[[[[[[[[[[\\\"[[[[[\"",
        "{\"a\":{\"a\":1}}",
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char why[200] = "";
        json_t *value = json_parse(rows[i], strlen(rows[i]), why, sizeof(why));
        ck_assert_msg(value != NULL, "%s: %s", rows[i], why);
        json_decref(value);
    }
}
END_TEST

static const struct {
    const char *text, *why;
    size_t len; /* 0: strlen */
} bad_texts[] = {
    {"", "ends too soon", 0},
    {" ", "ends too soon", 0},
    {"{", "ends too soon", 0},
    {"{\"a\":1", "ends too soon", 0},
    {"{\"a\" 1}", "bad syntax", 0},
    {"{a:1}", "bad syntax", 0},
    {"{} {}", "more than one", 0},
    {"{}]", "more than one", 0},
    {"{\"a\":1,\"a\":2}", "twice", 0},
    {"{\"a\":1,\"\\u0061\":2}", "twice", 0},
    {"\"a\\u0000b\"", "U+0000", 0},
    {"{\"a\\u0000b\":1}", "U+0000", 0},
    {"\"a\0b\"", "NUL", 5},
    {"{}\0", "NUL", 3},
    {"\"\xff\"", "not UTF-8", 0},
    {"\"\xed\xa0\x80\"", "not UTF-8", 0},
    {"\"\\ud83e\"", "not JSON", 0},
    {"99999999999999999999", "out of range", 0},
    {"1e999", "out of range", 0},
    {"\"a\nb\"", "not JSON", 0},
    {"]]]]]]]]]]]]]]]]]][[[[[[[[[[[[", "bad syntax", 0},
    {"NaN", "bad syntax", 0},
};

START_TEST(what_is_no_json_is_refused_with_a_reason)
{
    char why[200] = "";
    size_t len = bad_texts[_i].len > 0 ? bad_texts[_i].len : strlen(bad_texts[_i].text);

    ck_assert_msg(json_parse(bad_texts[_i].text, len, why, sizeof(why)) == NULL, "%s",
                  bad_texts[_i].text);
    ck_assert_msg(strstr(why, bad_texts[_i].why) != NULL, "%s: %s", bad_texts[_i].text, why);
}
END_TEST

START_TEST(reason_does_not_quote_the_text)
{
    static const char text[] = "{\"text\":\"secret\" secret}";
    char why[200] = "";

    ck_assert_ptr_null(json_parse(text, strlen(text), why, sizeof(why)));
    ck_assert_ptr_null(strstr(why, "secret"));
}
END_TEST

START_TEST(len_bounds_the_text)
{
    char why[200];
    json_t *value = json_parse("12345", 2, why, sizeof(why));

    ck_assert_int_eq(json_integer_value(value), 12);
    json_decref(value);
}
END_TEST

static bool
parses_at_depth(size_t depth, const char *open, const char *close)
{
    struct buf text = BUF_INIT;
    char why[200] = "";

    for (size_t i = 0; i < depth; i++)
        buf_add_str(&text, open);
    buf_add_str(&text, "0");
    for (size_t i = 0; i < depth; i++)
        buf_add_str(&text, close);

    json_t *value = json_parse(text.data, text.len, why, sizeof(why));
    bool is_parsed = value != NULL;
    if (!is_parsed)
        ck_assert_msg(strstr(why, "at most 16 levels") != NULL, "%s", why);
    json_decref(value);
    buf_fini(&text);

    return is_parsed;
}

START_TEST(depth_is_bounded)
{
    ck_assert(parses_at_depth(JSON_DEPTH_MAX, "[", "]"));
    ck_assert(!parses_at_depth(JSON_DEPTH_MAX + 1, "[", "]"));
    ck_assert(parses_at_depth(JSON_DEPTH_MAX, "{\"a\":", "}"));
    ck_assert(!parses_at_depth(JSON_DEPTH_MAX + 1, "{\"a\":", "}"));
    ck_assert(!parses_at_depth(1000000, "[", ""));
    ck_assert(!parses_at_depth(1000000, "{\"\\\\\":", ""));
}
END_TEST

START_TEST(members_are_looked_at_by_type)
{
    char why[200];
    const char *text = "{\"s\":\"x\",\"n\":7,\"neg\":-1,\"real\":7.0,\"yes\":true,\"no\":false,"
                       "\"null\":null,\"big\":9223372036854775807}";
    json_t *object = json_parse(text, strlen(text), why, sizeof(why));
    uint64_t value = 77;

    ck_assert_str_eq(json_member_string(object, "s"), "x");
    ck_assert_ptr_null(json_member_string(object, "n"));
    ck_assert_ptr_null(json_member_string(object, "null"));
    ck_assert_ptr_null(json_member_string(object, "missing"));

    ck_assert(!json_member_u64(object, "neg", &value));
    ck_assert(!json_member_u64(object, "real", &value));
    ck_assert(!json_member_u64(object, "s", &value));
    ck_assert(!json_member_u64(object, "missing", &value));
    ck_assert_uint_eq(value, 77);
    ck_assert(json_member_u64(object, "n", &value));
    ck_assert_uint_eq(value, 7);
    ck_assert(json_member_u64(object, "big", &value));
    ck_assert_uint_eq(value, INT64_MAX);

    ck_assert(json_member_bool(object, "yes", false));
    ck_assert(!json_member_bool(object, "no", true));
    ck_assert(json_member_bool(object, "n", true));
    ck_assert(!json_member_bool(object, "missing", false));
    json_decref(object);
}
END_TEST

START_TEST(no_object_has_no_members)
{
    json_t *array = json_array();
    uint64_t value;

    ck_assert_ptr_null(json_member_string(array, "s"));
    ck_assert_ptr_null(json_member_string(NULL, "s"));
    ck_assert(!json_member_u64(array, "n", &value));
    ck_assert(json_member_bool(array, "b", true));
    json_decref(array);
}
END_TEST

static Suite *
json_suite(void)
{
    Suite *suite = suite_create("json");
    TCase *facts = tcase_create("facts");

    tcase_add_test(facts, one_value_of_any_kind_is_parsed);
    tcase_add_loop_test(facts, what_is_no_json_is_refused_with_a_reason, 0,
                        (int)ARRAY_LEN(bad_texts));
    tcase_add_test(facts, reason_does_not_quote_the_text);
    tcase_add_test(facts, len_bounds_the_text);
    tcase_add_test(facts, depth_is_bounded);
    tcase_add_test(facts, members_are_looked_at_by_type);
    tcase_add_test(facts, no_object_has_no_members);
    suite_add_tcase(suite, facts);

    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(json_suite());

    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
