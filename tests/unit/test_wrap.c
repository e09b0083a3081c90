/* Text into rows. */
#include "client/ui/wrap.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/text.h"
#include "common/util.h"

#define ROWS_MAX 64

static const struct {
    const char *text;
    int width;
    const char *rows; /* joined by bars */
} cases[] = {
    {"", 10, ""},
    {"hello", 10, "hello"},
    {"hello world", 11, "hello world"},
    {"hello world", 10, "hello|world"},
    {"hello world", 5, "hello|world"},
    {"hello world", 4, "hell|o|worl|d"},
    {"a  b", 2, "a |b"},
    {"  indented text", 10, "  indented|text"},
    {"one\ntwo", 10, "one|two"},
    {"one\n\ntwo", 10, "one||two"},
    {"end\n", 10, "end|"},
    {"日本語テスト", 5, "日本|語テ|スト"},
    {"日本 語", 4, "日本|語"},
    {"👍👍", 3, "👍|👍"},
    {"日本", 1, "日|本"},
    {"e\xcc\x81"
     "e\xcc\x81",
     1, "e\xcc\x81|e\xcc\x81"},
    {"see https://example.org/long now", 12, "see|https://exam|ple.org/long|now"},
};

START_TEST(text_breaks_where_it_can)
{
    struct wrap_row rows[ROWS_MAX];
    struct buf joined = BUF_INIT;
    const char *text = cases[_i].text;
    size_t count = wrap_text(text, strlen(text), cases[_i].width, rows, ROWS_MAX);

    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_add_byte(&joined, '|');
        buf_add(&joined, text + rows[i].start, rows[i].len);
    }
    ck_assert_str_eq(buf_text(&joined), cases[_i].rows);
    buf_fini(&joined);
}
END_TEST

START_TEST(more_rows_than_there_is_room_for_are_counted)
{
    struct wrap_row rows[2] = {{9, 9, 9}, {9, 9, 9}};

    ck_assert_uint_eq(wrap_text("a b c d", 7, 1, rows, 1), 4);
    ck_assert_uint_eq(rows[0].len, 1);
    ck_assert_uint_eq(rows[1].len, 9);
    ck_assert_uint_eq(wrap_text("a b c d", 7, 1, NULL, 0), 4);
}
END_TEST

/* Text at random, from the kinds of clusters that differ. */
static void
make_text(struct buf *out)
{
    static const char *const pieces[] = {
        "a", "word", " ", "  ",         "\n",       "日", "👨‍👩‍👧‍👦",
        "é", "🇩🇪",   "-", "longerword", "e\xcc\x81"};

    for (long i = random() % 40; i > 0; i--)
        buf_add_str(out, pieces[(size_t)random() % ARRAY_LEN(pieces)]);
}

/* Rows follow each other with at most one blank or newline between, and none is lost. */
static void
check_rows(const struct buf *text, int width, const struct wrap_row *rows, size_t count)
{
    size_t at = 0;

    for (size_t i = 0; i < count; i++) {
        size_t skipped = rows[i].start - at;
        ck_assert_msg(rows[i].start >= at && skipped <= 1, "row %zu of \"%s\" at %d", i,
                      buf_text(text), width);
        if (skipped == 1)
            ck_assert(strchr(" \n", text->data[at]) != NULL);

        int columns = text_columns(buf_text(text) + rows[i].start, rows[i].len);
        ck_assert_int_eq(columns, rows[i].columns);
        size_t first = text_following(buf_text(text) + rows[i].start, rows[i].len, 0);
        ck_assert_msg(columns <= width || first == rows[i].len, "row %zu of \"%s\": %d > %d", i,
                      buf_text(text), columns, width);
        at = rows[i].start + rows[i].len;
    }
    ck_assert_uint_eq(at, text->len);
}

START_TEST(rows_fit_and_give_the_text_back)
{
    struct wrap_row rows[1000];

    srandom((unsigned)_i + 1);
    for (int i = 0; i < 300; i++) {
        struct buf text = BUF_INIT;
        int width = 1 + (int)(random() % 30);
        make_text(&text);
        size_t count = wrap_text(buf_text(&text), text.len, width, rows, ARRAY_LEN(rows));
        ck_assert_uint_ge(count, 1);
        check_rows(&text, width, rows, count);
        buf_fini(&text);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("wrap");
    TCase *tcase = tcase_create("wrap");

    tcase_add_loop_test(tcase, text_breaks_where_it_can, 0, ARRAY_LEN(cases));
    tcase_add_test(tcase, more_rows_than_there_is_room_for_are_counted);
    tcase_add_loop_test(tcase, rows_fit_and_give_the_text_back, 0, 5);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
