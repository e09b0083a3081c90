#include "bench/measure/samples.h"

#include <stdlib.h>
#include <string.h>

void
samples_add(struct samples *samples, double value)
{
    if (samples->count < SAMPLES_MAX)
        samples->values[samples->count++] = value;
}

static int
compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

double
samples_median(const struct samples *samples)
{
    double sorted[SAMPLES_MAX];
    size_t middle = samples->count / 2;

    if (samples->count == 0)
        return 0;
    memcpy(sorted, samples->values, sizeof(sorted));
    qsort(sorted, samples->count, sizeof(*sorted), compare);
    return samples->count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
