/* common/log: a fact is one line that nothing in it can forge. */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_MODULE "conn"
#include "common/clock.h"
#include "common/log.h"
#include "common/util.h"

static char directory[32];
static char *path;

static void
set_up(void)
{
    str_copy(directory, sizeof(directory), "/tmp/rtchat-log-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    path = xasprintf("%s/log", directory);
    ck_assert_int_eq(log_open(path), 0);
    clock_set(INT64_C(1769860800123), 0);
}

static void
tear_down(void)
{
    log_open(NULL);
    log_set_level(LOG_INFO);
    unlink(path);
    rmdir(directory);
    free(path);
}

/* All that was logged so far; the caller frees it. */
static char *
read_log(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = fopen(path, "r");

    ck_assert_ptr_nonnull(file);
    if (getdelim(&text, &size, '\0', file) < 0)
        text[0] = '\0';
    fclose(file);

    return text;
}

START_TEST(line_has_time_level_and_module)
{
    log_info("c17 ws open user=%s after=%s", "ann", "k3-4120");
    log_error("c18 %d", 1);

    char *text = read_log();
    ck_assert_str_eq(text,
                     "2026-01-31T12:00:00.123Z info  conn: c17 ws open user=ann after=k3-4120\n"
                     "2026-01-31T12:00:00.123Z error conn: c18 1\n");
    free(text);
}
END_TEST

static int evaluated_count;

static int
evaluated(void)
{
    return ++evaluated_count;
}

START_TEST(level_decides_what_is_written_and_evaluated)
{
    log_debug("not yet %d", evaluated());
    log_set_level(LOG_DEBUG);
    log_debug("now %d", evaluated());
    log_set_level(LOG_ERROR);
    log_warn("no more %d", evaluated());

    char *text = read_log();
    ck_assert_str_eq(text, "2026-01-31T12:00:00.123Z debug conn: now 1\n");
    ck_assert_int_eq(evaluated_count, 1);
    free(text);
}
END_TEST

START_TEST(levels_are_known_by_name)
{
    static const char *const names[] = {"error", "warn", "info", "debug"};
    enum log_level level;

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        ck_assert(log_level_parse(names[i], &level));
        ck_assert_uint_eq(level, i);
    }
    ck_assert(!log_level_parse("loud", &level));
    ck_assert(!log_level_parse("", &level));
}
END_TEST

START_TEST(control_characters_are_made_visible)
{
    static const struct {
        const char *value, *expected;
    } rows[] = {
        {"a\nb", "a\\x0ab"},
        {"\r\t\x1b[2J\x7f", "\\x0d\\x09\\x1b[2J\\x7f"},
        {"\xc2\x9b"
         "31m",
         "\\xc2\\x9b31m"}, /* CSI as one C1 character */
        {"\x9b"
         "31m",
         "\\x9b31m"},
        {"x\u202ey", "x\\xe2\\x80\\xaey"}, /* turns the line around */
        {"x\u2028y", "x\\xe2\\x80\\xa8y"},
        {"gr\u00fc\u00df \U0001F980", "gr\u00fc\u00df \U0001F980"},
        {"\xff\xc3", "\\xff\\xc3"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        ck_assert_int_eq(truncate(path, 0), 0);
        log_info("%s", rows[i].value);
        char *text = read_log(), *expected = xasprintf("%s\n", rows[i].expected);
        ck_assert_str_eq(strstr(text, "conn: ") + 6, expected);
        free(expected);
        free(text);
    }
}
END_TEST

START_TEST(long_line_is_cut_and_says_so)
{
    log_info("%s%5000s", "begin", "");
    log_info("%2047s", "");

    char *text = read_log();
    ck_assert_ptr_nonnull(strstr(text, " [cut: 2047 of 5005 bytes]\n"));
    ck_assert_ptr_eq(strstr(text, "[cut"), strrchr(text, '['));
    ck_assert_uint_lt(strlen(text), 5000);
    free(text);
}
END_TEST

START_TEST(errno_survives)
{
    errno = EXDEV;
    log_info("one");
    ck_assert_int_eq(errno, EXDEV);
}
END_TEST

START_TEST(file_is_private_and_appended_to)
{
    struct stat info;

    log_info("one");
    ck_assert_int_eq(log_open(path), 0);
    log_info("two");
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_uint_eq(info.st_mode & 0777, 0600);

    char *text = read_log();
    ck_assert_ptr_nonnull(strstr(text, "one\n"));
    ck_assert_ptr_nonnull(strstr(text, "two\n"));
    free(text);
}
END_TEST

START_TEST(file_that_cannot_be_opened_leaves_the_old_one)
{
    ck_assert_int_eq(log_open("/nonexistent/log"), -ENOENT);
    log_info("still here");

    char *text = read_log();
    ck_assert_ptr_nonnull(strstr(text, "still here\n"));
    free(text);
}
END_TEST

#define THREAD_COUNT   4
#define LINES_A_THREAD 250

static void *
log_many(void *argument)
{
    for (int i = 0; i < LINES_A_THREAD; i++)
        log_info("%s", "0123456789012345678901234567890123456789");

    return NULL;
}

START_TEST(lines_of_many_threads_stay_whole)
{
    pthread_t threads[THREAD_COUNT];
    int count = 0;

    for (int i = 0; i < THREAD_COUNT; i++)
        pthread_create(&threads[i], NULL, log_many, NULL);
    for (int i = 0; i < 20; i++)
        ck_assert_int_eq(log_open(path), 0);
    for (int i = 0; i < THREAD_COUNT; i++)
        pthread_join(threads[i], NULL);

    char *text = read_log(), *rest = text;
    for (char *line; (line = strsep(&rest, "\n")) != NULL && *line != '\0'; count++)
        ck_assert_str_eq(line, "2026-01-31T12:00:00.123Z info  conn: "
                               "0123456789012345678901234567890123456789");
    ck_assert_int_eq(count, THREAD_COUNT * LINES_A_THREAD);
    free(text);
}
END_TEST

static Suite *
log_suite(void)
{
    Suite *suite = suite_create("log");
    TCase *facts = tcase_create("facts");

    tcase_add_checked_fixture(facts, set_up, tear_down);
    tcase_add_test(facts, line_has_time_level_and_module);
    tcase_add_test(facts, level_decides_what_is_written_and_evaluated);
    tcase_add_test(facts, levels_are_known_by_name);
    tcase_add_test(facts, control_characters_are_made_visible);
    tcase_add_test(facts, long_line_is_cut_and_says_so);
    tcase_add_test(facts, errno_survives);
    tcase_add_test(facts, file_is_private_and_appended_to);
    tcase_add_test(facts, file_that_cannot_be_opened_leaves_the_old_one);
    tcase_add_test(facts, lines_of_many_threads_stay_whole);
    suite_add_tcase(suite, facts);

    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(log_suite());

    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
