/* sweep: the same over a range of one thing, and where what is best changes. All variants take part
 * at the same time, each against a server of its own. */
#include "bench/sweep.h"

#include "bench/config.h"
#include "bench/hour.h"
#include "bench/result/crossing.h"
#include "bench/result/result.h"
#include "bench/verbs.h"
#include "common/buf.h"
#include "common/util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHY_SIZE 400

static int
by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* 0; -1 with a line on stderr. */
static int
read_values(const struct sweep *sweep, const char *text, struct sweep_values *values)
{
    char *end;

    values->count = 0;
    for (const char *at = text;; at = end + 1) {
        double value = strtod(at, &end);

        if (end == at || (*end != ',' && *end != '\0') || !(value >= sweep->min) ||
            !(value <= sweep->max) || values->count == SWEEP_VALUES_MAX) {
            fprintf(stderr,
                    "rtchat-bench: --values=%.60s: wanted at most %d numbers with commas, "
                    "%g-%g, over %s\n",
                    text, SWEEP_VALUES_MAX, sweep->min, sweep->max, sweep->name);
            return -1;
        }
        values->items[values->count++] = value;
        if (*end == '\0')
            break;
    }
    qsort(values->items, values->count, sizeof(values->items[0]), by_size);
    return 0;
}

static void
add(struct bench *bench, const struct sweep *sweep, const struct each_one *one, double value)
{
    struct facts varied = {0};
    struct result_row *row;

    if (sweep->key != NULL)
        facts_set_number(&varied, sweep->key, value);
    row = bench_row(bench, one->variant, &varied);
    bench_add(row, &one->run);
    if (sweep->is_by_time)
        hour_add(row, &one->run);
    facts_fini(&varied);
}

static bool
set_place(struct bench *bench, const struct sweep *sweep, double value)
{
    char why[WHY_SIZE];

    if (sweep->place_set == NULL || sweep->place_set(value, why, sizeof(why)) == 0)
        return true;

    result_note(bench->result, "%s of %g was not measured: %s", sweep->name, value, why);
    return false;
}

static bool
run_value(struct each *each, const struct sweep *sweep, double value)
{
    bool good;

    if (!set_place(each->bench, sweep, value))
        return false;

    each_plan(each);
    for (size_t i = 0; i < each->count && sweep->set != NULL; i++)
        sweep->set(&each->ones[i], value, each->bench->config);
    good = each_run(each);
    for (size_t i = 0; i < each->count; i++)
        if (each->ones[i].is_good)
            add(each->bench, sweep, &each->ones[i], value);
    if (each->count > 0)
        bench_check_share(each->bench, "all at once", &each->ones[0].run);
    return good;
}

static bool
run_values(struct bench *bench, const struct sweep *sweep, const struct sweep_values *values)
{
    size_t passes = sweep->key != NULL ? values->count : 1;
    struct each *each = xcalloc(1, sizeof(*each));
    bool good = each_open(each, bench, sweep->has_relays) == 0;

    for (size_t i = 0; i < passes && good && !bench->is_interrupted; i++) {
        progress_step(&bench->progress, "%s, %zu of %zu", sweep->name, i + 1, passes);
        good = run_value(each, sweep, values->items[i]);
        progress_done(&bench->progress, bench->progress.left_ms / (int64_t)(passes - i));
    }
    each_close(each);
    free(each);
    return good;
}

static int64_t
guess_ms(const struct bench *bench, const struct sweep *sweep, const struct sweep_values *values)
{
    int64_t slowest_ms = bench->config->seconds_ms;

    if (!sweep->is_by_time)
        slowest_ms = 0;
    for (size_t i = 0; !sweep->is_by_time && i < bench->variants.count; i++)
        slowest_ms = MAX(slowest_ms, bench_guess_ms(bench, &bench->variants.items[i]));
    return slowest_ms * (int64_t)(sweep->key != NULL ? values->count : 1);
}

static int
run(const struct bench_config *config, const struct sweep *sweep, const struct sweep_values *values)
{
    struct bench bench;
    int code = bench_open(&bench, config, "sweep", NULL);
    bool good;

    if (code != 0)
        return code;

    facts_set_text(&bench.result->parameters, "over", sweep->name);
    if (sweep->choose != NULL)
        sweep->choose(&bench.variants, values);
    progress_begin(&bench.progress, guess_ms(&bench, sweep, values));
    good = run_values(&bench, sweep, values);
    if (sweep->key != NULL && sweep->is_by_time) {
        crossing_note(bench.result, sweep->key, MEASURE_HOUR_BYTES);
        crossing_note(bench.result, sweep->key, MEASURE_HOUR_SERVER_CPU_MS);
    }
    return bench_close(&bench, good);
}

/* Before anything is started: what is measured lives where this process does then. */
static int
enter(const struct sweep *sweep)
{
    char why[WHY_SIZE];

    if (sweep->enter == NULL || sweep->enter(why, sizeof(why)) == 0)
        return 0;

    fprintf(stderr, "rtchat-bench: %s is left out, nothing was measured: %s\n", sweep->name, why);
    return -1;
}

int
verb_sweep(const struct bench_config *config)
{
    const struct sweep *sweep = &sweep_rows[config->over];
    struct sweep_values values;

    if (read_values(sweep, config->values != NULL ? config->values : sweep->values, &values) < 0)
        return BENCH_EXIT_USAGE;
    if (enter(sweep) < 0)
        return BENCH_EXIT_FAILED;

    return run(config, sweep, &values);
}
