/* A load: many clients on threads of their own, that read everything and look at every message, and
 * WebSocket writers that say lines at a rate. It is made to cost less than what it measures.
 *
 * Every message carries its number in its text, so a reader knows when it was meant to be said, and
 * each connection checks that its room's rseq grows by one. Writers read too. */
#pragma once

#include "common/histogram.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct load;
struct peer_way;

struct load_plan {
    int port;         /* on 127.0.0.1 */
    bool logs_in;     /* rtchat-server, which wants a token and sends receipts; else limit */
    const char *name; /* users are called NAME-1, NAME-2, … ; new ones for each load */
    size_t rooms;     /* 1: all are in #lobby. More: as many users, each in a room of its own */
    size_t users;     /* with one room: how many the connections share */
    size_t readers;   /* all of them; a multiple of rooms */
    size_t writers;   /* the same, with several rooms: one for each */
    size_t text_len;  /* bytes of a line, 16-128 */
    const struct peer_way *way; /* the readers'; NULL: ws */
};

enum load_pace {
    LOAD_RATE,     /* `rate` lines a second, whatever comes back */
    LOAD_RECEIPTS, /* each writer has `depth` lines under way, the next when a receipt comes */
    LOAD_BACKLOG,  /* as fast as all readers take it: `depth` lines ahead of their mean at most */
};

struct load_run {
    enum load_pace pace;
    double rate;
    unsigned depth;
    int64_t duration_ms; /* for saying; what is under way then is waited for */
};

struct load_result {
    uint64_t said, receipts, refused;
    uint64_t expected, delivered; /* copies of messages, over all connections */
    uint64_t holes;               /* times that a connection's rseq did not grow by one */
    size_t gone;                  /* connections that were lost since the load began */
    int64_t elapsed_us;           /* from the first line meant to be said until all had all */
    double load_cpu_share;        /* cores that this process used meanwhile */
    struct histogram receipt;     /* when a line was meant to be said -> its receipt */
    struct histogram delivery;    /* when it was meant to be said -> each reader (no writer) */
    struct histogram spread;      /* the first who saw it, or its receipt -> each reader */
};

/* Logs in, connects, and waits until all have their hello and are in their rooms. plan is copied,
 * but its name is borrowed. NULL with a line on stderr when that fails. */
struct load *load_create(const struct load_plan *plan);
void load_destroy(struct load *load);

size_t load_connection_count(const struct load *load);

/* One run. The connections stay for the next. What is missing 10 s after the last delivery counts
 * as lost. */
void load_run(struct load *load, const struct load_run *run, struct load_result *ret_result);

bool load_lost_nothing(const struct load_result *result);
