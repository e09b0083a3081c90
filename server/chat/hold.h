/* What keeps the commands of one connection in order when one is refused for the rate.
 *
 * The bucket fills all the time, and others of the same user draw from it too: a command that was
 * sent behind a refused one could find a token and overtake it. So, from the refusal on, what
 * follows is refused too, until the refused command comes again, or for HOLD_MS (or the time that
 * its refusal told, where that is longer). Who does not send it again thus waits no longer than
 * that, and the bucket fills meanwhile. */
#pragma once

#include "common/id.h"
#include "common/refusal.h"

#include <stdint.h>

#define HOLD_MS 2000

/* All zero: nothing is held. */
struct hold {
    char id[ID_SIZE]; /* whose coming ends it; "" when nothing is held */
    int64_t retry_at_ms;
    int64_t until_ms;
};

/* 0 when a command of this id may be looked at; -1 with rate_limited, and how long to wait until
 * the first refused one may come again. */
int hold_check(struct hold *hold, const char *id, int64_t now_ms, struct refusal *ret_refusal);
/* This id was refused for the rate. */
void hold_begin(struct hold *hold, const char *id, int64_t retry_after_ms, int64_t now_ms);
