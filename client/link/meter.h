/* What a link costs and how quick it is: one meter a link, shared by all its ways, its uplink and
 * its questions.
 *
 * Bytes are told apart by layer; each layer counts what it adds to those within:
 *
 *   tcpip    IP and TCP headers: the segments that the kernel counted (TCP_INFO) by the size of
 *            their headers, those that open and close a connection too; and what was sent again
 *   tls      record heads, tags, handshakes: what TCP carried (TCP_INFO) less the plain text in it
 *   framing  heads of WebSocket frames, of HTTP requests and answers, HTTP/2 frames, the lines of
 * an event stream, what stands around the events of a poll, what a proxy is asked before TLS,
 * commands that a POST had to repeat: the plain text less what follows json     the JSON of events
 * and commands, and the bodies of questions and their answers, without the text of messages text
 * the text of messages, of those said and of those that came down live or by a resume; what a text
 * is longer in JSON for its escapes counts as json
 *
 * The sum of all layers is what a packet capture shows, but for the frames of Ethernet and for
 * connections that never came about. Names are not resolved by the link, so DNS is not in it. Plain
 * text is counted by the heads of TLS records: exactly, but for cipher suites of TLS 1.2 without
 * AEAD, where it is known to a block.
 *
 * Not thread-safe: a meter belongs to its link's loop. */
#pragma once

#include "common/histogram.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum meter_layer {
    METER_TCPIP,
    METER_TLS,
    METER_FRAMING,
    METER_JSON,
    METER_TEXT,
    METER_LAYERS,
};

enum meter_way { METER_UP, METER_DOWN, METER_DIRECTIONS };

struct meter_flow {
    uint64_t bytes[METER_LAYERS];
    uint64_t messages; /* up: commands that say something; down: messages, repeats too */
};

uint64_t meter_wire(const struct meter_flow *flow);    /* all layers */
uint64_t meter_payload(const struct meter_flow *flow); /* JSON and text alone */

struct meter_counts {
    struct meter_flow flow[METER_DIRECTIONS];
    uint64_t requests;      /* over HTTP, an upgrade to WebSocket too. Of which: */
    uint64_t posts, polls;  /* commands that went up, and questions for news */
    uint64_t empty_answers; /* polls that brought no event */
    uint64_t connections;   /* of TCP that came about */
    uint64_t handshakes;    /* of TLS, in full */
    uint64_t resumptions;   /* of TLS, shortened by a ticket */
    uint64_t reconnects, gaps;
    uint64_t recovered; /* events that resumes brought */
    uint64_t repeats;   /* events that came twice and were dropped */
};

/* The newest minute: the greatest time of each three seconds. */
#define METER_BARS   20
#define METER_BAR_MS 3000

struct meter_bar {
    int64_t max_us; /* -1: nothing was measured */
    bool failed;    /* there was no connection, for a part of it at least */
};

struct meter_trail {
    int64_t newest; /* monotonic time / METER_BAR_MS */
    struct meter_bar bars[METER_BARS];
};

struct meter_times {
    int64_t since_ms;           /* monotonic; when counting began */
    struct histogram receipt;   /* from a command's first sending to its receipt */
    struct histogram lag;       /* from the server's stamp on a message to here, live ones alone */
    int64_t receipt_us, lag_us; /* the last one; -1: none yet */
    struct meter_trail receipt_trail, lag_trail;
    /* How far the server's clock may be from what lag takes it to be: half of the best round trip
     * that had a stamp in it. -1: there was none yet, and the clocks are taken to agree. */
    int64_t clock_error_us;
};

struct meter;

struct meter *meter_create(void);
struct meter *meter_ref(struct meter *meter); /* gives meter; NULL too */
void meter_unref(struct meter *meter);

/* What stands between us and the server is asked for a tunnel, before TLS. */
void meter_tunnelled(struct meter *meter);

void meter_read(struct meter *meter, struct meter_counts *ret_counts);
const struct meter_times *meter_times(struct meter *meter);
/* The bars of the minute before now_ms, oldest first. */
void meter_trail_read(const struct meter_trail *trail, int64_t now_ms,
                      struct meter_bar ret_bars[METER_BARS]);

/* What follows is for who counts. meter NULL: nothing is counted. */
enum meter_event {
    METER_REQUEST, /* of no particular kind */
    METER_POST,    /* a request, of course */
    METER_POLL,    /* likewise */
    METER_EMPTY,
    METER_HANDSHAKE,
    METER_RESUMPTION,
    METER_RECONNECT,
    METER_GAP,
    METER_RECOVERED,
    METER_REPEAT,
};
void meter_count(struct meter *meter, enum meter_event event);
void meter_json(struct meter *meter, enum meter_way way, size_t len);
/* A message, in JSON that was counted: so much of it is text. */
void meter_text(struct meter *meter, enum meter_way way, size_t len);
/* A TLS record of so many bytes, its head too, and the plain text in it. */
void meter_record(struct meter *meter, enum meter_way way, size_t len, size_t plain_len);

/* A TCP connection, from its socket on; the second right before that is closed. */
void meter_socket(struct meter *meter, int fd);
void meter_socket_gone(struct meter *meter, int fd);

/* A command was receipted that was sent at sent_us (monotonic) first. */
void meter_receipt(struct meter *meter, int64_t sent_us);
/* Nothing gets through from now on, and again. */
void meter_lost(struct meter *meter);
void meter_back(struct meter *meter);
/* A message came down as it was said, stamped at_ms by the server. sent_us: when it was sent, where
 * it is our own and that is known; else 0. */
void meter_lag(struct meter *meter, int64_t at_ms, int64_t sent_us);
