/* recover: the readers' connections are cut while lines are said, and it counts how soon each hears
 * of a line that was said after that. What was said meanwhile must come too, and once. */
#include "bench/bench.h"
#include "bench/config.h"
#include "bench/relay.h"
#include "bench/result.h"
#include "bench/verbs.h"
#include "client/link/link_ops.h"
#include "common/buf.h"
#include "common/util.h"

#include <inttypes.h>
#include <stdlib.h>

#define LINES_BEFORE 5     /* the cut */
#define RELAYED_USER "cut" /* sessions are kept by address: the relay's needs names of its own */
#define LINES        15    /* by then readers have had time to be back, as a rule */

struct cut {
    struct relay *relay;
    struct bench_run run;
    bool is_made;
};

static void
cut_when_said(void *context, unsigned count)
{
    struct cut *cut = context;

    if (cut->is_made || count < LINES_BEFORE)
        return;

    cut->is_made = true;
    relay_cut(cut->relay);
    rally_mark(cut->run.handle);
}

static void
add(struct bench *bench, const struct variant *variant, const struct rally_result *rally)
{
    struct result_row *row = bench_row(bench, variant, NULL);

    result_row_add(row, MEASURE_RECOVERY_MS, histogram_ms(&rally->recovery, 0.5));
    result_row_add(row, MEASURE_LOST, (double)rally->lost);
    result_row_add(row, MEASURE_REPEATED, (double)rally->repeated);
}

bool
bench_recover(struct bench *bench, const struct variant *variant)
{
    struct cut cut = {.relay = bench->relay};
    char *url = xasprintf("https://127.0.0.1:%d", relay_port(bench->relay));

    bench_plan(bench, &bench->stage, variant, &cut.run);
    cut.run.plan.link.user = RELAYED_USER;
    cut.run.plan.reader_url = url;
    cut.run.plan.messages = LINES;
    cut.run.said = cut_when_said;
    cut.run.context = &cut;

    bool good = bench_rally(bench, variant, &cut.run);
    if (good)
        add(bench, variant, &cut.run.rally);
    free(url);
    return good;
}

int64_t
bench_recover_guess_ms(const struct bench *bench, const struct variant *variant)
{
    return 500 + LINES * INT64_C(1000000) / bench->config->rate_milli + variant->interval_ms / 2;
}

static bool
run_round(struct bench *bench, int64_t round)
{
    bool good = true;

    for (size_t i = 0; i < bench->variants.count && !bench->is_interrupted; i++) {
        const struct variant *variant = &bench->variants.items[i];
        struct buf name = BUF_INIT;

        variant_add_name(variant, &name);
        progress_step(&bench->progress, "%s is cut, round %" PRId64 " of %" PRId64, buf_text(&name),
                      round + 1, bench->config->rounds);
        good = bench_recover(bench, variant) && good;
        progress_done(&bench->progress, bench_recover_guess_ms(bench, variant));
        buf_fini(&name);
    }
    return good;
}

int
verb_recover(const struct bench_config *config)
{
    struct bench bench;
    int64_t guess_ms = 0;
    bool good = true;

    int code = bench_open(&bench, config, "recover", NULL);
    if (code != 0)
        return code;

    for (size_t i = 0; i < bench.variants.count; i++)
        guess_ms += config->rounds * bench_recover_guess_ms(&bench, &bench.variants.items[i]);
    progress_begin(&bench.progress, guess_ms);
    for (int64_t round = 0; round < config->rounds && !bench.is_interrupted; round++)
        good = run_round(&bench, round) && good;
    return bench_close(&bench, good);
}
