/* matrix: which transport works behind which fault, and how long until it did. The faults are those
 * of a proxy that behaves badly on purpose, tests/support/badproxy.py of rtchat's sources. Behind
 * each fault all transports are tried at the same time: whoever waits keeps nobody busy. */
#include "bench/bench.h"
#include "bench/config.h"
#include "bench/result/result.h"
#include "bench/verbs.h"
#include "client/link/link_ops.h"
#include "common/util.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WAYS_MAX     8
#define OPEN_MS      15000 /* more than a link waits for an answer */
#define HOLD_MS      4000  /* so that auto may find something better, and what idles is cut */
#define PATIENCE_MS  6000
#define INTERVAL_MS  1000
#define LATE_MS      1000 /* a push that takes so long is held up */
#define MESSAGES     8
#define MESSAGE_RATE 2
#define GUESS_MS     20000

#define NO_FAULT "none"

static const char *const default_faults[] = {
    NO_FAULT, "ws-block=403", "ws-strip",       "ws-swallow",    "ws-silent", "ws-kill-ms=1000",
    "buffer", "post-hole",    "post-error=403", "idle-cut=1500", "delay=200",
};

/* One transport behind one fault. */
struct cell {
    const char *transport;
    char *user, *room, *state_dir;
    struct bench_run run;
};

/* One fault: a proxy of its own. */
struct line {
    size_t number;
    const char *fault;
    struct child proxy;
    char *url, *fingerprint, *log_path;
    struct cell cells[WAYS_MAX];
    size_t cell_count;
};

static int
learn(struct line *line)
{
    json_t *said = json_loads(line->proxy.said, 0, NULL);
    const char *fingerprint = json_string_value(json_object_get(said, "fingerprint"));

    if (fingerprint != NULL)
        line->fingerprint = xstrdup(fingerprint);
    line->url = xasprintf("https://127.0.0.1:%d", line->proxy.port);
    json_decref(said);
    return fingerprint != NULL ? 0 : -1;
}

/* 0; -1 with a line on stderr. */
static int
start_proxy(struct line *line, const struct stage *stage, const char *program)
{
    char *upstream = xasprintf("--upstream=127.0.0.1:%d", stage->child.port);
    bool has_fault = strcmp(line->fault, NO_FAULT) != 0;
    char *fault = xasprintf("--fault=%s", line->fault);
    char *argv[] = {xstrdup("/usr/bin/env"),  xstrdup("python3"),
                    xstrdup(program),         upstream,
                    has_fault ? fault : NULL, NULL};
    int result;

    line->log_path = xasprintf("%s/proxy.log", stage->dir);
    result = child_start(&line->proxy, argv, line->log_path);
    if (result == 0)
        result = learn(line);
    for (size_t i = 0; i < 4; i++)
        free(argv[i]);
    free(fault);
    return result < 0 ? -1 : 0;
}

static void
add_cell(const struct stage *stage, struct line *line, const char *transport)
{
    struct cell *cell = &line->cells[line->cell_count++];

    cell->transport = transport;
    cell->user = xasprintf("%s-%zu", transport, line->number);
    cell->room = xasprintf("%s-%s-%zu", stage->room, transport, line->number);
    cell->state_dir = xasprintf("%s/%s-%zu", stage->links_dir, transport, line->number);
}

static void
plan_cell(struct bench *bench, const struct line *line, struct cell *cell)
{
    static const struct variant any = {.row = &link_ws, .http = "1.1"};
    struct rally_plan *plan = &cell->run.plan;

    bench_plan(bench, &bench->stage, &any, &cell->run);
    plan->link.url = line->url;
    plan->link.fingerprint = line->fingerprint;
    plan->link.user = cell->user;
    plan->link.state_dir = cell->state_dir;
    plan->link.transport = cell->transport;
    plan->link.poll_interval_ms = INTERVAL_MS;
    plan->room = cell->room;
    plan->readers = 1;
    plan->messages = MESSAGES;
    plan->rate = MESSAGE_RATE;
    plan->open_ms = OPEN_MS;
    plan->hold_ms = HOLD_MS;
    plan->patience_ms = PATIENCE_MS;
}

