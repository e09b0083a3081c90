/* Sockets that nobody reads: whether their peer has gone, and, for those that took no more, when
 * they take bytes again.
 *
 * libwebsockets (4.1.6) does not read a connection while it serves a request on it, so it never
 * hears of a peer that leaves; and where it is told to read, what the peer sends early wakes it for
 * ever (issues 2302 and 2455). So this has an epoll set of its own in the worker's loop, in which
 * each socket tells once and is then asked again. Worker's thread only. */
#pragma once

#include <stdbool.h>
#include <uv.h>

struct watch;

/* tell: of a socket that was added with its owner; it may add and remove. */
struct watch *watch_create(uv_loop_t *loop, void (*tell)(void *owner, bool gone, bool writable));
void watch_close(struct watch *watch); /* frees it in a later turn of the loop; NULL is fine */

/* From now on, once: the peer leaves (its FIN or a reset), or, where asked for, the socket takes
 * bytes. again: the socket is known already. A reset is told of whether asked for or not. */
struct watch_want {
    bool gone, writable;
};
int watch_add(struct watch *watch, int fd, void *owner, struct watch_want want, bool again);
void watch_remove(struct watch *watch, int fd);
