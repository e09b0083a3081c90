/* The line editor. */
#include "client/ui/edit.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/util.h"

/* Text with a bar for the cursor: "he|llo". */
static struct edit *
edit_of(const char *shown)
{
    struct edit *edit = edit_create(200);
    size_t cursor = strcspn(shown, "|");
    char *text = xasprintf("%.*s%s", (int)cursor, shown, shown[cursor] ? shown + cursor + 1 : "");

    edit_set(edit, text, cursor);
    free(text);
    return edit;
}

static void
shows(const struct edit *edit, const char *wanted)
{
    size_t cursor = edit_cursor(edit);
    char *shown = xasprintf("%.*s|%s", (int)cursor, edit_text(edit), edit_text(edit) + cursor);

    ck_assert_str_eq(shown, wanted);
    free(shown);
}

static const struct {
    const char *before;
    enum edit_op op;
    const char *after;
} steps[] = {
    {"abc|", EDIT_LEFT, "ab|c"},
    {"|abc", EDIT_LEFT, "|abc"},
    {"a|bc", EDIT_RIGHT, "ab|c"},
    {"abc|", EDIT_RIGHT, "abc|"},
    {"日本|", EDIT_LEFT, "日|本"},
    {"x👨‍👩‍👧‍👦|", EDIT_LEFT, "x|👨‍👩‍👧‍👦"},
    {"x👨‍👩‍👧‍👦|", EDIT_BACKSPACE, "x|"},
    {"|🇩🇪x", EDIT_DELETE, "|x"},
    {"|", EDIT_BACKSPACE, "|"},
    {"one two|", EDIT_WORD_LEFT, "one |two"},
    {"one  two |", EDIT_WORD_LEFT, "one  |two "},
    {"a.b-c|", EDIT_WORD_LEFT, "a.b-|c"},
    {"|one two", EDIT_WORD_RIGHT, "one| two"},
    {"one| two", EDIT_WORD_RIGHT, "one two|"},
    {"grüße| x", EDIT_WORD_LEFT, "|grüße x"},
    {"ab\ncd|", EDIT_HOME, "ab\n|cd"},
    {"a|b\ncd", EDIT_END, "ab|\ncd"},
    {"abc\nde|", EDIT_UP, "ab|c\nde"},
    {"a\nbcd|", EDIT_UP, "a|\nbcd"},
    {"ab|\nx", EDIT_DOWN, "ab\nx|"},
    {"日|本\nxyz", EDIT_DOWN, "日本\nxy|z"},
    {"ab|cd", EDIT_KILL_TO_END, "ab|"},
    {"ab|\ncd", EDIT_KILL_TO_END, "ab|cd"},
    {"ab\ncd|ef", EDIT_KILL_TO_START, "ab\n|ef"},
    {"ab\n|cd", EDIT_KILL_TO_START, "ab|cd"},
    {"/msg a.b|", EDIT_KILL_WORD_LEFT, "/msg |"},
    {"/msg  |x", EDIT_KILL_WORD_LEFT, "|x"},
    {"|one two", EDIT_KILL_WORD_RIGHT, "| two"},
    {"ab|", EDIT_TRANSPOSE, "ba|"},
    {"a|b", EDIT_TRANSPOSE, "ba|"},
    {"|ab", EDIT_TRANSPOSE, "|ab"},
    {"a|", EDIT_TRANSPOSE, "a|"},
    {"a日|b", EDIT_TRANSPOSE, "ab日|"},
    {"a\n|b", EDIT_TRANSPOSE, "a\n|b"},
};

START_TEST(key_does_what_readline_does)
{
    struct edit *edit = edit_of(steps[_i].before);
    bool changed = edit_do(edit, steps[_i].op);

    shows(edit, steps[_i].after);
    ck_assert_int_eq(changed, strcmp(steps[_i].before, steps[_i].after) != 0);
    edit_destroy(edit);
}
END_TEST

