/* The parts of the screen at every size. */
#include "client/ui/layout.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/util.h"

#define ROWS_MAX 60

static struct layout
layout_of(int rows, int columns)
{
    struct layout_wish wish = {rows, columns, 1, false, true, true};
    struct layout layout;

    layout_make(&layout, &wish);
    return layout;
}

static const struct {
    int rows, columns;
    bool bar, rooms, members, windows, hints, tiny;
} cases[] = {
    {24, 80, true, false, false, true, true, false},
    {40, 120, true, true, true, false, true, false},
    {40, 95, true, true, false, false, true, false},
    {40, 89, true, false, false, true, true, false},
    {21, 80, true, false, false, true, false, false},
    {10, 40, true, false, false, true, false, false},
    {5, 20, false, false, false, false, false, false},
    {4, 80, false, false, false, false, false, true},
    {24, 19, false, false, false, false, false, true},
    {1, 1, false, false, false, false, false, true},
};

START_TEST(panels_fall_away_by_size)
{
    struct layout layout = layout_of(cases[_i].rows, cases[_i].columns);

    ck_assert_int_eq(layout.bar >= 0, cases[_i].bar);
    ck_assert_int_eq(layout.rooms_columns > 0, cases[_i].rooms);
    ck_assert_int_eq(layout.members_columns > 0, cases[_i].members);
    ck_assert_int_eq(layout.windows >= 0, cases[_i].windows);
    ck_assert_int_eq(layout.hints >= 0, cases[_i].hints);
    ck_assert_int_eq(layout.is_tiny, cases[_i].tiny);
}
END_TEST

static void
occupy(char *used, int row, int count, const struct layout *layout)
{
    for (int i = row; row >= 0 && i < row + count; i++) {
        if (i >= layout->rows || used[i] != 0)
            ck_abort_msg("row %d twice or outside of %dx%d", i, layout->columns, layout->rows);
        used[i] = 1;
    }
}

static void
check_parts(const struct layout *layout)
{
    char used[ROWS_MAX] = "";

    ck_assert_int_ge(layout->input_rows, 1);
    ck_assert_int_ge(layout->input_top, 0);
    ck_assert_int_ge(layout->view_rows, layout->is_tiny ? 0 : 1);
    ck_assert_int_ge(layout->view_columns, 1);
    ck_assert_int_le(layout->view_left + layout->view_columns, layout->columns);
    occupy(used, layout->bar, 1, layout);
    occupy(used, layout->rule_top, 1, layout);
    occupy(used, layout->view_top, layout->view_rows, layout);
    occupy(used, layout->notice, 1, layout);
    occupy(used, layout->rule_bottom, 1, layout);
    occupy(used, layout->strip, 1, layout);
    occupy(used, layout->windows, 1, layout);
    occupy(used, layout->input_top, layout->input_rows, layout);
    occupy(used, layout->hints, 1, layout);
    for (int i = 0; i < layout->rows && !layout->is_tiny; i++)
        if (used[i] != 1)
            ck_abort_msg("row %d of %d is nobody's", i, layout->rows);
}

START_TEST(every_row_belongs_to_one_part)
{
    static const int widths[] = {1, 19, 20, 40, 89, 90, 99, 100, 130};

    for (size_t i = 0; i < ARRAY_LEN(widths); i++)
        for (int rows = 1; rows < ROWS_MAX; rows++)
            for (int input = 1; input <= 7; input += 2)
                for (int flags = 0; flags < 8; flags++) {
                    struct layout_wish wish = {rows,
                                               widths[i],
                                               input,
                                               (flags & 1) != 0,
                                               (flags & 2) != 0,
                                               (flags & 4) != 0};
                    struct layout layout;
                    layout_make(&layout, &wish);
                    check_parts(&layout);
                }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("layout");
    TCase *tcase = tcase_create("layout");

    tcase_add_loop_test(tcase, panels_fall_away_by_size, 0, ARRAY_LEN(cases));
    tcase_add_test(tcase, every_row_belongs_to_one_part);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
