/* Asking over HTTPS: login, logout, history and the like. One question, one answer, many under way;
 * everything on the caller's libuv loop. */
#pragma once

#include "client/link/http.h"

#include <stddef.h>
#include <stdint.h>

#define ASK_ANSWER_MAX 8388608 /* bytes of a body; a longer one is a failure */

struct ask;
struct ask_request;
struct https;
struct proxy;
struct url;

enum ask_end {
    ASK_ANSWERED,    /* status and body are set */
    ASK_FAILED,      /* no answer: why tells */
    ASK_CERTIFICATE, /* trust said no, nothing was sent; its report tells */
    ASK_WRONG_HTTP,  /* not the HTTP that was wished for, nothing was sent: why tells */
    ASK_DROPPED,     /* ask_ops.destroy came first: only release context */
};

/* Lives for the call. */
struct ask_answer {
    enum ask_end end;
    int status;             /* HTTP */
    int64_t retry_after_ms; /* 0: not said */
    const char *body;       /* followed by a NUL that does not count */
    size_t len;
    const char *why; /* "refused", "no answer in 10 s" */
};

typedef void (*ask_done)(void *context, const struct ask_answer *answer);

struct ask_question {
    const char *path;  /* "/v1/rooms" */
    const char *token; /* NULL or "": none */
    const char *body;  /* JSON for a POST; NULL: a GET. Copied */
    int64_t timeout_ms;
};

/* What the link knows of asking; a test brings its own. */
struct ask_ops {
    /* url, proxy (NULL: none) and https outlive it. */
    struct ask *(*create)(struct https *https, const struct url *url, const struct proxy *proxy,
                          enum http_wish http);
    /* done is called once, and never before this returns; not at all after cancel. */
    struct ask_request *(*send)(struct ask *ask, const struct ask_question *question, ask_done done,
                                void *context);
    void (*cancel)(struct ask_request *request);
    /* Drops what is under way (ASK_DROPPED). Not from within done. */
    void (*destroy)(struct ask *ask);
};

extern const struct ask_ops ask_https; /* by libcurl */
