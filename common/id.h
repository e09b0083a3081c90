/* Identifiers: what a command's id may be, ULIDs for those we make, random bytes for secrets. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ID_MAX    64
#define ID_SIZE   (ID_MAX + 1)
#define ULID_SIZE 27

/* 1-64 of A-Z a-z 0-9 - _ : . */
bool id_is_valid(const char *id);

/* A ULID (github.com/ulid/spec): 48 bits of wall-clock ms and 80 random bits in Crockford base 32.
 * Two made by one process in one millisecond sort in the order they were made. Thread-safe. */
void ulid_make(char dst[ULID_SIZE]);

/* Fills dst from the kernel's generator; aborts when there is none. */
void random_bytes(void *dst, size_t len);
uint64_t random_below(uint64_t bound); /* 0 .. bound-1, without bias; bound > 0 */

/* len bytes as 2*len lower-case hex digits and a NUL. */
void hex_encode(char *dst, const void *bytes, size_t len);
/* Exactly len bytes from hex digits of either case, colons allowed between bytes. 0 or -EINVAL. */
int hex_decode(void *dst, size_t len, const char *hex);
