/* common/text_visible: whatever comes in, what comes out can do nothing but be read. */
#include <check.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/text.h"
#include "common/util.h"

#define FAMILY "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
#define HEART  "\u2764\ufe0f"

struct row {
    const char *text;
    const char *expected; /* NULL: comes out as it went in */
};

static void
assert_row(const char *table, size_t i, const struct row *row, unsigned flags)
{
    const char *expected = row->expected ? row->expected : row->text;
    struct buf out = BUF_INIT, again = BUF_INIT;

    text_visible(&out, row->text, strlen(row->text), flags);
    ck_assert_msg(strcmp(buf_text(&out), expected) == 0, "%s row %zu: got %s, wanted %s", table, i,
                  buf_text(&out), expected);

    text_visible(&again, buf_text(&out), out.len, flags);
    ck_assert_msg(strcmp(buf_text(&again), expected) == 0, "%s row %zu: %s is then %s", table, i,
                  buf_text(&out), buf_text(&again));
    buf_fini(&out);
    buf_fini(&again);
}

#define ASSERT_ROWS(rows, flags)                                                                   \
    do {                                                                                           \
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)                                               \
            assert_row(#rows, i, &(rows)[i], flags);                                               \
    } while (0)

static void
speak_unicode(void)
{
    ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
}

static const struct row ordinary[] = {
    {"", NULL},
    {"hello, world ~", NULL},
    {"\u65e5\u672c\u8a9e", NULL},
    {"\u00e9 e\u0301 \u00df", NULL},
    {"\u0928\u092e\u0938\u094d\u0924\u0947", NULL},
    {"\u05e9\u05dc\u05d5\u05dd", NULL},
    {"\u0645\u0631\u062d\u0628\u0627", NULL},
    {"\u1112\u1161\u11ab", NULL},
    {"no\u00a0break", NULL},
    {"\ue0b0", NULL},
    {"\ufffd", NULL},
};

START_TEST(ordinary_text_passes)
{
    ASSERT_ROWS(ordinary, 0);
}
END_TEST

static const struct row emoji[] = {
    {FAMILY, NULL},
    {HEART, NULL},
    {"\U0001f1e9\U0001f1ea", NULL},
    {"\U0001f44d\U0001f3fd", NULL},
    {"1\ufe0f\u20e3", NULL},
    {"\U0001f3f3\ufe0f\u200d\U0001f308", NULL},
    {"\U0001f575\U0001f3fd\u200d\u2640\ufe0f", NULL},
    {"\U0001f3fd", NULL},
    {"\U0001fae8", "U+1FAE8"},
    {"a\U0001fae8b", "aU+1FAE8b"},
    {"\U0001f468\u200d\U0001fae8", "\U0001f468⟪ZWJ⟫U+1FAE8"},
    {"\U0001f468\u200d", "\U0001f468⟪ZWJ⟫"},
    {"\U0001f468\u200d\u200d\U0001f469", "\U0001f468⟪ZWJ⟫⟪ZWJ⟫\U0001f469"},
    {"\U0001f44d\U0001f3fd\U0001f3fe", "\U0001f44d\U0001f3fdU+1F3FE"},
    {"\u2764\ufe0f\ufe0f", "\u2764\ufe0f⟪VS16⟫"},
    {"\U0001f468\U000e0041\u200d\U0001f469", "\U0001f468⟪TAG-A⟫⟪ZWJ⟫\U0001f469"},
};

START_TEST(emoji_keep_their_joiners_and_only_they)
{
    ASSERT_ROWS(emoji, 0);
}
END_TEST

static const struct row indic[] = {
    {"\u0915\u094d\u0937\u093f", NULL},
    {"\u0915\u094d\u200d\u0937", NULL},
    {"\u0915\u094d\u200c\u0937", NULL},
    {"\u0915\u094d\u200d\u200d\u0937", "\u0915\u094d\u200d⟪ZWJ⟫\u0937"},
    {"\u0915\u200d\u0937", "\u0915⟪ZWJ⟫\u0937"},
    {"\u09b0\u200d\u09cd\u09af", NULL}, /* Bengali: ra and ya-phalaa */
    {"a\u200d\u09cd", "a⟪ZWJ⟫\u09cd"},
    {"\u0915\u200c\u0937", "\u0915⟪ZWNJ⟫\u0937"},
    {"\u845b\U000e0100", NULL},
    {"a\U000e0100", "a⟪VS17⟫"},
    {"a\ufe00", "a⟪VS1⟫"},
};

START_TEST(indic_joiners_and_han_variants_pass)
{
    ASSERT_ROWS(indic, 0);
}
END_TEST

#define MI_KHAHAM "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645" /* Persian: I want */

