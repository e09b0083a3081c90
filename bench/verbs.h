/* What rtchat-bench can be told to do: a row each. */
#pragma once

#include <stddef.h>

struct bench_config;

struct verb {
    const char *name;
    const char *operands; /* as the usage says them: "[URL]" */
    int operands_min, operands_max;
    const char *help;
    int (*run)(const struct bench_config *config); /* the exit code */
};

extern const struct verb bench_verbs[];
extern const size_t bench_verb_count;

int verb_advise(const struct bench_config *config);
int verb_claims(const struct bench_config *config);
int verb_diff(const struct bench_config *config);
int verb_published(const struct bench_config *config);
int verb_show(const struct bench_config *config);
int verb_compare(const struct bench_config *config);
int verb_idle(const struct bench_config *config);
int verb_sweep(const struct bench_config *config);
int verb_matrix(const struct bench_config *config);
int verb_recover(const struct bench_config *config);
