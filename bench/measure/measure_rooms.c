/* Whether a line costs the same in 1,000 rooms of 5 as in one room of 5, which has the same number
 * of copies to deliver: what is paid for rooms and readers that a line does not concern. */
#include "bench/measure/measure.h"
#include "bench/measure/report.h"
#include "bench/measure/rig.h"
#include "bench/measure/samples.h"

#define ROOMS     1000
#define ROOM_SIZE 5
#define LINES     500 /* a second, in all rooms together */

static int
open_rooms(struct rig *rig, const struct settings *settings, size_t rooms)
{
    struct load_plan plan = {.name = "rooms",
                             .rooms = rooms,
                             .users = rooms,
                             .readers = rooms * (ROOM_SIZE - 1),
                             .writers = rooms,
                             .text_len = 128};

    return rig_open_server(rig, settings, "sqlite", &plan);
}

static double
us_per_line(const struct rig_result *result)
{
    return (double)result->cpu_us / (double)result->load.said;
}

static void
print(const struct samples *one_us, const struct samples *many_us, const struct samples *ratio)
{
    struct report *report = report_create("rooms");

    report_add(report, "lines", "lines a second, one after another in each room", LINES, "");
    report_add(report, "one_us", "one room of 5: server, CPU a line", samples_median(one_us), "us");
    report_add(report, "many_us", "1,000 rooms of 5: server, CPU a line", samples_median(many_us),
               "us");
    report_add_at_most(report, "ratio", "1,000 rooms against one", samples_median(ratio), "x",
                       1.25);
    report_print(report);
    report_destroy(report);
}

static int
compare(const struct settings *settings, struct rig *one, struct rig *many)
{
    struct load_run run = {.pace = LOAD_RATE, .rate = LINES, .duration_ms = settings->run_ms};
    struct samples one_us = {0}, many_us = {0}, ratio = {0};

    for (int64_t i = 0; i < settings->rounds; i++) {
        struct rig_result small, large;

        if (rig_run(one, &run, &small) < 0 || rig_run(many, &run, &large) < 0)
            return -1;
        samples_add(&one_us, us_per_line(&small));
        samples_add(&many_us, us_per_line(&large));
        samples_add(&ratio, us_per_line(&large) / us_per_line(&small));
    }
    print(&one_us, &many_us, &ratio);
    return 0;
}

int
measure_rooms(const struct settings *settings)
{
    struct rig one, many;
    int result;

    if (open_rooms(&one, settings, 1) < 0)
        return 1;
    result = open_rooms(&many, settings, ROOMS);
    if (result == 0) {
        result = compare(settings, &one, &many);
        rig_close(&many);
    }
    rig_close(&one);
    return result < 0 ? 1 : 0;
}
