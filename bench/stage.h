/* Where it is measured: a server of the bench's own on loopback, or the one at a URL. */
#pragma once

#include "bench/child.h"
#include "client/link/link.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bench_config;

struct stage {
    char *url, *fingerprint, *ca_file, *proxy; /* ca_file, proxy: NULL where they are not given */
    char *user;                                /* guests are USER, USER-1 and on */
    char *password;                            /* NULL: they are guests */
    char *room;                                /* a room of its own */
    bool is_own;
    struct child child; /* where it is its own */
    char *dir;          /* the server's: its log */
    char *links_dir;    /* the links', in memory where that can be had */
};

/* url NULL: a server is started. 0; -1 with a line on stderr, and nothing is left. */
int stage_open(struct stage *stage, const struct bench_config *config, const char *url);
void stage_close(struct stage *stage);

/* What each link needs to know of it; the caller sets the rest. */
void stage_fill(const struct stage *stage, struct link_config *link);

/* Of its own server. */
int64_t stage_cpu_us(const struct stage *stage);    /* 0 where it is not its own */
int64_t stage_rss_bytes(const struct stage *stage); /* the same; user memory that is resident */
