/* A worker's own listening sockets: accepts, and tells of each connection. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct listener;
struct option_list;
struct uv_loop_s;

/* Where a server listens. */
struct listen_plan {
    struct listen_address *addresses;
    size_t count;
    uint16_t port;
    char shown[80]; /* "localhost:8443": what people connect to */
};

/* Resolves what --bind says and sees that nobody else has the port, which a socket that shares it
 * with other workers would not notice. Port 0 becomes a free one. 0, or -errno with why filled. */
int listen_plan_make(struct listen_plan *plan, const struct option_list *bind, uint16_t port,
                     char *why, size_t why_size);
void listen_plan_fini(struct listen_plan *plan);

/* One socket an address, for one worker; they share the port with those of the others. fds has room
 * for plan->count. 0, or -errno with none open. */
int listen_plan_open(const struct listen_plan *plan, int *ret_fds);

/* Takes the sockets. accepted is called on the loop; it takes fd. */
struct listener *listener_create(struct uv_loop_s *loop, const int *fds, size_t count,
                                 void (*accepted)(void *context, int fd, const char *address),
                                 void *context);
/* Goes on after it had to stop for want of file descriptors. Called now and then. */
void listener_tick(struct listener *listener);
/* Takes no more connections; the sockets close on the loop. NULL is fine. */
void listener_close(struct listener *listener);
