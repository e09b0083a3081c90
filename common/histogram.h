/* Times in microseconds, counted in buckets that grow by an eighth: a quantile is at most 12.5 %
 * above the truth, whatever the range, in 4 KiB. Not thread-safe. */
#pragma once

#include <stdint.h>

#define HISTOGRAM_BUCKETS 480

struct histogram {
    uint64_t count;
    int64_t max_us;
    uint64_t buckets[HISTOGRAM_BUCKETS];
};

void histogram_clear(struct histogram *histogram);
void histogram_add(struct histogram *histogram, int64_t us); /* below 0 counts as 0 */
void histogram_merge(struct histogram *into, const struct histogram *from);

/* The time that `share` (0.0-1.0) of all stayed within, in microseconds; 0 when there are none. */
int64_t histogram_quantile(const struct histogram *histogram, double share);
/* The same in milliseconds. */
double histogram_ms(const struct histogram *histogram, double share);
