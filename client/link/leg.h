/* A leg: one connection over one row, from its start to its end, and what it has to show for it. A
 * link has one that carries, and for a while another one that is tried.
 *
 * A leg lives in its link and is used again for the next connection; life tells them apart. */
#pragma once

#include "client/link/link_ops.h"
#include "common/id.h"

#include <stdbool.h>
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
    unsigned life;  /* ways so far: whoever called out looks whether it is still the same */
    unsigned needs; /* of LEG_NEED_* */
    int64_t bye_ms; /* what the last bye said; -1: there was none */
    char bye_why[100];
    char nonce[ULID_SIZE]; /* of the ping that is out; "": none */
    int64_t pinged_us;
};

/* Starts a way over the row, from the link's position. 0, or -EIO with the link's why said. */
int leg_start(struct leg *leg, const struct link_ops *row);
/* Ends its way politely, where it has one; nothing more is heard of it. */
void leg_stop(struct leg *leg);

/* 0; -EAGAIN: not now, it says open when it goes on; -EPIPE. */
int leg_send(struct leg *leg, const struct command *command);
int leg_send_ping(struct leg *leg, const char *nonce);
/* One of our own, for the round-trip time. */
void leg_ping(struct leg *leg);
