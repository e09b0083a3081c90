/* The HTTP/2 of a tls_peer: each request as the text that HTTP/1.1 would have had for it. */
#pragma once

#include <openssl/ssl.h>
#include <stdatomic.h>

enum h2_after {
    H2_ENDS,    /* the answer is whole */
    H2_HOLDS,   /* the stream stays open behind the body */
    H2_HANGS,   /* no answer at all */
    H2_RESETS,  /* RST_STREAM behind the body, of which one more byte was promised */
    H2_REFUSES, /* RST_STREAM with REFUSED_STREAM and no answer: nothing was done */
    H2_GOES,    /* H2_HOLDS, and GOAWAY: no other request is taken on this connection */
    H2_CUTS,    /* the connection ends behind the body */
};

struct h2_answer {
    enum h2_after after;
    const char *status, *extra; /* "200 OK"; further header lines, each with its CRLF */
    char *body;                 /* on the heap: the peer frees it */
};

struct h2_peer {
    struct h2_answer (*answer)(void *context, const char *request);
    void *context;
    atomic_int resets; /* of the client's, so far */
};

/* For SSL_CTX_set_alpn_select_cb: h2 where it is offered. */
int h2_peer_select(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                   const unsigned char *in, unsigned in_len, void *context);
/* Whether the handshake agreed on it. */
int h2_peer_is_on(SSL *ssl);
/* Speaks with one client until it goes. In its own thread. */
void h2_peer_serve(struct h2_peer *peer, SSL *ssl);
