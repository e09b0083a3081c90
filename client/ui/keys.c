#include "client/ui/keys.h"

#include <stdio.h>
#include <string.h>

#include "client/ui/edit.h"
#include "client/ui/scroll.h"
#include "common/buf.h"
#include "common/util.h"

#define CTRL(letter) ((letter)&0x1f)
/* Beyond what ncurses gives out itself: its own keys, and those it takes from terminfo. */
#define KEY_OWN  0x400
#define ALT(key) (KEY_OWN + 0x80 + (key))

enum {
    KEY_PASTE_BEGIN = KEY_OWN,
    KEY_PASTE_END,
    KEY_FOCUS_IN,
    KEY_FOCUS_OUT,
    KEY_CTRL_LEFT,
    KEY_CTRL_RIGHT,
    KEY_ALT_LEFT,
    KEY_ALT_RIGHT,
    KEY_ALT_HOME,
    KEY_ALT_END,
};

struct key_row {
    int code;
    bool is_code; /* one of ncurses', else a control character */
    enum action action;
    int argument;
    const char *name; /* NULL: another way to what stands elsewhere; not in the help */
    const char *help; /* NULL: that of the next row which has one */
};

/* clang-format off */
static const struct key_row key_rows[] = {
    {'\r',            false, ACTION_SEND,           0,                    "Enter",      "sends the line"},
    {KEY_ENTER,       true,  ACTION_SEND,           0,                    NULL,         NULL},
    {ALT('\r'),       true,  ACTION_NEWLINE,        0,                    "Alt-Enter",  NULL},
    {ALT('\n'),       true,  ACTION_NEWLINE,        0,                    NULL,         NULL},
    {'\n',            false, ACTION_NEWLINE,        0,                    "Ctrl-j",     "begins a new line within the message"},
    {'\t',            false, ACTION_COMPLETE,       1,                    "Tab",        NULL},
    {KEY_BTAB,        true,  ACTION_COMPLETE,       -1,                   "Shift-Tab",  "completes names, rooms, commands; again: the next"},
    {CTRL('c'),       false, ACTION_INTERRUPT,      0,                    "Ctrl-c",     "empties the input; twice on an empty one quits"},
    {CTRL('d'),       false, ACTION_DELETE_OR_QUIT, 0,                    "Ctrl-d",     "deletes to the right; on an empty input quits"},
    {27,              false, ACTION_ESCAPE,         0,                    "Esc",        "closes what is open; back to the newest line"},
    {KEY_F(1),        true,  ACTION_HELP,           0,                    "F1",         "shows this"},
    {KEY_F(2),        true,  ACTION_TOGGLE_PANEL,   0,                    "F2",         "shows or hides what the connection costs"},
    {CTRL('l'),       false, ACTION_REDRAW,         0,                    "Ctrl-l",     "draws the screen anew"},
    {CTRL('z'),       false, ACTION_SUSPEND,        0,                    "Ctrl-z",     "stops the program; fg in the shell goes on"},

    {ALT('1'),        true,  ACTION_WINDOW,         0,                    NULL,         NULL},
    {ALT('2'),        true,  ACTION_WINDOW,         1,                    NULL,         NULL},
    {ALT('3'),        true,  ACTION_WINDOW,         2,                    NULL,         NULL},
    {ALT('4'),        true,  ACTION_WINDOW,         3,                    NULL,         NULL},
    {ALT('5'),        true,  ACTION_WINDOW,         4,                    NULL,         NULL},
    {ALT('6'),        true,  ACTION_WINDOW,         5,                    NULL,         NULL},
    {ALT('7'),        true,  ACTION_WINDOW,         6,                    NULL,         NULL},
    {ALT('8'),        true,  ACTION_WINDOW,         7,                    NULL,         NULL},
    {ALT('9'),        true,  ACTION_WINDOW,         8,                    NULL,         NULL},
    {ALT('0'),        true,  ACTION_WINDOW,         9,                    "Alt-1 to Alt-0", "shows window 1 to 10"},
    {CTRL('n'),       false, ACTION_WINDOW_STEP,    1,                    "Ctrl-n",     NULL},
    {KEY_ALT_RIGHT,   true,  ACTION_WINDOW_STEP,    1,                    "Alt-Right",  "next window"},
    {CTRL('p'),       false, ACTION_WINDOW_STEP,    -1,                   "Ctrl-p",     NULL},
    {KEY_ALT_LEFT,    true,  ACTION_WINDOW_STEP,    -1,                   "Alt-Left",   "previous window"},
    {ALT('a'),        true,  ACTION_WINDOW_ACTIVE,  0,                    "Alt-a",      "where something is new, mentions first; then back"},
    {ALT('/'),        true,  ACTION_WINDOW_LAST,    0,                    "Alt-/",      "the window shown before"},
    {KEY_F(7),        true,  ACTION_TOGGLE_ROOMS,   0,                    "F7",         "hides or shows the windows (from 90 columns)"},
    {KEY_F(8),        true,  ACTION_TOGGLE_MEMBERS, 0,                    "F8",         "hides or shows the members (from 100 columns)"},

    {KEY_PPAGE,       true,  ACTION_SCROLL,         SCROLL_PAGE_UP,       "PgUp",       "older lines"},
    {KEY_NPAGE,       true,  ACTION_SCROLL,         SCROLL_PAGE_DOWN,     "PgDn",       "newer lines"},
    {KEY_ALT_HOME,    true,  ACTION_SCROLL,         SCROLL_TOP,           "Alt-Home",   "the oldest line here; again: loads older ones"},
    {KEY_ALT_END,     true,  ACTION_SCROLL,         SCROLL_BOTTOM,        "Alt-End",    "the newest line"},
    {ALT('u'),        true,  ACTION_SCROLL,         SCROLL_NEWS,          "Alt-u",      "the first line that was new"},

    {KEY_UP,          true,  ACTION_EDIT,           EDIT_UP,              "Up",         NULL},
    {KEY_DOWN,        true,  ACTION_EDIT,           EDIT_DOWN,            "Down",       "lines typed before; the lines of a longer text"},
    {KEY_LEFT,        true,  ACTION_EDIT,           EDIT_LEFT,            "Left",       NULL},
    {CTRL('b'),       false, ACTION_EDIT,           EDIT_LEFT,            "Ctrl-b",     "left"},
    {KEY_RIGHT,       true,  ACTION_EDIT,           EDIT_RIGHT,           "Right",      NULL},
    {CTRL('f'),       false, ACTION_EDIT,           EDIT_RIGHT,           "Ctrl-f",     "right"},
    {KEY_CTRL_LEFT,   true,  ACTION_EDIT,           EDIT_WORD_LEFT,       "Ctrl-Left",  NULL},
    {ALT('b'),        true,  ACTION_EDIT,           EDIT_WORD_LEFT,       "Alt-b",      "a word to the left"},
    {KEY_CTRL_RIGHT,  true,  ACTION_EDIT,           EDIT_WORD_RIGHT,      "Ctrl-Right", NULL},
    {ALT('f'),        true,  ACTION_EDIT,           EDIT_WORD_RIGHT,      "Alt-f",      "a word to the right"},
    {KEY_HOME,        true,  ACTION_EDIT,           EDIT_HOME,            "Home",       NULL},
    {CTRL('a'),       false, ACTION_EDIT,           EDIT_HOME,            "Ctrl-a",     "to the line's start"},
    {KEY_END,         true,  ACTION_END,            0,                    "End",        NULL},
    {CTRL('e'),       false, ACTION_EDIT,           EDIT_END,             "Ctrl-e",     "to the line's end; End also to the newest line"},
    {KEY_BACKSPACE,   true,  ACTION_EDIT,           EDIT_BACKSPACE,       "Backspace",  "deletes to the left"},
    {127,             false, ACTION_EDIT,           EDIT_BACKSPACE,       NULL,         NULL},
    {CTRL('h'),       false, ACTION_EDIT,           EDIT_BACKSPACE,       NULL,         NULL},
    {KEY_DC,          true,  ACTION_EDIT,           EDIT_DELETE,          "Delete",     "deletes to the right"},
    {CTRL('w'),       false, ACTION_EDIT,           EDIT_KILL_WORD_LEFT,  "Ctrl-w",     "cuts the word to the left"},
    {ALT(127),        true,  ACTION_EDIT,           EDIT_KILL_WORD_LEFT,  NULL,         NULL},
    {ALT('d'),        true,  ACTION_EDIT,           EDIT_KILL_WORD_RIGHT, "Alt-d",      "cuts the word to the right"},
    {CTRL('u'),       false, ACTION_EDIT,           EDIT_KILL_TO_START,   "Ctrl-u",     "cuts to the line's start"},
    {CTRL('k'),       false, ACTION_EDIT,           EDIT_KILL_TO_END,     "Ctrl-k",     "cuts to the line's end"},
    {CTRL('y'),       false, ACTION_EDIT,           EDIT_YANK,            "Ctrl-y",     "puts back what was cut"},
    {CTRL('t'),       false, ACTION_EDIT,           EDIT_TRANSPOSE,       "Ctrl-t",     "swaps two characters"},

    {KEY_PASTE_BEGIN, true,  ACTION_PASTE_BEGIN,    0,                    NULL,         NULL},
    {KEY_PASTE_END,   true,  ACTION_PASTE_END,      0,                    NULL,         NULL},
    {KEY_FOCUS_IN,    true,  ACTION_FOCUS,          1,                    NULL,         NULL},
    {KEY_FOCUS_OUT,   true,  ACTION_FOCUS,          0,                    NULL,         NULL},
};

