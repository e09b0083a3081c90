/* Requests over HTTPS to the server: what questions, streams, polls and commands have in common.
 * With HTTP/2 all that are under way share one connection. libcurl is known here and in curl_loop.c
 * alone. Everything on the caller's libuv loop; nothing is called from within libcurl, so each
 * callback may cancel any request. */
#pragma once

#include "client/link/http.h"
#include "client/link/meter.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct https; /* a pool of connections */
struct https_request;
struct proxy;
struct trust;
struct way_facts;

enum https_end {
    HTTPS_ANSWERED,
    HTTPS_FAILED,      /* no answer, or half of one: why tells */
    HTTPS_CERTIFICATE, /* trust said no, nothing was sent; its report tells */
};

/* Lives for the call. */
struct https_answer {
    enum https_end end;
    int status;             /* HTTP; 0: there was no head */
    int64_t retry_after_ms; /* 0: not said */
    char type[80];          /* the Content-Type, lower-case and without parameters; "" none */
    const char *body;       /* followed by a NUL that does not count */
    size_t len;
    bool is_unreached;  /* with HTTPS_FAILED: no TCP connection, or the name was not found */
    bool is_wrong_http; /* with HTTPS_FAILED: not the HTTP that was wished for; nothing was sent */
    const char *why;    /* unless answered: "refused", "no answer in 10 s" */
};

struct https_listener {
    void *context;
    /* NULL: the body is gathered and comes with done. Else each part of it as it comes (head and
     * part in answer), and done has none. */
    void (*data)(void *context, const struct https_answer *answer);
    void (*done)(void *context, const struct https_answer *answer); /* once, the last */
};

struct https_question {
    const char *host;
    int port;
    enum http_wish http;
    const struct proxy *proxy; /* outlives the request; NULL: none */
    bool connects_only;        /* opens a connection, TLS and all, and asks nothing */
    const char *path;          /* "/v1/rooms" */
    const char *token;         /* NULL or "": none */
    const char *accept;
    const char *body; /* JSON for a POST; NULL: a GET. Copied */
    size_t body_len;
    int64_t timeout_ms;      /* from start to end; 0: none, but for the connecting */
    struct way_facts *facts; /* outlives the request; or NULL */
    size_t answer_max;       /* bytes of a gathered body; a longer one is a failure */
    enum meter_event kind;   /* what it counts as */
};

/* connections: at most so many at once, what is more waits. NULL when libcurl cannot start. trust
 * outlives it; meter: NULL, or what counts them. */
struct https *https_create(uv_loop_t *loop, struct trust *trust, struct meter *meter,
                           long connections);
/* All requests have ended or are cancelled. Not from within a callback. Memory is released when the
 * loop has let go of it. */
void https_destroy(struct https *https);
struct meter *https_meter(const struct https *https); /* NULL: none; of NULL too */
/* From now on each request has a connection of its own, which ends with it: what is measured
 * without keep-alive. For HTTP/1.1. */
void https_forbid_reuse(struct https *https);
/* What is sent from now on goes over new connections: those there are have been silent for too
 * long, and over HTTP/2 a request that is given up leaves its connection to the next one. */
void https_renew(struct https *https);

/* The listener is copied and hears nothing before this returns. */
struct https_request *https_send(struct https *https, const struct https_question *question,
                                 const struct https_listener *listener);
/* Not after done; from within data it may be. With HTTP/2 the stream is reset and the connection
 * goes on, where it has other use. */
void https_cancel(struct https_request *request);
