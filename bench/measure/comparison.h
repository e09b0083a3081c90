/* rtchat-server against limit under the same load. The two take turns (A B A B), since other work
 * on the machine comes and goes. */
#pragma once

#include "bench/measure/samples.h"
#include "common/histogram.h"

#include <stdint.h>

struct load_plan;
struct load_run;
struct rig;
struct settings;

struct comparison {
    struct samples limit_us, server_us, ratio;  /* CPU a delivery */
    struct samples limit_rate, server_rate;     /* deliveries a second */
    struct samples load_cpu;                    /* cores that the load used against the server */
    struct histogram receipt, delivery, spread; /* of the server, over all rounds */
    uint64_t delivered;                         /* the same */
};

/* Both with the plan's connections. 0; -1 with a line on stderr and nothing left. */
int comparison_open(const struct settings *settings, const struct load_plan *plan,
                    struct rig *limit, struct rig *server);

/* Adds rounds runs of each to what comparison has. 0, or -1 when something was lost. */
int comparison_run(struct comparison *comparison, struct rig *limit, struct rig *server,
                   const struct load_run *run, int64_t rounds);
