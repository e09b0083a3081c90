/* One client over TLS, without blocking: connect, handshake, then events by one of the ways down.
 * It belongs to one thread and keeps nothing but what has come of a piece that is not whole. */
#pragma once

#include "common/buf.h"

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum peer_state {
    PEER_IDLE,  /* not connected yet */
    PEER_TLS,   /* the TCP connection and the TLS handshake are under way */
    PEER_ASKED, /* the first request is sent */
    PEER_OPEN,  /* the way has begun */
    PEER_GONE,
};

struct peer;

/* One event of the protocol, as JSON; it lives for the call. */
typedef void peer_text_fn(void *context, struct peer *peer, const char *text, size_t len);

/* A way down: what differs between ws, sse and long poll. A row a file. */
struct peer_way {
    const char *name;               /* in reports */
    const char *alpn;               /* what its handshake offers; NULL: nothing */
    void (*ask)(struct peer *peer); /* adds the first request to peer->out */
    /* Takes what is whole of bytes and adds what is to be answered to peer->out. How many bytes
     * that were; -EPIPE: it is over. */
    ssize_t (*take)(struct peer *peer, const char *bytes, size_t len, peer_text_fn *on_text,
                    void *context);
};

extern const struct peer_way peer_ws, peer_sse, peer_longpoll, peer_sse_http2;

struct peer {
    enum peer_state state;
    int fd; /* -1 unless it is connected */
    uint32_t interest;
    SSL *ssl;
    struct buf in;
    struct buf out;    /* what the socket did not take yet */
    const char *token; /* borrowed; NULL: no Authorization */
    const struct peer_way *way;
    struct buf stream; /* sse: what has come of a block of lines */
    char cursor[64];   /* longpoll: where the next request goes on */
};

#define PEER_SCRATCH 65536 /* bytes that peer_serve reads into */

/* Starts to connect and asks epoll_fd for its events (data.ptr: the peer). 0 or -errno. */
int peer_open(struct peer *peer, const struct peer_way *way, int epoll_fd, SSL_CTX *context,
              const struct sockaddr_in *address, const char *token);
void peer_close(struct peer *peer); /* PEER_GONE */

/* Does what an event allows. 0; or -EPIPE when the connection is over, and it is closed. */
int peer_serve(struct peer *peer, int epoll_fd, char scratch[PEER_SCRATCH], peer_text_fn *on_text,
               void *context);

/* Adds a command to what is to be written, on ws alone; peer_flush writes. */
void peer_say(struct peer *peer, const char *payload, size_t len);
int peer_flush(struct peer *peer, int epoll_fd); /* as peer_serve */
