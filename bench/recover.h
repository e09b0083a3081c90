/* How soon readers are back whose connections were cut. */
#pragma once

#include "bench/each.h"

/* One round on each's own servers, which have relays; adds to the rows. False: one came to nothing,
 * and a note says so. */
bool recover_round(struct each *each);
int64_t recover_guess_ms(const struct bench *bench);
