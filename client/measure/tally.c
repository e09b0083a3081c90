#include "client/measure/tally.h"

#include "common/util.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
tally_init(struct tally *tally, unsigned count)
{
    *tally = (struct tally){.seen = xcalloc(MAX(count, 1), 1), .count = count};
}

void
tally_fini(struct tally *tally)
{
    free(tally->seen);
    *tally = (struct tally){0};
}

void
tally_add(struct tally *tally, unsigned number)
{
    unsigned char *seen = &tally->seen[number];

    assert(number < tally->count);
    if (*seen > 0) {
        tally->repeated++;
    } else {
        tally->came++;
        tally->disordered += number + 1 < tally->next;
        tally->next = MAX(tally->next, number + 1);
    }
    if (*seen < UCHAR_MAX)
        (*seen)++;
}

void
tally_text(char *dst, size_t len, const char *tag, unsigned number)
{
    int written = snprintf(dst, len + 1, "rally %.*s %u ", TALLY_TAG_SIZE - 1, tag, number);

    assert(len >= TALLY_TEXT_MIN && written > 0);
    memset(dst + written, '.', len - (size_t)written);
    dst[len] = '\0';
}

int64_t
tally_number(const char *text, const char *tag, unsigned count)
{
    char read_tag[TALLY_TAG_SIZE];
    unsigned number;

    if (sscanf(text, "rally %16s %9u ", read_tag, &number) != 2 || !str_equal(read_tag, tag))
        return -1;

    return number < count ? (int64_t)number : -1;
}
