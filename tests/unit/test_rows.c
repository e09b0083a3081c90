/* Lines as rows, and where one looks in them. */
#include "client/ui/rows.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/ui/scroll.h"
#include "common/util.h"

#define LINE_COUNT 40
#define HEIGHT     20

/* A window of lines "line 0" and on, one row each at 20 columns, all of one day. */
struct bench {
    struct window window;
    struct line lines[LINE_COUNT];
    struct line *pointers[LINE_COUNT];
    char texts[LINE_COUNT][64];
    struct rows *rows;
    struct reach reach;
    struct scroll scroll;
};

static void
reach(struct bench *bench)
{
    reach_init(&bench->reach, &bench->window, bench->rows, 20);
}

static void
bench_init(struct bench *bench, size_t count)
{
    *bench = (struct bench){.window = {.lines = bench->pointers, .line_count = count}};
    for (size_t i = 0; i < LINE_COUNT; i++) {
        snprintf(bench->texts[i], sizeof(bench->texts[i]), "line %zu", i);
        bench->lines[i] = (struct line){.kind = LINE_MESSAGE,
                                        .seq = 100 + i,
                                        .at_ms = 1000000000000 + (int64_t)i,
                                        .text = bench->texts[i],
                                        .number = (unsigned)i + 7};
        bench->pointers[i] = &bench->lines[i];
    }
    bench->rows = rows_create(false);
    reach(bench);
}

static bool
go(struct bench *bench, enum scroll_move move)
{
    return scroll_move(&bench->scroll, &bench->reach, HEIGHT, move);
}

START_TEST(rows_of_a_line_have_its_mark_at_the_end)
{
    struct rows *rows = rows_create(false);
    struct line line = {.kind = LINE_MESSAGE, .text = (char[]){"hello world"}, .number = 1};

    const struct line_rows *seen = rows_get(rows, &line, 11);
    ck_assert_str_eq(seen->text, "hello world");
    ck_assert_uint_eq(seen->row_count, 1);
    ck_assert_uint_eq(seen->mark_at, strlen(seen->text));

    line.mark = MARK_QUEUED;
    seen = rows_get(rows, &line, 11);
    ck_assert_str_eq(seen->text, "hello world ↻ queued");
    ck_assert_uint_eq(seen->row_count, 2);
    ck_assert_uint_eq(seen->mark_at, strlen("hello world"));
    ck_assert_uint_eq(rows_get(rows, &line, 40)->row_count, 1);
    rows_destroy(rows);
}
END_TEST

START_TEST(rows_show_what_would_act)
{
    struct rows *rows = rows_create(false), *ascii = rows_create(true);
    struct line line = {.kind = LINE_ACTION, .text = (char[]){"\033[2J"}, .number = 1};

    str_copy(line.from, sizeof(line.from), "bob");
    ck_assert_str_eq(rows_get(rows, &line, 40)->text, "bob ␛[2J");
    ck_assert_str_eq(rows_get(ascii, &line, 40)->text, "bob ^[[2J");
    rows_destroy(rows);
    rows_destroy(ascii);
}
END_TEST

START_TEST(heads_stand_where_the_day_changes_and_before_news)
{
    struct bench bench;

    bench_init(&bench, 5);
    for (size_t i = 3; i < 5; i++)
        bench.lines[i].at_ms += INT64_C(48) * 3600 * 1000;
    bench.window.marker_seq = 102;
    bench.window.marker_count = 2;
    reach(&bench);

    static const size_t heads[] = {1, 0, 0, 2, 0};
    for (size_t i = 0; i < 5; i++) {
        ck_assert_uint_eq(reach_head(&bench.reach, i), heads[i]);
        ck_assert_uint_eq(reach_height(&bench.reach, i), heads[i] + 1);
    }
    ck_assert_uint_eq(bench.reach.marker, 3);
    rows_destroy(bench.rows);
}
END_TEST