START_TEST(kills_in_a_row_come_back_as_one)
{
    struct edit *edit = edit_of("one two three|");

    edit_do(edit, EDIT_KILL_WORD_LEFT);
    edit_do(edit, EDIT_KILL_WORD_LEFT);
    shows(edit, "one |");
    edit_do(edit, EDIT_HOME);
    edit_do(edit, EDIT_YANK);
    shows(edit, "two three|one ");
    edit_destroy(edit);

    edit = edit_of("|ab cd");
    edit_do(edit, EDIT_KILL_WORD_RIGHT);
    edit_do(edit, EDIT_KILL_TO_END);
    edit_do(edit, EDIT_YANK);
    shows(edit, "ab cd|");
    edit_destroy(edit);
}
END_TEST

START_TEST(kill_after_another_key_begins_anew)
{
    struct edit *edit = edit_of("one two|");

    edit_do(edit, EDIT_KILL_WORD_LEFT);
    edit_insert(edit, "x", 1);
    edit_do(edit, EDIT_KILL_WORD_LEFT);
    edit_do(edit, EDIT_YANK);
    shows(edit, "one x|");
    edit_destroy(edit);
}
END_TEST

START_TEST(text_beyond_max_is_refused)
{
    struct edit *edit = edit_create(4);

    ck_assert(edit_insert(edit, "abcd", 4));
    ck_assert(!edit_insert(edit, "e", 1));
    ck_assert(!edit_replace(edit, 2, "xyz"));
    ck_assert(!edit_insert(edit, "\0", 1));
    shows(edit, "abcd|");
    ck_assert(edit_replace(edit, 2, "yz"));
    shows(edit, "abyz|");
    edit_destroy(edit);
}
END_TEST

START_TEST(cursor_never_stands_within_a_cluster)
{
    struct edit *edit = edit_of("a|\xcc\x81"
                                "b"); /* a combining accent behind the cursor */

    shows(edit, "a\xcc\x81|b");
    edit_do(edit, EDIT_LEFT);
    edit_insert(edit, "e", 1);
    shows(edit, "e|a\xcc\x81"
                "b");
    edit_insert(edit, "\xcc\x81", 2);
    shows(edit, "e\xcc\x81|a\xcc\x81"
                "b");
    edit_destroy(edit);
}
END_TEST

START_TEST(history_keeps_what_is_being_typed)
{
    struct edit *edit = edit_of("|");

    edit_history_add(edit, "first");
    edit_history_add(edit, "second");
    edit_history_add(edit, "second");
    edit_insert(edit, "draft", 5);
    ck_assert(edit_do(edit, EDIT_UP));
    shows(edit, "second|");
    ck_assert(edit_do(edit, EDIT_UP));
    shows(edit, "first|");
    ck_assert(!edit_do(edit, EDIT_UP));
    edit_do(edit, EDIT_DOWN);
    edit_do(edit, EDIT_DOWN);
    shows(edit, "draft|");
    ck_assert(!edit_do(edit, EDIT_DOWN));
    edit_destroy(edit);
}
END_TEST

START_TEST(history_forgets_the_oldest)
{
    struct edit *edit = edit_of("|");

    for (int i = 0; i < 300; i++) {
        char *text = xasprintf("line %d", i);
        edit_history_add(edit, text);
        free(text);
    }
    int steps_up = 0;
    while (edit_do(edit, EDIT_UP))
        steps_up++;
    ck_assert_int_eq(steps_up, 200);
    shows(edit, "line 100|");
    edit_destroy(edit);
}
END_TEST

/* A naive editor: an array of clusters that never join, and an index. */

#define NAIVE_MAX 60

static const char *const letters[] = {"a", "b", " ", "é", "日", "👍", "-", "\n", "ß"};

struct naive {
    const char *items[NAIVE_MAX];
    size_t count, cursor;
};

static void
naive_insert(struct naive *naive, const char *letter)
{
    memmove(naive->items + naive->cursor + 1, naive->items + naive->cursor,
            (naive->count - naive->cursor) * sizeof(*naive->items));
    naive->items[naive->cursor++] = letter;
    naive->count++;
}

static void
naive_remove(struct naive *naive, size_t index)
{
    memmove(naive->items + index, naive->items + index + 1,
            (naive->count - index - 1) * sizeof(*naive->items));
    naive->count--;
}

static bool
naive_is_newline(const struct naive *naive, size_t index)
{
    return naive->items[index][0] == '\n';
}