/* What terminfo does not tell, or tells of another terminal than the one that is there. */
static const struct {
    const char *sequence;
    int code;
} key_sequences[] = {
    {"\033[200~", KEY_PASTE_BEGIN}, {"\033[201~", KEY_PASTE_END},
    {"\033[I", KEY_FOCUS_IN},       {"\033[O", KEY_FOCUS_OUT},
    {"\033[1;5D", KEY_CTRL_LEFT},   {"\033[1;5C", KEY_CTRL_RIGHT},
    {"\033[1;3D", KEY_ALT_LEFT},    {"\033[1;3C", KEY_ALT_RIGHT},
    {"\033\033[D", KEY_ALT_LEFT},   {"\033\033[C", KEY_ALT_RIGHT},
    {"\033[1;3H", KEY_ALT_HOME},    {"\033[1;3F", KEY_ALT_END},
    {"\033\033[1~", KEY_ALT_HOME},  {"\033\033[4~", KEY_ALT_END},
    {"\033[5~", KEY_PPAGE},         {"\033[6~", KEY_NPAGE},
    {"\033[A", KEY_UP},             {"\033OA", KEY_UP},
    {"\033[B", KEY_DOWN},           {"\033OB", KEY_DOWN},
    {"\033[C", KEY_RIGHT},          {"\033OC", KEY_RIGHT},
    {"\033[D", KEY_LEFT},           {"\033OD", KEY_LEFT},
    {"\033[H", KEY_HOME},           {"\033OH", KEY_HOME},
    {"\033[1~", KEY_HOME},          {"\033[4~", KEY_END},
    {"\033[F", KEY_END},            {"\033OF", KEY_END},
    {"\033[3~", KEY_DC},            {"\033[Z", KEY_BTAB},
    {"\033OP", KEY_F(1)},           {"\033[11~", KEY_F(1)},
    {"\033OQ", KEY_F(2)},           {"\033[12~", KEY_F(2)},
    {"\033[18~", KEY_F(7)},         {"\033[19~", KEY_F(8)},
};
/* clang-format on */

