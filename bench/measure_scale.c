/* Whether a delivery costs the same however many readers a room has: 100, 1,000 and 5,000, each
 * against limit, with the same number of deliveries a second. */
#include "bench/comparison.h"
#include "bench/measure.h"
#include "bench/report.h"
#include "bench/rig.h"
#include "bench/samples.h"
#include "common/util.h"

#define WRITERS    5
#define USERS      50
#define DELIVERIES 25000 /* a second: what one core does beside the load on another */

struct size {
    size_t readers;
    const char *limit_key, *limit_title;
    const char *server_key, *server_title;
    const char *ratio_key, *ratio_title;
};

/* clang-format off */
static const struct size sizes[] = {
    {100,  "limit_us_100",   "100 readers: limit, CPU a delivery",
           "server_us_100",  "100 readers: server, CPU a delivery",
           "ratio_100",      "100 readers: server against limit"},
    {1000, "limit_us_1000",  "1,000 readers: limit, CPU a delivery",
           "server_us_1000", "1,000 readers: server, CPU a delivery",
           "ratio_1000",     "1,000 readers: server against limit"},
    {5000, "limit_us_5000",  "5,000 readers: limit, CPU a delivery",
           "server_us_5000", "5,000 readers: server, CPU a delivery",
           "ratio_5000",     "5,000 readers: server against limit"},
};
/* clang-format on */

static int
measure_size(const struct settings *settings, const struct size *size, struct report *report)
{
    struct load_plan plan = {.name = "scale",
                             .rooms = 1,
                             .users = USERS,
                             .readers = size->readers,
                             .writers = WRITERS,
                             .text_len = 128};
    struct load_run run = {.pace = LOAD_RATE,
                           .rate = (double)DELIVERIES / (double)size->readers,
                           .duration_ms = settings->run_ms};
    struct comparison comparison = {0};
    struct rig limit, server;
    int result;

    if (comparison_open(settings, &plan, &limit, &server) < 0)
        return -1;
    result = comparison_run(&comparison, &limit, &server, &run, settings->rounds);
    rig_close(&server);
    rig_close(&limit);
    if (result < 0)
        return -1;
    report_add(report, size->limit_key, size->limit_title, samples_median(&comparison.limit_us),
               "us");
    report_add(report, size->server_key, size->server_title, samples_median(&comparison.server_us),
               "us");
    report_add_at_most(report, size->ratio_key, size->ratio_title,
                       samples_median(&comparison.ratio), "x", 1.25);
    return 0;
}

int
measure_scale(const struct settings *settings)
{
    struct report *report = report_create("scale");
    int result = 0;

    for (size_t i = 0; i < ARRAY_LEN(sizes) && result == 0; i++)
        result = measure_size(settings, &sizes[i], report);
    if (result == 0)
        report_print(report);
    report_destroy(report);
    return result < 0 ? 1 : 0;
}
