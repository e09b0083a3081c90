/* bench: what others published, beside a run. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "bench/result/published.h"
#include "bench/result/result.h"
#include "common/text.h"
#include "tests/unit/bench_profile.h"

static const struct sheet_line *
line_of(const struct sheet *sheet, const char *label)
{
    for (size_t i = 0; i < sheet->line_count; i++)
        if (strcmp(sheet->lines[i].label, label) == 0)
            return &sheet->lines[i];
    ck_abort_msg("there is no line %s", label);
    return NULL;
}

/* ws: 100 + 120 + 8 + 22 + 104 B up a message said, 100 + 180 + 4 + 22 + 52 B down a delivery. */
START_TEST(packets_stand_beside_ours_with_and_without_tls)
{
    struct result *result = bench_profile();
    const struct sheet_line *line;
    struct sheet sheet;

    ck_assert(published_sheet(PUBLISHED_PACKETS, result, &sheet));
    line = line_of(&sheet, "SockJS WebSocket");
    ck_assert_str_eq(line->cells[0], "ws");
    ck_assert_str_eq(line->cells[1], "223");
    ck_assert_str_eq(line->cells[2], "354");
    ck_assert_str_eq(line->cells[3], "332");
    ck_assert_str_eq(line->cells[4], "247");
    ck_assert_str_eq(line->cells[5], "358");
    ck_assert_str_eq(line->cells[6], "336");
    sheet_fini(&sheet);
    result_destroy(result);
}
END_TEST

/* 20 polls of 60 + 150 B and 5 deliveries of 280 B (100 + 180 + 0: what framing there was is the
 * polls'); long poll: 5 of both. SSE over HTTP/1.1: 5 x (100 + 180 + 30), over HTTP/2: 6 B more. */
START_TEST(updates_are_calculated_from_a_poll_and_a_delivery)
{
    struct result *result = bench_profile();
    const struct sheet_line *line;
    struct sheet sheet;

    ck_assert(published_sheet(PUBLISHED_REQUESTS, result, &sheet));
    line = line_of(&sheet, "short poll, 250 ms");
    ck_assert_str_eq(line->cells[0], "17");
    ck_assert_str_eq(line->cells[1], "20");
    ck_assert_str_eq(line->cells[3], "5,600");
    ck_assert_str_eq(line->cells[5], "");
    line = line_of(&sheet, "long poll");
    ck_assert_str_eq(line->cells[0], "");
    ck_assert_str_eq(line->cells[1], "5");
    ck_assert_str_eq(line->cells[3], "2,450");
    line = line_of(&sheet, "SSE");
    ck_assert_str_eq(line->cells[3], "1,550");
    ck_assert_str_eq(line->cells[5], "1,580");
    ck_assert_str_eq(line->cells[6], "34 %");
    ck_assert_str_eq(line->cells[7], "-2 %");
    sheet_fini(&sheet);
    result_destroy(result);
}
END_TEST

START_TEST(run_without_figures_has_nothing_beside_it)
{
    struct result *result = result_create("compare", 1);
    struct sheet sheet;

    result_row(result, "ws", "1.1", NULL);
    ck_assert(!published_sheet(PUBLISHED_PACKETS, result, &sheet));
    ck_assert(!published_sheet(PUBLISHED_REQUESTS, result, &sheet));
    result_destroy(result);
}
END_TEST

START_TEST(published_figures_fit_80_columns_and_name_their_source)
{
    struct result *result = bench_profile();
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    ck_assert_int_eq(published_show(result, out, 0), 0);
    fclose(out);
    ck_assert_ptr_nonnull(strstr(text, "Johannessen"));
    ck_assert_ptr_nonnull(strstr(text, "Abril"));
    for (const char *line = text; *line != '\0';) {
        size_t width = strcspn(line, "\n");

        ck_assert_msg(text_columns(line, width) <= 80, "too wide: %.*s", (int)width, line);
        line += width + (line[width] == '\n');
    }
    free(text);
    result_destroy(result);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("bench_published");
    TCase *tcase = tcase_create("bench_published");
    SRunner *runner;
    int failed;

    tcase_add_test(tcase, packets_stand_beside_ours_with_and_without_tls);
    tcase_add_test(tcase, updates_are_calculated_from_a_poll_and_a_delivery);
    tcase_add_test(tcase, run_without_figures_has_nothing_beside_it);
    tcase_add_test(tcase, published_figures_fit_80_columns_and_name_their_source);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
