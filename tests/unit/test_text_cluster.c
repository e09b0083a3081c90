/* common/text_cluster: what belongs together, what is drawn for it, and how wide that is. */
#include <check.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "common/buf.h"
#include "common/text.h"
#include "common/util.h"

#define FAMILY       "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
#define FAMILY_DRAWN "\U0001f468\U0001f469\U0001f467\U0001f466"
#define RAINBOW      "\U0001f3f3\ufe0f\u200d\U0001f308"

static void
speak_unicode(void)
{
    ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
}

static const struct row {
    const char *text; /* one cluster */
    const char *draw; /* NULL: as it is */
    int columns;
} rows[] = {
    {"a", NULL, 1},
    {" ", NULL, 1},
    {"\u00e9", NULL, 1},
    {"e\u0301", NULL, 1},
    {"\u65e5", NULL, 2},
    {FAMILY, FAMILY_DRAWN, 8},
    {"\u2764\ufe0f", "\u2764", 1},
    {"\U0001f1e9\U0001f1ea", NULL, 2},
    {"\U0001f44d\U0001f3fd", "\U0001f44d", 2},
    {"1\ufe0f\u20e3", "1\u20e3", 1},
    {RAINBOW, "\U0001f3f3\U0001f308", 3},
    {"\U0001f3fd", NULL, 2},
    {"\u0937\u093f", NULL, 2},
    {"\u0915\u094d\u200d", "\u0915\u094d", 1},
    {"\u0915\u094d\u200c", "\u0915\u094d", 1},
    {"\u0628\u064e\u200c", NULL, 1},
    {"\uac01", NULL, 2},
    {"\u1100\u1161\u11a8", NULL, 2},
    {"\u27ea", NULL, 1},
    {"\n", "", 0},
    {"\ufffd", NULL, 1},
    {"\xff", "\ufffd", 1},
    {"\x1b", "\ufffd", 1},
    {"\u202e", "\ufffd", 1},
    {"\u200d", "\ufffd", 1},
    {"\u0301", "\ufffd", 1},
    {"\U0001fae8", "\ufffd", 1},
};

START_TEST(cluster_draws_what_all_count_alike)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *draw = rows[i].draw ? rows[i].draw : rows[i].text;
        size_t len = strlen(rows[i].text);
        struct text_cluster cluster;

        text_next_cluster(rows[i].text, len, &cluster);
        ck_assert_msg(cluster.len == len, "row %zu: %zu bytes", i, cluster.len);
        ck_assert_msg(cluster.columns == rows[i].columns, "row %zu: %d", i, cluster.columns);
        ck_assert_msg(cluster.draw_len == strlen(draw) &&
                          memcmp(cluster.draw, draw, cluster.draw_len) == 0,
                      "row %zu: drawn as %.*s", i, (int)cluster.draw_len, cluster.draw);
    }
}
END_TEST

/* The same sum that ncurses makes. */
START_TEST(columns_are_the_sum_of_wcwidth)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct text_cluster cluster;
        wchar_t wide[TEXT_CLUSTER_MAX + 1];
        char draw[TEXT_CLUSTER_MAX + 1];

        text_next_cluster(rows[i].text, strlen(rows[i].text), &cluster);
        memcpy(draw, cluster.draw, cluster.draw_len);
        draw[cluster.draw_len] = '\0';
        size_t count = mbstowcs(wide, draw, ARRAY_LEN(wide));
        ck_assert_msg(wcswidth(wide, count) == cluster.columns, "row %zu", i);
    }
}
END_TEST

START_TEST(end_is_a_cluster_of_no_bytes)
{
    struct text_cluster cluster;
    text_next_cluster("abc", 0, &cluster);
    ck_assert_uint_eq(cluster.len, 0);
    ck_assert_int_eq(cluster.columns, 0);
    ck_assert_uint_eq(cluster.draw_len, 0);
}
END_TEST

START_TEST(space_is_where_a_line_may_break)
{
    static const struct {
        const char *text;
        bool is_space;
    } spaces[] = {
        {" ", true},       {"\n", true},       {"\u3000", true}, {"\u00a0", false},
        {"\u202f", false}, {" \u0301", false}, {"a", false},
    };

    for (size_t i = 0; i < ARRAY_LEN(spaces); i++) {
        struct text_cluster cluster;
        text_next_cluster(spaces[i].text, strlen(spaces[i].text), &cluster);
        ck_assert_msg(cluster.is_space == spaces[i].is_space, "row %zu", i);
    }
}
END_TEST

