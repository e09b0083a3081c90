/* Why a WebSocket did not open, where lws does not tell: the same is tried again in another way,
 * and its outcome is the reason. */
#pragma once

#include "client/link/link_ops.h"

#include <stdint.h>
#include <uv.h>

struct inquest;
struct meter;
struct sockaddr;

struct inquest_config {
    uv_loop_t *loop;
    struct trust *trust;
    struct meter *meter;
    const char *host, *token; /* these and proxy outlive it */
    int port;
    const struct proxy *proxy; /* NULL: none */
    void *context;
    /* Once, and the inquest is gone. As in way_listener. */
    void (*done)(void *context, enum way_end end, int status, int64_t retry_after_ms,
                 const char *why);
};

/* All: 0, or -errno and nothing was begun. done is not called before they return. */
/* An address did not connect: what does the kernel say? */
int inquest_connect(const struct inquest_config *config, const struct sockaddr *address,
                    struct inquest **ret_inquest);
/* Nothing came through the proxy: what does it say, and what does TLS? */
int inquest_tunnel(const struct inquest_config *config, struct inquest **ret_inquest);
/* The upgrade was answered with this 401 or 403, and lws does not show its body: a question over
 * HTTPS tells whether the server itself refuses the token. */
int inquest_denial(const struct inquest_config *config, int status, struct inquest **ret_inquest);

/* done is not called any more. Memory is released when the loop has let go of it. */
void inquest_cancel(struct inquest *inquest);
