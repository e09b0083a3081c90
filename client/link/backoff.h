/* How long to wait before the next try: full jitter, so that a thousand clients of a server that
 * comes back do not come back at once. Pure: the caller gives the clock and the chance. */
#pragma once

#include <stdint.h>

#define BACKOFF_MIN_MS  500   /* the first wait is at most this long */
#define BACKOFF_MAX_MS  30000 /* and every later one at most this */
#define BACKOFF_GOOD_MS 30000 /* service that lasted so long was good: waits are short again */

struct backoff {
    unsigned tries;        /* since service was good last */
    int64_t live_since_ms; /* -1: there is no service */
};

void backoff_init(struct backoff *backoff);

/* Service began at now_ms, a monotonic time. */
void backoff_live(struct backoff *backoff, int64_t now_ms);

/* A try failed or service ended at now_ms: milliseconds to wait, 1 up to a bound that doubles from
 * BACKOFF_MIN_MS to BACKOFF_MAX_MS. draw gives a number from 0 to bound - 1; see random_below. */
int64_t backoff_next(struct backoff *backoff, int64_t now_ms, uint64_t (*draw)(uint64_t bound));
