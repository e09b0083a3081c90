/* A store for tests that is a memory store until it is told to fail. */
#pragma once

#include "server/log/store.h"

extern const struct store_ops store_failing;

/* The next `count` appends fail with -error at their commit (after every item was judged); reads,
 * history and scans too while it lasts when `reads`. */
void store_failing_set(struct store *store, int error, unsigned count, bool reads);
