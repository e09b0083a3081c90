/* common/option: the table read from argv, and shown by --help. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/option_row.h"
#include "common/text.h"
#include "tests/unit/option_sample.h"

START_TEST(init_sets_every_default)
{
    ck_assert_ptr_null(config.user);
    ck_assert_str_eq(config.data_dir, "/tmp/x");
    ck_assert_int_eq(config.port, 8443);
    ck_assert_int_eq(config.depth, 0);
    ck_assert_int_eq(config.max_body, 1024 * 1024);
    ck_assert_int_eq(config.wait_ms, 2500);
    ck_assert_int_eq(config.transport, 0);
    ck_assert_int_eq(config.guests, -1);
    assert_list(&config.rooms, "#lobby");
    ck_assert_uint_eq(config.binds.count, 0);
    ck_assert(!config.plain);
}
END_TEST

START_TEST(argv_takes_values_behind_equals_sign_and_as_next_word)
{
    int r = PARSE(word("--user=ann"), word("--port"), word("0"), word("--wait=.5x"));
    ck_assert_int_eq(r, -EINVAL);

    r = PARSE(word("--user=ann=b"), word("--port"), word("0"), word("--depth"), word("-5"),
              word("--transport=sse"), word("--guests=no"), word("--plain"),
              word("--data-dir=--x"));
    ck_assert_msg(r == 0, "%s", fault.message);
    ck_assert_str_eq(config.user, "ann=b");
    ck_assert_int_eq(config.port, 0);
    ck_assert_int_eq(config.depth, -5);
    ck_assert_int_eq(config.transport, 2);
    ck_assert_int_eq(config.guests, 0);
    ck_assert(config.plain);
    ck_assert_str_eq(config.data_dir, "--x");
    ck_assert_int_eq(operand_count, 0);
}
END_TEST

START_TEST(argv_hands_operands_on_in_order)
{
    int r = PARSE(word("one"), word("--plain"), word("-"), word("--"), word("--user=x"), word("-v"),
                  word("--"));

    ck_assert_int_eq(r, 0);
    ck_assert_int_eq(operand_count, 5);
    ck_assert_str_eq(operands[0], "one");
    ck_assert_str_eq(operands[1], "-");
    ck_assert_str_eq(operands[2], "--user=x");
    ck_assert_str_eq(operands[3], "-v");
    ck_assert_str_eq(operands[4], "--");
    ck_assert_ptr_null(config.user);
}
END_TEST

START_TEST(argv_may_be_empty)
{
    char *none[] = {NULL};

    ck_assert_int_eq(parse_words(none), 0);
    ck_assert_int_eq(operand_count, 0);
}
END_TEST

START_TEST(argv_takes_the_last_of_a_repeated_scalar_and_all_of_a_list)
{
    int r = PARSE(word("--port=1"), word("--user=a"), word("--room=#a,b"), word("--port=2"),
                  word("--user=b"), word("--room"), word("#c"));

    ck_assert_int_eq(r, 0);
    ck_assert_int_eq(config.port, 2);
    ck_assert_str_eq(config.user, "b");
    assert_list(&config.rooms, "#a,b #c");
}
END_TEST

/* clang-format off */
static const struct {
    const char *word;
    const char *message;
} refused_words[] = {
    {"--port=abc", "--port=abc: not a number; wanted 0-65535"},
    {"--port=65536", "--port=65536: out of range; wanted 0-65535"},
    {"--port=-1", "--port=-1: out of range; wanted 0-65535"},
    {"--port=99999999999999999999", "--port=99999999999999999999: out of range; wanted 0-65535"},
    {"--port=", "--port: no value; wanted 0-65535"},
    {"--port", "--port: no value; wanted 0-65535"},
    {"--depth=-6", "--depth=-6: out of range; wanted -5 or more"},
    {"--user=", "--user: no value; wanted NAME"},
    {"--max-body=1T", "--max-body=1T: not a size; wanted 1K-1G bytes"},
    {"--max-body=K", "--max-body=K: not a size; wanted 1K-1G bytes"},
    {"--max-body=1MB", "--max-body=1MB: not a size; wanted 1K-1G bytes"},
    {"--max-body=1023", "--max-body=1023: out of range; wanted 1K-1G bytes"},
    {"--max-body=17179869184G", "--max-body=17179869184G: out of range; wanted 1K-1G bytes"},
    {"--wait=1s", "--wait=1s: not a time; wanted 0.5-55 seconds"},
    {"--wait=1.", "--wait=1.: not a time; wanted 0.5-55 seconds"},
    {"--wait=-1", "--wait=-1: not a time; wanted 0.5-55 seconds"},
    {"--wait=1.0001", "--wait=1.0001: finer than a millisecond; wanted 0.5-55 seconds"},
    {"--wait=0.499", "--wait=0.499: out of range; wanted 0.5-55 seconds"},
    {"--wait=9223372036854775807",
     "--wait=9223372036854775807: out of range; wanted 0.5-55 seconds"},
    {"--transport=w", "--transport=w: not a choice; wanted auto|ws|sse"},
    {"--transport=auto|ws", "--transport=auto|ws: not a choice; wanted auto|ws|sse"},
    {"--guests=maybe", "--guests=maybe: neither yes nor no; wanted yes|no"},
    {"--plain=yes", "--plain takes no value; wanted --plain alone"},
    {"--prot=80", "unknown option --prot; did you mean --port?"},
    {"--trans", "unknown option --trans; did you mean --transport?"},
    {"--max_body=1", "unknown option --max_body; did you mean --max-body?"},
    {"-help", "unknown option -help; did you mean --help?"},
    {"-x", "unknown option -x; wanted one that --help lists"},
    {"--colour=red", "unknown option --colour; wanted one that --help lists"},
    {"--=x", "unknown option --; wanted one that --help lists"},
    {"---", "unknown option ---; wanted one that --help lists"},
    {"--token-days=hunter2", "--token-days: not a number; wanted 1-365"},
    {"--pasword=hunter2", "unknown option --pasword; wanted one that --help lists"},
    {"--port=\x1b[31m\n", "--port=␛[31m⏎: not a number; wanted 0-65535"},
    {"--port=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabb",
     "--port=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…: not a number; wanted 0-65535"},
};
/* clang-format on */

