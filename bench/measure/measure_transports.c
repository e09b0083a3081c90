/* The same lines to the same readers, by WebSocket, by an event stream over HTTP/1.1 and over
 * HTTP/2, and by long polling: what a delivery costs the server, and what a reader that waits does
 * in memory. They take turns (A B C A B C), since other work on the machine comes and goes. */
#include "bench/measure/measure.h"
#include "bench/measure/peer.h"
#include "bench/measure/report.h"
#include "bench/measure/rig.h"
#include "bench/measure/samples.h"
#include "common/histogram.h"
#include "common/util.h"

#include <stdio.h>

#define WRITERS 4
#define USERS   100
#define BACKLOG 256

static const struct {
    const struct peer_way *way;
    size_t against; /* the row whose cost its own is held against; itself: none */
    double most;    /* times that */
    double most_kib;
} rows[] = {
    {&peer_ws, 0, 0, 0},
    {&peer_sse, 0, 1.2, 0},
    {&peer_longpoll, 0, 2.5, 0},
    {&peer_sse_http2, 1, 1.2, 24},
};

#define ROW_COUNT ARRAY_LEN(rows)

/* What was measured of one way. */
struct outcome {
    struct samples us, ratio, load_cpu;
    struct histogram delivery;
};

/* What a connection takes of the server's memory, idle, by way. */
struct memories {
    double kib[ROW_COUNT];
};

static int
run_round(struct rig rigs[ROW_COUNT], const struct load_run *run,
          struct outcome outcomes[ROW_COUNT])
{
    double us[ROW_COUNT];

    for (size_t i = 0; i < ROW_COUNT; i++) {
        struct rig_result result;

        if (rig_run(&rigs[i], run, &result) < 0)
            return -1;
        us[i] = rig_us_per_delivery(&result);
        samples_add(&outcomes[i].us, us[i]);
        samples_add(&outcomes[i].ratio, us[i] / us[rows[i].against]);
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
        char title[32];

        add(report, pace, way, "us", "CPU a delivery", samples_median(&outcome->us), "us", 0);
        if (rows[i].against != i) {
            snprintf(title, sizeof(title), "against %s", rows[rows[i].against].way->name);
            add(report, pace, way, "ratio", title, samples_median(&outcome->ratio), "x",
                rows[i].most);
        }
        add(report, pace, way, "p99_ms", "send -> reader, p99",
            histogram_ms(&outcome->delivery, 0.99), "ms", 0);
        add(report, pace, way, "load_cores", "cores the load itself used",
            samples_median(&outcome->load_cpu), "", 0);
    }
}

static void
report_memory(struct report *report, const struct memories *memories)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        add(report, "idle", rows[i].way->name, "kib", "memory a connection", memories->kib[i],
            "KiB", rows[i].most_kib);
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

/* The server's before anybody has come. */
static int64_t
bare_memory(const struct settings *settings)
{
    struct rig rig;
    int64_t memory;

    if (rig_open_server(&rig, settings, "sqlite", NULL) < 0)
        return -1;
    memory = child_memory(&rig.child);
    rig_close(&rig);
    return memory;
}

static int
open_rigs(struct rig rigs[ROW_COUNT], const struct settings *settings, struct memories *memories)
{
    int64_t bare = bare_memory(settings);
    struct load_plan plan = {.name = "way",
                             .rooms = 1,
                             .users = (size_t)MIN(settings->readers, USERS),
                             .readers = (size_t)settings->readers,
                             .writers = WRITERS,
                             .text_len = 128};

    if (bare < 0)
        return -1;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        plan.way = rows[i].way;
        if (rig_open_server(&rigs[i], settings, "sqlite", &plan) == 0) {
            memories->kib[i] = (double)(child_memory(&rigs[i].child) - bare) / 1024 /
                               (double)(plan.readers + plan.writers);
            continue;
        }
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
    struct memories memories;
    struct report *report;
    int result;

    if (open_rigs(rigs, settings, &memories) < 0)
        return 1;
    report = report_create("transports");
    report_add(report, "readers", "readers in one room", (double)settings->readers, "");
    report_add(report, "rate", "lines a second", (double)settings->rate, "");
    report_memory(report, &memories);
    result = run_all(rigs, settings, report);
    if (result == 0)
        report_print(report);
    report_destroy(report);
    for (size_t i = 0; i < ROW_COUNT; i++)
        rig_close(&rigs[i]);
    return result == 0 ? 0 : 1;
}
