/* The same lines to the same readers, by WebSocket, by an event stream and by long polling: what a
 * delivery costs the server. The three take turns (A B C A B C), since other work on the machine
 * comes and goes. */
#include "bench/measure.h"
#include "bench/peer.h"
#include "bench/report.h"
#include "bench/rig.h"
#include "bench/samples.h"
#include "common/histogram.h"
#include "common/util.h"

#include <stdio.h>

#define WRITERS 4
#define USERS   100
#define BACKLOG 256

static const struct {
    const struct peer_way *way;
    double most; /* times what ws costs; 0: it is what the others are held against */
} rows[] = {{&peer_ws, 0}, {&peer_sse, 1.2}, {&peer_longpoll, 2.5}};

#define ROW_COUNT ARRAY_LEN(rows)

/* What was measured of one way. */
struct outcome {
    struct samples us, ratio, load_cpu;
    struct histogram delivery;
};

static int
run_round(struct rig rigs[ROW_COUNT], const struct load_run *run,
          struct outcome outcomes[ROW_COUNT])
{
    double base_us = 0;

    for (size_t i = 0; i < ROW_COUNT; i++) {
        struct rig_result result;
        double us;

        if (rig_run(&rigs[i], run, &result) < 0)
            return -1;
        us = rig_us_per_delivery(&result);
        if (i == 0)
            base_us = us;
        samples_add(&outcomes[i].us, us);
        samples_add(&outcomes[i].ratio, us / base_us);
        samples_add(&outcomes[i].load_cpu, result.load.load_cpu_share);
        histogram_merge(&outcomes[i].delivery, &result.load.delivery);
    }
    return 0;
}

/* One figure of one way at one pace: "moderate_sse_us", "moderate, sse: CPU a delivery". */
static void
add(struct report *report, const char *pace, const char *way, const char *key, const char *title,
    double value, const char *unit, double most)
{
    char full_key[64], full_title[96];

    snprintf(full_key, sizeof(full_key), "%s_%s_%s", pace, way, key);
    snprintf(full_title, sizeof(full_title), "%s, %s: %s", pace, way, title);
    if (most > 0)
        report_add_at_most(report, full_key, full_title, value, unit, most);
    else
        report_add(report, full_key, full_title, value, unit);
}

static void
report_ways(struct report *report, const char *pace, const struct outcome outcomes[ROW_COUNT])
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        const struct outcome *outcome = &outcomes[i];
        const char *way = rows[i].way->name;

        add(report, pace, way, "us", "CPU a delivery", samples_median(&outcome->us), "us", 0);
        if (i > 0)
            add(report, pace, way, "ratio", "against ws", samples_median(&outcome->ratio), "x",
                rows[i].most);
        add(report, pace, way, "p99_ms", "send -> reader, p99",
            histogram_ms(&outcome->delivery, 0.99), "ms", 0);
        add(report, pace, way, "load_cores", "cores the load itself used",
            samples_median(&outcome->load_cpu), "", 0);
    }
}

/* Figures of both paces; 0, or -1 when something was lost. */
static int
run_all(struct rig rigs[ROW_COUNT], const struct settings *settings, struct report *report)
{
    const struct load_run moderate = {
        .pace = LOAD_RATE, .rate = (double)settings->rate, .duration_ms = settings->run_ms};
    const struct load_run saturated = {
        .pace = LOAD_BACKLOG, .depth = BACKLOG, .duration_ms = settings->run_ms};
    struct outcome outcomes[2][ROW_COUNT] = {0};

    for (int64_t round = 0; round < settings->rounds; round++)
        if (run_round(rigs, &moderate, outcomes[0]) < 0 ||
            run_round(rigs, &saturated, outcomes[1]) < 0)
            return -1;
    report_ways(report, "moderate", outcomes[0]);
    report_ways(report, "saturated", outcomes[1]);
    return 0;
}

static int
open_rigs(struct rig rigs[ROW_COUNT], const struct settings *settings)
{
    struct load_plan plan = {.name = "way",
                             .rooms = 1,
                             .users = (size_t)MIN(settings->readers, USERS),
                             .readers = (size_t)settings->readers,
                             .writers = WRITERS,
                             .text_len = 128};

    for (size_t i = 0; i < ROW_COUNT; i++) {
        plan.way = rows[i].way;
        if (rig_open_server(&rigs[i], settings, "sqlite", &plan) == 0)
            continue;
        while (i-- > 0)
            rig_close(&rigs[i]);
        return -1;
    }
    return 0;
}

int
measure_transports(const struct settings *settings)
{
    struct rig rigs[ROW_COUNT];
    struct report *report;
    int result;

    if (open_rigs(rigs, settings) < 0)
        return 1;
    report = report_create("transports");
    report_add(report, "readers", "readers in one room", (double)settings->readers, "");
    report_add(report, "rate", "lines a second", (double)settings->rate, "");
    result = run_all(rigs, settings, report);
    if (result == 0)
        report_print(report);
    report_destroy(report);
    for (size_t i = 0; i < ROW_COUNT; i++)
        rig_close(&rigs[i]);
    return result == 0 ? 0 : 1;
}
