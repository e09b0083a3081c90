/* server/admin/verbs: which verb the words of the command line mean, and what is wrong with them.
 */
#include "server/admin/verbs.h"

#include "common/util.h"
#include "server/config.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ARGS_MAX 12

static struct server_config config;
static struct option_error error;
static const struct verb_ops *verb;
static const char *operand;
static char *words;

static void
tear_down(void)
{
    config_fini(&config);
    free(words);
}

/* args: blank-separated. They are kept until the end of the test. */
static int
find(const char *args)
{
    char program[] = "rtchat-server", file[] = "--config=/dev/null", *rest, *word;
    char *argv[ARGS_MAX] = {program, file};
    int argc = 2;

    words = rest = xstrdup(args);
    while ((word = strsep(&rest, " ")) != NULL)
        argv[argc++] = word;
    ck_assert_msg(config_read(&config, argc, argv, &error) == 0, "%s", error.message);
    return verb_find(&config, &verb, &operand, &error);
}

static const struct {
    const char *args, *words, *operand;
} good[] = {
    {"--port=0", NULL, ""},
    {"user add ann", "user add", "ann"},
    {"user add --generate Ann", "user add", "Ann"},
    {"--password-file=x user password ann", "user password", "ann"},
    {"user list", "user list", ""},
    {"invite", "invite", ""},
    {"--days 3 invite", "invite", ""},
    {"invite list", "invite list", ""},
    {"invite revoke abc", "invite revoke", "abc"},
    {"backup a/b.db", "backup", "a/b.db"},
    {"backup -- --odd", "backup", "--odd"},
};

START_TEST(words_find_their_verb)
{
    ck_assert_msg(find(good[_i].args) == 0, "%s: %s", good[_i].args, error.message);
    ck_assert_msg(str_equal(verb == NULL ? NULL : verb->words, good[_i].words), "%s",
                  good[_i].args);
    ck_assert_str_eq(operand, good[_i].operand);
}
END_TEST

static const struct {
    const char *args, *wanted;
} bad[] = {
    {"usr add ann", "unknown command \"usr\"; wanted one of: user add"},
    {"user", "unknown command \"user\"; wanted one of: user add, user password"},
    {"user frobnicate", "unknown command \"user frobnicate\"; wanted one of: user add"},
    {"user add", "user add: wanted NAME"},
    {"user add ann bob", "user add: not wanted: \"bob\""},
    {"user list ann", "user list: not wanted: \"ann\""},
    {"user ban -- -x", "user ban: \"-x\": "},
    {"user ban xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "wanted at most 32"},
    {"invite revoke", "invite revoke: wanted CODE"},
    {"invite later", "invite: not wanted: \"later\""},
    {"backup", "backup: wanted FILE"},
    {"--days=3", "--days is not for serving; wanted with invite"},
    {"--days=3 invite list", "--days is not for invite list"},
    {"--generate user list", "--generate is not for user list; wanted with user add"},
    {"--generate --password-file=x user add ann", "wanted one of the two"},
};

START_TEST(wrong_usage_is_explained_in_one_line)
{
    ck_assert_int_eq(find(bad[_i].args), -EINVAL);
    ck_assert_msg(strstr(error.message, bad[_i].wanted) != NULL, "%s: \"%s\"; wanted \"%s\"",
                  bad[_i].args, error.message, bad[_i].wanted);
    ck_assert_ptr_null(strchr(error.message, '\n'));
}
END_TEST

START_TEST(every_row_can_be_found_and_has_help)
{
    const struct verb_ops *row = &verb_rows[_i];
    char *args = xasprintf("%s%s", row->words, row->operand == NULL ? "" : " some");

    ck_assert_int_eq(find(args), 0);
    ck_assert_ptr_eq(verb, row);
    ck_assert(row->run != NULL && row->help != NULL);
    free(args);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("verbs");
    TCase *facts = tcase_create("facts");

    tcase_add_checked_fixture(facts, NULL, tear_down);
    tcase_add_loop_test(facts, words_find_their_verb, 0, (int)ARRAY_LEN(good));
    tcase_add_loop_test(facts, wrong_usage_is_explained_in_one_line, 0, (int)ARRAY_LEN(bad));
    tcase_add_loop_test(facts, every_row_can_be_found_and_has_help, 0, (int)verb_count);
    suite_add_tcase(suite, facts);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
