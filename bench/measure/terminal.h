/* A program on a terminal of its own (a pty of 80 by 24), watched as a person would see it: by what
 * comes out. */
#pragma once

#include "common/buf.h"

#include <stdint.h>
#include <sys/types.h>

struct terminal {
    pid_t pid;
    int fd;
    clockid_t clock;  /* the program's CPU time */
    int64_t began_us; /* when it was started */
    struct buf seen;  /* what it has drawn */
};

/* env: "NAME=VALUE" strings set over our own environment. 0 or -errno. */
int terminal_start(struct terminal *terminal, char *const argv[], char *const env[]);

/* Reads until word has come out, at any time since the start. How long that was from the start in
 * microseconds; -ETIMEDOUT, or -EPIPE when the program has ended. Only what is drawn in one run can
 * be waited for: curses leaves out cells that stay as they were. */
int64_t terminal_wait_for(struct terminal *terminal, const char *word, int64_t patience_ms);

/* Reads for that long whatever comes. The CPU time the program used meanwhile, in microseconds. */
int64_t terminal_idle(struct terminal *terminal, int64_t duration_ms);

void terminal_stop(struct terminal *terminal); /* SIGHUP, as when a window is closed; then waits */
