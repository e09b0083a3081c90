/* What the files about HTTP/2 share: h2.c (all of a worker's connections), h2_connection.c (a
 * socket, its TLS and its times), h2_session.c (what nghttp2 calls), h2_stream.c (the carrier),
 * h2_ws.c (a stream that has become a WebSocket), h2_request.c (a request's head), h2_abuse.c (who
 * asks too much). Nobody else includes this. */
#pragma once

#include "common/buf.h"
#include "server/web/address.h"
#include "server/web/carrier.h"
#include "server/web/h2.h"

#include <nghttp2/nghttp2.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <uv.h>

struct exchange;
struct h2_connection;
struct h2_head;
struct h2_memory;
struct h2_ws;
struct refusal;

#define H2_RECORD_MAX        16384 /* of one TLS record, which is what one write carries */
#define H2_STREAMS_MAX       100   /* of a connection, at once */
#define H2_FIELDS_LEN_MAX    16384 /* of a head (RFC 9113 section 6.5.2); more is 431 */
#define H2_FIELDS_MAX        100   /* of a head */
#define H2_TABLE_SIZE        4096  /* HPACK's, of requests */
#define H2_ANSWERS_TABLE     1024  /* of answers, whose fields are few and always the same */
#define H2_CONTINUATIONS_MAX 7     /* of a head */

/* Why a peer may do a thing only so often. A row each in h2_abuse.c. */
enum h2_kind {
    H2_RESETS, /* streams that end by RST_STREAM, ours or its own */
    H2_PINGS,  /* and acknowledgements that nobody asked for */
    H2_SETTINGS,
    H2_EMPTY,     /* DATA frames without a byte and without an end */
    H2_WINDOWS,   /* window updates, against what was sent */
    H2_IDLE_TALK, /* priorities */
    H2_KIND_COUNT
};

/* One request and its answer. */
struct h2_stream {
    struct carrier carrier;
    struct h2_connection *connection;
    int32_t id;
    struct h2_head *head;      /* while it is read */
    struct exchange *exchange; /* NULL once ws is there */
    struct h2_ws *ws;          /* NULL: it is no WebSocket */
    int64_t began_ms;
    bool reading;     /* the request is not whole yet */
    bool discarding;  /* what still comes of its body is not wanted */
    size_t body_kept; /* of the exchange's body, as counted in the connection */
    size_t discarded; /* bytes */

    struct buf out;   /* of the answer's body, not sent yet */
    size_t out_sent;  /* of out, from its front */
    const char *lent; /* comes behind out, while it is written */
    size_t lent_len;
    bool answered;    /* head is on its way */
    bool whole;       /* nothing comes behind out */
    bool deferred;    /* nghttp2 waits to be told of more */
    bool choked;      /* write said -EAGAIN */
    bool over;        /* it was closed while it was written on; destroyed with the next flush */
    int64_t moved_ms; /* when out last got shorter, or was empty */
    TAILQ_ENTRY(h2_stream) in_streams;
};

TAILQ_HEAD(h2_streams, h2_stream);

enum h2_state {
    H2_HANDSHAKE, /* TLS is being set up */
    H2_OPEN,
    H2_LINGER, /* all was said; what still comes is thrown away so that the last words arrive */
    H2_DEAD,   /* closed; freed in a turn of its own */
};

struct h2_connection {
    struct h2 *h2;
    enum h2_state state;
    int64_t began_ms;  /* when this state began */
    int64_t active_ms; /* when its last stream ended */
    uint64_t number;   /* h17 in logs */
    int fd;
    char address[ADDRESS_SIZE];
    SSL *tls;
    nghttp2_session *session;
    uv_poll_t poll;
    bool wants_writable; /* what the poll is asked for */

    struct buf rest;                 /* what the socket did not take */
    bool dirty;                      /* stands in h2->dirty */
    bool blocked;                    /* the output buffer was full, nghttp2 has more */
    bool busy;                       /* inside of nghttp2, or of those that it calls */
    bool direct;                     /* inside of h2_connection_push */
    bool broken;                     /* a direct write failed */
    bool ended;                      /* by h2_session_end: nothing is read any more */
    bool settled;                    /* its first SETTINGS have come */
    bool head_open;                  /* a head has begun and has not ended, since head_began_ms */
    bool pinged;                     /* and nothing was heard since */
    bool told_going;                 /* a drain: it was told that no more streams will be taken */
    bool told_gone;                  /* and which was the last one */
    unsigned continuations;          /* of the head that is open */
    int32_t last_stream, last_reset; /* the highest that came, the highest that we reset; 0: none */
    int64_t head_began_ms, heard_ms, pinged_ms, told_going_ms, ended_ms;

    struct h2_streams streams;
    size_t stream_count;
    size_t kept; /* bytes of bodies and answers in memory */
    struct {
        int64_t left_milli, filled_ms;
    } credits[H2_KIND_COUNT];

    TAILQ_ENTRY(h2_connection) in_all, in_dirty;
};

TAILQ_HEAD(h2_connections, h2_connection);

