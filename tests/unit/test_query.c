/* URL arguments. */
#include "server/web/query.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>

static void
fill(struct query *query)
{
    query_init(query);
    ck_assert_int_eq(query_add(query, "room=#lobby"), 0);
    ck_assert_int_eq(query_add(query, "roomy=no"), 0);
    ck_assert_int_eq(query_add(query, "limit=50"), 0);
    ck_assert_int_eq(query_add(query, "limit=60"), 0);
    ck_assert_int_eq(query_add(query, "empty="), 0);
    ck_assert_int_eq(query_add(query, "bare"), 0);
    ck_assert_int_eq(query_add(query, "eq=a=b&c"), 0);
}

START_TEST(query_get_takes_the_first_of_exactly_that_name)
{
    static const struct {
        const char *name, *value;
    } rows[] = {
        {"room", "#lobby"}, {"limit", "50"}, {"empty", ""},  {"bare", ""},
        {"eq", "a=b&c"},    {"roo", NULL},   {"Room", NULL}, {"", NULL},
    };
    struct query query;

    fill(&query);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        ck_assert_pstr_eq(query_get(&query, rows[i].name), rows[i].value);
    query_fini(&query);
}
END_TEST

START_TEST(query_number_is_within_bounds_or_untouched)
{
    static const struct {
        const char *pair;
        int result;
        uint64_t value;
    } rows[] = {
        {"n=1", 0, 1},          {"n=200", 0, 200},     {"other=5", 0, 42}, {"n=0", -ERANGE, 42},
        {"n=201", -ERANGE, 42}, {"n=", -EINVAL, 42},   {"n", -EINVAL, 42}, {"n=-1", -EINVAL, 42},
        {"n=1x", -EINVAL, 42},  {"n= 1", -EINVAL, 42},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct query query;
        uint64_t value = 42;

        query_init(&query);
        query_add(&query, rows[i].pair);
        ck_assert_msg(query_number(&query, "n", 1, 200, &value) == rows[i].result, "%s",
                      rows[i].pair);
        ck_assert_msg(value == rows[i].value, "%s", rows[i].pair);
        query_fini(&query);
    }
}
END_TEST

START_TEST(query_number_beyond_64_bits_is_refused)
{
    struct query query;
    uint64_t value = 42;

    query_init(&query);
    query_add(&query, "n=99999999999999999999999");
    ck_assert_int_lt(query_number(&query, "n", 0, UINT64_MAX, &value), 0);
    ck_assert_uint_eq(value, 42);
    query_fini(&query);
}
END_TEST

START_TEST(query_add_refuses_too_many)
{
    struct query query;

    query_init(&query);
    for (size_t i = 0; i < QUERY_MAX; i++)
        ck_assert_int_eq(query_add(&query, "a=b"), 0);
    ck_assert_int_eq(query_add(&query, "a=b"), -E2BIG);
    query_fini(&query);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("query");
    TCase *tcase = tcase_create("query");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, query_get_takes_the_first_of_exactly_that_name);
    tcase_add_test(tcase, query_number_is_within_bounds_or_untouched);
    tcase_add_test(tcase, query_number_beyond_64_bits_is_refused);
    tcase_add_test(tcase, query_add_refuses_too_many);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
