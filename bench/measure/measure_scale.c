/* Whether a delivery costs the same however many readers a room has: 100, 1,000 and 5,000, with the
 * same number of deliveries a second, against limit. To say a line costs too, whoever reads it: it
 * is judged, committed, receipted. limit does nothing of that, so with few readers the ratio tells
 * of lines more than of deliveries; therefore a line is measured by itself, by the same writers
 * without readers, and taken off. What is left is compared with limit, for which 5,000 connections
 * are dearer too: they do not fit the processor's caches. */
#include "bench/measure/comparison.h"
#include "bench/measure/measure.h"
#include "bench/measure/report.h"
#include "bench/measure/rig.h"
#include "bench/measure/samples.h"
#include "common/util.h"

#include <stdio.h>

#define WRITERS    5
#define USERS      50
#define DELIVERIES 25000 /* a second: what one core does beside the load on another */

static const size_t sizes[] = {100, 1000, 5000};

struct outcome {
    struct comparison comparison;
    double line_us; /* the server's, without readers */
};

/* What is left for a copy to a reader when the line itself, the copies to its writers in it, is
 * taken off. */
static double
delivery_us(const struct outcome *outcome, size_t readers)
{
    double copies = (double)(readers + WRITERS);

    return (samples_median(&outcome->comparison.server_us) * copies - outcome->line_us) /
           (double)readers;
}

static double
delivery_ratio(const struct outcome *outcome, size_t readers)
{
    return delivery_us(outcome, readers) / samples_median(&outcome->comparison.limit_us);
}

static void
add_figures(struct report *report, const struct outcome *outcome, size_t readers)
{
    const struct comparison *comparison = &outcome->comparison;
    const struct {
        const char *key, *title;
        double value;
    } figures[] = {
        {"limit_us", "limit, CPU a delivery", samples_median(&comparison->limit_us)},
        {"server_us", "server, CPU a delivery", samples_median(&comparison->server_us)},
        {"line_us", "server, CPU a line by itself", outcome->line_us},
        {"delivery_us", "server, CPU a delivery without it", delivery_us(outcome, readers)},
    };
    char key[40], title[80];

    for (size_t i = 0; i < ARRAY_LEN(figures); i++) {
        snprintf(key, sizeof(key), "%s_%zu", figures[i].key, readers);
        snprintf(title, sizeof(title), "%zu readers: %s", readers, figures[i].title);
        report_add(report, key, title, figures[i].value, "us");
    }
    snprintf(key, sizeof(key), "ratio_%zu", readers);
    snprintf(title, sizeof(title), "%zu readers: server against limit", readers);
    report_add_at_most(report, key, title, samples_median(&comparison->ratio), "x", 1.25);
    snprintf(key, sizeof(key), "delivery_ratio_%zu", readers);
    snprintf(title, sizeof(title), "%zu readers: a delivery without the line, against limit",
             readers);
    report_add(report, key, title, delivery_ratio(outcome, readers), "x");
}

static struct load_plan
plan_for(size_t readers)
{
    return (struct load_plan){.name = "scale",
                              .rooms = 1,
                              .users = USERS,
                              .readers = readers,
                              .writers = WRITERS,
                              .text_len = 128};
}

static int
measure_line(const struct settings *settings, const struct load_run *run, double *ret_us)
{
    struct load_plan plan = plan_for(0);
    struct samples us = {0};
    struct rig_result result;
    struct rig rig;
    int left = (int)settings->rounds;

    if (rig_open_server(&rig, settings, "sqlite", &plan) < 0)
        return -1;
    while (left > 0 && rig_run(&rig, run, &result) == 0) {
        samples_add(&us, (double)result.cpu_us / (double)MAX(result.load.said, 1));
        left--;
    }
    rig_close(&rig);
    *ret_us = samples_median(&us);
    return left > 0 ? -1 : 0;
}

static int
measure_size(const struct settings *settings, size_t readers, struct outcome *outcome)
{
    struct load_plan plan = plan_for(readers);
    struct load_run run = {.pace = LOAD_RATE,
                           .rate = (double)DELIVERIES / (double)readers,
                           .duration_ms = settings->run_ms};
    struct rig limit, server;
    int result;

    if (comparison_open(settings, &plan, &limit, &server) < 0)
        return -1;
    result = comparison_run(&outcome->comparison, &limit, &server, &run, settings->rounds);
    rig_close(&server);
    rig_close(&limit);
    return result < 0 ? -1 : measure_line(settings, &run, &outcome->line_us);
}

int
measure_scale(const struct settings *settings)
{
    struct report *report = report_create("scale");
    struct outcome outcomes[ARRAY_LEN(sizes)] = {0};
    double least = 0, most = 0;
    int result = 0;

    for (size_t i = 0; i < ARRAY_LEN(sizes) && result == 0; i++) {
        result = measure_size(settings, sizes[i], &outcomes[i]);
        if (result == 0) {
            double ratio = delivery_ratio(&outcomes[i], sizes[i]);

            add_figures(report, &outcomes[i], sizes[i]);
            least = i == 0 ? ratio : MIN(least, ratio);
            most = MAX(most, ratio);
        }
    }
    if (result == 0) {
        report_add_at_most(report, "spread", "the highest of these against the lowest",
                           most / least, "x", 1.25);
        report_print(report);
    }
    report_destroy(report);
    return result < 0 ? 1 : 0;
}