START_TEST(page_up_keeps_the_place_when_lines_come)
{
    struct bench bench;

    bench_init(&bench, 35);
    ck_assert(!go(&bench, SCROLL_PAGE_UP));
    ck_assert(bench.scroll.away);
    ck_assert_uint_eq(reach_index(&bench.reach, &bench.scroll), 34 - (HEIGHT - 1));

    bench.window.line_count = 40;
    reach(&bench);
    ck_assert_uint_eq(reach_index(&bench.reach, &bench.scroll), 34 - (HEIGHT - 1));
    rows_destroy(bench.rows);
}
END_TEST

START_TEST(page_up_ends_at_the_oldest)
{
    struct bench bench;
    size_t upper = (size_t)scroll_upper(HEIGHT);

    bench_init(&bench, 40);
    ck_assert(!go(&bench, SCROLL_PAGE_UP));
    ck_assert(go(&bench, SCROLL_PAGE_UP));
    /* The day's rule is a row too. */
    ck_assert_uint_eq(reach_index(&bench.reach, &bench.scroll), upper - 2);
    ck_assert(go(&bench, SCROLL_PAGE_UP));
    ck_assert_uint_eq(reach_index(&bench.reach, &bench.scroll), upper - 2);
    rows_destroy(bench.rows);
}
END_TEST

START_TEST(page_down_comes_back_to_the_newest)
{
    struct bench bench;

    bench_init(&bench, 40);
    go(&bench, SCROLL_TOP);
    ck_assert(bench.scroll.away);
    for (int i = 0; i < 10 && bench.scroll.away; i++)
        go(&bench, SCROLL_PAGE_DOWN);
    ck_assert(!bench.scroll.away);

    go(&bench, SCROLL_TOP);
    go(&bench, SCROLL_BOTTOM);
    ck_assert(!bench.scroll.away);
    rows_destroy(bench.rows);
}
END_TEST

START_TEST(what_fits_does_not_scroll)
{
    struct bench bench;

    bench_init(&bench, 6);
    ck_assert(go(&bench, SCROLL_PAGE_UP));
    ck_assert(!bench.scroll.away);
    bench.window.line_count = 0;
    reach(&bench);
    ck_assert(go(&bench, SCROLL_PAGE_UP));
    ck_assert(!bench.scroll.away);
    rows_destroy(bench.rows);
}
END_TEST

START_TEST(news_are_shown_from_their_rule_on)
{
    struct bench bench;
    size_t upper = (size_t)scroll_upper(HEIGHT);

    bench_init(&bench, 40);
    bench.window.marker_seq = 104;
    bench.window.marker_count = 35;
    reach(&bench);
    go(&bench, SCROLL_NEWS);
    ck_assert(bench.scroll.away);
    /* The rule is the first row; lines follow from 105 on. */
    ck_assert_uint_eq(reach_index(&bench.reach, &bench.scroll), 5 + upper - 2);
    rows_destroy(bench.rows);
}
END_TEST

START_TEST(long_line_is_scrolled_through_row_by_row)
{
    struct bench bench;
    char text[2001];

    bench_init(&bench, 1);
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    bench.lines[0].text = text;
    ck_assert_uint_eq(reach_height(&bench.reach, 0), 1 + 100);
    ck_assert(!go(&bench, SCROLL_PAGE_UP));
    ck_assert(bench.scroll.away);
    ck_assert_uint_eq(bench.scroll.below, HEIGHT - 1);
    ck_assert(go(&bench, SCROLL_TOP));
    ck_assert_uint_eq(bench.scroll.below, 101 - (size_t)scroll_upper(HEIGHT));
    rows_destroy(bench.rows);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("rows");
    TCase *tcase = tcase_create("rows");

    tcase_add_test(tcase, rows_of_a_line_have_its_mark_at_the_end);
    tcase_add_test(tcase, rows_show_what_would_act);
    tcase_add_test(tcase, heads_stand_where_the_day_changes_and_before_news);
    tcase_add_test(tcase, page_up_keeps_the_place_when_lines_come);
    tcase_add_test(tcase, page_up_ends_at_the_oldest);
    tcase_add_test(tcase, page_down_comes_back_to_the_newest);
    tcase_add_test(tcase, what_fits_does_not_scroll);
    tcase_add_test(tcase, news_are_shown_from_their_rule_on);
    tcase_add_test(tcase, long_line_is_scrolled_through_row_by_row);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