static const struct row cursive[] = {
    {MI_KHAHAM, NULL},
    {"\u0628\u0632\u0631\u06af\u200c\u062a\u0631", NULL},
    {"\u0632\u06cc\u0631\u200c\u0633\u0627\u062e\u062a", NULL}, /* after one that joins nothing */
    {"\u0628\u064e\u0651\u200c\u0628", NULL},                   /* behind its marks */
    {"\u0712\u200c\u0713", NULL},
    {"\u0628\u200c\u200c\u0628", "\u0628⟪ZWNJ⟫⟪ZWNJ⟫\u0628"},
    {"\u0628\u200c", "\u0628⟪ZWNJ⟫"},
    {"\u200c\u0628", "⟪ZWNJ⟫\u0628"},
    {"\u0628\u200c ", "\u0628⟪ZWNJ⟫ "},
    {"a\u200c\u0628", "a⟪ZWNJ⟫\u0628"},
    {"\u0628\u200ca", "\u0628⟪ZWNJ⟫a"},
    {"\u0661\u200c\u0662", "\u0661⟪ZWNJ⟫\u0662"}, /* digits */
    {"\u05d0\u200c\u05d1", "\u05d0⟪ZWNJ⟫\u05d1"}, /* Hebrew does not join */
    {"\u0628\u200d\u0628", "\u0628⟪ZWJ⟫\u0628"},
    {"\u0628\u200b\u0628", "\u0628⟪ZWSP⟫\u0628"},
};

START_TEST(a_non_joiner_passes_between_letters_that_would_join)
{
    ASSERT_ROWS(cursive, 0);
}
END_TEST

static const struct row controls[] = {
    {"\x1b]0;PWN\a\x1b[2J\xc2\x9b"
     "31m",
     "␛]0;PWN␇␛[2J«U+009B»31m"},
    {"\x01\b\r\x1f", "␁␈␍␟"},
    {"\x7f", "␡"},
    {"\xc2\x80\xc2\x85\xc2\x9f", "«U+0080»«U+0085»«U+009F»"},
    {"one\ntwo", "one⏎two"},
    {"one\r\ntwo", "one␍⏎two"},
    {"bad \xff\xc3( \xe2\x82", "bad \ufffd\ufffd( \ufffd\ufffd"},
    {"\xed\xa0\x80", "\ufffd\ufffd\ufffd"},
    {"\x9b", "\ufffd"},
};

START_TEST(controls_become_pictures)
{
    ASSERT_ROWS(controls, 0);

    struct buf out = BUF_INIT;
    text_visible(&out, "a\0b", 3, 0);
    ck_assert_str_eq(buf_text(&out), "a␀b");
    buf_fini(&out);
}
END_TEST

static const struct row hidden[] = {
    {"\u202egnp.exe", "⟪RLO⟫gnp.exe"},
    {"\u202a\u202b\u202c\u202d", "⟪LRE⟫⟪RLE⟫⟪PDF⟫⟪LRO⟫"},
    {"\u2066\u2067\u2068\u2069", "⟪LRI⟫⟪RLI⟫⟪FSI⟫⟪PDI⟫"},
    {"\u061c\u200e\u200f", "⟪ALM⟫⟪LRM⟫⟪RLM⟫"},
    {"a\u200bb", "a⟪ZWSP⟫b"},
    {"a\u200cb\u200dc", "a⟪ZWNJ⟫b⟪ZWJ⟫c"},
    {"\ufeffa\u2060", "⟪BOM⟫a⟪WJ⟫"},
    {"a\u2028b\u2029c", "a⟪LS⟫b⟪PS⟫c"},
    {"\U000e0041\U000e007f", "⟪TAG-A⟫⟪U+E007F⟫"},
    {"a\U000e0020\U000e0001", "a⟪U+E0020⟫⟪U+E0001⟫"},
    {"a\u00adb\u034fc", "a⟪SHY⟫b⟪CGJ⟫c"},
    {"\u3164\u115f\u1160\uffa0", "⟪U+3164⟫⟪U+115F⟫⟪U+1160⟫⟪U+FFA0⟫"},
    {"\ufe0f", "⟪VS16⟫"},
    {"\u206a\ufff9", "⟪U+206A⟫⟪U+FFF9⟫"},
};

START_TEST(hidden_characters_become_tokens)
{
    ASSERT_ROWS(hidden, 0);
}
END_TEST

static const struct row unknown[] = {
    {"\U0001fae8", "U+1FAE8"},
    {"\u0378", "U+0378"},
    {"\ufffe\U0010ffff", "U+FFFEU+10FFFF"},
    {"\U0003fffd", "U+3FFFD"},
};

START_TEST(unknown_code_points_become_their_numbers)
{
    ASSERT_ROWS(unknown, 0);
}
END_TEST

