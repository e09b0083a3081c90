/* Reading a request's head from libwebsockets. Inside web/. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct exchange;
struct lws;
struct peer;
struct refusal;

/* How the body comes. */
struct body_plan {
    uint64_t len;         /* as Content-Length says */
    bool comes;           /* the library will tell of its end, if only of 0 bytes */
    bool ends_connection; /* what follows the head cannot be told from a next request */
};

/* Fills exchange and plan from the head that wsi has read. 0, or -1 with the refusal: what is
 * malformed, too long or too large. */
int request_read(struct peer *peer, struct exchange *exchange, struct body_plan *plan,
                 struct refusal *refusal);
/* Whether the answer may come in chunks: HTTP/1.0 knows none (RFC 9112 section 7.1). */
bool request_takes_chunks(struct lws *wsi);
/* What a WebSocket's opening handshake must have (RFC 6455 section 4.2.1). 0, or -1 with the
 * refusal. */
int request_check_upgrade(struct lws *wsi, struct refusal *refusal);
