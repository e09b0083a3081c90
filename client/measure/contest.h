/* A contest: the same lines over each transport in turn, by links of their own, and a table of what
 * each took. All of them are the user whose session is lent, in a room of their own, so that
 * nothing is counted but what the transports do. On the caller's libuv loop. */
#pragma once

#include "client/link/link.h"

#include <stddef.h>

#define CONTEST_MESSAGES_MAX 200

struct contest;

struct contest_listener {
    void *context;
    /* A transport is about to be measured. */
    void (*next)(void *context, const char *transport);
    /* table: lines of text for people, of 76 columns at most. The contest is gone when this
     * returns. */
    void (*done)(void *context, const char *table);
};

/* config: where, and whom to believe; its transport is not looked at. lender: a link with a
 * session. room: "#compare-ann". NULL with why filled: there is no session, or no place to work. */
struct contest *contest_start(uv_loop_t *loop, const struct link_config *config,
                              const struct link *lender, const char *room, unsigned messages,
                              const struct contest_listener *listener, char *why, size_t why_size);
/* Ends it early; done tells what there is. */
void contest_cancel(struct contest *contest);
/* Ends it at once, before its loop does: nothing is told. */
void contest_mute(struct contest *contest);
