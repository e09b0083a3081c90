/* The way in: a worker's listening sockets, and who gets what they accept: the HTTP/2 carrier where
 * the peer offers h2, libwebsockets where it does not. Nobody behind the door knows that there are
 * two. Worker's thread only, but for create. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct door;
struct worker;

/* On the main thread, one after another. Takes the listening sockets. NULL when the certificate
 * cannot be loaded (it is logged). */
struct door *door_create(struct worker *worker, const int *listen_fds, size_t listen_count);
/* Cuts what is left, and runs the loop until nothing of the door is on it. NULL is fine. */
void door_destroy(struct door *door);

void door_turn(struct door *door); /* before the loop sleeps: what was written leaves */
void door_tick(struct door *door, int64_t now_ms);
/* Takes no more connections; those that are there end with what they are about. */
void door_drain(struct door *door);
void door_cut(struct door *door);               /* all that are left */
size_t door_count(const struct door *door);     /* connections */
void door_nudge(struct door *door);             /* see worker_nudge */
void door_renew_certificate(struct door *door); /* new handshakes get the one in the files now */
