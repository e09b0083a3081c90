/* A program that serves, with the load that runs against it. */
#pragma once

#include "bench/child.h"
#include "bench/measure/load.h"

struct settings;

struct rig {
    struct child child;
    struct load *load;
    char *dir; /* its own, removed at the end */
};

struct rig_result {
    struct load_result load;
    int64_t cpu_us; /* what the program used meanwhile, on all its threads */
};

/* Starts rtchat-server with a fresh data directory and store ("sqlite" or "memory:"), or limit, and
 * connects the load of plan, whose port and logs_in are set here. plan NULL: no load. 0; -1 with a
 * line on stderr, and nothing is left. */
int rig_open_server(struct rig *rig, const struct settings *settings, const char *store,
                    const struct load_plan *plan);
int rig_open_limit(struct rig *rig, const struct settings *settings, const struct load_plan *plan);
void rig_close(struct rig *rig);

/* One run. 0; or -1 with a line on stderr when something was lost. */
int rig_run(struct rig *rig, const struct load_run *run, struct rig_result *ret_result);

double rig_us_per_delivery(const struct rig_result *result);
