#include "common/text.h"

#include <stdio.h>

#include <utf8proc.h>

#include "common/buf.h"
#include "common/rune.h"
#include "common/util.h"

#define MARKS_MAX 4 /* in a cluster */
#define TAB_STOP  8

#define RUNE_CONTROL_PICTURES 0x2400 /* of U+0000; those of the others follow */
#define RUNE_DEL_PICTURE      0x2421
#define RUNE_RETURN           0x23ce
#define RUNE_DOTTED_CIRCLE    0x25cc /* stands where a mark lacks its letter */
#define RUNE_KEYCAP           0x20e3

static const struct token {
    int32_t rune;
    const char *name;
} tokens[] = {
    {0x00ad, "SHY"},  {0x034f, "CGJ"}, {0x061c, "ALM"}, {0x180e, "MVS"}, {0x200b, "ZWSP"},
    {0x200c, "ZWNJ"}, {0x200d, "ZWJ"}, {0x200e, "LRM"}, {0x200f, "RLM"}, {0x2028, "LS"},
    {0x2029, "PS"},   {0x202a, "LRE"}, {0x202b, "RLE"}, {0x202c, "PDF"}, {0x202d, "LRO"},
    {0x202e, "RLO"},  {0x2060, "WJ"},  {0x2066, "LRI"}, {0x2067, "RLI"}, {0x2068, "FSI"},
    {0x2069, "PDI"},  {0xfeff, "BOM"},
};

/* How far a text_visible has come. previous, is_emoji and mark_count tell of the cluster that a
 * reader of out sees, so a token within a cluster of the source begins them anew: what has been
 * let through is then let through again when it comes back to the door. */
struct door {
    struct buf *out;
    unsigned flags;
    size_t measured; /* bytes of out whose columns have been counted, */
    int column;      /* and the column that this came to */

    int32_t previous; /* the rune of the cluster that was last let through, or 0 */
    int32_t letter;   /* its last that is no mark and no joiner, or 0 */
    bool is_emoji;    /* it has a pictograph, and since then only what a joiner may follow */
    int mark_count;
};

static void
begin_cluster(struct door *door)
{
    door->previous = 0;
    door->letter = 0;
    door->is_emoji = false;
    door->mark_count = 0;
}

static void
put_rune(struct door *door, int32_t rune)
{
    uint8_t bytes[4];

    if (rune < 0x80)
        buf_add_byte(door->out, (char)rune);
    else if (door->flags & TEXT_ASCII)
        buf_addf(door->out, "U+%04X", (unsigned)rune);
    else
        buf_add(door->out, bytes, (size_t)utf8proc_encode_char(rune, bytes));
}

static void
put_number(struct door *door, int32_t rune)
{
    buf_addf(door->out, "U+%04X", (unsigned)rune);
    begin_cluster(door);
}

static void
put_tab(struct door *door)
{
    struct buf *out = door->out;

    door->column += text_columns(buf_text(out) + door->measured, out->len - door->measured);
    do {
        buf_add_byte(out, ' ');
        door->column++;
    } while (door->column % TAB_STOP != 0);
    door->measured = out->len;
}

static void
put_newline(struct door *door)
{
    buf_add_byte(door->out, '\n');
    door->measured = door->out->len;
    door->column = 0;
}

static void
put_control(struct door *door, int32_t rune)
{
    bool is_ascii = door->flags & TEXT_ASCII;

    if (rune == '\t')
        put_tab(door);
    else if (rune == '\n' && (door->flags & TEXT_KEEP_NEWLINES))
        put_newline(door);
    else if (rune > 0x7f)
        buf_addf(door->out, is_ascii ? "<U+%04X>" : "«U+%04X»", (unsigned)rune);
    else if (is_ascii)
        buf_addf(door->out, "^%c", (char)(rune ^ 0x40));
    else if (rune == '\n')
        put_rune(door, RUNE_RETURN);
    else
        put_rune(door, rune == 0x7f ? RUNE_DEL_PICTURE : RUNE_CONTROL_PICTURES + rune);
}

static void
name_hidden(int32_t rune, char *ret_name, size_t size)
{
    for (size_t i = 0; i < ARRAY_LEN(tokens); i++) {
        if (tokens[i].rune == rune) {
            snprintf(ret_name, size, "%s", tokens[i].name);
            return;
        }
    }

    if (rune >= 0xfe00 && rune <= 0xfe0f)
        snprintf(ret_name, size, "VS%d", (int)(rune - 0xfe00 + 1));
    else if (rune >= 0xe0100 && rune <= 0xe01ef)
        snprintf(ret_name, size, "VS%d", (int)(rune - 0xe0100 + 17));
    else if (rune > 0xe0020 && rune < 0xe007f)
        snprintf(ret_name, size, "TAG-%c", (char)(rune - 0xe0000));
    else
        snprintf(ret_name, size, "U+%04X", (unsigned)rune);
}

static void
put_token(struct door *door, int32_t rune)
{
    char name[16];

    name_hidden(rune, name, sizeof(name));
    buf_addf(door->out, door->flags & TEXT_ASCII ? "<%s>" : "⟪%s⟫", name);
    begin_cluster(door);
}

