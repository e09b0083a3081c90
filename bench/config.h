/* rtchat-bench's options: one table for argv, the file, --help, completions and the manual's test.
 */
#pragma once

#include "common/option.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BENCH_OPERANDS_MAX 9

/* What a server that is not the bench's own is asked at most. */
#define BENCH_URL_RATE_MAX     20 /* lines a second */
#define BENCH_URL_READERS_MAX  20
#define BENCH_URL_MESSAGES_MAX 1000

enum bench_http { BENCH_HTTP_BOTH, BENCH_HTTP_1_1, BENCH_HTTP_2 };

struct bench_config {
    char *operands[BENCH_OPERANDS_MAX]; /* the verb and what follows it; NULL behind */
    struct option_list transports;      /* rows of link_rows; none: all */
    int http;                           /* enum bench_http */
    struct option_list intervals;       /* of poll, in seconds; none: bench_intervals */
    int64_t messages, readers, rounds, text_len, seed;
    int64_t rate_milli; /* thousandths of a line a second */
    int64_t seconds_ms; /* of idle, and of sweep over rate */
    int over;           /* index into sweep_rows */
    char *values;       /* of sweep, with commas; NULL: its own */
    char *user, *password_file, *ca_file, *fingerprint, *proxy;
    char *server;              /* the program; NULL: beside this one, or on the PATH */
    char *badproxy;            /* of matrix, or NULL */
    struct option_list faults; /* the same; none: those that it has */
    char *dir;
    bool json, csv, markdown, plot; /* one at most */
    char *html;                     /* a file for the page, or NULL */
    bool ascii, all, explain;
    struct option_list profiles; /* of advise; none: the installed one */
    int64_t users, said_milli, delay_ms, rtt_ms, margin_percent;
    bool read_only, mobile;
    int network; /* enum advice_network */
    int64_t price_core, price_memory, price_traffic, price_requests, price_radio; /* thousandths */
    int log_level;
    char *config;
    bool help, version;
};

extern const struct option_row bench_options[];
extern const size_t bench_option_count;

/* Fills config (any memory) from the defaults, the files and argv, later ones winning, and checks
 * what the table cannot. Where help or version was asked for, argv alone is read. 0, or -EINVAL
 * with error filled. Either way bench_config_fini ends it. */
int bench_config_load(struct bench_config *config, int argc, char **argv,
                      struct option_error *error);
void bench_config_fini(struct bench_config *config);
