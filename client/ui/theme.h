/* How things look: styles by meaning, and what they become on this terminal. */
#pragma once

#include "client/ui/glyphs.h"

#include <curses.h>
#include <stdbool.h>

#define NICK_STYLE_COUNT 6

enum style {
    STYLE_TEXT,
    STYLE_BAR,
    STYLE_DIM,
    STYLE_RULE,
    STYLE_NEWS,
    STYLE_MENTION,
    STYLE_ERROR,
    STYLE_GOOD,
    STYLE_WARN,
    STYLE_BOLD,
    STYLE_OWN,
    STYLE_NICK, /* the first of NICK_STYLE_COUNT */
    STYLE_COUNT = STYLE_NICK + NICK_STYLE_COUNT,
};

struct theme {
    bool ascii;
    const struct glyphs *glyphs;
    attr_t styles[STYLE_COUNT];
};

/* On the current screen of ncurses. No colour at all with NO_COLOR set (no-color.org) or where the
 * terminal has none; the sixteen colours of the terminal's own palette else, on its background. */
void theme_init(struct theme *theme, bool ascii);

/* The same name has the same colour everywhere. */
enum style theme_nick(const char *name);