static bool
is_han(int32_t rune)
{
    return (rune >= 0x3400 && rune <= 0x9fff) || (rune >= 0xf900 && rune <= 0xfaff) ||
           (rune >= 0x20000 && rune <= 0x3ffff);
}

static bool
is_keycap_key(int32_t rune)
{
    return (rune >= '0' && rune <= '9') || rune == '#' || rune == '*';
}

/* Between letters that would join, as in Persian words, and after a virama. RFC 5892 appendix A.1
 * asks how each letter joins; that both are of such a script is enough here, since many write one
 * after a letter that joins nothing, too. */
static bool
is_non_joiner_in_place(const struct door *door, int32_t next)
{
    bool is_second = door->previous == RUNE_ZWNJ;
    bool is_between_letters =
        rune_is_cursive(door->letter) && rune_is_cursive(next) && rune_columns(next) >= 0;

    return rune_is_virama(door->previous) || (is_between_letters && !is_second);
}

/* Between pictographs, after a virama (appendix A.2), and between a letter and its virama, as in
 * Bengali. */
static bool
is_joiner_in_place(const struct door *door, int32_t next)
{
    bool is_between_pictographs =
        door->is_emoji && rune_is_pictograph(next) && rune_columns(next) >= 0;
    bool is_before_virama =
        rune_is_indic(door->previous) && rune_is_virama(next) && rune_columns(next) >= 0;

    return rune_is_virama(door->previous) || is_between_pictographs || is_before_virama;
}

/* The few places where a hidden character has an honest use: joiners, and one variation selector
 * after what has variants. */
static bool
is_in_its_place(const struct door *door, int32_t rune, int32_t next)
{
    int32_t previous = door->previous;
    bool is_text_or_emoji = rune == 0xfe0e || rune == 0xfe0f;

    if (rune == RUNE_ZWNJ)
        return is_non_joiner_in_place(door, next);
    if (rune == RUNE_ZWJ)
        return is_joiner_in_place(door, next);
    if (is_text_or_emoji)
        return rune_is_pictograph(previous) || (is_keycap_key(previous) && next == RUNE_KEYCAP);
    return rune_is_variation_selector(rune) && is_han(previous);
}

/* A pictograph takes one skin tone; alone it is a swatch and anybody's. */
static bool
is_needless_tone(const struct door *door, int32_t rune)
{
    bool is_after_face =
        rune_is_pictograph(door->previous) || rune_is_variation_selector(door->previous);
    return rune_is_skin_tone(rune) && door->is_emoji && !is_after_face;
}

/* What fills no column must have something of its cluster to stand on, or it would land on what
 * happens to be drawn before it. */
static void
put_zero_width(struct door *door, int32_t rune, bool is_first)
{
    bool can_stand = !utf8proc_grapheme_break(RUNE_DOTTED_CIRCLE, rune);

    if (door->previous == 0 && !can_stand) {
        put_number(door, rune);
        return;
    }
    if (is_first && !(door->flags & TEXT_ASCII))
        put_rune(door, RUNE_DOTTED_CIRCLE);
    put_rune(door, rune);
    door->previous = rune;
}

static void
put_visible(struct door *door, int32_t rune, bool is_first)
{
    int columns = rune_columns(rune);
    if (columns < 0 || is_needless_tone(door, rune)) {
        put_number(door, rune);
        return;
    }

    bool is_mark = columns == 0 || rune_is_mark(rune);
    if (is_mark && ++door->mark_count > MARKS_MAX)
        return;
    if (columns == 0) {
        put_zero_width(door, rune, is_first);
        return;
    }

    put_rune(door, rune);
    door->previous = rune;
    door->letter = is_mark ? door->letter : rune;
    if (!is_mark && !rune_is_skin_tone(rune))
        door->is_emoji = rune_is_pictograph(rune);
}

static void
pass(struct door *door, int32_t rune, int32_t next, bool is_first)
{
    if (rune_is_control(rune)) {
        put_control(door, rune);
    } else if (!rune_is_hidden(rune)) {
        put_visible(door, rune, is_first);
    } else if (is_in_its_place(door, rune, next)) {
        put_rune(door, rune);
        door->previous = rune;
    } else {
        put_token(door, rune);
    }
}

static size_t
decode(const char *text, size_t len, int32_t *ret_rune)
{
    size_t step = len > 0 ? rune_decode(text, len, ret_rune) : 0;
    if (step == 0)
        *ret_rune = 0;
    else if (*ret_rune < 0)
        *ret_rune = RUNE_REPLACEMENT;
    return step;
}

void
text_visible(struct buf *out, const char *text, size_t len, unsigned flags)
{
    struct door door = {.out = out, .flags = flags, .measured = out->len};
    int32_t rune, next, state = 0;
    size_t at = decode(text, len, &rune);
    bool is_first = true;

    for (size_t step = at; step > 0; at += step) {
        step = decode(text + at, len - at, &next);
        if (is_first)
            begin_cluster(&door);
        pass(&door, rune, next, is_first);
        is_first = utf8proc_grapheme_break_stateful(rune, next, &state);
        rune = next;
    }
}
