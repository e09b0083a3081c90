#include "bench/measure/rig.h"

#include "bench/measure/measure.h"
#include "bench/scratch_dir.h"
#include "common/util.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
open_rig(struct rig *rig, char *const argv[], const struct load_plan *plan, bool logs_in)
{
    char *log_path = xasprintf("%s/log", rig->dir);
    int result = child_start(&rig->child, argv, log_path);

    free(log_path);
    if (result == 0 && plan != NULL) {
        struct load_plan own = *plan;

        own.port = rig->child.port;
        own.logs_in = logs_in;
        rig->load = load_create(&own);
        result = rig->load == NULL ? -1 : 0;
    }
    if (result < 0)
        rig_close(rig);
    return result < 0 ? -1 : 0;
}

int
rig_open_server(struct rig *rig, const struct settings *settings, const char *store,
                const struct load_plan *plan)
{
    char *argv[12] = {settings->server, NULL};
    size_t count = 1;
    int result;

    *rig = (struct rig){.dir = scratch_dir_create(settings->dir)};
    if (rig->dir == NULL)
        return -1;
    argv[count++] = xstrdup("--config=/dev/null");
    argv[count++] = xstrdup("--port=0");
    argv[count++] = xasprintf("--data-dir=%s", rig->dir);
    argv[count++] = xasprintf("--workers=%" PRId64, settings->workers);
    argv[count++] = xstrdup("--connections-per-address=0");
    argv[count++] = xstrdup("--rate=0");
    if (strcmp(store, "sqlite") != 0)
        argv[count++] = xasprintf("--store=%s", store);

    result = open_rig(rig, argv, plan, true);
    while (count-- > 1)
        free(argv[count]);
    return result;
}

int
rig_open_limit(struct rig *rig, const struct settings *settings, const struct load_plan *plan)
{
    char *argv[] = {settings->limit, NULL};

    *rig = (struct rig){.dir = scratch_dir_create(settings->dir)};
    return rig->dir == NULL ? -1 : open_rig(rig, argv, plan, false);
}

void
rig_close(struct rig *rig)
{
    load_destroy(rig->load);
    rig->load = NULL;
    if (child_stop(&rig->child) < 0)
        fprintf(stderr, "rtchat-measure: the program under measurement did not end well\n");
    scratch_dir_remove(rig->dir); /* takes it */
    rig->dir = NULL;
}

int
rig_run(struct rig *rig, const struct load_run *run, struct rig_result *ret_result)
{
    int64_t before_us = child_cpu_us(&rig->child);
    const struct load_result *load = &ret_result->load;

    load_run(rig->load, run, &ret_result->load);
    ret_result->cpu_us = child_cpu_us(&rig->child) - before_us;
    if (load_lost_nothing(load))
        return 0;
    fprintf(stderr,
            "rtchat-measure: of %" PRIu64 " deliveries %" PRIu64 " came, with %" PRIu64
            " holes, %zu connections lost, %" PRIu64 " lines refused\n",
            load->expected, load->delivered, load->holes, load->gone, load->refused);
    return -1;
}

double
rig_us_per_delivery(const struct rig_result *result)
{
    return (double)result->cpu_us / (double)MAX(result->load.delivered, 1);
}
