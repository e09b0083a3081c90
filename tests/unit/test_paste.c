/* What is pasted. */
#include "client/ui/paste.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "common/util.h"

static const struct {
    const wchar_t *typed;
    const char *text;
    size_t line_count;
} cases[] = {
    {L"", "", 1},
    {L"one", "one", 1},
    {L"one\r", "one", 1},
    {L"one\r\n\r\n", "one", 1},
    {L"one\rtwo", "one\ntwo", 2},
    {L"one\ntwo", "one\ntwo", 2},
    {L"one\r\ntwo\r\n", "one\ntwo", 2},
    {L"one\r\rtwo", "one\n\ntwo", 3},
    {L"a\tb", "a\tb", 1},
    {L"a\033[31mb\177", "a␛[31mb␡", 1},
    {L"日本 👍", "日本 👍", 1},
};

static void
paste_all(struct paste *paste, const wchar_t *typed)
{
    paste_begin(paste);
    for (; *typed != L'\0'; typed++)
        paste_add(paste, (wint_t)*typed);
    paste_end(paste);
}

START_TEST(lines_are_told_apart)
{
    struct paste paste = {0};

    paste_all(&paste, cases[_i].typed);
    ck_assert_str_eq(buf_text(&paste.text), cases[_i].text);
    ck_assert_uint_eq(paste.line_count, cases[_i].line_count);
    ck_assert_int_eq(paste.asks, cases[_i].line_count > 1);
    ck_assert(!paste.runs);
    paste_fini(&paste);
}
END_TEST

START_TEST(next_paste_begins_empty)
{
    struct paste paste = {0};

    paste_all(&paste, L"one\rtwo");
    paste_all(&paste, L"three");
    ck_assert_str_eq(buf_text(&paste.text), "three");
    ck_assert(!paste.asks);
    paste_fini(&paste);
}
END_TEST

START_TEST(endless_paste_is_cut_and_says_so)
{
    struct paste paste = {0};
    struct buf question = BUF_INIT;

    paste_begin(&paste);
    paste_add(&paste, '\r');
    for (size_t i = 0; i < PASTE_MAX + 5; i++)
        paste_add(&paste, 'x');
    paste_end(&paste);
    ck_assert_uint_eq(paste.text.len, PASTE_MAX);
    paste_question(&paste, &question);
    ck_assert_ptr_nonnull(strstr(buf_text(&question), "cut after 1 MiB"));
    buf_fini(&question);
    paste_fini(&paste);
}
END_TEST

START_TEST(question_offers_its_answers)
{
    struct paste paste = {0};
    struct buf question = BUF_INIT;

    paste_all(&paste, L"1\r2\r3\r4\r5\r6\r7");
    paste_question(&paste, &question);
    ck_assert_str_eq(buf_text(&question),
                     "Paste 7 lines? [Enter] one message  [l] 7 messages  [e] edit  [Esc] drop");
    ck_assert_int_eq(paste_answer('\r'), PASTE_ONE);
    ck_assert_int_eq(paste_answer('l'), PASTE_LINES);
    ck_assert_int_eq(paste_answer('e'), PASTE_EDIT);
    ck_assert_int_eq(paste_answer(27), PASTE_DROP);
    ck_assert_int_eq(paste_answer('x'), PASTE_NOT_ANSWERED);
    buf_fini(&question);
    paste_fini(&paste);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("paste");
    TCase *tcase = tcase_create("paste");

    tcase_add_loop_test(tcase, lines_are_told_apart, 0, ARRAY_LEN(cases));
    tcase_add_test(tcase, next_paste_begins_empty);
    tcase_add_test(tcase, endless_paste_is_cut_and_says_so);
    tcase_add_test(tcase, question_offers_its_answers);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
