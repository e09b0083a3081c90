/* A rally: the same lines over one way, by the links that people use. One says them, the others
 * read, all in a room of their own; what came, how late and at what cost is counted.
 *
 * The load is open: each line has a time at which it is to be said, and lateness counts from then,
 * so that a sender that is held up does not hide it. Everything happens on the caller's libuv loop.
 *
 *   OPENING (log in, connect, join) -> SAYING -> WAITING (for what is under way) -> CLOSING
 */
#pragma once

#include "client/link/link.h"
#include "client/link/meter.h"
#include "common/histogram.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#define RALLY_READERS_MAX  1000
#define RALLY_MESSAGES_MAX 100000

struct rally;

struct rally_plan {
    /* Of every link: where, over what, and whom to believe. user says; state_dir is a directory in
     * which each link has its own, with its session: another rally goes on with those. */
    struct link_config link;
    const char *reader_url; /* the readers' way there, where it is another; NULL: link.url */
    bool has_account; /* all of them are that user; else the readers are the guests USER-1 and on */
    bool logs_out;    /* at the end, their sessions are over */
    const char *room; /* "#bench-…"; it is made where it is not there */
    unsigned readers; /* at least 1 */
    unsigned messages;
    double rate;         /* lines a second */
    size_t text_len;     /* TALLY_TEXT_MIN to TEXT_MAX */
    uint64_t seed;       /* of the times */
    int64_t open_ms;     /* how long the opening may take */
    int64_t hold_ms;     /* the run lasts so long at least, from the first slot on */
    int64_t patience_ms; /* how long nothing may come before what is missing is lost */
};

struct rally_result {
    bool is_complete;  /* it was neither cancelled nor broken off */
    char why[200];     /* why not */
    unsigned said;     /* lines, up to now */
    unsigned refused;  /* of them, by the server */
    uint64_t expected; /* copies, the sender's own too */
    uint64_t came, lost, repeated, disordered;
    int64_t elapsed_us; /* from the first slot until all had all */
    int64_t cpu_us;     /* of this thread meanwhile: all links together */
    /* What the links have cost: all of them until the first slot, and from then until all had all
     * the sender and the readers together. */
    struct meter_counts opened, sender, readers;
    const char *transport;     /* the sender's at the end, a row's name */
    struct way_facts facts;    /* of the sender's way */
    struct histogram receipt;  /* to be said -> receipt */
    struct histogram delivery; /* to be said -> reader */
    struct histogram recovery; /* rally_mark -> the first line at a reader that was said after it */
};

struct rally_listener {
    void *context;
    void (*begun)(void *context);                /* all have joined; the first slot begins */
    void (*said)(void *context, unsigned count); /* so many lines, up to now */
    void (*ended)(
        void *context); /* after begun: all had all, or patience is over, or it broke off */
    /* The links are closed, and the rally is gone when this returns. */
    void (*done)(void *context, const struct rally_result *result);
};

/* plan is borrowed for the call; all members of listener are set, and it is not called before this
 * returns. NULL with why filled, as link_create. */
struct rally *rally_start(uv_loop_t *loop, const struct rally_plan *plan,
                          const struct rally_listener *listener, char *why, size_t why_size);
/* Ends it early; done is called all the same. */
void rally_cancel(struct rally *rally);
/* From now on the next line that is said is waited for by each reader: see recovery. */
void rally_mark(struct rally *rally);