static size_t
naive_start(const struct naive *naive)
{
    size_t at = naive->cursor;

    while (at > 0 && !naive_is_newline(naive, at - 1))
        at--;
    return at;
}

static size_t
naive_end(const struct naive *naive)
{
    size_t at = naive->cursor;

    while (at < naive->count && !naive_is_newline(naive, at))
        at++;
    return at;
}

static void
naive_do(struct naive *naive, enum edit_op op)
{
    size_t from = naive->cursor, end;

    switch ((int)op) {
    case EDIT_LEFT: naive->cursor -= naive->cursor > 0; break;
    case EDIT_RIGHT: naive->cursor += naive->cursor < naive->count; break;
    case EDIT_HOME: naive->cursor = naive_start(naive); break;
    case EDIT_END: naive->cursor = naive_end(naive); break;
    case EDIT_BACKSPACE:
        if (naive->cursor > 0)
            naive_remove(naive, --naive->cursor);
        break;
    case EDIT_DELETE:
        if (naive->cursor < naive->count)
            naive_remove(naive, naive->cursor);
        break;
    case EDIT_KILL_TO_END:
        end = naive_end(naive);
        end += end == from && end < naive->count;
        for (; end > from; end--)
            naive_remove(naive, from);
        break;
    case EDIT_KILL_WORD_LEFT:
        while (naive->cursor > 0 && strchr(" \n", naive->items[naive->cursor - 1][0]) != NULL)
            naive_remove(naive, --naive->cursor);
        while (naive->cursor > 0 && strchr(" \n", naive->items[naive->cursor - 1][0]) == NULL)
            naive_remove(naive, --naive->cursor);
        break;
    default: break;
    }
}

static void
same(const struct edit *edit, const struct naive *naive, int step)
{
    char text[NAIVE_MAX * 4 + 1] = "";
    size_t cursor = 0;

    for (size_t i = 0; i < naive->count; i++) {
        if (i == naive->cursor)
            cursor = strlen(text);
        strncat(text, naive->items[i], 4);
    }
    if (naive->cursor == naive->count)
        cursor = strlen(text);
    ck_assert_msg(strcmp(edit_text(edit), text) == 0, "step %d: \"%s\", wanted \"%s\"", step,
                  edit_text(edit), text);
    ck_assert_msg(edit_cursor(edit) == cursor, "step %d: cursor %zu, wanted %zu in \"%s\"", step,
                  edit_cursor(edit), cursor, text);
}

START_TEST(editor_agrees_with_a_naive_one)
{
    static const enum edit_op ops[] = {EDIT_LEFT,        EDIT_RIGHT,         EDIT_HOME,
                                       EDIT_END,         EDIT_DELETE,        EDIT_BACKSPACE,
                                       EDIT_KILL_TO_END, EDIT_KILL_WORD_LEFT};
    struct edit *edit = edit_create(10000);
    struct naive naive = {0};

    srandom((unsigned)_i + 1);
    for (int step = 0; step < 2000; step++) {
        size_t choice = (size_t)random() % (ARRAY_LEN(ops) + 12);
        if (choice < ARRAY_LEN(ops)) {
            edit_do(edit, ops[choice]);
            naive_do(&naive, ops[choice]);
        } else if (naive.count < NAIVE_MAX) {
            const char *letter = letters[(size_t)random() % ARRAY_LEN(letters)];
            edit_insert(edit, letter, strlen(letter));
            naive_insert(&naive, letter);
        }
        same(edit, &naive, step);
    }
    edit_destroy(edit);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("edit");
    TCase *tcase = tcase_create("edit");

    tcase_add_loop_test(tcase, key_does_what_readline_does, 0, ARRAY_LEN(steps));
    tcase_add_test(tcase, kills_in_a_row_come_back_as_one);
    tcase_add_test(tcase, kill_after_another_key_begins_anew);
    tcase_add_test(tcase, text_beyond_max_is_refused);
    tcase_add_test(tcase, cursor_never_stands_within_a_cluster);
    tcase_add_test(tcase, history_keeps_what_is_being_typed);
    tcase_add_test(tcase, history_forgets_the_oldest);
    tcase_add_loop_test(tcase, editor_agrees_with_a_naive_one, 0, 5);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
