/* All variants at the same time, each against a server of its own: for what takes long and keeps
 * nobody busy, such as idling and coming back. Against a URL all go to that one. */
#pragma once

#include "bench/bench.h"

struct each_one {
    const struct variant *variant;
    struct stage own;
    const struct stage *stage; /* own, or the bench's */
    struct relay *relay;       /* before its own server, for the readers; NULL: none */
    char *reader_url, *state_dir, *room;
    struct bench_run run;
    bool is_good; /* the last run came to something */
};

struct each {
    struct bench *bench;
    struct each_one ones[VARIANTS_MAX];
    size_t count;
};

/* 0; -1 with a line on stderr, and nothing is left. */
int each_open(struct each *each, struct bench *bench, bool has_relays);
void each_close(struct each *each);

/* Fills each run; the caller may change it. */
void each_plan(struct each *each);
/* Runs all. False: one came to nothing, and a note says so. */
bool each_run(struct each *each);
