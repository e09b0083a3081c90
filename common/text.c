#include "common/text.h"

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "common/buf.h"
#include "common/nfc.h"
#include "common/rune.h"
#include "common/util.h"

#define STRING_(a) #a
#define STRING(a)  STRING_(a)

bool
text_is_utf8(const char *text, size_t len)
{
    for (size_t at = 0; at < len;) {
        int32_t rune;
        at += rune_decode(text + at, len - at, &rune);
        if (rune < 0)
            return false;
    }
    return true;
}

static const char *
too_long(size_t max)
{
    switch (max) {
    case TEXT_MAX: return "text too long: at most " STRING(TEXT_MAX) " bytes in NFC";
    case TOPIC_MAX: return "text too long: at most " STRING(TOPIC_MAX) " bytes in NFC";
    default: return "text too long: fewer bytes in NFC were wanted";
    }
}

static const char *
check_codes(const char *text, size_t len)
{
    for (size_t at = 0; at < len;) {
        int32_t rune;
        at += rune_decode(text + at, len - at, &rune);
        if (rune < 0)
            return "text is not well-formed: UTF-8 was wanted";
        if (rune_is_control(rune) && rune != '\n' && rune != '\t')
            return "text holds a control character: of these only newline and tab are allowed";
    }
    return NULL;
}

const char *
text_normalise(struct buf *ret_out, const char *text, size_t len, size_t max)
{
    if (len == 0)
        return "text is empty: at least 1 byte was wanted";
    if (len / NFC_SHRINK_MAX > max)
        return too_long(max);

    const char *wrong = check_codes(text, len);
    if (wrong)
        return wrong;

    struct buf normal = BUF_INIT;
    nfc_append(&normal, text, len);
    if (normal.len > max)
        wrong = too_long(max);
    else
        buf_add(ret_out, normal.data, normal.len);
    buf_fini(&normal);
    return wrong;
}

/* A code point of a folded text, and where what it was made of begins. */
struct folded {
    int32_t rune;
    size_t offset;
};

/* The caller frees what is returned. */
static struct folded *
fold(const char *text, size_t len, size_t *ret_count)
{
    size_t count = 0, size = len + 8;
    struct folded *all = xcalloc(size, sizeof(*all));

    for (size_t at = 0; at < len;) {
        int32_t rune, parts[8];
        size_t step = rune_decode(text + at, len - at, &rune);
        int boundary = 0;
        ssize_t part_count =
            utf8proc_decompose_char(rune < 0 ? RUNE_REPLACEMENT : rune, parts, ARRAY_LEN(parts),
                                    UTF8PROC_CASEFOLD, &boundary);

        if (count + ARRAY_LEN(parts) > size) {
            size *= 2;
            all = xrealloc(all, size * sizeof(*all));
        }
        for (ssize_t i = 0; i < part_count && i < (ssize_t)ARRAY_LEN(parts); i++)
            all[count++] = (struct folded){parts[i], at};
        at += step;
    }
    *ret_count = count;
    return all;
}

static bool
begins_with(const struct folded *text, const struct folded *needle, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (text[i].rune != needle[i].rune)
            return false;
    }
    return true;
}

bool
text_find(const char *text, const char *needle, size_t *ret_offset)
{
    size_t text_count, needle_count;
    struct folded *in = fold(text, strlen(text), &text_count);
    struct folded *wanted = fold(needle, strlen(needle), &needle_count);
    bool found = false;

    for (size_t i = 0; !found && i + needle_count <= text_count; i++) {
        found = begins_with(in + i, wanted, needle_count);
        if (found)
            *ret_offset = i < text_count ? in[i].offset : 0;
    }

    free(in);
    free(wanted);
    return found;
}
