#include "common/histogram.h"

#include "common/util.h"

#include <string.h>

/* Eight buckets an octave: below 8 each has one value, above it they are 2^(octave - 3) wide. */
#define STEPS      8
#define STEPS_LOG2 3

static unsigned
bucket_of(uint64_t us)
{
    unsigned octave;

    if (us < STEPS)
        return (unsigned)us;
    octave = 63 - (unsigned)__builtin_clzll(us);
    return (octave - STEPS_LOG2 + 1) * STEPS + (unsigned)(us >> (octave - STEPS_LOG2)) - STEPS;
}

static int64_t
bucket_top(unsigned bucket)
{
    unsigned shift;

    if (bucket < STEPS)
        return bucket;
    shift = bucket / STEPS - 1;
    return (int64_t)(((uint64_t)(bucket % STEPS + STEPS + 1) << shift) - 1);
}

void
histogram_clear(struct histogram *histogram)
{
    memset(histogram, 0, sizeof(*histogram));
}

void
histogram_add(struct histogram *histogram, int64_t us)
{
    unsigned bucket = bucket_of((uint64_t)MAX(us, 0));

    histogram->buckets[MIN(bucket, HISTOGRAM_BUCKETS - 1)]++;
    histogram->count++;
    histogram->max_us = MAX(histogram->max_us, us);
}

void
histogram_merge(struct histogram *into, const struct histogram *from)
{
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
        into->buckets[i] += from->buckets[i];
    into->count += from->count;
    into->max_us = MAX(into->max_us, from->max_us);
}

int64_t
histogram_quantile(const struct histogram *histogram, double share)
{
    uint64_t wanted = (uint64_t)((double)histogram->count * share + 0.5);
    uint64_t seen = 0;

    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += histogram->buckets[i];
        if (seen > 0 && seen >= wanted)
            return MIN(bucket_top(i), histogram->max_us);
    }
    return 0;
}

double
histogram_ms(const struct histogram *histogram, double share)
{
    return (double)histogram_quantile(histogram, share) / 1000;
}
