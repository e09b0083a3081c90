/* The middle of a few repeated measurements. On a machine that others use too, it tells more than
 * the mean. */
#pragma once

#include <stddef.h>

#define SAMPLES_MAX 32

struct samples {
    double values[SAMPLES_MAX];
    size_t count;
};

void samples_add(struct samples *samples, double value); /* beyond SAMPLES_MAX it is dropped */
double samples_median(const struct samples *samples);    /* 0 when there are none */
