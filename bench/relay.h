/* A network in between: connections to it go on to a server, later by a set time each way, and all
 * of them can be cut at once. It sees bytes, not what they mean. On the caller's libuv loop. */
#pragma once

#include <stdint.h>
#include <uv.h>

struct relay;

/* To a server on 127.0.0.1. NULL with a line on stderr. */
struct relay *relay_create(uv_loop_t *loop, int server_port);
/* Cuts everything; memory is released when the loop has let go of it. NULL is fine. */
void relay_destroy(struct relay *relay);

int relay_port(const struct relay *relay); /* on 127.0.0.1 */
/* Each way, for what comes from now on; half of the round-trip time. */
void relay_set_delay(struct relay *relay, int64_t delay_ms);
/* Every connection ends with a RST, at both ends. New ones are taken. */
void relay_cut(struct relay *relay);
