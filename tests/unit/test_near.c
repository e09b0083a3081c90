/* common/near: how many slips of the finger lie between two words. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "common/near.h"
#include "common/util.h"

START_TEST(distance_counts_slips)
{
    static const struct {
        const char *a, *b;
        int distance;
    } rows[] = {
        {"join", "join", 0},  {"JOIN", "join", 0}, {"jion", "join", 1}, {"jon", "join", 1},
        {"joiin", "join", 1}, {"jain", "join", 1}, {"ojin", "join", 1}, {"nioj", "join", 3},
        {"", "join", 4},      {"join", "", 4},     {"", "", 0},         {"a", "b", 1},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        ck_assert_msg(near_distance(rows[i].a, rows[i].b) == rows[i].distance, "%s %s: %d",
                      rows[i].a, rows[i].b, near_distance(rows[i].a, rows[i].b));
}
END_TEST

START_TEST(long_words_are_compared_by_their_beginning)
{
    char a[300], b[300];

    memset(a, 'x', sizeof(a));
    memset(b, 'x', sizeof(b));
    a[299] = b[299] = '\0';
    b[200] = 'y';
    ck_assert_int_eq(near_distance(a, b), 0);
    ck_assert_int_eq(near_distance(a, ""), NEAR_MAX);
}
END_TEST

static Suite *
near_suite(void)
{
    Suite *suite = suite_create("near");
    TCase *facts = tcase_create("facts");

    tcase_add_test(facts, distance_counts_slips);
    tcase_add_test(facts, long_words_are_compared_by_their_beginning);
    suite_add_tcase(suite, facts);

    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(near_suite());

    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
