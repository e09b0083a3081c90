#include "bench/each.h"

#include "bench/relay.h"
#include "common/util.h"

#include <stdlib.h>

static int
open_one(struct each_one *one, struct bench *bench, bool has_relay)
{
    one->stage = &bench->stage;
    if (bench->stage.is_own) {
        if (stage_open(&one->own, bench->config, NULL) < 0)
            return -1;
        one->stage = &one->own;
    }
    if (!has_relay)
        return 0;

    one->relay = relay_create(&bench->loop, one->own.child.port);
    if (one->relay == NULL)
        return -1;

    one->reader_url = xasprintf("https://127.0.0.1:%d", relay_port(one->relay));
    return 0;
}

static void
close_one(struct each_one *one)
{
    relay_destroy(one->relay);
    free(one->reader_url);
    free(one->state_dir);
    free(one->room);
    stage_close(&one->own);
}

int
each_open(struct each *each, struct bench *bench, bool has_relays)
{
    *each = (struct each){.bench = bench};
    for (size_t i = 0; i < bench->variants.count; i++) {
        struct each_one *one = &each->ones[i];

        one->variant = &bench->variants.items[i];
        each->count++;
        progress_step(&bench->progress, "starting servers");
        if (bench->is_interrupted || open_one(one, bench, has_relays) < 0) {
            each_close(each);
            return -1;
        }
        one->state_dir = xasprintf("%s/each-%zu", one->stage->links_dir, i);
        one->room = xasprintf("%s-%zu", one->stage->room, i);
    }
    return 0;
}

void
each_close(struct each *each)
{
    for (size_t i = 0; i < each->count; i++)
        close_one(&each->ones[i]);
    each->count = 0;
}

void
each_plan(struct each *each)
{
    for (size_t i = 0; i < each->count; i++) {
        struct each_one *one = &each->ones[i];
        struct rally_plan *plan = &one->run.plan;

        bench_plan(each->bench, one->stage, one->variant, &one->run);
        plan->link.state_dir = one->state_dir;
        plan->reader_url = one->reader_url;
        plan->room = one->room;
    }
}

bool
each_run(struct each *each)
{
    bool good = true;

    for (size_t i = 0; i < each->count; i++)
        bench_start(each->bench, &each->ones[i].run);
    bench_wait(each->bench);
    for (size_t i = 0; i < each->count; i++) {
        struct each_one *one = &each->ones[i];

        one->is_good = bench_is_good(each->bench, one->variant, &one->run);
        good = good && one->is_good;
    }
    return good;
}
