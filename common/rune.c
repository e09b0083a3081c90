#include "common/rune.h"

#include <sys/types.h>
#include <wchar.h>

#include <utf8proc.h>

#define CLASS_VIRAMA 9 /* a Canonical_Combining_Class (UAX 44 table 15) */

size_t
rune_decode(const char *text, size_t len, int32_t *ret_rune)
{
    ssize_t step = utf8proc_iterate((const uint8_t *)text, (ssize_t)len, ret_rune);
    if (step > 0)
        return (size_t)step;

    *ret_rune = -1;
    return 1;
}

int
rune_columns(int32_t rune)
{
    int columns = wcwidth((wchar_t)rune);
    if (columns >= 0)
        return columns;

    /* A locale that knows Unicode knows HIRAGANA LETTER A; its -1 then means that ncurses cannot
     * draw the code point. Any other locale's -1 means nothing. */
    bool is_unicode_locale = wcwidth(0x3042) > 0;
    utf8proc_category_t category = utf8proc_category(rune);
    if (is_unicode_locale || category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CN)
        return -1;
    return utf8proc_charwidth(rune);
}

bool
rune_is_control(int32_t rune)
{
    return utf8proc_category(rune) == UTF8PROC_CATEGORY_CC;
}

bool
rune_is_mark(int32_t rune)
{
    utf8proc_category_t category = utf8proc_category(rune);
    return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC ||
           category == UTF8PROC_CATEGORY_ME;
}

bool
rune_is_virama(int32_t rune)
{
    return utf8proc_get_property(rune)->combining_class == CLASS_VIRAMA;
}

static bool
is_letter_within(int32_t rune, int32_t first, int32_t last)
{
    return rune >= first && rune <= last && utf8proc_category(rune) == UTF8PROC_CATEGORY_LO;
}

bool
rune_is_cursive(int32_t rune)
{
    bool is_arabic = is_letter_within(rune, 0x0620, 0x06ff) ||
                     is_letter_within(rune, 0x0750, 0x077f) ||
                     is_letter_within(rune, 0x0870, 0x08ff);

    return is_arabic || is_letter_within(rune, 0x0710, 0x074f) ||
           is_letter_within(rune, 0x0860, 0x086f);
}

bool
rune_is_indic(int32_t rune)
{
    return is_letter_within(rune, 0x0900, 0x0dff); /* Devanagari to Sinhala */
}

bool
rune_is_pictograph(int32_t rune)
{
    return utf8proc_get_property(rune)->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

bool
rune_is_skin_tone(int32_t rune)
{
    return rune >= 0x1f3fb && rune <= 0x1f3ff;
}

bool
rune_is_variation_selector(int32_t rune)
{
    return (rune >= 0xfe00 && rune <= 0xfe0f) || (rune >= 0xe0100 && rune <= 0xe01ef);
}

bool
rune_is_hidden(int32_t rune)
{
    const utf8proc_property_t *property = utf8proc_get_property(rune);
    bool is_format = property->category == UTF8PROC_CATEGORY_CF &&
                     property->boundclass != UTF8PROC_BOUNDCLASS_PREPEND;

    return property->ignorable || is_format || property->category == UTF8PROC_CATEGORY_ZL ||
           property->category == UTF8PROC_CATEGORY_ZP;
}
