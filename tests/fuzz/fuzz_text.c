/* libFuzzer target: whatever bytes come, text keeps the promises of common/text.h. The first byte
 * chooses the flags of text_visible, the others are the text; with SPELLED each of them stands for
 * one of the code points that clusters are made of, which bytes alone seldom hit upon. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <utf8proc.h>

#include "common/buf.h"
#include "common/rune.h"
#include "common/text.h"
#include "common/util.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SPELLED 4

static const int32_t alphabet[] = {
    'a',     '1',     '#',      ' ',     '\n',    '\t',    '\r',    0x1b,    0x7f,    0x85,
    0xad,    0xe9,    0x301,    0x323,   0x327,   0x345,   0x34f,   0x378,   0x5b4,   0x600,
    0x61c,   0x627,   0x628,    0x6cc,   0x712,   0x64b,   0x6dd,   0x903,   0x915,   0x937,
    0x93f,   0x94d,   0xe33,    0xf71,   0xf73,   0x102b,  0x1038,  0x1100,  0x115f,  0x1160,
    0x1161,  0x11a8,  0x180b,   0x180e,  0x1fbe,  0x200b,  0x200c,  0x200d,  0x200e,  0x2028,
    0x202e,  0x2060,  0x2066,   0x20dd,  0x20e3,  0x25cc,  0x261d,  0x2764,  0x27ea,  0x3000,
    0x302a,  0x3099,  0x3164,   0x65e5,  0x845b,  0xa9bd,  0xac00,  0xac01,  0xd7b0,  0xd7cb,
    0xe000,  0xfe00,  0xfe0e,   0xfe0f,  0xfeff,  0xff9e,  0xfff9,  0xfffd,  0xfffe,  0x110bd,
    0x11131, 0x11a3a, 0x13430,  0x16fe4, 0x16ff0, 0x1d15e, 0x1d165, 0x1d173, 0x1f1e6, 0x1f1ff,
    0x1f308, 0x1f3f3, 0x1f3fb,  0x1f3ff, 0x1f44d, 0x1f468, 0x1fae8, 0x1fbf0, 0x2f800, 0xe0001,
    0xe0041, 0xe0100, 0x10ffff,
};

#define MUST(condition) must(condition, #condition, __LINE__)

static void
must(bool holds, const char *condition, int line)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz_text.c:%d: does not hold: %s\n", line, condition);
    abort();
}

static bool
is_same(const struct buf *a, const struct buf *b)
{
    return a->len == b->len && strcmp(buf_text(a), buf_text(b)) == 0;
}

static void
normalise(const char *text, size_t len)
{
    struct buf once = BUF_INIT, twice = BUF_INIT;
    const char *wrong = text_normalise(&once, text, len, TEXT_MAX);

    if (wrong) {
        MUST(once.len == 0);
    } else {
        MUST(text_is_utf8(text, len));
        MUST(once.len > 0 && once.len <= TEXT_MAX);
        MUST(text_is_utf8(once.data, once.len));
        MUST(text_normalise(&twice, once.data, once.len, TEXT_MAX) == NULL);
        MUST(is_same(&once, &twice));
    }
    buf_fini(&once);
    buf_fini(&twice);
}

static bool
is_forbidden(int32_t rune, unsigned flags)
{
    bool is_bidi = rune == 0x61c || rune == 0x200e || rune == 0x200f ||
                   (rune >= 0x202a && rune <= 0x202e) || (rune >= 0x2066 && rune <= 0x2069);
    bool is_separator = rune == 0x2028 || rune == 0x2029;
    bool is_hidden = rune == 0x200b || rune == 0x2060 || rune == 0xfeff || rune == 0xad;
    bool is_tag = rune >= 0xe0000 && rune <= 0xe007f;

    if (rune == '\n')
        return !(flags & TEXT_KEEP_NEWLINES);
    if (rune > 0x7e && (flags & TEXT_ASCII))
        return true;
    return rune < 0x20 || (rune >= 0x7f && rune <= 0x9f) || is_bidi || is_separator || is_hidden ||
           is_tag || wcwidth((wchar_t)rune) < 0;
}

static bool
is_zero_width(int32_t rune)
{
    return rune == RUNE_ZWJ || rune == RUNE_ZWNJ || rune_is_variation_selector(rune);
}

static void
look_for_forbidden(const struct buf *visible, unsigned flags)
{
    int32_t rune, previous = ' ';

    MUST(text_is_utf8(buf_text(visible), visible->len));
    for (size_t at = 0; at < visible->len;) {
        at += rune_decode(visible->data + at, visible->len - at, &rune);
        MUST(!is_forbidden(rune, flags));
        MUST(!(is_zero_width(rune) && (previous == ' ' || previous == '\n')));
        MUST(!(is_zero_width(rune) && rune == previous));
        previous = rune;
    }
}

static void
look_at_drawing(const struct text_cluster *cluster)
{
    int columns = 0;
    int32_t letter = 0;

    MUST(text_is_utf8(cluster->draw, cluster->draw_len));
    for (size_t at = 0; at < cluster->draw_len;) {
        int32_t rune;
        at += rune_decode(cluster->draw + at, cluster->draw_len - at, &rune);
        MUST(!is_forbidden(rune, 0));
        MUST(!is_zero_width(rune) || (rune == RUNE_ZWNJ && rune_is_cursive(letter)));
        if (wcwidth((wchar_t)rune) > 0)
            letter = rune;
        columns += wcwidth((wchar_t)rune);
    }
    MUST(columns == cluster->columns);
}

static void
walk(const char *text, size_t len)
{
    struct text_cluster cluster;
    size_t at = 0, probe = len / 2;
    int columns = 0;

    for (; at < len; at += cluster.len) {
        text_next_cluster(text + at, len - at, &cluster);
        MUST(cluster.len > 0 && cluster.len <= len - at);
        MUST(cluster.columns > 0 || text[at + cluster.len - 1] == '\n');
        look_at_drawing(&cluster);
        if (at < probe && probe <= at + cluster.len)
            MUST(text_previous(text, len, probe) == at);
        if (at <= probe && probe < at + cluster.len)
            MUST(text_following(text, len, probe) == at + cluster.len);
        columns += cluster.columns;
    }
    MUST(at == len);
    MUST(text_columns(text, len) == columns);
    MUST(text_fit(text, len, columns) == len);
}

static void
show(const char *text, size_t len, unsigned flags)
{
    struct buf once = BUF_INIT, twice = BUF_INIT;

    text_visible(&once, text, len, flags);
    look_for_forbidden(&once, flags);
    walk(buf_text(&once), once.len);

    text_visible(&twice, buf_text(&once), once.len, flags);
    MUST(is_same(&once, &twice));
    buf_fini(&once);
    buf_fini(&twice);
}

static void
find(const char *text, size_t len)
{
    char *all = strndup(text, len);
    size_t middle = len / 2;
    char *part = strndup(text + middle, MIN(3, len - middle));
    size_t offset = 0;

    MUST(text_find(all, "", &offset) && offset == 0);
    MUST(text_find(all, all, &offset) && offset == 0);
    if (text_find(all, part, &offset))
        MUST(offset <= strlen(all));
    free(all);
    free(part);
}

static void
spell(struct buf *text, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        uint8_t bytes[4];
        ssize_t len = utf8proc_encode_char(alphabet[data[i] % ARRAY_LEN(alphabet)], bytes);
        buf_add(text, bytes, (size_t)len);
    }
}

static void
check_all(const char *text, size_t len, unsigned flags)
{
    normalise(text, len);
    show(text, len, flags);
    walk(text, len);
    find(text, len);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    MUST(setlocale(LC_CTYPE, "C.UTF-8") != NULL);
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;

    unsigned flags = data[0] & (TEXT_KEEP_NEWLINES | TEXT_ASCII);
    if (data[0] & SPELLED) {
        struct buf text = BUF_INIT;
        spell(&text, data + 1, size - 1);
        check_all(buf_text(&text), text.len, flags);
        buf_fini(&text);
    } else {
        check_all((const char *)data + 1, size - 1, flags);
    }
    return 0;
}