START_TEST(argv_refusal_says_what_was_wrong_and_what_was_wanted)
{
    int r = PARSE(word("--user=ann"), word(refused_words[_i].word));

    ck_assert_msg(r == -EINVAL, "%s: %d", refused_words[_i].word, r);
    ck_assert_str_eq(fault.message, refused_words[_i].message);
    ck_assert_int_eq(operand_count, -1);
}
END_TEST

START_TEST(argv_value_that_looks_like_an_option_is_a_missing_value)
{
    int r = PARSE(word("--user"), word("--plain"));

    ck_assert_int_eq(r, -EINVAL);
    ck_assert_str_eq(fault.message, "--user: no value; wanted NAME");
}
END_TEST

static const struct {
    const char *word;
    int64_t value;
} sizes[] = {
    {"1024", 1024}, {"1K", 1024}, {"64k", 65536}, {"3M", 3 * 1048576}, {"1G", INT64_C(1) << 30},
};

START_TEST(sizes_multiply_by_their_letter)
{
    char text[40];

    snprintf(text, sizeof(text), "--max-body=%s", sizes[_i].word);
    ck_assert_int_eq(PARSE(text), 0);
    ck_assert_msg(config.max_body == sizes[_i].value, "%s", sizes[_i].word);
}
END_TEST

static const struct {
    const char *word;
    int64_t ms;
} times[] = {
    {"1", 1000}, {"0.5", 500}, {"0.501", 501}, {"1.05", 1050}, {"55.0", 55000},
};

START_TEST(seconds_become_milliseconds)
{
    char text[40];

    snprintf(text, sizeof(text), "--wait=%s", times[_i].word);
    ck_assert_int_eq(PARSE(text), 0);
    ck_assert_msg(config.wait_ms == times[_i].ms, "%s", times[_i].word);
}
END_TEST

START_TEST(error_too_long_is_cut_between_characters)
{
    static const char *const ends[] = {"b", "bb", "\xc3\xa9", "\xe2\x98\x95"};
    static const size_t kept[] = {299, 299, 298, 298};

    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        struct buf message = BUF_INIT;
        buf_addf(&message, "%0298d%s", 0, ends[i]);
        ck_assert_int_eq(option_fail(&fault, &message), -EINVAL);
        ck_assert_msg(strlen(fault.message) == kept[i], "row %zu", i);
    }
}
END_TEST

