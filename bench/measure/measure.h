/* rtchat-measure: what its measurements share. Each starts the programs it needs, prints its report
 * and returns 0; 1 when something went wrong or was lost. How fast it was decides nothing. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct settings {
    char *server, *limit, *client; /* the programs */
    char *dir;                     /* data directories are made in it */
    char *slow_disk;               /* the library of slow_disk.c */
    int64_t workers;               /* of the server */
    int64_t readers;               /* of the fan-out */
    int64_t rate;                  /* lines a second, at a moderate rate */
    int64_t rounds;                /* how often a comparison is repeated */
    int64_t run_ms;                /* how long one run of it lasts */
    bool help;
};

int measure_fanout(const struct settings *settings);
int measure_transports(const struct settings *settings);
int measure_rooms(const struct settings *settings);
int measure_scale(const struct settings *settings);
int measure_post(const struct settings *settings);
int measure_pair(const struct settings *settings);
int measure_start(const struct settings *settings);
