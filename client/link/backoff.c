#include "client/link/backoff.h"

#include "common/util.h"

#define DOUBLINGS_MAX 6 /* BACKOFF_MIN_MS << 6 is above BACKOFF_MAX_MS */

void
backoff_init(struct backoff *backoff)
{
    *backoff = (struct backoff){.live_since_ms = -1};
}

void
backoff_live(struct backoff *backoff, int64_t now_ms)
{
    backoff->live_since_ms = now_ms;
}

int64_t
backoff_next(struct backoff *backoff, int64_t now_ms, uint64_t (*draw)(uint64_t bound))
{
    if (backoff->live_since_ms >= 0 && now_ms - backoff->live_since_ms >= BACKOFF_GOOD_MS)
        backoff->tries = 0;
    backoff->live_since_ms = -1;

    int64_t bound =
        MIN((int64_t)BACKOFF_MIN_MS << MIN(backoff->tries, DOUBLINGS_MAX), (int64_t)BACKOFF_MAX_MS);
    if (backoff->tries < DOUBLINGS_MAX)
        backoff->tries++;

    return 1 + (int64_t)draw((uint64_t)bound);
}
