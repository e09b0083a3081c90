/* Inside the load: what its files share. Programs include bench/measure/load.h. */
#pragma once

#include "bench/measure/load.h"
#include "bench/measure/peer.h"

#include <pthread.h>
#include <stdatomic.h>

/* One connection. */
struct member {
    struct peer peer;
    size_t number;  /* its user is number % users */
    bool must_join; /* its room is not there by itself */
    bool is_ready;  /* it has its hello, and its room */
    uint64_t rseq;  /* of the last message; 0 before the first */
};

/* A thread with its connections. All but the atomics is its own while a run goes on; between runs,
 * when nothing is under way, the main thread clears and reads it. */
struct crew {
    struct load *load;
    const struct peer_way *way;
    pthread_t thread;
    bool has_started;
    int epoll_fd;
    int stop_fd;  /* an eventfd: readable when the thread is to end */
    int timer_fd; /* the writers' pace; -1 in a crew of readers */
    struct member *members;
    size_t count;
    size_t opened, opening; /* connections begun, and of these not ready yet */
    int64_t now_us;         /* when the current event was seen */
    atomic_size_t ready, gone;
    atomic_uint_fast64_t delivered, receipts;
    uint64_t holes, refused;
    struct histogram receipt, delivery, spread;
    char scratch[PEER_SCRATCH];
};

/* When line number N was meant to be said, and first seen by anybody. */
struct moment {
    atomic_int_fast64_t said_us, seen_us;
};

struct load {
    struct load_plan plan;
    struct sockaddr_in address;
    SSL_CTX *context;
    char **tokens; /* by user; NULL where nobody logs in */
    struct crew readers, writers;

    struct load_run run;
    int64_t began_us;
    uint64_t first;    /* the number of this run's first line */
    uint64_t capacity; /* moments; no more lines are said in this run */
    struct moment *moments;
    atomic_uint_fast64_t said; /* lines, since the load was made */
    atomic_bool is_saying;
};

/* load_login.c: a token for each user. 0, or -errno with a line on stderr. */
int load_login(struct load *load);
/* The user whose connection it is, counted from 0. */
size_t load_user_of(const struct load *load, size_t number);
void load_room_name(const struct load *load, size_t number, char *dst, size_t size);

/* load_crew.c */
void crew_init(struct crew *crew, struct load *load, const struct peer_way *way, size_t count);
int crew_start(struct crew *crew);
void crew_stop(struct crew *crew); /* ends the thread and closes its connections */

/* load_texts.c: what an event tells (a peer_text_fn; the context is the crew). */
void load_take_text(void *context, struct peer *peer, const char *text, size_t len);

/* load_pace.c: on the writers' thread. */
void load_pace_start(struct load *load); /* from the main thread */
void load_pace_tick(struct load *load);
void load_pace_receipt(struct load *load, struct member *member);

uint64_t load_delivered(const struct load *load);
size_t load_copies(const struct load *load); /* how many get each message */
