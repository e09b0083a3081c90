/* common/text: what is well-formed, what a message may hold, NFC, and finding. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/buf.h"
#include "common/text.h"
#include "common/util.h"

START_TEST(utf8_is_judged_by_rfc_3629)
{
    static const struct {
        const char *text;
        bool is_good;
    } rows[] = {
        {"", true},
        {"plain", true},
        {"\x7f", true},
        {"\xc2\x80 \u07ff", true},
        {"\u0800 \uffff", true},
        {"\ud7ff \ue000", true},
        {"\U00010000", true},
        {"\U0010ffff", true},
        {"\x80", false},
        {"\xbf", false},
        {"\xc0\xaf", false}, /* a slash in two bytes */
        {"\xc1\xbf", false},
        {"\xe0\x80\xaf", false},
        {"\xe0\x9f\xbf", false},
        {"\xf0\x8f\xbf\xbf", false},
        {"\xed\xa0\x80", false}, /* surrogates */
        {"\xed\xbf\xbf", false},
        {"\xf4\x90\x80\x80", false}, /* U+110000 */
        {"\xf5\x80\x80\x80", false},
        {"\xff", false},
        {"\xe2\x82", false}, /* cut short */
        {"\xf0\x9f\x91", false},
        {"\xc3", false},
        {"\xc3(", false},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        bool is_good = text_is_utf8(rows[i].text, strlen(rows[i].text));
        ck_assert_msg(is_good == rows[i].is_good, "row %zu", i);
    }
    ck_assert(text_is_utf8("a\0b", 3));
}
END_TEST

START_TEST(utf8_is_not_read_past_its_length)
{
    ck_assert(!text_is_utf8("\u00e9", 1));
    ck_assert(text_is_utf8("a\xff", 1));
}
END_TEST

