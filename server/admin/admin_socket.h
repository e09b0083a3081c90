/* Where a running server hears its administrators: the socket "admin.sock" in its data directory,
 * for the user it runs as and for root. One order in, one answer out, and the connection ends.
 *
 *   {"deed":"user_ban","name":"ann"}
 *   {"said":"ann is banned\n1 session ended\n"}   or   {"error":{"code":TEXT,"message":TEXT}}
 *
 * Main thread only. */
#pragma once

#include <stddef.h>
#include <uv.h>

#define ADMIN_SOCKET_NAME "admin.sock"

struct admin_socket;
struct server;

/* Listens. The server's store must be open: that its log is ours says that a socket left behind is
 * nobody's. server, loop: borrowed until admin_socket_close. NULL with why filled. */
struct admin_socket *admin_socket_open(uv_loop_t *loop, const struct server *server,
                                       const char *data_dir, char *why, size_t why_size);
/* Deeds under way are done before this returns; the loop runs meanwhile. The server's appender must
 * still be there. NULL is fine. */
void admin_socket_close(struct admin_socket *self);
