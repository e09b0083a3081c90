/* common/option: the table read from files, and who wins where there are several. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/option_sample.h"

static char dir[] = "/tmp/rtchat-option-XXXXXX";
static char path[sizeof(dir) + 16];

static void
make_dir(void)
{
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/test.conf", dir);
}

static void
remove_dir(void)
{
    unlink(path);
    rmdir(dir);
}

static void
write_file(const char *text, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write_all(fd, text, len), 0);
    close(fd);
}

static int
parse_bytes(const char *text, size_t len)
{
    write_file(text, len);
    return options_parse_file(rows, ARRAY_LEN(rows), &config, path, "server", &fault);
}

static int
parse_text(const char *text)
{
    return parse_bytes(text, strlen(text));
}

START_TEST(file_reads_its_section_only)
{
    int r = parse_text("\xef\xbb\xbf# a comment\r\n"
                       "; another\n"
                       "\n"
                       "[client]\n"
                       "nonsense = 1\n"
                       "port = 1\n"
                       "[ server ]  # ours\r\n"
                       "  port=2\r\n"
                       "\tuser =  ann of = here  \n"
                       "guests = yes\n"
                       "plain = yes\n"
                       "max-body = 2K\n"
                       "[bench]\n"
                       "port = 3\n"
                       "[server]\n"
                       "wait = 3");

    ck_assert_msg(r == 0, "%s", fault.message);
    ck_assert_int_eq(config.port, 2);
    ck_assert_str_eq(config.user, "ann of = here");
    ck_assert_int_eq(config.guests, 1);
    ck_assert(config.plain);
    ck_assert_int_eq(config.max_body, 2048);
    ck_assert_int_eq(config.wait_ms, 3000);
}
END_TEST

START_TEST(file_value_may_hold_a_hash)
{
    ck_assert_int_eq(parse_text("[server]\nroom = #a ; b\nroom=#c\n"), 0);
    assert_list(&config.rooms, "#a ; b #c");
}
END_TEST

START_TEST(file_may_be_empty)
{
    ck_assert_int_eq(parse_text(""), 0);
    ck_assert_int_eq(parse_text("\n"), 0);
    ck_assert_int_eq(config.port, 8443);
}
END_TEST

/* clang-format off */
static const struct {
    const char *text;
    const char *message; /* behind the path */
} refused_files[] = {
    {"\n[server]\nport = x\n", ":3: port = x: not a number; wanted 0-65535"},
    {"[server]\nport = 70000", ":2: port = 70000: out of range; wanted 0-65535"},
    {"[server]\nport =\n", ":2: port: no value; wanted 0-65535"},
    {"[server]\nport\n", ":2: not a setting; wanted name = value"},
    {"[server]\nhunter2\n", ":2: not a setting; wanted name = value"},
    {"[server]\n= 3\n", ":2: unknown name ; wanted an option that --help lists"},
    {"[server]\nprot = 3\n", ":2: unknown name prot; did you mean port?"},
    {"[server]\nhelpp = yes\n", ":2: unknown name helpp; wanted an option that --help lists"},
    {"[server]\nhelp = yes\n",
     ":2: help has no place in a file; wanted --help on the command line"},
    {"[server]\nplain = 1\n", ":2: plain = 1: neither yes nor no; wanted yes|no"},
    {"[server]\ntoken-days = hunter2\n", ":2: token-days: not a number; wanted 1-365"},
    {"port = 1\n", ":1: a setting outside of any section; wanted [server] above it"},
    {"[server\nport = 1\n", ":1: no ] behind the section's name; wanted [section]"},
    {"[server] port = 1\n", ":1: more than a section on its line; wanted [section] alone"},
};
/* clang-format on */

START_TEST(file_refusal_names_the_line)
{
    int r = parse_text(refused_files[_i].text);

    ck_assert_msg(r == -EINVAL, "row %d: %d", _i, r);
    ck_assert_msg(strncmp(fault.message, path, strlen(path)) == 0, "%s", fault.message);
    ck_assert_str_eq(fault.message + strlen(path), refused_files[_i].message);
}
END_TEST

START_TEST(file_with_nul_byte_is_refused)
{
    static const char text[] = "[server]\nport = 1\0 2\n";

    ck_assert_int_eq(parse_bytes(text, sizeof(text) - 1), -EINVAL);
    ck_assert_str_eq(fault.message + strlen(path), ":2: a NUL byte; wanted text");
    ck_assert_int_eq(config.port, 8443);
}
END_TEST

static int
parse_path(const char *name)
{
    return options_parse_file(rows, ARRAY_LEN(rows), &config, name, "server", &fault);
}

