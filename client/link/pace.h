/* How many commands may be under way, so that order holds: where the server says rate_limited to
 * one of many, those behind it may get through. A guess of the server's bucket, filled at its rate;
 * as long as that is well filled many are sent at once, else one after another. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pace {
    int64_t rate;  /* commands a second, 0: none is known */
    int64_t burst; /* what the bucket holds */
    int64_t milli; /* thousandths of a command that are in it */
    int64_t at_ms; /* when that was so, monotonic */
};

void pace_init(struct pace *pace);
/* What hello says; rate 0: the server has no limit. The first time the bucket is full. */
void pace_set(struct pace *pace, int64_t rate, int64_t burst, int64_t now_ms);
/* Whether one more may be sent while in_flight are. One alone always may. */
bool pace_may_send(struct pace *pace, size_t in_flight, int64_t now_ms);
void pace_sent(struct pace *pace, int64_t now_ms);
void pace_refused(struct pace *pace, int64_t now_ms); /* rate_limited: it is empty */
