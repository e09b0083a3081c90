/* libFuzzer target: a cursor is read when it has the form of the contract, by another reading of
 * it, and then it is written as it was. */
#include "common/cursor.h"

#include "common/util.h"
#include "tests/fuzz/must.h"

static bool
is_epoch(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!(text[i] >= 'a' && text[i] <= 'z') && !(text[i] >= '0' && text[i] <= '9'))
            return false;

    return len >= 1 && len <= EPOCH_MAX;
}

/* One spelling a number: no sign, no zeros in front, no more than 64 bits. */
static bool
is_seq(const char *text)
{
    static const char most[] = "18446744073709551615";
    size_t len = strlen(text);

    for (size_t i = 0; i < len; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    if (len == 0 || len > strlen(most) || (len > 1 && text[0] == '0'))
        return false;

    return len < strlen(most) || strcmp(text, most) <= 0;
}

static bool
is_cursor(const char *text)
{
    const char *dash = strchr(text, '-');

    if (strcmp(text, "0") == 0)
        return true;

    return dash != NULL && is_epoch(text, (size_t)(dash - text)) && is_seq(dash + 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor cursor = {"untouched", 7};
    char *text = xstrndup((const char *)data, size);
    char again[CURSOR_SIZE];

    MUST(epoch_is_valid(text) == is_epoch(text, strlen(text)));
    if (cursor_parse(text, &cursor) == 0) {
        MUST(is_cursor(text));
        MUST(cursor_is_oldest(&cursor) == (strcmp(text, "0") == 0));
        cursor_format(again, &cursor);
        MUST(strcmp(text, again) == 0);
    } else {
        MUST(!is_cursor(text));
        MUST(strcmp(cursor.epoch, "untouched") == 0 && cursor.seq == 7);
    }

    free(text);
    return 0;
}
