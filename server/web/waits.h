/* Who waits until when: buckets of a second, so that the cost of a wait does not grow with the
 * number of those who wait. Worker's thread only. */
#pragma once

#include <stdint.h>

#define WAIT_MAX_MS (60 * 1000)

struct conn;
struct waits;

struct waits *waits_create(int64_t now_ms);
void waits_destroy(struct waits *waits); /* nobody waits */

/* Times up at until_ms, WAIT_MAX_MS from the last tick at most, rounded up to a second. The conn
 * does not wait yet. */
void waits_add(struct waits *waits, struct conn *conn, int64_t until_ms);
void waits_remove(struct waits *waits, struct conn *conn); /* fine where it does not wait */

/* Calls up for each conn whose time is up, and which then no longer waits. up may remove it and
 * others. */
void waits_tick(struct waits *waits, int64_t now_ms, void (*up)(struct conn *conn));