struct h2 {
    struct worker *worker;
    SSL_CTX *tls;
    nghttp2_session_callbacks *callbacks;
    nghttp2_option *option;
    struct h2_memory *memory;
    struct h2_connections all, dirty;
    size_t count;   /* that are not dead */
    size_t handles; /* of libuv, which frees them in its own turns */
    bool draining, closed;
    char input[H2_RECORD_MAX];
    char output[H2_RECORD_MAX + 64];
    size_t output_len;
};

/* h2_connection.c */
struct h2_connection *h2_connection_create(struct h2 *h2, int fd, const char *address);
void
h2_connection_mark(struct h2_connection *connection); /* it is looked at before the loop sleeps */
void h2_connection_flush(struct h2_connection *connection);
/* The same at once, where that may be: nobody is called back, and nothing is freed. */
bool h2_connection_may_push(const struct h2_connection *connection);
void h2_connection_push(struct h2_connection *connection);
void h2_connection_tick(struct h2_connection *connection, int64_t now_ms);
void h2_connection_drain(struct h2_connection *connection);
void h2_connection_cut(struct h2_connection *connection);
void h2_connection_ponged(struct h2_connection *connection);

/* h2.c: libuv has let go of a connection's handle. */
void h2_handle_closed(struct h2 *h2);

/* h2_session.c */
void h2_session_prepare(struct h2 *h2); /* its callbacks and options */
void h2_session_open(struct h2_connection *connection);
/* Ends the connection with a GOAWAY of that code (RFC 9113 section 7) once what waits is out. */
void h2_session_end(struct h2_connection *connection, uint32_t code, const char *why);

/* h2_stream.c */
struct h2_stream *h2_stream_create(struct h2_connection *connection, int32_t id);
void h2_stream_destroy(struct h2_stream *stream); /* its exchange hears that the peer has gone */
void h2_stream_head(struct h2_stream *stream);    /* the head is whole */
/* How many of the bytes are dealt with; for the others nghttp2_session_consume_stream is called
 * later. */
size_t h2_stream_body(struct h2_stream *stream, const uint8_t *bytes, size_t len);
void h2_stream_end(struct h2_stream *stream); /* the request is whole */
void h2_stream_tick(struct h2_stream *stream, int64_t now_ms);
void h2_stream_reset(struct h2_stream *stream, uint32_t code);
/* For nghttp2's data source: how much may go now, and taking it; len is at most that. */
size_t h2_stream_waiting(const struct h2_stream *stream);
void h2_stream_take(struct h2_stream *stream, char *dst, size_t len);
/* The socket takes bytes again: whoever was told to wait goes on. */
void h2_stream_turn(struct h2_stream *stream);
/* As carrier_ops.write; end: nothing comes behind what was written. */
int h2_stream_write(struct h2_stream *stream, const void *bytes, size_t len);
int h2_stream_put(struct h2_stream *stream, const void *bytes, size_t len); /* never at once */
void h2_stream_finish(struct h2_stream *stream);
bool h2_stream_is_full(const struct h2_stream *stream); /* of what is to be sent */
/* Answers 200 to what becomes a WebSocket. subprotocol NULL: none is named. */
void h2_stream_accept(struct h2_stream *stream, const char *subprotocol);

/* h2_ws.c. Makes the stream a WebSocket (RFC 8441), or refuses. */
void h2_ws_open(struct h2_stream *stream, const struct h2_head *head);
void h2_ws_destroy(struct h2_ws *ws);                                     /* NULL is fine */
size_t h2_ws_receive(struct h2_ws *ws, const uint8_t *bytes, size_t len); /* as h2_stream_body */
void h2_ws_end(struct h2_ws *ws);      /* the peer has ended the stream */
void h2_ws_writable(struct h2_ws *ws); /* after a write that said -EAGAIN */
void h2_ws_turn(struct h2_ws *ws);     /* reads what it was too busy for */
void h2_ws_tick(struct h2_ws *ws, int64_t now_ms);

/* h2_request.c. value need not end in NUL. */
struct h2_head *h2_head_create(void);
void h2_head_destroy(struct h2_head *head); /* NULL is fine */
void h2_head_add(struct h2_head *head, const uint8_t *name, size_t name_len, const uint8_t *value,
                 size_t value_len);
size_t h2_head_len(const struct h2_head *head); /* as RFC 9113 section 6.5.2 counts */
/* Fills the exchange. 0, or -1 with the refusal. */
int h2_head_read(const struct h2_head *head, struct h2_stream *stream, struct refusal *refusal);
bool h2_head_too_large(const struct h2_head *head);
bool h2_head_is_connect(const struct h2_head *head);
int h2_head_check_ws(const struct h2_head *head, struct refusal *refusal); /* 0, or -1 */
bool h2_head_offers_subprotocol(const struct h2_head *head);

/* h2_memory.c. All that took memory by its hooks is gone when it is destroyed. */
struct h2_memory *h2_memory_create(void);
void h2_memory_destroy(struct h2_memory *memory);
nghttp2_mem *h2_memory_hooks(struct h2_memory *memory);

/* h2_abuse.c. Takes one of that kind: false when it was one too many. */
bool h2_may(struct h2_connection *connection, enum h2_kind kind);
void h2_earn(struct h2_connection *connection, enum h2_kind kind, unsigned count);
