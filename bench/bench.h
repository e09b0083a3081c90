/* What the verbs that measure share: where, on which loop, what was found, and whether the user has
 * had enough. */
#pragma once

#include "bench/progress.h"
#include "bench/result/measures.h"
#include "bench/stage.h"
#include "bench/variants.h"
#include "client/measure/rally.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct bench_config;
struct facts;
struct result;
struct result_row;

struct bench {
    const struct bench_config *config;
    uv_loop_t loop;
    uv_signal_t interrupts[2]; /* SIGINT, SIGTERM */
    bool is_interrupted;
    struct bench_run *under_way; /* a list */
    struct stage stage;
    struct progress progress;
    struct variants variants;
    struct result *result;
    uint64_t run_count; /* so far: each has times of its own */
};

/* Logs in, looks what the server has, and chooses the variants. 0; or the exit code, with a line on
 * stderr and nothing left. url NULL: a server of its own. */
enum { BENCH_EXIT_FAILED = 1, BENCH_EXIT_USAGE = 2 };

int bench_open(struct bench *bench, const struct bench_config *config, const char *kind,
               const char *url);
/* Prints what was found, as config says, and frees everything. The exit code. */
int bench_close(struct bench *bench, bool is_complete);

/* One rally, and what is measured around it. */
struct bench_run {
    const struct stage *stage;
    struct rally_plan plan;                      /* bench_plan fills it; the caller may change it */
    void (*said)(void *context, unsigned count); /* or NULL: so many lines were said */
    void *context;
    struct rally_result rally;
    int64_t opening_us;       /* from the start to begun */
    int64_t server_cpu_us;    /* from begun to ended */
    int64_t wall_us;          /* the same */
    int64_t server_rss_bytes; /* when it ended, before the links are closed */
    int64_t own_cpu_us;       /* the same, of the whole process */

    struct bench *bench; /* from here on it is for bench.c */
    int64_t started_us;
    struct rally *handle;
    struct bench_run *next;
};

void bench_plan(struct bench *bench, const struct stage *stage, const struct variant *variant,
                struct bench_run *run);
/* Lets it begin; several may be under way at a time. run stays where it is until bench_wait. False:
 * it came to nothing, and rally.why tells. */
bool bench_start(struct bench *bench, struct bench_run *run);
void bench_wait(struct bench *bench); /* runs the loop until none is under way */
/* Both. False: it came to nothing, and a note says so. */
bool bench_rally(struct bench *bench, const struct variant *variant, struct bench_run *run);
/* Whether it came to something; else a note says why not. */
bool bench_is_good(struct bench *bench, const struct variant *variant, const struct bench_run *run);

/* The row of the variant, with its interval where it paces. More may be varied. */
struct result_row *bench_row(struct bench *bench, const struct variant *variant,
                             const struct facts *varied);
/* Adds one round's values of what every rally measures. */
void bench_add(struct result_row *row, const struct bench_run *run);
/* The bytes of counts by layer, times scale. */
void bench_add_flow(struct result_row *row, enum flow flow, const struct meter_counts *counts,
                    double scale);
void bench_add_empty(struct result_row *row, const struct meter_counts *counts); /* of polls */
/* A note where it was the bench that was busy. */
void bench_check_share(struct bench *bench, const char *name, const struct bench_run *run);

/* How long such a rally will take, as far as one can tell before. */
int64_t bench_guess_ms(const struct bench *bench, const struct variant *variant);
