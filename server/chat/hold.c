#include "server/chat/hold.h"

#include "common/util.h"

#include <string.h>

int
hold_check(struct hold *hold, const char *id, int64_t now_ms, struct refusal *ret_refusal)
{
    if (hold->id[0] == '\0')
        return 0;
    if (now_ms >= hold->until_ms || strcmp(hold->id, id) == 0) {
        *hold = (struct hold){0};
        return 0;
    }

    refuse(ret_refusal, REFUSAL_RATE_LIMITED,
           "%s was refused before this: send that again first, then this", hold->id);
    ret_refusal->retry_after_ms = MAX(hold->retry_at_ms - now_ms, 1);
    return -1;
}

void
hold_begin(struct hold *hold, const char *id, int64_t retry_after_ms, int64_t now_ms)
{
    str_copy(hold->id, sizeof(hold->id), id);
    hold->retry_at_ms = now_ms + retry_after_ms;
    hold->until_ms = now_ms + MAX(retry_after_ms, HOLD_MS);
}
