/* A worker: one thread with one libuv loop, its own lws context and listener, its own hub. Workers
 * share nothing but what struct server has and the window's entries. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct buf;
struct conn;
struct hub;
struct roster;
struct server;
struct uv_loop_s;
struct waits;
struct worker;

/* Created one after another on the main thread (libwebsockets registers process-wide indexes while
 * a context is made), then started. Takes the listening sockets. NULL when the certificate or the
 * rooms cannot be loaded (it is logged). */
struct worker *worker_create(const struct server *server, unsigned number, const int *listen_fds,
                             size_t listen_count);
int worker_start(struct worker *worker);
/* Stops taking connections, says bye to every reader with a delay of its own, and ends when all
 * are gone or grace_ms are over. From any thread. */
void worker_drain(struct worker *worker, int64_t grace_ms);
/* New handshakes get the certificate that is in the files now, which must have been checked. From
 * any thread. */
void worker_renew_certificate(struct worker *worker);
void worker_join(struct worker *worker);
void worker_destroy(struct worker *worker); /* NULL is fine; it was joined or never started */

/* Something for a worker's thread. Posted from any thread; read is called once, on the worker's
 * thread, in the order of posting, and owns the letter. */
struct letter {
    void (*read)(struct letter *letter, struct worker *worker);
    struct letter *next; /* the inbox's while it is in it */
};
void worker_post(struct worker *worker, struct letter *letter);
/* The same for many at once, such as the answers of a batch: none wakes the worker, rouse does when
 * all are there. Any thread. */
void worker_leave(struct worker *worker, struct letter *letter);
void worker_rouse(struct worker *worker);

/* The rest is for the worker's own thread. */

/* The worker does not end while it is held: somebody off its thread will post to it. */
void worker_hold(struct worker *worker);
void worker_release(struct worker *worker);
const struct server *worker_server(const struct worker *worker);
struct uv_loop_s *worker_loop(struct worker *worker);
struct hub *worker_hub(struct worker *worker);
struct roster *worker_roster(struct worker *worker);
struct waits *worker_waits(struct worker *worker);
/* The hub reads all that the window has, so that this worker knows what any worker has receipted.
 */
void worker_catch_up(struct worker *worker);
/* For the names of things in the log: no other worker gives the same. */
uint64_t worker_next_number(struct worker *worker);
/* Where a delivery is put together; anybody's for the length of one call. */
struct buf *worker_scratch(struct worker *worker);
/* conn_deliver is called for it before the loop sleeps again; unwake takes that back. */
void worker_wake(struct worker *worker, struct conn *conn);
void worker_unwake(struct worker *worker, struct conn *conn);
/* libwebsockets looks at its timers before the loop sleeps again. It does so by itself only after
 * its own callbacks. */
void worker_nudge(struct worker *worker);
