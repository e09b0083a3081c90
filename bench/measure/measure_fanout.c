/* One room, many readers: what a delivery costs the server, against `limit` in the same minute. The
 * two take turns (A B A B), since other work on the machine comes and goes. */
#include "bench/measure/comparison.h"
#include "bench/measure/measure.h"
#include "bench/measure/report.h"
#include "bench/measure/rig.h"
#include "common/util.h"

#define WRITERS      4
#define USERS        100
#define BACKLOG      256
#define SATURATED_MS 1500

static void
report_moderate(struct report *report, const struct comparison *moderate)
{
    report_add(report, "delivered", "moderate: delivered, none lost", (double)moderate->delivered,
               "");
    report_add(report, "receipt_p50_ms", "send -> receipt, p50",
               histogram_ms(&moderate->receipt, 0.5), "ms");
    report_add(report, "delivery_p50_ms", "send -> reader, p50",
               histogram_ms(&moderate->delivery, 0.5), "ms");
    report_add_at_most(report, "delivery_p99_ms", "send -> reader, p99",
                       histogram_ms(&moderate->delivery, 0.99), "ms", 100);
    report_add(report, "delivery_max_ms", "send -> reader, max",
               histogram_ms(&moderate->delivery, 1), "ms");
    report_add(report, "spread_p50_ms", "first sight or receipt -> reader, p50",
               histogram_ms(&moderate->spread, 0.5), "ms");
    report_add(report, "spread_p99_ms", "first sight or receipt -> reader, p99",
               histogram_ms(&moderate->spread, 0.99), "ms");
    report_add(report, "limit_us", "limit: CPU a delivery", samples_median(&moderate->limit_us),
               "us");
    report_add(report, "server_us", "server: CPU a delivery", samples_median(&moderate->server_us),
               "us");
    report_add_at_most(report, "ratio", "server against limit", samples_median(&moderate->ratio),
                       "x", 1.25);
    report_add(report, "load_cores", "cores the load itself used",
               samples_median(&moderate->load_cpu), "");
}

static void
report_saturated(struct report *report, const struct comparison *saturated)
{
    report_add(report, "saturated_limit_us", "saturated: limit, CPU a delivery",
               samples_median(&saturated->limit_us), "us");
    report_add(report, "saturated_server_us", "saturated: server, CPU a delivery",
               samples_median(&saturated->server_us), "us");
    report_add_at_most(report, "saturated_ratio", "saturated: server against limit",
                       samples_median(&saturated->ratio), "x", 0.35);
    report_add(report, "saturated_limit_rate", "saturated: limit, deliveries a second",
               samples_median(&saturated->limit_rate), "/s");
    report_add(report, "saturated_server_rate", "saturated: server, deliveries a second",
               samples_median(&saturated->server_rate), "/s");
    report_add(report, "saturated_load_cores", "saturated: cores the load itself used",
               samples_median(&saturated->load_cpu), "");
}

static int
compare_both(struct rig *limit, struct rig *server, const struct settings *settings)
{
    struct load_run moderate_run = {
        .pace = LOAD_RATE, .rate = (double)settings->rate, .duration_ms = settings->run_ms};
    struct load_run saturated_run = {
        .pace = LOAD_BACKLOG, .depth = BACKLOG, .duration_ms = SATURATED_MS};
    struct comparison moderate = {0}, saturated = {0};
    struct report *report;

    if (comparison_run(&moderate, limit, server, &moderate_run, settings->rounds) < 0 ||
        comparison_run(&saturated, limit, server, &saturated_run, settings->rounds) < 0)
        return 1;
    report = report_create("fanout");
    report_add(report, "readers", "readers in one room", (double)settings->readers, "");
    report_add(report, "rate", "lines a second", (double)settings->rate, "");
    report_moderate(report, &moderate);
    report_saturated(report, &saturated);
    report_print(report);
    report_destroy(report);
    return 0;
}

int
measure_fanout(const struct settings *settings)
{
    struct load_plan plan = {.name = "fan",
                             .rooms = 1,
                             .users = (size_t)MIN(settings->readers, USERS),
                             .readers = (size_t)settings->readers,
                             .writers = WRITERS,
                             .text_len = 128};
    struct rig limit, server;
    int result;

    if (comparison_open(settings, &plan, &limit, &server) < 0)
        return 1;
    result = compare_both(&limit, &server, settings);
    rig_close(&server);
    rig_close(&limit);
    return result;
}