START_TEST(error_shows_any_name_as_text)
{
    char text[600] = "--";

    /* Long of every kind: combining marks, wide characters, bad bytes. */
    for (size_t offset = 0; offset < 8; offset++) {
        memset(text + 2, 'a', offset);
        for (size_t i = 2 + offset; i + 8 < sizeof(text); i += 8) {
            memcpy(text + i, "\xe6\x97\xa5\xcc\x81\xff\xcc\x80", 9);
        }
        ck_assert_int_eq(PARSE(text), -EINVAL);
        ck_assert_msg(text_is_utf8(fault.message, strlen(fault.message)), "%s", fault.message);
    }
}
END_TEST

static const char expected_help[] =
    "  --max-body=BYTES        Largest body (1K-1G bytes; default 1M)\n"
    "  --user=NAME             Who you are\n"
    "  --data-dir=DIR          Where the log is kept (default /tmp/x)\n"
    "  --proxy=URL             Way out\n"
    "  --port=PORT             Port to listen on, where 0 stands for any port that\n"
    "                          happens to be free (0-65535; default 8443)\n"
    "  --depth=N               How deep (-5 or more)\n"
    "  --wait=SECONDS          How long (0.5-55 seconds; default 2.5)\n"
    "  --transport=auto|ws|sse\n"
    "                          Which way (default auto)\n"
    "  --guests=yes|no         Whether guests may come in\n"
    "  --room=ROOM             Room to join (may be given again; default #lobby)\n"
    "  --bind=ADDR             Address (may be given again)\n"
    "  --plain                 Lines in, lines out\n"
    "  --help                  Show this\n"
    "  --token-days=DAYS       Life of a token (1-365; default 30)\n";

START_TEST(help_shows_every_row_within_80_columns)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    options_print_help(rows, ARRAY_LEN(rows), out);
    fclose(out);
    ck_assert_str_eq(text, expected_help);
    free(text);
}
END_TEST

START_TEST(decimal_is_kept_in_thousandths_and_has_no_unit)
{
    static const struct option_row row = {.name = "price",
                                          .kind = OPTION_DECIMAL,
                                          .min = 0,
                                          .max = 20500,
                                          .value = "PRICE",
                                          .fallback = "0.05",
                                          .help = "What it costs"};
    static const struct {
        const char *value;
        int result;
        int64_t thousandths;
        const char *fault;
    } cases[] = {
        {"0.05", 0, 50, NULL},
        {"20.5", 0, 20500, NULL},
        {"21", -ERANGE, 0, ": out of range; wanted 0-20.5"},
        {"0.0001", -EDOM, 0, ": finer than a thousandth; wanted 0-20.5"},
        {"much", -EINVAL, 0, ": not a number; wanted 0-20.5"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf words = BUF_INIT;
        int64_t price = 0;

        ck_assert_int_eq(option_row_set(&row, &price, cases[i].value), cases[i].result);
        ck_assert_int_eq(price, cases[i].thousandths);
        if (cases[i].fault != NULL) {
            option_row_add_fault(&row, cases[i].result, &words);
            ck_assert_str_eq(buf_text(&words), cases[i].fault);
        }
        buf_fini(&words);
    }
}
END_TEST

static Suite *
option_suite(void)
{
    Suite *suite = suite_create("option");
    TCase *words = tcase_create("argv");
    TCase *help = tcase_create("help");

    tcase_add_checked_fixture(words, set_up, tear_down);
    tcase_add_test(words, decimal_is_kept_in_thousandths_and_has_no_unit);
    tcase_add_test(words, init_sets_every_default);
    tcase_add_test(words, argv_takes_values_behind_equals_sign_and_as_next_word);
    tcase_add_test(words, argv_hands_operands_on_in_order);
    tcase_add_test(words, argv_may_be_empty);
    tcase_add_test(words, argv_takes_the_last_of_a_repeated_scalar_and_all_of_a_list);
    tcase_add_loop_test(words, argv_refusal_says_what_was_wrong_and_what_was_wanted, 0,
                        (int)ARRAY_LEN(refused_words));
    tcase_add_test(words, argv_value_that_looks_like_an_option_is_a_missing_value);
    tcase_add_loop_test(words, sizes_multiply_by_their_letter, 0, (int)ARRAY_LEN(sizes));
    tcase_add_loop_test(words, seconds_become_milliseconds, 0, (int)ARRAY_LEN(times));
    tcase_add_test(words, error_too_long_is_cut_between_characters);
    tcase_add_test(words, error_shows_any_name_as_text);
    suite_add_tcase(suite, words);

    tcase_add_test(help, help_shows_every_row_within_80_columns);
    suite_add_tcase(suite, help);

    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(option_suite());

    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
