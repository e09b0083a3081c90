/* Who is connected to one worker, by session, and whose turn it is to give a sign of life. One list
 * in order of time stands for a timer a connection. Worker's thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conn;
struct roster;
struct worker;

struct roster *roster_create(int64_t heartbeat_ms);
void roster_destroy(struct roster *roster); /* no conn may be left */

/* From conn_init to conn_fini. A conn that has its session is told of again. */
void roster_add(struct roster *roster, struct conn *conn);
void roster_seat(struct roster *roster, struct conn *conn);
void roster_remove(struct roster *roster, struct conn *conn);
size_t roster_count(const struct roster *roster);

/* Beats every conn that is due, and closes those that did not say who they are in time. */
void roster_tick(struct roster *roster, int64_t now_ms);

/* each may close its conn, which leaves the roster later, not within the call. */
void roster_each(struct roster *roster, void (*each)(void *context, struct conn *conn),
                 void *context);
void roster_each_of(struct roster *roster, uint64_t session_number,
                    void (*each)(void *context, struct conn *conn), void *context);

/* A pong to every reader of the session, here and on all other workers, but not to the one that
 * has it already. Where no poll is held for it, it waits for the session's next one
 * (server/chat/pongs.h). */
void roster_spread_pong(struct worker *worker, const struct conn *except, uint64_t session_number,
                        const char *nonce);
/* The session has ended: every connection of it, on every worker, is closed. Any thread. */
void roster_spread_end(struct worker *const *workers, size_t worker_count, uint64_t session_number);
