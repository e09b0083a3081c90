/* What a connection costs the server's machine in memory while nothing is said. */
#pragma once

#include "bench/each.h"

/* On each's own servers, while they are fresh; adds to the rows. False: one came to nothing, and a
 * note says so. */
bool hold_connections(struct each *each);
