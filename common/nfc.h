/* Unicode's Normalization Form C (UAX 15). */
#pragma once

#include <stddef.h>

struct buf;

/* No text shrinks further than this by going to NFC: U+1FBE U+0308 U+0301, seven bytes, become
 * U+0390, two. */
#define NFC_SHRINK_MAX 4

/* Appends text, which must be valid UTF-8, in NFC. Takes a time that is linear in len whatever the
 * text: utf8proc_map orders combining marks by swapping neighbours, and 16 KiB of them in the wrong
 * order kept it busy for 200 ms. */
void nfc_append(struct buf *out, const char *text, size_t len);
