/* What a sweep varies: a row each. */
#pragma once

#include "bench/each.h"

#include <stdbool.h>
#include <stddef.h>

#define SWEEP_VALUES_MAX 16

struct sweep_values {
    double items[SWEEP_VALUES_MAX]; /* growing */
    size_t count;
};

struct sweep {
    const char *name;   /* as --over says it */
    const char *key;    /* as the result says it; NULL: the variants themselves are what varies */
    const char *values; /* where none are given, with commas */
    double min, max;    /* of a value */
    bool has_relays;
    bool is_by_time; /* a run lasts so many seconds, and counts make an hour */
    /* Where it is measured, if not where we are: enter goes there before anything is started, and
     * place_set makes the value that of the place. 0; -1 with why filled. Or both NULL. */
    int (*enter)(char *why, size_t why_size);
    int (*place_set)(double value, char *why, size_t why_size);
    /* Makes the value that of the run; or NULL. */
    void (*set)(struct each_one *one, double value, const struct bench_config *config);
    /* Makes a variant of each value; or NULL. */
    void (*choose)(struct variants *variants, const struct sweep_values *values);
};

extern const struct sweep sweep_rows[];
extern const size_t sweep_count;
