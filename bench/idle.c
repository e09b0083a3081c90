/* idle: what one user costs in an hour in which nobody says a thing. All variants are watched at
 * the same time, since a hold of a long poll lasts a quarter of a minute. */
#include "bench/config.h"
#include "bench/each.h"
#include "bench/hour.h"
#include "bench/result/result.h"
#include "bench/verbs.h"
#include "client/link/link_ops.h"
#include "common/buf.h"
#include "common/util.h"

#include <stdlib.h>

/* What of the requests are questions for news: the others prove that the way still carries. */
static void
note_questions(struct bench *bench, const struct each_one *one)
{
    const struct meter_counts *counts = &one->run.rally.readers;
    double scale = hour_scale(&one->run) / one->run.plan.readers;
    struct buf name = BUF_INIT;

    if (!one->variant->row->paces)
        return;

    variant_add_name(one->variant, &name);
    result_note(bench->result, "%s: of the requests %.0f an hour ask for news, %.0f are pings",
                buf_text(&name), (double)counts->polls * scale, (double)counts->posts * scale);
    buf_fini(&name);
}

static void
add(struct bench *bench, const struct each_one *one)
{
    struct facts varied = {0};
    struct result_row *row;

    facts_set_text(&varied, "use", "idle");
    row = bench_row(bench, one->variant, &varied);
    hour_add(row, &one->run);
    /* Nobody says a thing: what is posted proves that the way still carries. */
    result_row_add(row, MEASURE_HOUR_PINGS,
                   (double)one->run.rally.readers.posts * hour_scale(&one->run) /
                       one->run.plan.readers);
    facts_fini(&varied);
    note_questions(bench, one);
}

static bool
watch(struct bench *bench)
{
    struct each *each = xcalloc(1, sizeof(*each));
    bool good = each_open(each, bench, false) == 0;

    each_plan(each); /* first so that all have joined, and none hears of that later */
    for (size_t i = 0; i < each->count; i++)
        each->ones[i].run.plan.messages = 0;
    good = good && each_run(each);

    each_plan(each);
    for (size_t i = 0; i < each->count; i++) {
        each->ones[i].run.plan.messages = 0;
        each->ones[i].run.plan.hold_ms = bench->config->seconds_ms;
    }
    progress_step(&bench->progress, "nobody says a thing");
    good = good && each_run(each);
    for (size_t i = 0; i < each->count; i++)
        if (each->ones[i].is_good)
            add(bench, &each->ones[i]);
    each_close(each);
    free(each);
    return good;
}

int
verb_idle(const struct bench_config *config)
{
    struct bench bench;
    int code = bench_open(&bench, config, "idle", config->operands[1]);

    if (code != 0)
        return code;

    progress_begin(&bench.progress, config->seconds_ms);
    return bench_close(&bench, watch(&bench));
}
