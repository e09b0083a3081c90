/* What carries bytes to one peer: a libwebsockets connection now, an HTTP/2 stream beside it later.
 * The rooms above write through this and do not know which. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct carrier;

/* An answer to one HTTP request. The carrier frames its head and adds what every answer has:
 * Content-Length or how else its end is told, Cache-Control. */
struct answer {
    unsigned status;
    const char *content_type; /* NULL: none */
    const char *allow;        /* with 405 and for OPTIONS; else NULL */
    const char *origin;       /* of a page that may read the answer; NULL: no page asked */
    int64_t retry_after_s;    /* 0: none */
    const void *body;         /* borrowed */
    size_t body_len;
    bool without_body; /* HEAD: the length is told, the body is not sent */
    bool flows; /* the body comes bit by bit, and nobody on the way may gather, change or keep it */
};

/* All are called on the worker's thread. None calls back before it returns. */
struct carrier_ops {
    /* Writes bytes that are framed already: in ws as they are, in HTTP as a piece of the body that
     * was begun. 0: the kernel or the library took all of it. -EAGAIN: it took all of it too, but
     * has not sent it; write no more before writable is called, which it will be. -EPIPE: the peer
     * is gone; the carrier will be closed. */
    int (*write)(struct carrier *carrier, const void *bytes, size_t len);
    /* Answers the request; once an exchange. */
    void (*answer)(struct carrier *carrier, const struct answer *answer);
    /* Begins an answer whose length is not known: the head, which leaves with the first piece of
     * the body or before the loop sleeps. In place of answer. */
    void (*begin)(struct carrier *carrier, const struct answer *head);
    /* Stops and goes on with reading from the peer. */
    void (*pause)(struct carrier *carrier, bool paused);
    /* Ends it after what was written is out: in ws with this close code and reason (RFC 6455
     * section 7.4), in HTTP by ending the answer. Code 0 cuts it, nothing more is sent. The owner
     * hears of the end by its closed call. */
    void (*close)(struct carrier *carrier, unsigned code, const char *reason);
};

struct carrier {
    const struct carrier_ops *ops;
};
