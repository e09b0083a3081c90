#include "common/text.h"

#include <utf8proc.h>

#include "common/rune.h"
#include "common/util.h"

#define RUNE_BYTES 4 /* of UTF-8, at most */

/* text_visible leaves no more than 4 marks in a cluster, and one non-joiner: room for them is kept
 * behind every rune that fills columns, so that a cluster too long to be drawn at once never breaks
 * before a mark. */
#define MARKS_ROOM (5 * RUNE_BYTES)

/* What keeps cursive letters apart is drawn: all count it as no column. */
static bool
is_left_out(int32_t rune, int32_t letter, bool is_emoji)
{
    return rune == RUNE_ZWJ || (rune == RUNE_ZWNJ && !rune_is_cursive(letter)) ||
           rune_is_variation_selector(rune) || (is_emoji && rune_is_skin_tone(rune));
}

/* It fills columns, as itself or as what is drawn in its place. */
static bool
is_drawn_alone(int32_t rune)
{
    return rune_columns(rune) != 0 || (rune_is_hidden(rune) && rune != RUNE_ZWNJ);
}

static bool
has_room(const struct text_cluster *cluster, int32_t rune)
{
    size_t wanted = RUNE_BYTES + (rune_columns(rune) > 0 ? MARKS_ROOM : 0);
    return cluster->draw_len + wanted <= sizeof(cluster->draw);
}

static void
draw(struct text_cluster *cluster, int32_t rune)
{
    int columns = rune_columns(rune);
    if (columns < 0 || (rune_is_hidden(rune) && rune != RUNE_ZWNJ)) {
        rune = RUNE_REPLACEMENT;
        columns = 1;
    }
    cluster->columns += columns;
    cluster->draw_len +=
        (size_t)utf8proc_encode_char(rune, (uint8_t *)cluster->draw + cluster->draw_len);
}

static bool
is_blank(int32_t rune)
{
    bool is_no_break = rune == 0xa0 || rune == 0x2007 || rune == 0x202f;
    return rune == '\n' || (utf8proc_category(rune) == UTF8PROC_CATEGORY_ZS && !is_no_break);
}

void
text_next_cluster(const char *text, size_t len, struct text_cluster *ret_cluster)
{
    struct text_cluster cluster = {0};
    int32_t previous = 0, letter = 0, state = 0;
    bool is_emoji = false;

    while (cluster.len < len) {
        int32_t rune;
        size_t step = rune_decode(text + cluster.len, len - cluster.len, &rune);
        if (rune < 0)
            rune = RUNE_REPLACEMENT;
        if (cluster.len > 0 && utf8proc_grapheme_break_stateful(previous, rune, &state))
            break;

        is_emoji = is_emoji || rune_is_pictograph(rune);
        letter = is_drawn_alone(rune) ? rune : letter;
        if (!is_left_out(rune, letter, is_emoji) && rune != '\n') {
            if (!has_room(&cluster, rune))
                break;
            draw(&cluster, rune);
        }
        cluster.is_space = cluster.len == 0 && is_blank(rune);
        cluster.len += step;
        previous = rune;
    }

    bool is_seen = cluster.columns > 0 || cluster.len == 0 || previous == '\n';
    if (!is_seen) {
        cluster.draw_len = 0;
        draw(&cluster, RUNE_REPLACEMENT);
    }
    *ret_cluster = cluster;
}

int
text_columns(const char *text, size_t len)
{
    int columns = 0;
    struct text_cluster cluster;

    for (size_t at = 0; at < len; at += cluster.len) {
        text_next_cluster(text + at, len - at, &cluster);
        columns += cluster.columns;
    }
    return columns;
}

size_t
text_fit(const char *text, size_t len, int columns)
{
    size_t at = 0;

    while (at < len) {
        struct text_cluster cluster;
        text_next_cluster(text + at, len - at, &cluster);
        columns -= cluster.columns;
        if (columns < 0)
            break;
        at += cluster.len;
    }
    return at;
}

/* The begin of the last cluster that ends at or behind offset; len is its end. */
static size_t
find_cluster(const char *text, size_t len, size_t offset, struct text_cluster *ret_cluster)
{
    size_t begin = 0;

    for (;;) {
        text_next_cluster(text + begin, len - begin, ret_cluster);
        if (begin + ret_cluster->len >= offset)
            return begin;
        begin += ret_cluster->len;
    }
}

size_t
text_previous(const char *text, size_t len, size_t offset)
{
    struct text_cluster cluster;
    return find_cluster(text, len, MIN(offset, len), &cluster);
}

size_t
text_following(const char *text, size_t len, size_t offset)
{
    if (offset >= len)
        return len;

    struct text_cluster cluster;
    size_t begin = find_cluster(text, len, offset + 1, &cluster);
    return begin + cluster.len;
}
