/* A position in the log: "<epoch>-<seq>". The same string is the SSE id, Last-Event-ID and `after`.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EPOCH_MAX   16 /* lower-case letters and digits */
#define EPOCH_SIZE  (EPOCH_MAX + 1)
#define CURSOR_SIZE (EPOCH_MAX + 1 + 20 + 1)

struct cursor {
    char epoch[EPOCH_SIZE]; /* "" in the oldest cursor, which belongs to every epoch */
    uint64_t seq;
};

/* "0" is the oldest cursor. -EINVAL when text is of any other form than "<epoch>-<seq>". */
int cursor_parse(const char *text, struct cursor *ret_cursor);
void cursor_format(char dst[CURSOR_SIZE], const struct cursor *cursor);
bool cursor_is_oldest(const struct cursor *cursor);

bool epoch_is_valid(const char *epoch);
void epoch_make(char dst[EPOCH_SIZE]); /* a fresh random one */
