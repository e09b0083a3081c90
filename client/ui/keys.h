/* What each key does: one table, from which the help is made too. */
#pragma once

#include <curses.h>
#include <stdbool.h>
#include <stddef.h>

struct buf;

enum action {
    ACTION_NONE,
    ACTION_SEND,
    ACTION_NEWLINE,
    ACTION_EDIT,     /* argument: an enum edit_op */
    ACTION_COMPLETE, /* argument: 1 forth, -1 back */
    ACTION_ESCAPE,
    ACTION_INTERRUPT,
    ACTION_DELETE_OR_QUIT,
    ACTION_WINDOW,      /* argument: its index */
    ACTION_WINDOW_STEP, /* argument: 1 next, -1 previous */
    ACTION_WINDOW_ACTIVE,
    ACTION_WINDOW_LAST,
    ACTION_SCROLL, /* argument: an enum scroll_move */
    ACTION_END,    /* to the newest where one has scrolled away, else of the line */
    ACTION_REDRAW,
    ACTION_SUSPEND,
    ACTION_HELP,
    ACTION_TOGGLE_ROOMS,
    ACTION_TOGGLE_MEMBERS,
    ACTION_TOGGLE_PANEL,
    ACTION_PASTE_BEGIN,
    ACTION_PASTE_END,
    ACTION_FOCUS, /* argument: 1 in, 0 out */
};

struct key {
    enum action action; /* ACTION_NONE: it is text, or a key that does nothing */
    int argument;
    wint_t rune; /* the character typed; 0 for a key that is none */
};

/* Teaches ncurses the sequences it does not know. On the current screen. */
void keys_define(void);
/* What wget_wch gave: is_code for KEY_CODE_YES. */
struct key keys_find(wint_t code, bool is_code);
/* The table as text, a key and what it does in each line. */
void keys_help(struct buf *out);
