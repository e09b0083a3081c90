/* A leg: one connection over one row, from its start to its end, and what it has to show for it. A
 * link has one that carries, and for a while another one that is on trial.
 *
 * It has proved itself when a nonce that it sent up came back down the same leg in time.
 *
 * A leg lives in its link and is used again for the next connection; life tells them apart. */
#pragma once

#include "client/link/link_ops.h"
#include "common/id.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct command;
struct link;

/* What is still needed before it can carry. */
enum leg_need {
    LEG_NEED_OPEN = 1 << 0,  /* the way can carry */
    LEG_NEED_HELLO = 1 << 1, /* the server has said where we stand */
};

struct leg {
    struct link *link;
    const struct link_ops *row; /* of the way, or of the last one */
    struct link_way *way;       /* NULL: none */
    struct way_listener listener;
    struct way_facts facts;
    unsigned life;  /* ways so far: whoever called out looks whether it is still the same */
    unsigned needs; /* of LEG_NEED_* */
    int64_t bye_ms; /* what the last bye said; -1: there was none */
    char bye_why[100];
    char nonce[ULID_SIZE]; /* of the last ping; "": none */
    bool is_asked;         /* it is out */
    int64_t pinged_us;
    int64_t deadline_ms;       /* that ping's, from when it was sent */
    int64_t began_ms, live_ms; /* monotonic: its start, and since when it can carry */
    bool is_proven;
    bool is_late;     /* it owes an answer that should have come */
    bool is_struck;   /* and has paid for it */
    bool is_kept;     /* that it works is remembered */
    uv_timer_t timer; /* a trial's opening; then the ping's deadline */
};

/* Starts a way over the row, from the link's position. 0, or -EIO with why filled. */
int leg_start(struct leg *leg, const struct link_ops *row, char *why, size_t why_size);
/* Ends its way politely, where it has one; nothing more is heard of it. */
void leg_stop(struct leg *leg);

/* 0; -EAGAIN: not now, it says open when it goes on; -EPIPE. */
int leg_send(struct leg *leg, const struct command *command);
int leg_send_ping(struct leg *leg, const char *nonce);
/* One of our own, as proof and for the round-trip time, unless one is out; link_leg_late is called
 * when its answer does not come in time. */
void leg_ping(struct leg *leg);
/* True when the nonce of a pong that came down this leg is that of its own ping. */
bool leg_answered(struct leg *leg, const char *nonce);
/* What a need that was met leaves: true when nothing is needed any more. */
bool leg_met(struct leg *leg, enum leg_need need);
