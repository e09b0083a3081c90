/* recover: the readers' connections are cut while lines are said, and it counts how soon each hears
 * of a line that was said after that. What was said meanwhile must come too, and once. */
#include "bench/recover.h"

#include "bench/config.h"
#include "bench/relay.h"
#include "bench/result/result.h"
#include "bench/verbs.h"
#include "client/link/link_ops.h"
#include "common/util.h"

#include <inttypes.h>
#include <stdlib.h>

#define RELAYED_USER "cut" /* sessions are kept by address: the relay's needs names of its own */
#define LINES_BEFORE 5     /* the cut */
#define LINES        15    /* by then readers have had time to be back, as a rule */
#define GUESS_MS     1500

struct cut {
    const struct each_one *one;
    bool is_made;
};

static void
cut_when_said(void *context, unsigned count)
{
    struct cut *cut = context;

    if (cut->is_made || count < LINES_BEFORE)
        return;

    cut->is_made = true;
    relay_cut(cut->one->relay);
    rally_mark(cut->one->run.handle);
}

static void
add(struct bench *bench, const struct each_one *one)
{
    const struct rally_result *rally = &one->run.rally;
    struct result_row *row = bench_row(bench, one->variant, NULL);

    result_row_add(row, MEASURE_RECOVERY_MS, histogram_ms(&rally->recovery, 0.5));
    result_row_add(row, MEASURE_LOST, (double)rally->lost);
    result_row_add(row, MEASURE_REPEATED, (double)rally->repeated);
}

bool
recover_round(struct each *each)
{
    struct cut cuts[VARIANTS_MAX] = {0};
    bool good;

    each_plan(each);
    for (size_t i = 0; i < each->count; i++) {
        struct bench_run *run = &each->ones[i].run;

        cuts[i].one = &each->ones[i];
        run->plan.link.user = RELAYED_USER;
        run->plan.messages = LINES;
        run->said = cut_when_said;
        run->context = &cuts[i];
    }
    good = each_run(each);
    for (size_t i = 0; i < each->count; i++)
        if (each->ones[i].is_good)
            add(each->bench, &each->ones[i]);
    return good;
}

/* All are cut at the same time: it lasts as long as the slowest. */
int64_t
recover_guess_ms(const struct bench *bench)
{
    int64_t slowest_ms = 0;

    for (size_t i = 0; i < bench->variants.count; i++)
        slowest_ms = MAX(slowest_ms, bench->variants.items[i].interval_ms);
    return GUESS_MS + slowest_ms;
}

static bool
run_rounds(struct bench *bench)
{
    const int64_t rounds = bench->config->rounds;
    struct each *each = xcalloc(1, sizeof(*each));
    bool good = each_open(each, bench, true) == 0;

    for (int64_t round = 0; round < rounds && good && !bench->is_interrupted; round++) {
        progress_step(&bench->progress, "all are cut, round %" PRId64 " of %" PRId64, round + 1,
                      rounds);
        good = recover_round(each);
        progress_done(&bench->progress, recover_guess_ms(bench));
    }
    each_close(each);
    free(each);
    return good;
}

int
verb_recover(const struct bench_config *config)
{
    struct bench bench;
    int code = bench_open(&bench, config, "recover", NULL);

    if (code != 0)
        return code;

    progress_begin(&bench.progress, config->rounds * recover_guess_ms(&bench));
    return bench_close(&bench, run_rounds(&bench));
}
