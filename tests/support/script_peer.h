/* What a TLS peer (tls_peer.h) says when it plays a script: HTTP/1.1 or HTTP/2, one script a
 * program. */
#pragma once

#include "tests/support/h2_peer.h"

#include <openssl/ssl.h>
#include <stdbool.h>

#define JSON   "Content-Type: application/json\r\n"
#define STREAM "Content-Type: text/event-stream\r\n"

/* One answer of the peer's: to the first request that begins with `to`, or for ever. */
struct act {
    const char *to, *status, *extra, *body;
    int times;           /* 0: for ever */
    bool cuts;           /* promises a byte more than it sends, and is gone */
    bool holds;          /* an event stream: stays open after body */
    bool hangs;          /* says nothing at all */
    enum h2_after after; /* with HTTP/2, where it is none of these */
};

void script_peer_serve(SSL *ssl, int fd, void *context); /* for tls_peer_config */

/* body NULL: the receipts for what a POST says. */
void script_peer_add(struct act act);
void script_peer_forget(void); /* the script, and what was asked */

/* All requests so far, a line each: its first one, a blank and its body. */
const char *script_peer_requests(void);
bool script_peer_was_asked(const char *request);
int script_peer_count(const char *text, const char *part); /* how often part is in text */

int script_peer_resets(void); /* of streams, by the other end */
int script_peer_h2_connections(void);
