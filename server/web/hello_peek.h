/* Accepted sockets wait here until it can be seen what their TLS offers to speak. Their bytes are
 * looked at and not taken, so whoever gets the socket finds it as it came. Worker's thread only. */
#pragma once

#include "server/web/client_hello.h"

#include <stddef.h>
#include <stdint.h>

#define HELLO_PEEK_MAX       (16 * 1024) /* bytes; a longer one is CLIENT_HELLO_OTHER */
#define HELLO_PEEK_WITHIN_MS 10000

struct hello_peek;
struct uv_loop_s;

/* decided: takes fd. CLIENT_HELLO_MORE: time is over. It is called on the loop, or before
 * hello_peek_take returns. */
struct hello_peek *hello_peek_create(struct uv_loop_s *loop,
                                     void (*decided)(void *context, int fd, const char *address,
                                                     enum client_hello hello),
                                     void *context);
/* Decides for all that wait; then frees itself in a later turn of the loop. NULL is fine. */
void hello_peek_close(struct hello_peek *peek);

void hello_peek_take(struct hello_peek *peek, int fd, const char *address);
void hello_peek_tick(struct hello_peek *peek, int64_t now_ms);
void hello_peek_cut(struct hello_peek *peek); /* time is over for all */
size_t hello_peek_count(const struct hello_peek *peek);
