/* common/buf: bytes that grow, text that ends with a NUL, strings as JSON has them. */
#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/util.h"

START_TEST(fresh_buf_reads_as_empty_text)
{
    struct buf buf = BUF_INIT;

    ck_assert_str_eq(buf_text(&buf), "");
    buf_add(&buf, NULL, 0);
    ck_assert_ptr_null(buf.data);
    buf_clear(&buf);
    buf_consume(&buf, 0);
    buf_fini(&buf);
}
END_TEST

START_TEST(reserve_makes_room_that_does_not_move)
{
    struct buf buf = BUF_INIT;

    buf_reserve(&buf, 1000);
    const char *data = buf.data;
    ck_assert_str_eq(buf_text(&buf), "");
    for (int i = 0; i < 1000; i++)
        buf_add_byte(&buf, 'x');
    ck_assert_ptr_eq(buf.data, data);
    ck_assert_uint_eq(strlen(data), 1000);
    buf_fini(&buf);
}
END_TEST

START_TEST(all_ways_to_add_append_and_end_with_nul)
{
    struct buf buf = BUF_INIT;

    buf_add(&buf, "a\0b", 3);
    buf_add_byte(&buf, '-');
    buf_add_str(&buf, "text");
    buf_addf(&buf, "%03d", 7);
    ck_assert_uint_eq(buf.len, 11);
    ck_assert_mem_eq(buf.data, "a\0b-text007", 12);
    buf_fini(&buf);
    ck_assert_ptr_null(buf.data);
}
END_TEST

START_TEST(addf_prints_any_length)
{
    for (int len = 0; len < 300; len++) {
        struct buf buf = BUF_INIT;
        buf_add_str(&buf, "->");
        buf_addf(&buf, "%*s|", len, "");
        ck_assert_uint_eq(buf.len, (size_t)len + 3);
        ck_assert_uint_eq(strlen(buf.data), buf.len);
        ck_assert_int_eq(buf.data[buf.len - 1], '|');
        buf_fini(&buf);
    }
}
END_TEST

START_TEST(json_escapes_what_must_be)
{
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {"", "\"\""},
        {"hi", "\"hi\""},
        {"say \"hi\"", "\"say \\\"hi\\\"\""},
        {"a\\b/c", "\"a\\\\b/c\""},
        {"\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""},
        {"\x01\x1f\x7f", "\"\\u0001\\u001f\x7f\""},
        {"gr\u00fc\u00df \U0001F980", "\"gr\u00fc\u00df \U0001F980\""},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf buf = BUF_INIT;
        buf_add_json(&buf, rows[i].text);
        ck_assert_str_eq(buf_text(&buf), rows[i].expected);
        buf_fini(&buf);
    }
}
END_TEST

START_TEST(json_of_every_ascii_character_reads_back)
{
    for (int i = 1; i < 0x80; i++) {
        char text[] = {(char)i, 'x', (char)i, '\0'};
        struct buf buf = BUF_INIT;
        buf_add_json(&buf, text);

        json_t *value = json_loads(buf_text(&buf), JSON_DECODE_ANY, NULL);
        ck_assert_msg(value != NULL, "byte %d: %s", i, buf_text(&buf));
        ck_assert_str_eq(json_string_value(value), text);
        json_decref(value);
        buf_fini(&buf);
    }
}
END_TEST

START_TEST(consume_drops_the_front)
{
    struct buf buf = BUF_INIT;

    buf_add_str(&buf, "one two");
    buf_consume(&buf, 4);
    ck_assert_str_eq(buf_text(&buf), "two");
    buf_consume(&buf, 3);
    ck_assert_uint_eq(buf.len, 0);
    ck_assert_str_eq(buf_text(&buf), "");
    buf_fini(&buf);
}
END_TEST

START_TEST(clear_keeps_memory)
{
    struct buf buf = BUF_INIT;

    buf_add_str(&buf, "one");
    const char *data = buf.data;
    buf_clear(&buf);
    ck_assert_str_eq(buf_text(&buf), "");
    ck_assert_ptr_eq(buf.data, data);
    buf_fini(&buf);
}
END_TEST

START_TEST(take_hands_over_and_leaves_an_empty_buf)
{
    struct buf buf = BUF_INIT;
    size_t len = 99;

    buf_add_str(&buf, "mine");
    char *text = buf_take(&buf, &len);
    ck_assert_str_eq(text, "mine");
    ck_assert_uint_eq(len, 4);
    ck_assert_ptr_null(buf.data);
    free(text);

    text = buf_take(&buf, NULL);
    ck_assert_str_eq(text, "");
    free(text);
}
END_TEST

static Suite *
buf_suite(void)
{
    Suite *suite = suite_create("buf");
    TCase *facts = tcase_create("facts");

    tcase_add_test(facts, fresh_buf_reads_as_empty_text);
    tcase_add_test(facts, reserve_makes_room_that_does_not_move);
    tcase_add_test(facts, all_ways_to_add_append_and_end_with_nul);
    tcase_add_test(facts, addf_prints_any_length);
    tcase_add_test(facts, json_escapes_what_must_be);
    tcase_add_test(facts, json_of_every_ascii_character_reads_back);
    tcase_add_test(facts, consume_drops_the_front);
    tcase_add_test(facts, clear_keeps_memory);
    tcase_add_test(facts, take_hands_over_and_leaves_an_empty_buf);
    suite_add_tcase(suite, facts);

    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(buf_suite());

    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
