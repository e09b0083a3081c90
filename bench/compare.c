/* compare: the same messages over each transport, in turns, since other work on the machine comes
 * and goes. */
#include "bench/bench.h"
#include "bench/config.h"
#include "bench/hold.h"
#include "bench/recover.h"
#include "bench/result/result.h"
#include "bench/verbs.h"
#include "client/link/link_ops.h"
#include "common/buf.h"
#include "common/util.h"

#include <inttypes.h>
#include <stdlib.h>

#define HOLD_GUESS_MS 3000

static bool
run_one(struct bench *bench, const struct variant *variant, const char *name)
{
    struct bench_run run;

    bench_plan(bench, &bench->stage, variant, &run);
    if (!bench_rally(bench, variant, &run))
        return false;

    bench_add(bench_row(bench, variant, NULL), &run);
    bench_check_share(bench, name, &run);
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
        good = run_one(bench, variant, buf_text(&name)) && good;
        progress_done(&bench->progress, bench_guess_ms(bench, variant));
        buf_fini(&name);
    }
    return good;
}

/* What needs servers of each one's own: memory while nothing happens, and one cut. */
static bool
hold_and_recover(struct bench *bench)
{
    struct each *each = xcalloc(1, sizeof(*each));
    bool good = each_open(each, bench, true) == 0;

    progress_step(&bench->progress, "memory");
    good = good && hold_connections(each);
    progress_step(&bench->progress, "all are cut");
    good = good && recover_round(each);
    each_close(each);
    free(each);
    return good;
}

static int64_t
guess_ms(const struct bench *bench)
{
    int64_t total = bench->stage.is_own ? HOLD_GUESS_MS + recover_guess_ms(bench) : 0;

    for (size_t i = 0; i < bench->variants.count; i++)
        total += bench->config->rounds * bench_guess_ms(bench, &bench->variants.items[i]);
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
    if (bench.stage.is_own && !bench.is_interrupted)
        good = hold_and_recover(&bench) && good;
    return bench_close(&bench, good);
}
