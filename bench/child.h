/* A program under measurement: started, waited for until it listens, watched, ended. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

struct child {
    pid_t pid; /* 0: none */
    int out_fd;
    int port;
    char said[1024]; /* its first line */
    clockid_t clock; /* its CPU time */
};

/* Starts argv[0] and waits, 15 s at most, for a line of its standard output that ends in ":PORT",
 * or that is a JSON object with a "port". Its standard error goes to log_path. 0, or -errno with a
 * line on stderr. */
int child_start(struct child *child, char *const argv[], const char *log_path);

/* CPU time of all its threads so far, in microseconds, user and system. */
int64_t child_cpu_us(const struct child *child);

/* What of its memory is resident now, in bytes. */
int64_t child_memory(const struct child *child);

/* SIGTERM, and SIGKILL when that takes over 15 s. 0 when it ended with 0; fine on one that never
 * started. */
int child_stop(struct child *child);