void
keys_define(void)
{
    for (size_t i = 0; i < ARRAY_LEN(key_sequences); i++)
        define_key(key_sequences[i].sequence, key_sequences[i].code);

    for (size_t i = 0; i < ARRAY_LEN(key_rows); i++) {
        const struct key_row *row = &key_rows[i];
        char sequence[3] = {27, (char)(row->code - ALT(0)), '\0'};
        if (row->is_code && row->code >= ALT(0))
            define_key(sequence, row->code);
    }
}

struct key
keys_find(wint_t code, bool is_code)
{
    for (size_t i = 0; i < ARRAY_LEN(key_rows); i++) {
        const struct key_row *row = &key_rows[i];
        if (row->is_code == is_code && (wint_t)row->code == code)
            return (struct key){row->action, row->argument, is_code ? 0 : code};
    }

    return (struct key){.rune = is_code ? 0 : code};
}

void
keys_help(struct buf *out)
{
    char names[64] = "";

    for (size_t i = 0; i < ARRAY_LEN(key_rows); i++) {
        const struct key_row *row = &key_rows[i];
        size_t len = strlen(names);
        if (row->name == NULL)
            continue;
        snprintf(names + len, sizeof(names) - len, "%s%s", len > 0 ? ", " : "", row->name);
        if (row->help == NULL)
            continue;
        buf_addf(out, "%-19s  %s\n", names, row->help);
        names[0] = '\0';
    }
}
