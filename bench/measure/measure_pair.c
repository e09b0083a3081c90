/* Two people: how soon a line is with the other one. With the log on the disk; and in memory, where
 * the commit takes no time, which bounds what comes after the commit. */
#include "bench/measure/measure.h"
#include "bench/measure/report.h"
#include "bench/measure/rig.h"

#define LINES_A_SECOND 50

static int
run_pair(const struct settings *settings, const char *store, struct rig_result *ret_result)
{
    struct load_plan plan = {
        .name = "pair", .rooms = 1, .users = 2, .readers = 1, .writers = 1, .text_len = 128};
    struct load_run run = {
        .pace = LOAD_RATE, .rate = LINES_A_SECOND, .duration_ms = settings->run_ms};
    struct rig rig;
    int result;

    if (rig_open_server(&rig, settings, store, &plan) < 0)
        return -1;
    result = rig_run(&rig, &run, ret_result);
    rig_close(&rig);
    return result;
}

static void
print(const struct load_result *disk, const struct load_result *memory)
{
    struct report *report = report_create("pair");

    report_add(report, "receipt_p50_ms", "log on disk: send -> receipt, p50",
               histogram_ms(&disk->receipt, 0.5), "ms");
    report_add(report, "delivery_p50_ms", "log on disk: send -> other, p50",
               histogram_ms(&disk->delivery, 0.5), "ms");
    report_add(report, "delivery_p99_ms", "log on disk: send -> other, p99",
               histogram_ms(&disk->delivery, 0.99), "ms");
    report_add(report, "memory_receipt_p50_ms", "log in memory: send -> receipt, p50",
               histogram_ms(&memory->receipt, 0.5), "ms");
    report_add(report, "memory_delivery_p50_ms", "log in memory: send -> other, p50",
               histogram_ms(&memory->delivery, 0.5), "ms");
    report_add_at_most(report, "memory_delivery_p99_ms", "log in memory: send -> other, p99",
                       histogram_ms(&memory->delivery, 0.99), "ms", 5);
    report_add(report, "memory_delivery_max_ms", "log in memory: send -> other, max",
               histogram_ms(&memory->delivery, 1), "ms");
    report_print(report);
    report_destroy(report);
}

int
measure_pair(const struct settings *settings)
{
    struct rig_result disk, memory;

    if (run_pair(settings, "sqlite", &disk) < 0 || run_pair(settings, "memory:", &memory) < 0)
        return 1;
    print(&disk.load, &memory.load);
    return 0;
}
