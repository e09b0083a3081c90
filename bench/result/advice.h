/* Which way suits whom: a pure function of a profile (a result with the rows that
 * bench/result/result.h names) and of what is asked for. Nothing here measures; every figure comes
 * from the profile or from the question, and the weights that are opinions stand in advice_weights.
 *
 * For each transport and version of HTTP in the profile, an hour of one user costs
 *
 *   polls       short: 3600 / I, I = the delay wanted less a round trip, 1 s at least
 *               long:  3600 / ((1 - e^(-m W)) / m + RTT), m messages a second, held W seconds
 *   pings       of those who poll: as many as an idle hour has, but no more than short polls. A
 * long poll ends with a ping's answer, so W is no more than the time between two bytes       (polls
 * + pings) x one poll + read x one delivery + said x one message said + what an idle hour costs
 * (ws, sse) + handshakes x one handshake; by direction and layer CPU         the same sum with the
 * server's CPU connections 1; a second one for POSTs over HTTP/1.1 while it is kept memory
 * connections x (server's + kernel's memory a connection) money       a month of it at the
 * question's prices, bytes down only
 *
 * One poll is an idle hour of polling divided by its requests; a delivery is what was measured for
 * one less the polls in it. */
#pragma once

#include "bench/result/measures.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct result;

#define ADVICE_WAYS_MAX 16

enum advice_network {
    ADVICE_OPEN,
    ADVICE_PROXIED, /* ws may not get through: weights */
    ADVICE_HOSTILE, /* only what the profile's matrix says works, or weights where it has none */
};

struct advice_prices {
    double core_month;  /* a core kept busy */
    double gib_memory;  /* a GiB for a month */
    double gib_traffic; /* a GiB out of the server */
    double million_requests;
    double radio_hour; /* with is_mobile: an hour that a phone's radio is on */
};

struct advice_question {
    double users;
    double read_per_min; /* messages that reach a user in a minute */
    double said_per_min; /* that a user says */
    double delay_s;      /* how late a message may be */
    double rtt_ms;       /* of the users' network */
    double margin;       /* a simpler way may cost so much more: 0.25 */
    bool is_mobile;
    enum advice_network network;
    struct advice_prices prices;
};

/* What one of each costs. */
struct advice_unit {
    double bytes[DIRECTIONS][LAYERS];
    double cpu_us;
};

/* A transport over a version of HTTP, as the profile has it. */
struct advice_way {
    const char *transport, *http; /* the profile's */
    bool polls, holds;            /* by requests; each held until there is something */
    bool has_second;              /* a connection of its own for POSTs */
    struct advice_unit poll, delivery, said, idle_hour, handshake;
    bool knows_handshake;
    double send_requests;
    double pings;        /* an hour */
    double memory_bytes; /* of a connection */
    double p50_ms, p99_ms;
    double keep_alive_s, wait_s, heartbeat_s;
    double reach; /* the share of networks that it gets through */
};

/* An hour of one user. */
struct advice_cost {
    struct advice_way way;
    double interval_s; /* short polling; else 0 */
    double polls, pings, requests, handshakes, connections, memory_bytes;
    double bytes[DIRECTIONS][LAYERS];
    double cpu_ms;
    double delay_ms, delay_worst_ms; /* half of the messages within; 99 of 100 within */
    double radio_s;                  /* that a phone's radio is on */
    double money_month;
    bool meets_delay, gets_through;
};

struct advice {
    struct advice_cost costs[ADVICE_WAYS_MAX];
    size_t count;
    const struct advice_cost *choice; /* NULL: nothing does what is asked for */
    const struct advice_cost *next;   /* the next best, NULL: none */
    const struct advice_cost *cheapest;
    bool has_matrix;
};

/* Opinions, stated: how many of 100 networks behind proxies each transport is taken to get through,
 * and what counts as getting through. Of 1.0. */
struct advice_weights {
    double proxied, hostile;
};
extern const struct advice_weights
    advice_weights[]; /* by enum chart_style: ws, sse, longpoll, poll */
#define ADVICE_REACH_WANTED 0.95
#define ADVICE_RADIO_TAIL_S 5.0 /* the radio stays on after each exchange */
#define ADVICE_HOURS_MONTH  730.0

/* The question with its defaults: an open network of 50 ms, prices of a common host. */
extern const struct advice_question advice_defaults;

/* 0; -ENODATA with a sentence in why when the profile has no way with what the model needs. The
 * profile must outlive ret_advice. */
int advice_make(const struct result *profile, const struct advice_question *question,
                struct advice *ret_advice, char *why, size_t why_size);

/* advice_unit.c: the ways of a profile. How many; at most ADVICE_WAYS_MAX. */
size_t advice_ways(const struct result *profile, const struct advice_question *question,
                   struct advice_way *ret_ways, bool *ret_has_matrix);

double advice_bytes(const struct advice_cost *cost, enum direction direction); /* of all layers */

/* All users at once. */
struct advice_scale {
    double connections, memory_bytes, cores, requests_per_s, handshakes_per_s;
    double up_bits_per_s, down_bits_per_s;
    double return_s; /* all come back within so many seconds, after a restart: */
    double return_handshakes_per_s, return_cores; /* 0 where a handshake's cost is not known */
    double money_month;
};
#define ADVICE_RETURN_S 300.0

void advice_scale(const struct advice_cost *cost, double users, struct advice_scale *ret_scale);

/* For programs: the choice, the next best, all ways, and the users at once. 0 or -EIO. */
int advice_write_json(const struct advice_question *question, const struct advice *advice,
                      FILE *out);

/* The choice with the figures that decide it, all ways beside it, and the users asked for and a
 * million of them. With explain: the formulas with their numbers. 0 or -EIO. */
int advice_show(const struct result *profile, const struct advice_question *question,
                const struct advice *advice, bool explain, unsigned flags, FILE *out);
