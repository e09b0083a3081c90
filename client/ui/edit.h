/* A line editor that knows no curses: text, a cursor, an undo-able kill buffer, history. Offsets
 * are bytes and stand always between grapheme clusters. Text may hold newlines. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct edit;

/* At most max bytes; what would go beyond is refused (false). */
struct edit *edit_create(size_t max);
void edit_destroy(struct edit *edit);

const char *edit_text(const struct edit *edit); /* NUL-terminated UTF-8 */
size_t edit_len(const struct edit *edit);
size_t edit_cursor(const struct edit *edit);
void edit_set(struct edit *edit, const char *text, size_t cursor);
void edit_clear(struct edit *edit);
/* Replaces the bytes from..cursor (completion). */
bool edit_replace(struct edit *edit, size_t from, const char *text);
bool edit_insert(struct edit *edit, const char *text, size_t len);

/* What a key can do; the readline names. */
enum edit_op {
    EDIT_LEFT,
    EDIT_RIGHT,
    EDIT_WORD_LEFT,
    EDIT_WORD_RIGHT,
    EDIT_HOME,
    EDIT_END,
    EDIT_UP,
    EDIT_DOWN, /* between the lines of a multi-line text, else through the history */
    EDIT_BACKSPACE,
    EDIT_DELETE,
    EDIT_KILL_TO_END,
    EDIT_KILL_TO_START,
    EDIT_KILL_WORD_LEFT,
    EDIT_KILL_WORD_RIGHT,
    EDIT_YANK,
    EDIT_TRANSPOSE,
};
/* True when something changed. */
bool edit_do(struct edit *edit, enum edit_op op);

/* Input history: the newest last. The text being typed is kept while one looks at older ones. */
void edit_history_add(struct edit *edit, const char *text);
