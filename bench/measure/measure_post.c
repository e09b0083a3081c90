/* Durable posts a second when 100 people post at once, against a loop that waits for the disk once
 * a message: what group commit gives. On this machine's disk, and on one that takes 2 ms more for
 * each fsync, as many do that clouds rent out: there the processor is not what bounds it. */
#include "bench/measure/disk.h"
#include "bench/measure/measure.h"
#include "bench/measure/report.h"
#include "bench/measure/rig.h"
#include "bench/measure/samples.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define WRITERS   100
#define AHEAD     8 /* lines that each has under way in the second kind of run */
#define EVENT_LEN 300
#define DISK_MS   500
#define SLOWER_US 2000

struct outcome {
    struct samples fsync_rate, sqlite_rate; /* messages a second, one by one */
    struct samples post_rate, ahead_rate;   /* receipts a second */
    struct samples post_p50_ms, post_us, server_cores;
    struct samples slow_fsync_rate, slow_post_rate; /* on the slow disk */
};

static double
receipt_rate(const struct rig_result *result)
{
    return (double)result->load.receipts * 1e6 / (double)result->load.elapsed_us;
}

static int
measure_round(struct rig *rig, const struct settings *settings, struct outcome *outcome)
{
    struct load_run one = {.pace = LOAD_RECEIPTS, .depth = 1, .duration_ms = settings->run_ms};
    struct load_run ahead = {
        .pace = LOAD_RECEIPTS, .depth = AHEAD, .duration_ms = settings->run_ms};
    double fsyncs = disk_fsync_rate(rig->dir, EVENT_LEN, 0, DISK_MS);
    double transactions = disk_sqlite_rate(rig->dir, EVENT_LEN, DISK_MS);
    struct rig_result result;

    if (fsyncs < 0 || transactions < 0 || rig_run(rig, &one, &result) < 0)
        return -1;
    samples_add(&outcome->fsync_rate, fsyncs);
    samples_add(&outcome->sqlite_rate, transactions);
    samples_add(&outcome->post_rate, receipt_rate(&result));
    samples_add(&outcome->post_p50_ms, histogram_ms(&result.load.receipt, 0.5));
    samples_add(&outcome->post_us, (double)result.cpu_us / (double)result.load.receipts);
    samples_add(&outcome->server_cores, (double)result.cpu_us / (double)result.load.elapsed_us);
    if (rig_run(rig, &ahead, &result) < 0)
        return -1;
    samples_add(&outcome->ahead_rate, receipt_rate(&result));
    return 0;
}

static int
measure_slow_round(struct rig *rig, const struct settings *settings, struct outcome *outcome)
{
    struct load_run one = {.pace = LOAD_RECEIPTS, .depth = 1, .duration_ms = settings->run_ms};
    double fsyncs = disk_fsync_rate(rig->dir, EVENT_LEN, SLOWER_US, DISK_MS);
    struct rig_result result;

    if (fsyncs < 0 || rig_run(rig, &one, &result) < 0)
        return -1;
    samples_add(&outcome->slow_fsync_rate, fsyncs);
    samples_add(&outcome->slow_post_rate, receipt_rate(&result));
    return 0;
}

static void
print(const struct outcome *outcome)
{
    double fsyncs = samples_median(&outcome->fsync_rate);
    double posts = samples_median(&outcome->post_rate);
    double slow_fsyncs = samples_median(&outcome->slow_fsync_rate);
    double slow_posts = samples_median(&outcome->slow_post_rate);
    struct report *report = report_create("post");

    report_add(report, "writers", "people who post, each in a room of its own", WRITERS, "");
    report_add(report, "fsync_rate", "one write and fsync a message", fsyncs, "/s");
    report_add(report, "sqlite_rate", "one SQLite transaction a message",
               samples_median(&outcome->sqlite_rate), "/s");
    report_add(report, "post_rate", "receipts, one line under way each", posts, "/s");
    report_add(report, "post_p50_ms", "post -> receipt, p50", samples_median(&outcome->post_p50_ms),
               "ms");
    report_add(report, "post_us", "server: CPU a post", samples_median(&outcome->post_us), "us");
    report_add(report, "server_cores", "cores the server used",
               samples_median(&outcome->server_cores), "");
    report_add(report, "ahead_rate", "receipts, eight lines under way each",
               samples_median(&outcome->ahead_rate), "/s");
    report_add_at_least(report, "times_fsync", "against one fsync a message", posts / fsyncs, "x",
                        20);
    report_add(report, "times_sqlite", "against one transaction a message",
               posts / samples_median(&outcome->sqlite_rate), "x");
    report_add(report, "slow_fsync_rate", "slow disk: one write and fsync a message", slow_fsyncs,
               "/s");
    report_add(report, "slow_post_rate", "slow disk: receipts, one line under way each", slow_posts,
               "/s");
    report_add_at_least(report, "slow_times_fsync", "slow disk: against one fsync a message",
                        slow_posts / slow_fsyncs, "x", 20);
    report_print(report);
    report_destroy(report);
}

/* Opens the rig on the machine's disk, or on one that is slower_us slower. */
static int
open_rig(struct rig *rig, const struct settings *settings, int64_t slower_us)
{
    struct load_plan plan = {.name = "post",
                             .rooms = WRITERS,
                             .users = WRITERS,
                             .readers = 0,
                             .writers = WRITERS,
                             .text_len = 128};
    char us[24];
    int result;

    if (slower_us > 0) {
        snprintf(us, sizeof(us), "%" PRId64, slower_us);
        setenv("RTCHAT_DISK_US", us, 1);
        setenv("LD_PRELOAD", settings->slow_disk, 1);
    }
    result = rig_open_server(rig, settings, "sqlite", &plan);
    unsetenv("LD_PRELOAD");
    return result;
}

static int
measure_on(const struct settings *settings, int64_t slower_us,
           int (*round)(struct rig *, const struct settings *, struct outcome *),
           struct outcome *outcome)
{
    struct rig rig;
    int result = open_rig(&rig, settings, slower_us);

    if (result < 0)
        return -1;
    for (int64_t i = 0; i < settings->rounds && result == 0; i++)
        result = round(&rig, settings, outcome);
    rig_close(&rig);
    return result;
}

int
measure_post(const struct settings *settings)
{
    struct outcome outcome = {0};

    if (measure_on(settings, 0, measure_round, &outcome) < 0 ||
        measure_on(settings, SLOWER_US, measure_slow_round, &outcome) < 0)
        return 1;
    print(&outcome);
    return 0;
}
