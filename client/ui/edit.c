/* Keys to text: see edit.h. The cursor is moved on to the end of its cluster after each change,
 * because what is put in may join with what stood there (a mark with the letter before it). */
#include "client/ui/edit.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/text.h"
#include "common/util.h"

#define HISTORY_MAX 200

struct edit {
    struct buf text;
    size_t max;
    size_t cursor;
    struct buf killed;
    bool kill_goes_on; /* the last key killed too: this one adds to it */
    char *history[HISTORY_MAX];
    size_t history_count;
    size_t history_at; /* history_count: at the text being typed */
    char *typed;       /* that text, while an older one is looked at */
};

struct edit *
edit_create(size_t max)
{
    struct edit *edit = xcalloc(1, sizeof(*edit));

    edit->max = max;
    buf_reserve(&edit->text, 1);
    edit->text.data[0] = '\0';
    return edit;
}

void
edit_destroy(struct edit *edit)
{
    if (edit == NULL)
        return;

    for (size_t i = 0; i < edit->history_count; i++)
        free(edit->history[i]);
    free(edit->typed);
    buf_fini(&edit->text);
    buf_fini(&edit->killed);
    free(edit);
}

const char *
edit_text(const struct edit *edit)
{
    return buf_text(&edit->text);
}

size_t
edit_len(const struct edit *edit)
{
    return edit->text.len;
}

size_t
edit_cursor(const struct edit *edit)
{
    return edit->cursor;
}

static void
put_cursor(struct edit *edit, size_t cursor)
{
    cursor = MIN(cursor, edit->text.len);
    edit->cursor = cursor == 0 ? 0 : text_following(edit_text(edit), edit->text.len, cursor - 1);
}

/* Puts len bytes of text where from..to was. */
static bool
splice(struct edit *edit, size_t from, size_t to, const char *text, size_t len)
{
    if (edit->text.len - (to - from) + len > edit->max || (len > 0 && memchr(text, '\0', len)))
        return false;

    char *rest = xstrndup(edit_text(edit) + to, edit->text.len - to);
    size_t rest_len = edit->text.len - to;

    edit->text.len = from;
    edit->text.data[from] = '\0';
    if (len > 0)
        buf_add(&edit->text, text, len);
    buf_add(&edit->text, rest, rest_len);
    free(rest);
    put_cursor(edit, from + len);
    return true;
}

static void
leave_history(struct edit *edit)
{
    edit->history_at = edit->history_count;
    free(edit->typed);
    edit->typed = NULL;
}

void
edit_set(struct edit *edit, const char *text, size_t cursor)
{
    size_t len = strlen(text);

    if (len > edit->max)
        len = 0;
    edit->kill_goes_on = false;
    splice(edit, 0, edit->text.len, text, len);
    put_cursor(edit, cursor);
}

void
edit_clear(struct edit *edit)
{
    edit_set(edit, "", 0);
    leave_history(edit);
}

bool
edit_replace(struct edit *edit, size_t from, const char *text)
{
    edit->kill_goes_on = false;
    return from <= edit->cursor && splice(edit, from, edit->cursor, text, strlen(text));
}

bool
edit_insert(struct edit *edit, const char *text, size_t len)
{
    edit->kill_goes_on = false;
    return splice(edit, edit->cursor, edit->cursor, text, len);
}

/* Where things are. */

static size_t
before(const struct edit *edit, size_t offset)
{
    return text_previous(edit_text(edit), edit->text.len, offset);
}

static size_t
after(const struct edit *edit, size_t offset)
{
    return text_following(edit_text(edit), edit->text.len, offset);
}

static size_t
line_start(const struct edit *edit, size_t offset)
{
    const char *text = edit_text(edit);

    while (offset > 0 && text[offset - 1] != '\n')
        offset--;
    return offset;
}

static size_t
line_end(const struct edit *edit, size_t offset)
{
    const char *text = edit_text(edit);

    while (offset < edit->text.len && text[offset] != '\n')
        offset++;
    return offset;
}

/* Two notions of a word, as in readline: letters, digits and all beyond ASCII; and what is not
 * blank. */
static bool
is_letter(char byte)
{
    return isalnum((unsigned char)byte) || (unsigned char)byte >= 0x80;
}

static bool
is_ink(char byte)
{
    return byte != ' ' && byte != '\n' && byte != '\t';
}

static size_t
word_left(const struct edit *edit, bool (*is_word)(char byte))
{
    const char *text = edit_text(edit);
    size_t at = edit->cursor;

    while (at > 0 && !is_word(text[before(edit, at)]))
        at = before(edit, at);
    while (at > 0 && is_word(text[before(edit, at)]))
        at = before(edit, at);
    return at;
}

static size_t
word_right(const struct edit *edit)
{
    const char *text = edit_text(edit);
    size_t at = edit->cursor;

    while (at < edit->text.len && !is_letter(text[at]))
        at = after(edit, at);
    while (at < edit->text.len && is_letter(text[at]))
        at = after(edit, at);
    return at;
}

/* What keys do. */

static bool
move_to(struct edit *edit, size_t offset)
{
    bool moved = offset != edit->cursor;

    edit->cursor = offset;
    return moved;
}

