#include "common/cursor.h"

#include "common/id.h"
#include "common/util.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define EPOCH_BYTES    "abcdefghijklmnopqrstuvwxyz0123456789"
#define EPOCH_MADE_LEN 10 /* some 51 bits */

int
cursor_parse(const char *text, struct cursor *ret_cursor)
{
    struct cursor cursor = {0};

    if (strcmp(text, "0") == 0) {
        *ret_cursor = cursor;
        return 0;
    }

    size_t len = strspn(text, EPOCH_BYTES);
    if (len < 1 || len > EPOCH_MAX || text[len] != '-')
        return -EINVAL;

    /* A position has one spelling, so that cursors can be compared as strings: no zeros in front.
     */
    const char *number = text + len + 1;
    if ((number[0] == '0' && number[1] != '\0') || parse_u64(number, &cursor.seq) < 0)
        return -EINVAL;

    memcpy(cursor.epoch, text, len);
    *ret_cursor = cursor;
    return 0;
}

void
cursor_format(char dst[CURSOR_SIZE], const struct cursor *cursor)
{
    if (cursor_is_oldest(cursor))
        snprintf(dst, CURSOR_SIZE, "0");
    else
        snprintf(dst, CURSOR_SIZE, "%.*s-%" PRIu64, EPOCH_MAX, cursor->epoch, cursor->seq);
}

bool
cursor_is_oldest(const struct cursor *cursor)
{
    return cursor->epoch[0] == '\0';
}

bool
epoch_is_valid(const char *epoch)
{
    size_t len = strspn(epoch, EPOCH_BYTES);

    return epoch[len] == '\0' && len >= 1 && len <= EPOCH_MAX;
}

void
epoch_make(char dst[EPOCH_SIZE])
{
    static const char bytes[] = EPOCH_BYTES;

    for (int i = 0; i < EPOCH_MADE_LEN; i++)
        dst[i] = bytes[random_below(sizeof(bytes) - 1)];
    dst[EPOCH_MADE_LEN] = '\0';
}