START_TEST(normalise_composes)
{
    static const struct {
        const char *text;
        const char *expected;
    } rows[] = {
        {"a", "a"},
        {"line one\n\tline two", "line one\n\tline two"},
        {"caf\u00e9", "caf\u00e9"},
        {"cafe\u0301", "caf\u00e9"},
        {"\u212b \u2126 \u212a", "\u00c5 \u03a9 K"}, /* singletons */
        {"q\u0307\u0323", "q\u0323\u0307"},          /* reordered */
        {"a\u0323\u0302", "\u1ead"},
        {"a\u0302\u0323", "\u1ead"},
        {"\u1100\u1161\u11a8", "\uac01"}, /* Hangul */
        {"\uac00\u11a8", "\uac01"},
        {"\u0958", "\u0915\u093c"}, /* composition exclusion */
        {"\ufb1d", "\u05d9\u05b4"},
        {"\U0001d15e", "\U0001d157\U0001d165"},
        {"\u1fbe\u0308\u0301", "\u0390"},
        {"\u0f73\u0f71", "\u0f71\u0f71\u0f72"},
        {"\ufb01 \u00b2 \uff21", "\ufb01 \u00b2 \uff21"}, /* compatibility stays */
        {"\U0001f468\u200d\U0001f469", "\U0001f468\u200d\U0001f469"},
        {"\ufffe\U0010ffff", "\ufffe\U0010ffff"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf out = BUF_INIT;
        buf_add_str(&out, "before ");

        const char *wrong = text_normalise(&out, rows[i].text, strlen(rows[i].text), TEXT_MAX);
        ck_assert_msg(wrong == NULL, "row %zu: %s", i, wrong ? wrong : "");
        ck_assert_msg(strcmp(buf_text(&out) + 7, rows[i].expected) == 0, "row %zu: got %s", i,
                      buf_text(&out));
        buf_fini(&out);
    }
}
END_TEST

static void
assert_refused(const char *text, size_t len, size_t max, const char *part)
{
    struct buf out = BUF_INIT;
    buf_add_str(&out, "as it was");

    const char *wrong = text_normalise(&out, text, len, max);
    ck_assert_msg(wrong != NULL, "not refused, wanted: %s", part);
    ck_assert_msg(strstr(wrong, part) != NULL, "%s, wanted: %s", wrong, part);
    ck_assert_str_eq(buf_text(&out), "as it was");
    buf_fini(&out);
}

START_TEST(normalise_refuses_and_says_what_was_wanted)
{
    char long_text[4 * TEXT_MAX + 8];
    memset(long_text, 'x', sizeof(long_text));

    assert_refused("", 0, TEXT_MAX, "empty");
    assert_refused("a\0b", 3, TEXT_MAX, "control");
    assert_refused("a\rb", 3, TEXT_MAX, "control");
    assert_refused("\x1b[2J", 4, TEXT_MAX, "control");
    assert_refused("\x7f", 1, TEXT_MAX, "control");
    assert_refused("\xc2\x9b", 2, TEXT_MAX, "control");
    assert_refused("\xff", 1, TEXT_MAX, "UTF-8");
    assert_refused(long_text, TEXT_MAX + 1, TEXT_MAX, "at most 4096 bytes");
    assert_refused(long_text, sizeof(long_text), TEXT_MAX, "at most 4096 bytes");
    assert_refused(long_text, TOPIC_MAX + 1, TOPIC_MAX, "at most 512 bytes");
    assert_refused(long_text, 11, 10, "too long");
    /* Two bytes that become six. */
    assert_refused("\U0001d160", 4, 11, "too long");
}
END_TEST

START_TEST(normalise_counts_bytes_after_composing)
{
    struct buf in = BUF_INIT, out = BUF_INIT;
    for (size_t i = 0; i < TEXT_MAX / 2; i++)
        buf_add_str(&in, "\u03b9\u0308\u0301");

    ck_assert_ptr_null(text_normalise(&out, in.data, in.len, TEXT_MAX));
    ck_assert_uint_eq(out.len, TEXT_MAX);
    ck_assert_int_eq(memcmp(out.data, "\u0390\u0390", 4), 0);

    buf_add_str(&in, "x");
    ck_assert_ptr_nonnull(text_normalise(&out, in.data, in.len, TEXT_MAX));
    ck_assert_uint_eq(out.len, TEXT_MAX);
    buf_fini(&in);
    buf_fini(&out);
}
END_TEST

/* Marks in the worst order: sorting them by swapping neighbours takes a quarter of a second even
 * without sanitizers, sorting them well a few milliseconds with them. */
START_TEST(normalise_takes_no_time_over_many_marks)
{
    struct buf in = BUF_INIT, out = BUF_INIT;
    for (int i = 0; i < TEXT_MAX; i++)
        buf_add_str(&in, "\u0345");
    for (int i = 0; i < TEXT_MAX; i++)
        buf_add_str(&in, "\u0321");

    clock_t begin = clock();
    ck_assert_ptr_nonnull(text_normalise(&out, in.data, in.len, TEXT_MAX));
    ck_assert_int_lt(clock() - begin, CLOCKS_PER_SEC / 10);
    buf_fini(&in);
    buf_fini(&out);
}
END_TEST

START_TEST(find_folds_case_and_says_where)
{
    static const struct {
        const char *text;
        const char *needle;
        int offset; /* -1: not there */
    } rows[] = {
        {"the deploy board", "deploy", 4},
        {"the Deploy board", "dEPLOY", 4},
        {"deploy", "deploys", -1},
        {"", "a", -1},
        {"", "", 0},
        {"anything", "", 0},
        {"aab", "ab", 1},
        {"\u00c9T\u00c9", "\u00e9t\u00e9", 0},
        {"\u65e5\u672c \u00c9", "\u00e9", 7},
        {"Stra\u00dfe", "STRASSE", 0},
        {"STRASSE", "stra\u00dfe", 0},
        {"\u039f\u0394\u039f\u03a3", "\u03bf\u03b4\u03bf\u03c2", 0}, /* final sigma */
        {"\U0001f44d ok", "OK", 5},
        {"bad \xff byte", "BYTE", 6},
        {"cafe", "caf\u00e9", -1},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t offset = 77;
        bool found = text_find(rows[i].text, rows[i].needle, &offset);
        ck_assert_msg(found == (rows[i].offset >= 0), "row %zu", i);
        ck_assert_msg(offset == (found ? (size_t)rows[i].offset : 77), "row %zu: %zu", i, offset);
    }
}
END_TEST

static Suite *
text_suite(void)
{
    Suite *suite = suite_create("text");
    TCase *rules = tcase_create("rules");

    tcase_add_test(rules, utf8_is_judged_by_rfc_3629);
    tcase_add_test(rules, utf8_is_not_read_past_its_length);
    tcase_add_test(rules, normalise_composes);
    tcase_add_test(rules, normalise_refuses_and_says_what_was_wanted);
    tcase_add_test(rules, normalise_counts_bytes_after_composing);
    tcase_add_test(rules, normalise_takes_no_time_over_many_marks);
    tcase_add_test(rules, find_folds_case_and_says_where);
    suite_add_tcase(suite, rules);
    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(text_suite());

    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
