/* client/lines: standard input by lines, from whatever it is. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/lines.h"
#include "common/buf.h"
#include "common/util.h"

static uv_loop_t loop;
static struct lines *lines;
static struct buf heard;  /* "one|two|" and so on, "!" a line that was too long, "." the end */
static unsigned refusals; /* lines that are not taken at once */
static bool stops;        /* at the first line */

static bool
heard_line(void *context, char *line, size_t len)
{
    if (refusals > 0) {
        refusals--;
        return false;
    }

    buf_add(&heard, line, len);
    buf_add_byte(&heard, '|');
    if (stops)
        lines_destroy(lines);
    return true;
}

static void
heard_too_long(void *context)
{
    buf_add_byte(&heard, '!');
}

static void
heard_end(void *context)
{
    buf_add_byte(&heard, '.');
}

static const struct lines_listener listener = {
    .line = heard_line,
    .too_long = heard_too_long,
    .end = heard_end,
};

static void
setup(void)
{
    uv_loop_init(&loop);
}

static void
teardown(void)
{
    buf_fini(&heard);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
}

/* A pipe or a file that holds text to its end. */
static int
piped(const char *text, size_t len)
{
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
    ck_assert_int_eq(write_all(ends[1], text, len), 0);
    close(ends[1]);
    return ends[0];
}

static int
filed(const char *text, size_t len)
{
    FILE *file = tmpfile();

    ck_assert_ptr_nonnull(file);
    fwrite(text, 1, len, file);
    rewind(file);
    int fd = dup(fileno(file));
    lseek(fd, 0, SEEK_SET);
    fclose(file);
    return fd;
}

/* What is heard of fd to its end. */
static const char *
read_all(int fd)
{
    buf_clear(&heard);
    lines = lines_create(&loop, fd, &listener);
    uv_run(&loop, UV_RUN_DEFAULT);
    lines_destroy(lines);
    uv_run(&loop, UV_RUN_DEFAULT);
    close(fd);
    return buf_text(&heard);
}

START_TEST(lines_come_one_by_one)
{
    static const struct {
        const char *text, *heard;
    } rows[] = {
        {"one\ntwo\n", "one|two|."},
        {"one\ntwo", "one|two|."},
        {"one\r\ntwo\r", "one|two|."},
        {"", "."},
        {"\n\n", "||."},
        {"a\rb\n", "a\rb|."},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t len = strlen(rows[i].text);
        ck_assert_str_eq(read_all(piped(rows[i].text, len)), rows[i].heard);
        ck_assert_str_eq(read_all(filed(rows[i].text, len)), rows[i].heard);
    }
}
END_TEST

START_TEST(device_and_closed_descriptor_are_at_their_end)
{
    ck_assert_str_eq(read_all(open("/dev/null", O_RDONLY)), ".");
    ck_assert_str_eq(read_all(999), ".");
}
END_TEST

START_TEST(many_lines_all_come)
{
    struct buf text = BUF_INIT;

    for (int i = 0; i < 1000; i++)
        buf_addf(&text, "%d\n", i);
    read_all(piped(text.data, text.len));
    ck_assert_uint_eq(heard.len, text.len + 1);
    read_all(filed(text.data, text.len));
    ck_assert_uint_eq(heard.len, text.len + 1);
    buf_fini(&text);
}
END_TEST

START_TEST(line_that_is_too_long_is_passed_over)
{
    static const size_t lens[] = {LINES_MAX_LEN + 1, 3 * LINES_MAX_LEN};

    for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
        struct buf text = BUF_INIT;
        buf_add_str(&text, "one\n");
        for (size_t j = 0; j < lens[i]; j++)
            buf_add_byte(&text, 'x');
        buf_add_str(&text, "\ntwo\n");
        ck_assert_str_eq(read_all(piped(text.data, text.len)), "one|!two|.");
        ck_assert_str_eq(read_all(filed(text.data, text.len)), "one|!two|.");
        ck_assert_str_eq(read_all(piped(text.data, text.len - 5)), "one|!.");
        buf_fini(&text);
    }
}
END_TEST

START_TEST(longest_line_comes_whole)
{
    char *text = xmalloc(LINES_MAX_LEN);

    memset(text, 'x', LINES_MAX_LEN);
    read_all(piped(text, LINES_MAX_LEN));
    ck_assert_uint_eq(heard.len, LINES_MAX_LEN + 2);
    free(text);
}
END_TEST

START_TEST(line_that_is_not_taken_comes_again)
{
    int fd = piped("one\ntwo\n", 8);

    refusals = 2;
    lines = lines_create(&loop, fd, &listener);
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert_str_eq(buf_text(&heard), "");
    lines_resume(lines);
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert_str_eq(buf_text(&heard), "");
    lines_resume(lines);
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert_str_eq(buf_text(&heard), "one|two|.");
    lines_destroy(lines);
    uv_run(&loop, UV_RUN_DEFAULT);
    close(fd);
}
END_TEST

START_TEST(destroyed_within_a_line_nothing_more_is_heard)
{
    int fd = piped("one\ntwo\n", 8);

    stops = true;
    lines = lines_create(&loop, fd, &listener);
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert_str_eq(buf_text(&heard), "one|");
    close(fd);
}
END_TEST

START_TEST(descriptor_gets_its_flags_back)
{
    int fd = piped("one\n", 4);

    int before = fcntl(fd, F_GETFL);
    lines = lines_create(&loop, fd, &listener);
    uv_run(&loop, UV_RUN_DEFAULT);
    lines_destroy(lines);
    ck_assert_int_eq(fcntl(fd, F_GETFL), before);
    uv_run(&loop, UV_RUN_DEFAULT);
    close(fd);
}
END_TEST

static Suite *
lines_suite(void)
{
    Suite *suite = suite_create("lines");
    TCase *facts = tcase_create("facts");

    tcase_add_checked_fixture(facts, setup, teardown);
    tcase_add_test(facts, lines_come_one_by_one);
    tcase_add_test(facts, device_and_closed_descriptor_are_at_their_end);
    tcase_add_test(facts, many_lines_all_come);
    tcase_add_test(facts, line_that_is_too_long_is_passed_over);
    tcase_add_test(facts, longest_line_comes_whole);
    tcase_add_test(facts, line_that_is_not_taken_comes_again);
    tcase_add_test(facts, destroyed_within_a_line_nothing_more_is_heard);
    tcase_add_test(facts, descriptor_gets_its_flags_back);
    suite_add_tcase(suite, facts);

    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(lines_suite());

    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