static const struct row marks[] = {
    {"e\u0301\u0302\u0303\u0304", NULL},
    {"e\u0301\u0302\u0303\u0304\u0305\u0306", "e\u0301\u0302\u0303\u0304"},
    {"e\u0301\u0302\u0303\u0304\u0305f\u0301", "e\u0301\u0302\u0303\u0304f\u0301"},
    {"\u0301", "\u25cc\u0301"},
    {"\x1b\u0301", "␛\u25cc\u0301"},
    {"\u202e\u0301", "⟪RLO⟫\u25cc\u0301"},
    {"\u1161\u1161", "U+1161U+1161"},
};

START_TEST(marks_are_few_and_stand_on_something)
{
    ASSERT_ROWS(marks, 0);
}
END_TEST

static const struct row tabs[] = {
    {"\t|", "        |"},
    {"a\tb", "a       b"},
    {"1234567\t|", "1234567 |"},
    {"12345678\t|", "12345678        |"},
    {"\u65e5\u672c\t|\t|", "\u65e5\u672c    |       |"},
    {FAMILY "\t|", FAMILY "        |"},
    {"\x1b\t|", "␛       |"},
};

START_TEST(tab_goes_to_the_next_column_of_eight)
{
    ASSERT_ROWS(tabs, 0);

    struct buf out = BUF_INIT;
    buf_add_str(&out, "abc");
    text_visible(&out, "x\ty", 3, 0);
    ck_assert_str_eq(buf_text(&out), "abcx       y");
    buf_fini(&out);
}
END_TEST

static const struct row lines[] = {
    {"one\n\ntwo\n", NULL},
    {"one\r\ntwo", "one␍\ntwo"},
    {"ab\n\tc", "ab\n        c"},
    {"\n\u0301", "\n\u25cc\u0301"},
};

START_TEST(newlines_are_kept_when_asked)
{
    ASSERT_ROWS(lines, TEXT_KEEP_NEWLINES);
}
END_TEST

static const struct row ascii[] = {
    {"plain ~", NULL},
    {"\x1b]0;PWN\a\r\n", "^[]0;PWN^G^M^J"},
    {"\x7f", "^?"},
    {"\xc2\x9b", "<U+009B>"},
    {"\u202egnp", "<RLO>gnp"},
    {"\U000e0041", "<TAG-A>"},
    {"\U0001f44d", "U+1F44D"},
    {"caf\u00e9", "cafU+00E9"},
    {"\u65e5\u672c", "U+65E5U+672C"},
    {"\xff", "U+FFFD"},
    {"\u0301", "U+0301"},
    {"\U0001fae8", "U+1FAE8"},
    {"a\tb", "a       b"},
};

START_TEST(ascii_is_seven_bits)
{
    ASSERT_ROWS(ascii, TEXT_ASCII);

    struct buf out = BUF_INIT;
    text_visible(&out, "a\n\u00e9", 4, TEXT_ASCII | TEXT_KEEP_NEWLINES);
    ck_assert_str_eq(buf_text(&out), "a\nU+00E9");
    buf_fini(&out);
}
END_TEST

/* A daemon may never have called setlocale, and its wcwidth then knows ASCII alone. */
START_TEST(without_a_locale_text_passes_all_the_same)
{
    setlocale(LC_CTYPE, "C");
    ASSERT_ROWS(ordinary, 0);
    ASSERT_ROWS(cursive, 0);
    ASSERT_ROWS(controls, 0);
    ASSERT_ROWS(hidden, 0);
    ASSERT_ROWS(tabs, 0);
}
END_TEST

static Suite *
text_visible_suite(void)
{
    Suite *suite = suite_create("text_visible");
    TCase *door = tcase_create("door");

    tcase_add_checked_fixture(door, speak_unicode, NULL);
    tcase_add_test(door, ordinary_text_passes);
    tcase_add_test(door, emoji_keep_their_joiners_and_only_they);
    tcase_add_test(door, indic_joiners_and_han_variants_pass);
    tcase_add_test(door, a_non_joiner_passes_between_letters_that_would_join);
    tcase_add_test(door, controls_become_pictures);
    tcase_add_test(door, hidden_characters_become_tokens);
    tcase_add_test(door, unknown_code_points_become_their_numbers);
    tcase_add_test(door, marks_are_few_and_stand_on_something);
    tcase_add_test(door, tab_goes_to_the_next_column_of_eight);
    tcase_add_test(door, newlines_are_kept_when_asked);
    tcase_add_test(door, ascii_is_seven_bits);
    tcase_add_test(door, without_a_locale_text_passes_all_the_same);
    suite_add_tcase(suite, door);
    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(text_visible_suite());

    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
