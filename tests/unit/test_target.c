/* A request's target, split and decoded. */
#include "server/web/target.h"

#include "common/util.h"
#include "server/web/query.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PATH_SIZE 32

START_TEST(target_is_split_and_decoded)
{
    static const struct {
        const char *target, *path, *name, *value;
    } rows[] = {
        {"/", "/", "a", NULL},
        {"/healthz", "/healthz", "a", NULL},
        {"/v1/rooms/%23ops/members", "/v1/rooms/#ops/members", "a", NULL},
        {"/a?", "/a", "a", NULL},
        {"/a?after=k3-17&wait=5", "/a", "wait", "5"},
        {"/a?room=%23lobby", "/a", "room", "#lobby"},
        {"/a?q=two+words%2b", "/a", "q", "two words+"},
        {"/a+b?q=1", "/a+b", "q", "1"},
        {"/a?q=x?y", "/a", "q", "x?y"},
        {"/a?&&q=1&", "/a", "q", "1"},
        {"/a?bare", "/a", "bare", ""},
        {"/%c3%A4?q=%E2%82%ac", "/ä", "q", "€"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char path[PATH_SIZE];
        struct query query;

        query_init(&query);
        ck_assert_msg(
            target_parse(rows[i].target, strlen(rows[i].target), path, sizeof(path), &query) == 0,
            "%s", rows[i].target);
        ck_assert_str_eq(path, rows[i].path);
        ck_assert_pstr_eq(query_get(&query, rows[i].name), rows[i].value);
        query_fini(&query);
    }
}
END_TEST

static int
parse(const char *target, size_t len)
{
    char path[PATH_SIZE];
    struct query query;
    int result;

    query_init(&query);
    result = target_parse(target, len, path, sizeof(path), &query);
    query_fini(&query);
    return result;
}

START_TEST(target_says_what_is_malformed)
{
    static const char *const rows[] = {"",     "*",     "healthz", "http://a/", "/%",
                                       "/%2",  "/%zz",  "/a?q=%",  "/%00",      "/a?q=%00",
                                       "/%-1", "/a?%4", "/a%2x?",  "?a=b"};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        ck_assert_msg(parse(rows[i], strlen(rows[i])) == -EINVAL, "%s", rows[i]);
    ck_assert_int_eq(parse("/a\0b", 4), -EINVAL);
}
END_TEST

START_TEST(target_is_bounded)
{
    char text[TARGET_ARGUMENT_MAX + 10];

    memset(text, 'x', sizeof(text));
    text[0] = '/';
    ck_assert_int_eq(parse(text, PATH_SIZE - 1), 0);
    ck_assert_int_eq(parse(text, PATH_SIZE), -ENAMETOOLONG);
    text[1] = '?';
    ck_assert_int_eq(parse(text, 2 + TARGET_ARGUMENT_MAX), 0);
    ck_assert_int_eq(parse(text, 2 + TARGET_ARGUMENT_MAX + 1), -ENAMETOOLONG);
    for (size_t i = 2; i < 100; i++)
        text[i] = i % 2 == 0 ? 'a' : '&';
    ck_assert_int_eq(parse(text, 2 + 2 * QUERY_MAX), 0);
    ck_assert_int_eq(parse(text, 2 + 2 * QUERY_MAX + 1), -E2BIG);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("target");
    TCase *tcase = tcase_create("target");
    SRunner *runner;
    int failed;

    tcase_add_test(tcase, target_is_split_and_decoded);
    tcase_add_test(tcase, target_says_what_is_malformed);
    tcase_add_test(tcase, target_is_bounded);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
