#include "common/nfc.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "common/buf.h"
#include "common/rune.h"
#include "common/util.h"

/* The longest canonical decomposition has 4 code points (U+1F82). */
#define DECOMPOSED_MAX 4

/* Below the first combining mark all is composed already, and stays so. */
#define FIRST_MARK 0x300

static bool
is_nfc_at_sight(const char *text, size_t len)
{
    for (size_t at = 0; at < len;) {
        int32_t rune;
        at += rune_decode(text + at, len - at, &rune);
        if (rune >= FIRST_MARK)
            return false;
    }
    return true;
}

/* The caller frees what is returned. */
static int32_t *
decompose(const char *text, size_t len, size_t *ret_count)
{
    size_t count = 0;
    int32_t *runes = xcalloc(len + 1, DECOMPOSED_MAX * sizeof(*runes));

    for (size_t at = 0; at < len;) {
        int32_t rune;
        int boundary = 0;
        at += rune_decode(text + at, len - at, &rune);
        ssize_t added = utf8proc_decompose_char(rune, runes + count, DECOMPOSED_MAX,
                                                UTF8PROC_DECOMPOSE, &boundary);
        assert(added > 0 && added <= DECOMPOSED_MAX);
        count += (size_t)added;
    }
    *ret_count = count;
    return runes;
}

static uint8_t
combining_class(int32_t rune)
{
    return (uint8_t)utf8proc_get_property(rune)->combining_class;
}

/* Sorts by combining class and leaves equals as they stand, with room for count runes in spare. */
static void
sort_marks(int32_t *marks, size_t count, int32_t *spare)
{
    size_t begin[UINT8_MAX + 2] = {0};

    for (size_t i = 0; i < count; i++)
        begin[combining_class(marks[i]) + 1]++;
    for (size_t i = 1; i < ARRAY_LEN(begin); i++)
        begin[i] += begin[i - 1];
    for (size_t i = 0; i < count; i++)
        spare[begin[combining_class(marks[i])]++] = marks[i];
    memcpy(marks, spare, count * sizeof(*marks));
}

/* The Canonical Ordering Algorithm: each run of marks between two starters is sorted. */
static void
order(int32_t *runes, size_t count)
{
    int32_t *spare = xcalloc(count, sizeof(*spare));

    for (size_t begin = 0; begin < count;) {
        size_t end = begin;
        while (end < count && combining_class(runes[end]) > 0)
            end++;
        if (end - begin > 1)
            sort_marks(runes + begin, end - begin, spare);
        begin = end + 1;
    }
    free(spare);
}

static void
encode(struct buf *out, const int32_t *runes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t bytes[4];
        ssize_t len = utf8proc_encode_char(runes[i], bytes);
        buf_add(out, bytes, (size_t)len);
    }
}

void
nfc_append(struct buf *out, const char *text, size_t len)
{
    if (is_nfc_at_sight(text, len)) {
        buf_add(out, text, len);
        return;
    }

    size_t count;
    int32_t *runes = decompose(text, len, &count);
    order(runes, count);
    ssize_t composed =
        utf8proc_normalize_utf32(runes, (ssize_t)count, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    assert(composed >= 0);
    encode(out, runes, (size_t)composed);
    free(runes);
}
