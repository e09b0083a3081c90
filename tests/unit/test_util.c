/* common/util: copies that cannot run over, numbers that are numbers, whole writes, directories. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/util.h"

START_TEST(str_copy_fits_or_leaves_dst_alone)
{
    char dst[4] = "old";

    ck_assert_int_eq(str_copy(dst, sizeof(dst), "four"), -ENAMETOOLONG);
    ck_assert_str_eq(dst, "old");
    ck_assert_int_eq(str_copy(dst, sizeof(dst), "new"), 0);
    ck_assert_str_eq(dst, "new");
    ck_assert_int_eq(str_copy(dst, 0, ""), -ENAMETOOLONG);
}
END_TEST

START_TEST(str_equal_knows_null)
{
    ck_assert(str_equal(NULL, NULL));
    ck_assert(!str_equal(NULL, ""));
    ck_assert(!str_equal("", NULL));
    ck_assert(str_equal("ann", "ann"));
    ck_assert(!str_equal("ann", "bob"));
}
END_TEST

START_TEST(allocation_of_nothing_gives_something)
{
    char *memory = xmalloc(0);
    ck_assert_ptr_nonnull(memory);
    memory = xrealloc(memory, 0);
    ck_assert_ptr_nonnull(memory);
    free(memory);

    int *numbers = xcalloc(3, sizeof(*numbers));
    ck_assert_int_eq(numbers[0] + numbers[1] + numbers[2], 0);
    free(numbers);
}
END_TEST

/* Else AddressSanitizer ends the program before xcalloc learns that there is no memory. */
const char *__asan_default_options(void);
const char *
__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

START_TEST(allocation_without_memory_aborts)
{
    xcalloc(SIZE_MAX / 2, 4);
}
END_TEST

