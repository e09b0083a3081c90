/* Text onto the screen, each cluster at the column that text.h counts for it, so that borders stand
 * in the same column in every row whatever the terminal makes of a cluster. */
#pragma once

#include "client/ui/theme.h"

#include <stddef.h>

/* A stretch of one row: begins at column, ends before limit. */
struct span {
    int row, column, limit;
};

/* Paints what fits of text that text_visible let through. Returns the column behind it. The tokens
 * and pictures that stand for hidden characters are dim. */
int paint_text(const struct theme *theme, struct span span, enum style style, const char *text,
               size_t len);
/* The client's own words, NUL-terminated. */
int paint_words(const struct theme *theme, struct span span, enum style style, const char *text);
/* Text of others, which goes through text_visible here; what does not fit ends in an ellipsis. */
int paint_foreign(const struct theme *theme, struct span span, enum style style, const char *text);
/* Fills the span with glyph, one column wide. */
void paint_fill(const struct theme *theme, struct span span, enum style style, const char *glyph);
/* The same with words in the middle. */
void paint_rule(const struct theme *theme, struct span span, enum style style, const char *glyph,
                const char *words);
