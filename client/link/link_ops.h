/* A way to the server: what differs between ws, sse, longpoll and poll on this side. A row a file.
 * Rows open, send, close and report; they decide nothing: resume, re-send and back-off are the
 * link's. */
#pragma once

#include "client/link/http.h"
#include "common/cursor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct https;
struct link_way;
struct meter;
struct proxy;
struct trust;
struct way_base;

/* How an opening or a connection ended. */
enum way_end {
    WAY_CLOSED,      /* by the peer or the network; why tells */
    WAY_UNREACHED,   /* no TCP connection, or the name was not found: no fault of this way */
    WAY_REFUSED,     /* by an HTTP status or a close code of the contract: status tells */
    WAY_FOREIGN,     /* by a 401 or 403 that is not the server's own word: something in between */
    WAY_CERTIFICATE, /* trust said no */
    WAY_WRONG_HTTP,  /* the server does not speak the HTTP that was wished for */
};

/* What a row says to its link. */
struct way_listener {
    void *context;
    void (*open)(void *context); /* what is sent now arrives; again when -EAGAIN is over */
    void (*line)(void *context, const char *json, size_t len); /* one event of the protocol */
    void (*heard)(void *context); /* a byte came that is no event (a ping) */
    void (*ended)(void *context, enum way_end end, int status, int64_t retry_after_ms,
                  const char *why); /* once; the row is dead after */
};

/* What a way goes over, in the words of each protocol; "" while it is not known. */
struct way_facts {
    char http[8];          /* "1.1" */
    char http_why[40];     /* "by ALPN", "asked for" */
    char tls[16];          /* "TLSv1.3" */
    int64_t held_since_ms; /* monotonic: since when the server holds a question; 0: it does not */
    int wait_s;            /* and for how long at most */
};

struct way_config {
    uv_loop_t *loop;
    struct way_base *base; /* what base_create gave */
    const char *host;
    int port;
    enum http_wish http;
    const struct proxy *proxy; /* NULL: none */
    const char *token;
    const struct cursor *after; /* NULL: the head */
    int64_t poll_interval_ms;   /* for rows that pace: between two questions */
    struct trust *trust;
    const struct way_listener *listener;
    struct way_facts *facts; /* filled when it has opened; NULL: of no interest */
    struct meter *meter;     /* counts what is beyond the base; NULL: nothing does */
};

struct link_ops {
    const char *name; /* "ws" */
    bool asks;        /* hears by questions: a pong comes down the next answer to any of them,
                         whichever way of the session asked */
    bool paces;       /* asks at intervals: silence between two questions is no fault */
    /* What all ways of one link share, such as a library's context; both NULL where a row needs
     * none. base_create: NULL with why filled when the library cannot start. base_destroy: all ways
     * are stopped; memory is released when the loop has let go of it, trust is not used any more.
     * https: whose connections are used where the row makes requests, and whose meter; it outlives
     * the base. Rows with the same base_create share one base. */
    struct way_base *(*base_create)(uv_loop_t *loop, struct trust *trust, struct https *https,
                                    char *why, size_t why_size);
    void (*base_destroy)(struct way_base *base);
    /* NULL when out of resources. The listener is not called before this returns; the strings and
     * after are borrowed for the call, the rest outlives the way. */
    struct link_way *(*start)(const struct way_config *config);
    /* One command as JSON. 0; -EAGAIN: not now, open tells when to try again; -EPIPE. Its answer
     * comes by line, as a receipt or an error event, in the order of the commands. */
    int (*send)(struct link_way *way, const char *json, size_t len);
    /* Ends it, politely where that is possible without waiting; the listener hears nothing more.
     * Not after ended. May be called from within the listener. Memory is released when the loop has
     * let go of it. */
    void (*stop)(struct link_way *way);
};

/* The rows there are; everything that lists them lists these. */
#define LINK_ROWS(ROW) ROW(ws) ROW(sse) ROW(longpoll) ROW(poll)

#define LINK_DECLARE_ROW(NAME) extern const struct link_ops link_##NAME;
LINK_ROWS(LINK_DECLARE_ROW)
#undef LINK_DECLARE_ROW

extern const struct link_ops *const link_rows[]; /* these, ended by NULL */

/* What can be wished for: "auto|ws|…". */
#define LINK_AUTO             "auto"
#define LINK_ROW_CHOICE(NAME) "|" #NAME
#define LINK_CHOICES          LINK_AUTO LINK_ROWS(LINK_ROW_CHOICE)
