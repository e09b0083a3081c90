#include "client/measure/schedule.h"

#define SECOND_US 1e6

/* splitmix64 (Steele, Lea, Flood 2014): every n has its own number without the ones before it. */
static uint64_t
scramble(uint64_t value)
{
    value += UINT64_C(0x9e3779b97f4a7c15);
    value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

/* 0 <= share < 1 */
static double
share_of_slot(const struct schedule *schedule, unsigned n)
{
    return (double)(scramble(schedule->seed ^ scramble(n)) >> 11) * 0x1p-53;
}

int64_t
schedule_at_us(const struct schedule *schedule, unsigned n)
{
    return (int64_t)((n + share_of_slot(schedule, n)) * SECOND_US / schedule->rate);
}
