/* What the same talk would have cost over each transport, beyond its JSON: an estimate, from what
 * an exchange costs and how many of them each transport needs. Pure.
 *
 * Taken for granted: IPv4 and TLS 1.3, lines one at a time (what comes in a burst shares requests
 * and segments, and costs less), and connections that are kept open. A connection's certificate is
 * the server's own, of about 400 bytes; a chain of an authority's costs some 2,500 more. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct whatif {
    uint64_t said, heard; /* messages that went up, and that came down */
    uint64_t reconnects;
    int64_t ms; /* how long it took */
    int64_t poll_interval_ms;
    int64_t heartbeat_ms;
    bool is_http2; /* the requests; a WebSocket has HTTP/1.1 */
};

struct whatif_row {
    const char *transport;
    uint64_t (*overhead)(const struct whatif *talk); /* bytes, both ways */
};

#define WHATIF_COUNT 4
extern const struct whatif_row whatif_rows[WHATIF_COUNT]; /* in the order of link_rows */