static void
close_line(struct line *line)
{
    for (size_t i = 0; i < line->cell_count; i++) {
        free(line->cells[i].user);
        free(line->cells[i].room);
        free(line->cells[i].state_dir);
    }
    child_stop(&line->proxy);
    free(line->url);
    free(line->fingerprint);
    free(line->log_path);
}

static int
open_line(const struct bench *bench, struct line *line)
{
    if (start_proxy(line, &bench->stage, bench->config->badproxy) < 0)
        return -1;

    for (size_t i = 0; link_rows[i] != NULL && line->cell_count + 1 < WAYS_MAX; i++)
        add_cell(&bench->stage, line, link_rows[i]->name);
    add_cell(&bench->stage, line, LINK_AUTO);
    return 0;
}

/* What became of it, in few words. */
static const char *
state_of(const struct cell *cell)
{
    const struct rally_result *rally = &cell->run.rally;
    uint64_t reconnects = rally->sender.reconnects + rally->readers.reconnects;

    if (!rally->is_complete)
        return "blocked";
    if (rally->lost > 0)
        return "stuck";
    if (reconnects > 0)
        return "cut, comes back";
    if (histogram_ms(&rally->delivery, 0.5) > LATE_MS && !str_equal(cell->transport, "poll"))
        return "held up";

    return "works";
}

static void
add_row(struct bench *bench, const struct line *line, const struct cell *cell)
{
    const struct rally_result *rally = &cell->run.rally;
    struct facts varied = {0};
    struct result_row *row;

    facts_set_text(&varied, "fault", line->fault);
    row = result_row(bench->result, cell->transport, "1.1", &varied);
    facts_fini(&varied);
    facts_set_text(&row->words, "state", state_of(cell));
    if (!rally->is_complete) {
        facts_set_text(&row->words, "why", rally->why);
        return;
    }

    if (str_equal(cell->transport, LINK_AUTO))
        facts_set_text(&row->words, "by", rally->transport);
    result_row_add(row, MEASURE_FOUND_AFTER_MS, (double)cell->run.opening_us / 1000);
    result_row_add(row, MEASURE_LOST, (double)rally->lost);
    result_row_add(row, MEASURE_REPEATED, (double)rally->repeated);
}

/* 0; -1 with a line on stderr. */
static int
try_line(struct bench *bench, struct line *line)
{
    int result = open_line(bench, line);

    for (size_t i = 0; result == 0 && i < line->cell_count; i++) {
        plan_cell(bench, line, &line->cells[i]);
        bench_start(bench, &line->cells[i].run);
    }
    bench_wait(bench);
    for (size_t i = 0; result == 0 && i < line->cell_count && !bench->is_interrupted; i++)
        add_row(bench, line, &line->cells[i]);
    close_line(line);
    return result;
}

static bool
try_each(struct bench *bench, const char *const *faults, size_t count)
{
    progress_begin(&bench->progress, GUESS_MS * (int64_t)count);
    for (size_t i = 0; i < count && !bench->is_interrupted; i++) {
        struct line line = {.number = i, .fault = faults[i]};

        progress_step(&bench->progress, "behind %s", faults[i]);
        if (try_line(bench, &line) < 0)
            return false;
        progress_done(&bench->progress, GUESS_MS);
    }
    return true;
}

static bool
try_all(struct bench *bench)
{
    const struct option_list *given = &bench->config->faults;

    return given->count > 0 ? try_each(bench, (const char *const *)given->items, given->count)
                            : try_each(bench, default_faults, ARRAY_LEN(default_faults));
}

int
verb_matrix(const struct bench_config *config)
{
    struct bench bench;
    int code;

    if (config->badproxy == NULL || access(config->badproxy, R_OK) < 0) {
        fprintf(stderr, "rtchat-bench: matrix needs python3 and a proxy that behaves badly: wanted "
                        "--badproxy=FILE, tests/support/badproxy.py of rtchat's sources\n");
        return BENCH_EXIT_USAGE;
    }

    code = bench_open(&bench, config, "matrix", NULL);
    if (code != 0)
        return code;

    return bench_close(&bench, try_all(&bench));
}
