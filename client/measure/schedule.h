/* When each of many lines is to be said: one in each slot of the rate, anywhere in it. So neither a
 * reader that asks at intervals nor a timer of somebody's is hit at the same point each time, and
 * the whole still lasts as long as it should. The same seed gives the same times. */
#pragma once

#include <stdint.h>

struct schedule {
    double rate; /* lines a second, above 0 */
    uint64_t seed;
};

/* Line number n (from 0): microseconds since the first slot began. Grows with n. */
int64_t schedule_at_us(const struct schedule *schedule, unsigned n);