START_TEST(xstrndup_stops_at_len_and_at_nul)
{
    static const struct {
        const char *text;
        size_t len;
        const char *expected;
    } rows[] = {
        {"lobby", 3, "lob"}, {"lobby", 5, "lobby"},        {"lobby", 50, "lobby"},
        {"lobby", 0, ""},    {"lobby", SIZE_MAX, "lobby"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char *copy = xstrndup(rows[i].text, rows[i].len);
        ck_assert_str_eq(copy, rows[i].expected);
        free(copy);
    }
}
END_TEST

START_TEST(xasprintf_prints_into_fresh_memory)
{
    char *text = xasprintf("%s-%d", "k3", 42);

    ck_assert_str_eq(text, "k3-42");
    free(text);
}
END_TEST

START_TEST(parse_i64_takes_decimal_numbers_only)
{
    static const struct {
        const char *text;
        int64_t min, max;
        int result;
        int64_t value;
    } rows[] = {
        {"0", 0, 10, 0, 0},
        {"10", 0, 10, 0, 10},
        {"007", 0, 10, 0, 7},
        {"-3", -5, 5, 0, -3},
        {"11", 0, 10, -ERANGE, 0},
        {"-1", 0, 10, -ERANGE, 0},
        {"9223372036854775807", INT64_MIN, INT64_MAX, 0, INT64_MAX},
        {"-9223372036854775808", INT64_MIN, INT64_MAX, 0, INT64_MIN},
        {"9223372036854775808", INT64_MIN, INT64_MAX, -ERANGE, 0},
        {"", 0, 10, -EINVAL, 0},
        {"-", -5, 10, -EINVAL, 0},
        {"--1", -5, 10, -EINVAL, 0},
        {"+1", 0, 10, -EINVAL, 0},
        {" 1", 0, 10, -EINVAL, 0},
        {"1 ", 0, 10, -EINVAL, 0},
        {"1.0", 0, 10, -EINVAL, 0},
        {"0x1", 0, 10, -EINVAL, 0},
        {"99999999999999999999x", 0, 10, -EINVAL, 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t value = 77;
        int result = parse_i64(rows[i].text, rows[i].min, rows[i].max, &value);
        ck_assert_msg(result == rows[i].result, "\"%s\": %d", rows[i].text, result);
        ck_assert_msg(value == (result == 0 ? rows[i].value : 77), "\"%s\"", rows[i].text);
    }
}
END_TEST

START_TEST(parse_u64_takes_the_whole_range)
{
    static const struct {
        const char *text;
        int result;
        uint64_t value;
    } rows[] = {
        {"0", 0, 0},
        {"18446744073709551615", 0, UINT64_MAX},
        {"18446744073709551616", -ERANGE, 0},
        {"-1", -EINVAL, 0},
        {"", -EINVAL, 0},
        {"1a", -EINVAL, 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint64_t value = 77;
        int result = parse_u64(rows[i].text, &value);
        ck_assert_msg(result == rows[i].result, "\"%s\": %d", rows[i].text, result);
        ck_assert_msg(value == (result == 0 ? rows[i].value : 77), "\"%s\"", rows[i].text);
    }
}
END_TEST

static void *
read_to_the_end(void *argument)
{
    char bytes[1024];
    size_t sum = 0;
    ssize_t got;

    while ((got = read(*(int *)argument, bytes, sizeof(bytes))) > 0)
        sum += (size_t)got;

    return (void *)sum;
}

START_TEST(write_all_goes_on_after_short_writes)
{
    size_t len = 1 << 20; /* more than a pipe holds */
    char *data = xcalloc(len, 1);
    int ends[2];
    pthread_t reader;
    void *sum;

    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(pthread_create(&reader, NULL, read_to_the_end, &ends[0]), 0);
    ck_assert_int_eq(write_all(ends[1], data, len), 0);
    close(ends[1]);
    pthread_join(reader, &sum);
    ck_assert_uint_eq((size_t)sum, len);

    close(ends[0]);
    free(data);
}
END_TEST

START_TEST(write_all_says_what_failed)
{
    int ends[2];

    signal(SIGPIPE, SIG_IGN);
    ck_assert_int_eq(pipe(ends), 0);
    close(ends[0]);
    ck_assert_int_eq(write_all(ends[1], "x", 1), -EPIPE);
    ck_assert_int_eq(write_all(ends[1], "", 0), 0);
    close(ends[1]);
    ck_assert_int_eq(write_all(-1, "x", 1), -EBADF);
}
END_TEST

START_TEST(make_directories_makes_parents_and_takes_what_is_there)
{
    char root[] = "/tmp/rtchat-util-XXXXXX";
    struct stat info;

    ck_assert_ptr_nonnull(mkdtemp(root));
    char *path = xasprintf("%s/a//b/c/", root);
    ck_assert_int_eq(make_directories(path, 0700), 0);
    ck_assert_int_eq(make_directories(path, 0700), 0);
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_uint_eq(info.st_mode & 0777, 0700);

    char *file = xasprintf("%s/a/file", root);
    close(open(file, O_CREAT | O_WRONLY, 0600));
    char *below = xasprintf("%s/x", file);
    ck_assert_int_eq(make_directories(file, 0700), -ENOTDIR);
    ck_assert_int_eq(make_directories(below, 0700), -ENOTDIR);
    ck_assert_int_eq(make_directories("", 0700), -ENOENT);

    char *clean = xasprintf("rm -r '%s'", root);
    ck_assert_int_eq(system(clean), 0);
    free(clean);
    free(below);
    free(file);
    free(path);
}
END_TEST

START_TEST(make_directories_takes_relative_paths)
{
    char root[] = "/tmp/rtchat-util-XXXXXX";
    struct stat info;

    ck_assert_ptr_nonnull(mkdtemp(root));
    ck_assert_int_eq(chdir(root), 0);
    ck_assert_int_eq(make_directories("one/two", 0755), 0);
    ck_assert_int_eq(stat("one/two", &info), 0);
    ck_assert_int_eq(rmdir("one/two") | rmdir("one") | rmdir(root), 0);
}
END_TEST

static Suite *
util_suite(void)
{
    Suite *suite = suite_create("util");
    TCase *facts = tcase_create("facts");

    tcase_add_test(facts, str_copy_fits_or_leaves_dst_alone);
    tcase_add_test(facts, str_equal_knows_null);
    tcase_add_test(facts, allocation_of_nothing_gives_something);
    tcase_add_test_raise_signal(facts, allocation_without_memory_aborts, SIGABRT);
    tcase_add_test(facts, xstrndup_stops_at_len_and_at_nul);
    tcase_add_test(facts, xasprintf_prints_into_fresh_memory);
    tcase_add_test(facts, parse_i64_takes_decimal_numbers_only);
    tcase_add_test(facts, parse_u64_takes_the_whole_range);
    tcase_add_test(facts, write_all_goes_on_after_short_writes);
    tcase_add_test(facts, write_all_says_what_failed);
    tcase_add_test(facts, make_directories_makes_parents_and_takes_what_is_there);
    tcase_add_test(facts, make_directories_takes_relative_paths);
    suite_add_tcase(suite, facts);

    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(util_suite());

    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
