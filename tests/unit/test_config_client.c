/* client/config: defaults, files, argv, and what the table cannot check. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/config.h"
#include "client/link/http.h"
#include "client/link/link_ops.h"
#include "common/util.h"

#define ARGS_MAX 8

static char dir[] = "/tmp/rtchat-config-XXXXXX";
static char path[64];
static struct client_config config;
static struct option_error error;

static void
setup(void)
{
    ck_assert_ptr_nonnull(mkdtemp(dir));
    setenv("XDG_CONFIG_HOME", dir, 1);
    snprintf(path, sizeof(path), "%s/other.conf", dir);
}

static void
teardown(void)
{
    unlink(path);
    ck_assert_int_eq(rmdir(dir), 0);
}

static void
write_file(const char *text)
{
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

/* args: blank-separated; "=FILE" stands for the file's path. */
static int
load(const char *args)
{
    char *words = xstrdup(args), *rest = words, *word;
    char program[] = "rtchat-client", given[128];
    char *argv[ARGS_MAX + 1] = {program};
    int argc = 1;

    while ((word = strsep(&rest, " ")) != NULL)
        if (*word != '\0') {
            snprintf(given, sizeof(given), "--config=%s", path);
            argv[argc++] = strcmp(word, "--config=FILE") == 0 ? given : word;
        }
    int result = client_config_load(&config, argc, argv, &error);
    free(words);
    return result;
}

START_TEST(defaults_are_those_of_the_contract)
{
    ck_assert_int_eq(load("--user=ann"), 0);
    ck_assert_ptr_null(config.url);
    ck_assert_int_eq(config.transport, 0); /* auto */
    ck_assert_int_eq(config.http, HTTP_AUTO);
    ck_assert_int_eq(config.timeout_ms, 60000);
    ck_assert_int_eq(config.poll_interval_ms, 3000);
    ck_assert_uint_eq(config.rooms.count, 0);
    client_config_fini(&config);
}
END_TEST

START_TEST(names_become_lower_case)
{
    ck_assert_int_eq(load("--user=Ann --room=#Ops --room=@Bob https://h:1"), 0);
    ck_assert_str_eq(config.user, "ann");
    ck_assert_str_eq(config.rooms.items[0], "#ops");
    ck_assert_str_eq(config.rooms.items[1], "@bob");
    ck_assert_str_eq(config.url, "https://h:1");
    client_config_add_room(&config, "#lobby");
    ck_assert_uint_eq(config.rooms.count, 2);
    client_config_fini(&config);
}
END_TEST

START_TEST(argv_wins_over_the_file)
{
    write_file("[client]\nuser = file\ntimeout = 5\nroom = #a\n[server]\nport = 1\n");
    ck_assert_int_eq(load("--config=FILE --user=argv --room=#b"), 0);
    ck_assert_str_eq(config.user, "argv");
    ck_assert_int_eq(config.timeout_ms, 5000);
    ck_assert_uint_eq(config.rooms.count, 1);
    ck_assert_str_eq(config.rooms.items[0], "#b");
    client_config_fini(&config);
}
END_TEST

START_TEST(wrong_usage_is_explained)
{
    static const struct {
        const char *args, *why;
    } rows[] = {
        {"--user=-x", "--user=-x: "},
        {"--room=ops", "--room=ops: "},
        {"--room=#a,b", "--room=#a,b: "},
        {"--after=here", "--after=here: no cursor; wanted"},
        {"--fingerprint=12", "wanted 64 hex digits"},
        {"--transport=pigeon", "ws"},
        {"--http=3", "auto|1.1|2"},
        {"--invite=abc", "wanted --register"},
        {"--timeout=-1", "timeout"},
        {"--poll-interval=0.05", "poll-interval"},
        {"--proxy=https://p:1", "--proxy: proxy begins with"},
        {"https://a https://b", "one operand too many: \"https://b\""},
        {"http://a", "https"},
        {"--config=/nonexistent/x", "/nonexistent/x"},
        {"--nonsense", "nonsense"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        ck_assert_msg(load(rows[i].args) == -EINVAL, "%s", rows[i].args);
        ck_assert_msg(strstr(error.message, rows[i].why) != NULL, "%s: %s", rows[i].args,
                      error.message);
        ck_assert_msg(strchr(error.message, '\n') == NULL, "%s", error.message);
        client_config_fini(&config);
    }
}
END_TEST

START_TEST(help_is_given_whatever_the_files_say)
{
    write_file("[client]\nnonsense = 1\n");
    ck_assert_int_eq(load("--config=FILE --help"), 0);
    ck_assert(config.help);
    client_config_fini(&config);
    ck_assert_int_eq(load("--config=FILE"), -EINVAL);
    client_config_fini(&config);
}
END_TEST

START_TEST(state_has_its_place)
{
    setenv("XDG_STATE_HOME", "/s", 1);
    char *state = client_state_dir();
    ck_assert_str_eq(state, "/s/rtchat");
    free(state);

    setenv("XDG_STATE_HOME", "relative", 1);
    setenv("HOME", "/h", 1);
    state = client_state_dir();
    ck_assert_str_eq(state, "/h/.local/state/rtchat");
    free(state);

    unsetenv("HOME");
    ck_assert_ptr_null(client_state_dir());
}
END_TEST

static Suite *
config_suite(void)
{
    Suite *suite = suite_create("config_client");
    TCase *facts = tcase_create("facts");

    tcase_add_checked_fixture(facts, setup, teardown);
    tcase_add_test(facts, defaults_are_those_of_the_contract);
    tcase_add_test(facts, names_become_lower_case);
    tcase_add_test(facts, argv_wins_over_the_file);
    tcase_add_test(facts, wrong_usage_is_explained);
    tcase_add_test(facts, help_is_given_whatever_the_files_say);
    tcase_add_test(facts, state_has_its_place);
    suite_add_tcase(suite, facts);

    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(config_suite());

    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