START_TEST(columns_of_all_clusters_add_up)
{
    const char *text = "a" FAMILY "\u65e5\u0915\u094d\u0937\u093f";
    ck_assert_int_eq(text_columns(text, strlen(text)), 1 + 8 + 2 + 3);
    ck_assert_int_eq(text_columns("", 0), 0);
}
END_TEST

START_TEST(fit_takes_whole_clusters)
{
    static const struct {
        const char *text;
        int columns;
        size_t expected;
    } fits[] = {
        {"abc", 0, 0},           {"abc", 2, 2},
        {"abc", 9, 3},           {"abc", -1, 0},
        {"\u65e5\u672c", 3, 3},  {"\u65e5\u672c", 4, 6},
        {"a" FAMILY "b", 8, 1},  {"a" FAMILY "b", 9, sizeof("a" FAMILY) - 1},
        {"e\u0301\u0302", 1, 5}, {"\u2764\ufe0fx", 1, 6},
    };

    for (size_t i = 0; i < ARRAY_LEN(fits); i++) {
        size_t len = text_fit(fits[i].text, strlen(fits[i].text), fits[i].columns);
        ck_assert_msg(len == fits[i].expected, "row %zu: %zu", i, len);
    }
}
END_TEST

START_TEST(cursor_moves_by_clusters)
{
    const char *text = "a" FAMILY "e\u0301\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7";
    size_t len = strlen(text);
    const size_t stops[] = {0, 1, 1 + strlen(FAMILY), len - 16, len - 8, len};

    for (size_t i = 0; i + 1 < ARRAY_LEN(stops); i++) {
        for (size_t at = stops[i]; at < stops[i + 1]; at++) {
            ck_assert_uint_eq(text_following(text, len, at), stops[i + 1]);
            ck_assert_uint_eq(text_previous(text, len, at + 1), stops[i]);
        }
    }
    ck_assert_uint_eq(text_previous(text, len, 0), 0);
    ck_assert_uint_eq(text_following(text, len, len), len);
    ck_assert_uint_eq(text_previous(text, len, len + 5), len - 8);
    ck_assert_uint_eq(text_following(text, len, len + 5), len);
    ck_assert_uint_eq(text_previous("", 0, 0), 0);
    ck_assert_uint_eq(text_following("", 0, 0), 0);
}
END_TEST

/* UAX 29 puts no bound on a cluster; what is drawn for one has 64 bytes. */
START_TEST(endless_cluster_is_drawn_in_pieces)
{
    struct buf text = BUF_INIT;
    for (int i = 0; i < 100; i++)
        buf_add_str(&text, "\u1100");
    buf_add_str(&text, "\u1161\u0301\u0302\u0303");

    size_t at = 0;
    int count = 0;
    while (at < text.len) {
        struct text_cluster cluster;
        text_next_cluster(text.data + at, text.len - at, &cluster);
        ck_assert_uint_gt(cluster.len, 0);
        ck_assert_uint_eq(cluster.draw_len, cluster.len);
        ck_assert_int_gt(cluster.columns, 0);
        at += cluster.len;
        count++;
    }
    ck_assert_uint_eq(at, text.len);
    ck_assert_int_gt(count, 1);
    ck_assert_int_eq(text_columns(text.data, text.len), 200);
    buf_fini(&text);
}
END_TEST

START_TEST(without_a_locale_utf8proc_measures)
{
    setlocale(LC_CTYPE, "C");
    ck_assert_int_eq(text_columns("\u65e5\u672c", 6), 4);
    ck_assert_int_eq(text_columns("caf\u00e9", 5), 4);
    ck_assert_int_eq(text_columns("e\u0301", 3), 1);
    ck_assert_int_eq(text_columns(FAMILY, strlen(FAMILY)), 8);
}
END_TEST

static Suite *
text_cluster_suite(void)
{
    Suite *suite = suite_create("text_cluster");
    TCase *clusters = tcase_create("clusters");

    tcase_add_checked_fixture(clusters, speak_unicode, NULL);
    tcase_add_test(clusters, cluster_draws_what_all_count_alike);
    tcase_add_test(clusters, columns_are_the_sum_of_wcwidth);
    tcase_add_test(clusters, end_is_a_cluster_of_no_bytes);
    tcase_add_test(clusters, space_is_where_a_line_may_break);
    tcase_add_test(clusters, columns_of_all_clusters_add_up);
    tcase_add_test(clusters, fit_takes_whole_clusters);
    tcase_add_test(clusters, cursor_moves_by_clusters);
    tcase_add_test(clusters, endless_cluster_is_drawn_in_pieces);
    tcase_add_test(clusters, without_a_locale_utf8proc_measures);
    suite_add_tcase(suite, clusters);
    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(text_cluster_suite());

    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
