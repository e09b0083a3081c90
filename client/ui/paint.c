#include "client/ui/paint.h"

#include <string.h>
#include <wchar.h>

#include "common/buf.h"
#include "common/rune.h"
#include "common/text.h"
#include "common/util.h"

enum {
    TOKEN_BEGIN = 0x27ea, /* the brackets around a token of text_visible */
    TOKEN_END = 0x27eb,
    PICTURES = 0x2400, /* of control characters */
    PICTURES_LAST = 0x2421,
};

static int
to_wide(wchar_t wide[TEXT_CLUSTER_MAX + 1], const char *text, size_t len)
{
    int count = 0;

    for (size_t at = 0; at < len;) {
        int32_t rune;
        at += rune_decode(text + at, len - at, &rune);
        wide[count++] = rune < 0 ? RUNE_REPLACEMENT : (wchar_t)rune;
    }
    wide[count] = L'\0';
    return count;
}

/* Whether the cluster is, or is within, a stand-in for what is not shown itself. */
static bool
is_stand_in(const wchar_t *wide, bool *in_token)
{
    bool was_in = *in_token;

    if (wide[0] == TOKEN_BEGIN)
        *in_token = true;
    else if (wide[0] == TOKEN_END)
        *in_token = false;
    return was_in || *in_token || (wide[0] >= PICTURES && wide[0] <= PICTURES_LAST);
}

int
paint_text(const struct theme *theme, struct span span, enum style style, const char *text,
           size_t len)
{
    wchar_t wide[TEXT_CLUSTER_MAX + 1];
    struct text_cluster cluster;
    int column = span.column;
    bool in_token = false;

    for (size_t at = 0; at < len; at += cluster.len) {
        text_next_cluster(text + at, len - at, &cluster);
        if (column + cluster.columns > span.limit)
            break;
        if (cluster.draw_len == 0)
            continue;
        int count = to_wide(wide, cluster.draw, cluster.draw_len);
        bool dim = is_stand_in(wide, &in_token);
        attrset((int)theme->styles[dim ? STYLE_DIM : style]);
        mvaddnwstr(span.row, column, wide, count);
        column += cluster.columns;
    }
    return column;
}

int
paint_words(const struct theme *theme, struct span span, enum style style, const char *text)
{
    return paint_text(theme, span, style, text, strlen(text));
}

int
paint_foreign(const struct theme *theme, struct span span, enum style style, const char *text)
{
    struct buf seen = BUF_INIT;
    int room = span.limit - span.column;

    text_visible(&seen, text, strlen(text), theme->ascii ? TEXT_ASCII : 0);
    if (text_columns(buf_text(&seen), seen.len) > room) {
        const char *end = theme->glyphs->ellipsis;
        seen.len = text_fit(seen.data, seen.len, MAX(0, room - text_columns(end, strlen(end))));
        buf_add_str(&seen, end);
    }

    int column = paint_text(theme, span, style, buf_text(&seen), seen.len);
    buf_fini(&seen);
    return column;
}

void
paint_fill(const struct theme *theme, struct span span, enum style style, const char *glyph)
{
    for (; span.column < span.limit; span.column++)
        paint_words(theme, span, style, glyph);
}

void
paint_rule(const struct theme *theme, struct span span, enum style style, const char *glyph,
           const char *words)
{
    int columns = text_columns(words, strlen(words));
    int left = MAX(0, (span.limit - span.column - columns) / 2);
    struct span middle = {span.row, span.column + left, span.limit};

    paint_fill(theme, span, style, glyph);
    paint_words(theme, middle, style, words);
}
