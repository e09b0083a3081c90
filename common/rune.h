/* A rune is a Unicode code point: its bytes, its width, and what kind it is. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RUNE_REPLACEMENT 0xfffd
#define RUNE_ZWNJ        0x200c
#define RUNE_ZWJ         0x200d

/* The code point at the front of text, whose len is at least 1. Returns the bytes it takes; for a
 * byte that RFC 3629 does not allow there 1, and *ret_rune is -1. */
size_t rune_decode(const char *text, size_t len, int32_t *ret_rune);

/* Columns on the terminal: 0, 1 or 2, and -1 for what cannot be drawn (a control character, or a
 * code point unknown to the locale's wcwidth, which is what ncurses counts with). Where the locale
 * knows no Unicode at all, as in "C", utf8proc's tables answer instead. */
int rune_columns(int32_t rune);

bool rune_is_control(int32_t rune);    /* Cc: C0, DEL and C1 */
bool rune_is_mark(int32_t rune);       /* Mn, Mc or Me */
bool rune_is_virama(int32_t rune);     /* silences the vowel of an Indic letter */
bool rune_is_cursive(int32_t rune);    /* a letter of Arabic or Syriac: it joins its neighbours */
bool rune_is_indic(int32_t rune);      /* a letter of Devanagari to Sinhala */
bool rune_is_pictograph(int32_t rune); /* Extended_Pictographic, what emoji are made of */
bool rune_is_skin_tone(int32_t rune);  /* U+1F3FB to U+1F3FF */
bool rune_is_variation_selector(int32_t rune); /* VS1 to VS256 */

/* Acts on its neighbours or on nothing and shows nothing itself: Default_Ignorable_Code_Point, the
 * format controls but the Arabic number signs and their like, line and paragraph separator. */
bool rune_is_hidden(int32_t rune);
