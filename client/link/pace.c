#include "client/link/pace.h"

#include "common/util.h"

#define IN_FLIGHT_MAX 64
#define RATE_MAX      1000000 /* of rate and burst, so that nothing overflows */
#define IDLE_MAX_MS   1000000

void
pace_init(struct pace *pace)
{
    *pace = (struct pace){0};
}

static void
fill(struct pace *pace, int64_t now_ms)
{
    int64_t idle_ms = MIN(now_ms - pace->at_ms, IDLE_MAX_MS);

    pace->milli = MIN(pace->milli + idle_ms * pace->rate, pace->burst * 1000);
    pace->at_ms = now_ms;
}

void
pace_set(struct pace *pace, int64_t rate, int64_t burst, int64_t now_ms)
{
    rate = MIN(MAX(rate, 0), RATE_MAX);
    burst = MIN(MAX(burst, 1), RATE_MAX);
    if (pace->rate == rate && pace->burst == burst)
        return; /* what was spent on the last connection stays spent */

    *pace = (struct pace){rate, burst, burst * 1000, now_ms};
}

/* A quarter is left alone: the server's bucket fills by when commands arrive, ours by when they
 * were sent, and another client of the same user takes from it too. */
bool
pace_may_send(struct pace *pace, size_t in_flight, int64_t now_ms)
{
    if (in_flight == 0)
        return true;
    if (in_flight >= IN_FLIGHT_MAX)
        return false;
    if (pace->rate == 0)
        return true;

    fill(pace, now_ms);
    return pace->milli >= pace->burst * 250 + 1000;
}

void
pace_sent(struct pace *pace, int64_t now_ms)
{
    fill(pace, now_ms);
    pace->milli = MAX(pace->milli - 1000, 0);
}

void
pace_refused(struct pace *pace, int64_t now_ms)
{
    fill(pace, now_ms);
    pace->milli = 0;
}