static bool
erase(struct edit *edit, size_t from, size_t to)
{
    return from < to && splice(edit, from, to, "", 0);
}

static bool
kill_range(struct edit *edit, size_t from, size_t to, bool goes_on)
{
    if (from >= to)
        return false;

    const char *gone = edit_text(edit) + from;
    struct buf killed = BUF_INIT;
    bool is_left = to == edit->cursor;

    if (goes_on && !is_left)
        buf_add(&killed, buf_text(&edit->killed), edit->killed.len);
    buf_add(&killed, gone, to - from);
    if (goes_on && is_left)
        buf_add(&killed, buf_text(&edit->killed), edit->killed.len);
    buf_fini(&edit->killed);
    edit->killed = killed;
    edit->kill_goes_on = true;
    return erase(edit, from, to);
}

static size_t
kill_end(const struct edit *edit)
{
    size_t end = line_end(edit, edit->cursor);

    return end == edit->cursor ? after(edit, end) : end;
}

static size_t
kill_start(const struct edit *edit)
{
    size_t start = line_start(edit, edit->cursor);

    return start == edit->cursor ? before(edit, start) : start;
}

/* Swaps the clusters around the cursor; at the end of a line the two before it. */
static bool
transpose(struct edit *edit)
{
    size_t end =
        edit->cursor == line_end(edit, edit->cursor) ? edit->cursor : after(edit, edit->cursor);
    size_t middle = before(edit, end), start = before(edit, middle);
    const char *text = edit_text(edit);

    if (start < line_start(edit, edit->cursor) || start == middle || middle == end ||
        text[middle] == '\n' || text[start] == '\n')
        return false;

    struct buf swapped = BUF_INIT;
    buf_add(&swapped, text + middle, end - middle);
    buf_add(&swapped, text + start, middle - start);
    splice(edit, start, end, swapped.data, swapped.len);
    buf_fini(&swapped);
    return true;
}

/* The cursor into the line that begins at start, as far to the right as it is now. */
static bool
move_to_line(struct edit *edit, size_t start)
{
    const char *text = edit_text(edit);
    size_t own = line_start(edit, edit->cursor);
    int column = text_columns(text + own, edit->cursor - own);
    size_t len = line_end(edit, start) - start;

    return move_to(edit, start + text_fit(text + start, len, column));
}

static bool
show_history(struct edit *edit, size_t at)
{
    if (edit->history_at == edit->history_count) {
        free(edit->typed);
        edit->typed = xstrdup(edit_text(edit));
    }
    edit->history_at = at;
    edit_set(edit, at == edit->history_count ? edit->typed : edit->history[at], edit->max);
    return true;
}

static bool
move_up(struct edit *edit)
{
    size_t start = line_start(edit, edit->cursor);

    if (start > 0)
        return move_to_line(edit, line_start(edit, start - 1));

    return edit->history_at > 0 && show_history(edit, edit->history_at - 1);
}

static bool
move_down(struct edit *edit)
{
    size_t end = line_end(edit, edit->cursor);

    if (end < edit->text.len)
        return move_to_line(edit, end + 1);

    return edit->history_at < edit->history_count && show_history(edit, edit->history_at + 1);
}

bool
edit_do(struct edit *edit, enum edit_op op)
{
    size_t at = edit->cursor;
    bool goes_on = edit->kill_goes_on;

    edit->kill_goes_on = false;
    switch (op) {
    case EDIT_LEFT: return move_to(edit, before(edit, at));
    case EDIT_RIGHT: return move_to(edit, after(edit, at));
    case EDIT_WORD_LEFT: return move_to(edit, word_left(edit, is_letter));
    case EDIT_WORD_RIGHT: return move_to(edit, word_right(edit));
    case EDIT_HOME: return move_to(edit, line_start(edit, at));
    case EDIT_END: return move_to(edit, line_end(edit, at));
    case EDIT_UP: return move_up(edit);
    case EDIT_DOWN: return move_down(edit);
    case EDIT_BACKSPACE: return erase(edit, before(edit, at), at);
    case EDIT_DELETE: return erase(edit, at, after(edit, at));
    case EDIT_KILL_TO_END: return kill_range(edit, at, kill_end(edit), goes_on);
    case EDIT_KILL_TO_START: return kill_range(edit, kill_start(edit), at, goes_on);
    case EDIT_KILL_WORD_LEFT: return kill_range(edit, word_left(edit, is_ink), at, goes_on);
    case EDIT_KILL_WORD_RIGHT: return kill_range(edit, at, word_right(edit), goes_on);
    case EDIT_YANK:
        return edit->killed.len > 0 && edit_insert(edit, edit->killed.data, edit->killed.len);
    case EDIT_TRANSPOSE: return transpose(edit);
    }

    return false;
}

void
edit_history_add(struct edit *edit, const char *text)
{
    leave_history(edit);
    if (*text == '\0' ||
        (edit->history_count > 0 && str_equal(edit->history[edit->history_count - 1], text)))
        return;

    if (edit->history_count == HISTORY_MAX) {
        free(edit->history[0]);
        memmove(edit->history, edit->history + 1, (HISTORY_MAX - 1) * sizeof(*edit->history));
        edit->history_count--;
    }
    edit->history[edit->history_count++] = xstrdup(text);
    edit->history_at = edit->history_count;
}
