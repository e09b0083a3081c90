/* compare: the same messages over each transport, in turns, since other work on the machine comes
 * and goes. */
#include "bench/bench.h"
#include "bench/config.h"
#include "bench/result.h"
#include "bench/verbs.h"
#include "client/link/link_ops.h"
#include "common/buf.h"
#include "common/util.h"

#include <inttypes.h>
#include <stdio.h>

static bool
run_one(struct bench *bench, const struct variant *variant)
{
    struct bench_run run;

    bench_plan(bench, &bench->stage, variant, &run);
    if (!bench_rally(bench, variant, &run))
        return false;

    bench_add(bench_row(bench, variant, NULL), &run);
    bench_check_share(bench, variant, &run);
    return true;
}

static bool
run_round(struct bench *bench, int64_t round)
{
    bool good = true;

    for (size_t i = 0; i < bench->variants.count && !bench->is_interrupted; i++) {
        const struct variant *variant = &bench->variants.items[i];
        struct buf name = BUF_INIT;

        variant_add_name(variant, &name);
        progress_step(&bench->progress, "%s, round %" PRId64 " of %" PRId64, buf_text(&name),
                      round + 1, bench->config->rounds);
        good = run_one(bench, variant) && good;
        progress_done(&bench->progress, bench_guess_ms(bench, variant));
        buf_fini(&name);
    }
    return good;
}

/* Once each, and poll at its shortest interval: the others are back at their next question. */
static bool
is_cut_too(const struct bench *bench, size_t number)
{
    const struct variant *variants = bench->variants.items;

    for (size_t i = 0; i < number; i++)
        if (variants[i].row == variants[number].row &&
            str_equal(variants[i].http, variants[number].http))
            return false;
    return bench->stage.is_own;
}

static bool
recover_each(struct bench *bench)
{
    bool good = true;

    for (size_t i = 0; i < bench->variants.count && !bench->is_interrupted; i++) {
        const struct variant *variant = &bench->variants.items[i];
        struct buf name = BUF_INIT;

        if (!is_cut_too(bench, i))
            continue;

        variant_add_name(variant, &name);
        progress_step(&bench->progress, "%s is cut", buf_text(&name));
        good = bench_recover(bench, variant) && good;
        progress_done(&bench->progress, bench_recover_guess_ms(bench, variant));
        buf_fini(&name);
    }
    return good;
}

static int64_t
guess_ms(const struct bench *bench)
{
    int64_t total = 0;

    for (size_t i = 0; i < bench->variants.count; i++)
        total +=
            bench->config->rounds * bench_guess_ms(bench, &bench->variants.items[i]) +
            (is_cut_too(bench, i) ? bench_recover_guess_ms(bench, &bench->variants.items[i]) : 0);
    return total;
}

int
verb_compare(const struct bench_config *config)
{
    struct bench bench;
    bool good = true;

    int code = bench_open(&bench, config, "compare", config->operands[1]);
    if (code != 0)
        return code;

    progress_begin(&bench.progress, guess_ms(&bench));
    for (int64_t round = 0; round < config->rounds && !bench.is_interrupted; round++)
        good = run_round(&bench, round) && good;
    good = recover_each(&bench) && good;
    return bench_close(&bench, good);
}
