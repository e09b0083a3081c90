#include "client/ui/theme.h"

#include <stdlib.h>

#include "common/util.h"

struct style_row {
    attr_t attributes;
    short colour; /* -1: the terminal's own */
};

static const struct style_row style_rows[STYLE_COUNT] = {
    [STYLE_TEXT] = {A_NORMAL, -1},
    [STYLE_BAR] = {A_REVERSE, -1},
    [STYLE_DIM] = {A_DIM, -1},
    [STYLE_RULE] = {A_DIM, -1},
    [STYLE_NEWS] = {A_BOLD, COLOR_YELLOW},
    [STYLE_MENTION] = {A_BOLD, COLOR_YELLOW},
    [STYLE_ERROR] = {A_BOLD, COLOR_RED},
    [STYLE_GOOD] = {A_NORMAL, COLOR_GREEN},
    [STYLE_WARN] = {A_BOLD, COLOR_YELLOW},
    [STYLE_BOLD] = {A_BOLD, -1},
    [STYLE_OWN] = {A_BOLD, -1},
    [STYLE_NICK] = {A_NORMAL, COLOR_GREEN},
    [STYLE_NICK + 1] = {A_NORMAL, COLOR_CYAN},
    [STYLE_NICK + 2] = {A_NORMAL, COLOR_MAGENTA},
    [STYLE_NICK + 3] = {A_NORMAL, COLOR_YELLOW},
    [STYLE_NICK + 4] = {A_BOLD, COLOR_GREEN},
    [STYLE_NICK + 5] = {A_BOLD, COLOR_CYAN},
};

static bool
wants_colour(void)
{
    const char *no_color = getenv("NO_COLOR");

    return (no_color == NULL || *no_color == '\0') && has_colors();
}

void
theme_init(struct theme *theme, bool ascii)
{
    bool colour = wants_colour();

    theme->ascii = ascii;
    theme->glyphs = glyphs_get(ascii);
    if (colour) {
        start_color();
        use_default_colors();
    }

    for (short i = 0; i < STYLE_COUNT; i++) {
        const struct style_row *row = &style_rows[i];
        theme->styles[i] = row->attributes;
        if (!colour || row->colour < 0)
            continue;
        init_pair((short)(row->colour + 1), row->colour, -1);
        theme->styles[i] |= (attr_t)COLOR_PAIR(row->colour + 1);
    }
}

enum style
theme_nick(const char *name)
{
    unsigned sum = 5381;

    for (; *name != '\0'; name++)
        sum = sum * 33 + (unsigned char)*name;
    return (enum style)(STYLE_NICK + (sum >> 3) % NICK_STYLE_COUNT);
}
