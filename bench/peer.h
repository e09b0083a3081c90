/* One WebSocket client over TLS, without blocking: connect, handshake, upgrade, then messages. It
 * belongs to one thread and keeps nothing but what has come of a frame that is not whole. */
#pragma once

#include "bench/wire.h"
#include "common/buf.h"

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdint.h>

enum peer_state {
    PEER_IDLE,    /* not connected yet */
    PEER_TLS,     /* the TCP connection and the TLS handshake are under way */
    PEER_UPGRADE, /* GET /v1/ws is sent */
    PEER_OPEN,    /* frames in both directions */
    PEER_GONE,
};

struct peer {
    enum peer_state state;
    int fd; /* -1 unless it is connected */
    uint32_t interest;
    SSL *ssl;
    struct buf in;
    struct buf out;    /* what the socket did not take yet */
    const char *token; /* borrowed; NULL: no Authorization */
};

/* The payload lives for the call. Pings are answered before, closes end the peer after. */
typedef void peer_frame_fn(void *context, struct peer *peer, const struct wire_frame *frame,
                           const char *payload);

#define PEER_SCRATCH 65536 /* bytes that peer_serve reads into */

/* Starts to connect and asks epoll_fd for its events (data.ptr: the peer). 0 or -errno. */
int peer_open(struct peer *peer, int epoll_fd, SSL_CTX *context, const struct sockaddr_in *address,
              const char *token);
void peer_close(struct peer *peer); /* PEER_GONE */

/* Does what an event allows. 0; or -EPIPE when the connection is over, and it is closed. */
int peer_serve(struct peer *peer, int epoll_fd, char scratch[PEER_SCRATCH], peer_frame_fn *on_frame,
               void *context);

/* Adds a text message to what is to be written; peer_flush writes. */
void peer_say(struct peer *peer, const char *payload, size_t len);
int peer_flush(struct peer *peer, int epoll_fd); /* as peer_serve */
