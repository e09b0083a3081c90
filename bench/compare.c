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
run_one(struct bench *bench, const struct variant *variant, int64_t round, struct bench_run *run)
{
    struct buf name = BUF_INIT;
    bool good;

    variant_add_name(variant, &name);
    progress_step(&bench->progress, "%s, round %" PRId64 " of %" PRId64, buf_text(&name), round + 1,
                  bench->config->rounds);
    bench_plan(bench, &bench->stage, variant, run);
    good = bench_rally(bench, variant, run);
    if (good) {
        bench_add(bench_row(bench, variant, NULL), run);
        bench_check_share(bench, buf_text(&name), run);
    }
    progress_done(&bench->progress, bench_guess_ms(bench, variant));
    buf_fini(&name);
    return good;
}

/* What the server was busy for more than with the connections kept, by the handshakes. */
static void
add_handshake_cpu(struct result_row *row, const struct bench_run *kept,
                  const struct bench_run *fresh)
{
    uint64_t handshakes = fresh->rally.sender.handshakes + fresh->rally.readers.handshakes;

    if (fresh->stage->is_own && handshakes > 0 && fresh->server_cpu_us > kept->server_cpu_us)
        result_row_add(row, MEASURE_HANDSHAKE_CPU_US,
                       (double)(fresh->server_cpu_us - kept->server_cpu_us) / (double)handshakes);
}

/* Behind it, in the first round, the same without keep-alive, where it has that: what else the
 * machine does is about the same for both. Once is enough to see ten times the handshakes, and the
 * whole is to take no more than a minute. */
static bool
run_both(struct bench *bench, const struct variant *variant, int64_t round)
{
    struct bench_run kept, fresh;
    struct variant twin;
    bool good = run_one(bench, variant, round, &kept);

    if (!good || round > 0 || bench->is_interrupted ||
        !variants_twin(&bench->variants, variant, &twin))
        return good;

    good = run_one(bench, &twin, round, &fresh);
    if (good)
        add_handshake_cpu(bench_row(bench, &twin, NULL), &kept, &fresh);
    return good;
}

static bool
run_round(struct bench *bench, int64_t round)
{
    bool good = true;

    for (size_t i = 0; i < bench->variants.count && !bench->is_interrupted; i++)
        good = run_both(bench, &bench->variants.items[i], round) && good;
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
    struct variant twin;
    int64_t total = bench->stage.is_own ? HOLD_GUESS_MS + recover_guess_ms(bench) : 0;

    for (size_t i = 0; i < bench->variants.count; i++) {
        const struct variant *variant = &bench->variants.items[i];
        int64_t runs = bench->config->rounds;

        if (variants_twin(&bench->variants, variant, &twin))
            runs++;
        total += runs * bench_guess_ms(bench, variant);
    }
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