START_TEST(file_that_cannot_be_read_is_said)
{
    ck_assert_int_eq(parse_path(path), -ENOENT);
    ck_assert_str_eq(fault.message + strlen(path),
                     ": No such file or directory; wanted a configuration file");
    ck_assert_int_eq(parse_path(dir), -EISDIR);
    ck_assert_int_eq(parse_path("/dev/zero"), -EFBIG);
    ck_assert_str_eq(fault.message,
                     "/dev/zero: too big; wanted a configuration file of at most 1 MiB");
}
END_TEST

START_TEST(long_path_is_shown_by_its_end)
{
    char name[4200] = "/";

    memset(name + 1, 'd', sizeof(name) - 2);
    memcpy(name + sizeof(name) - 6, "/conf", 6);
    ck_assert_int_eq(parse_path(name), -ENAMETOOLONG);
    ck_assert_msg(strncmp(fault.message, "…ddd", 6) == 0, "%s", fault.message);
    ck_assert_msg(strstr(fault.message, "File name too long; wanted") != NULL, "%s", fault.message);
}
END_TEST

START_TEST(later_source_wins_and_its_list_replaces)
{
    const char *first = "[server]\nport = 1\nuser = a\nroom = #a\nroom = #b\nbind = x\n";
    const char *second = "[server]\nport = 2\nroom = #c\nroom = #d\n";

    ck_assert_int_eq(parse_text(first), 0);
    assert_list(&config.rooms, "#a #b");
    options_next_source(rows, ARRAY_LEN(rows), &config);
    ck_assert_int_eq(parse_text(second), 0);
    assert_list(&config.rooms, "#c #d");
    options_next_source(rows, ARRAY_LEN(rows), &config);
    ck_assert_int_eq(PARSE(word("--room=#e"), word("--port=3")), 0);

    ck_assert_int_eq(config.port, 3);
    ck_assert_str_eq(config.user, "a");
    assert_list(&config.rooms, "#e");
    assert_list(&config.binds, "x");
}
END_TEST

START_TEST(config_path_follows_the_environment)
{
    static const struct {
        const char *xdg;
        const char *home;
        const char *expected;
    } cases[] = {
        {"/x", "/home/ann", "/x/rtchat/rtchat.conf"},
        {NULL, "/home/ann", "/home/ann/.config/rtchat/rtchat.conf"},
        {"", "/home/ann", "/home/ann/.config/rtchat/rtchat.conf"},
        {"rel", "/home/ann", "/home/ann/.config/rtchat/rtchat.conf"},
        {NULL, NULL, NULL},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cases[i].xdg != NULL ? setenv("XDG_CONFIG_HOME", cases[i].xdg, 1)
                             : unsetenv("XDG_CONFIG_HOME");
        cases[i].home != NULL ? setenv("HOME", cases[i].home, 1) : unsetenv("HOME");
        char *got = options_config_path(1);
        ck_assert_msg(str_equal(got, cases[i].expected), "row %zu: %s", i, got);
        free(got);
    }
}
END_TEST

START_TEST(config_path_begins_with_the_machines_own)
{
    char *first = options_config_path(0);

    ck_assert_str_eq(first, "/etc/rtchat/rtchat.conf");
    free(first);
    ck_assert_ptr_null(options_config_path(2));
    ck_assert_ptr_null(options_config_path(-1));
}
END_TEST

static Suite *
option_file_suite(void)
{
    Suite *suite = suite_create("option_file");
    TCase *files = tcase_create("file");
    TCase *paths = tcase_create("path");

    tcase_add_unchecked_fixture(files, make_dir, remove_dir);
    tcase_add_checked_fixture(files, set_up, tear_down);
    tcase_add_test(files, file_that_cannot_be_read_is_said);
    tcase_add_test(files, long_path_is_shown_by_its_end);
    tcase_add_test(files, file_reads_its_section_only);
    tcase_add_test(files, file_value_may_hold_a_hash);
    tcase_add_test(files, file_may_be_empty);
    tcase_add_loop_test(files, file_refusal_names_the_line, 0, (int)ARRAY_LEN(refused_files));
    tcase_add_test(files, file_with_nul_byte_is_refused);
    tcase_add_test(files, later_source_wins_and_its_list_replaces);
    suite_add_tcase(suite, files);

    tcase_add_test(paths, config_path_follows_the_environment);
    tcase_add_test(paths, config_path_begins_with_the_machines_own);
    suite_add_tcase(suite, paths);

    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(option_file_suite());

    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
