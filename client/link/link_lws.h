/* libwebsockets as a guest on a libuv loop, for the rows that use it. The only place that knows its
 * callbacks; rows see connections (wires) and what happens to them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct https;
struct trust;
struct way_base;
struct wire;

/* What a wire tells. After failed or closed it says nothing more and must not be used. */
struct wire_listener {
    void *context;
    void (*connected)(void *context); /* TCP; TLS and the upgrade are to come */
    void (*established)(void *context);
    void (*received)(void *context, const void *data, size_t len, bool is_first, bool is_last,
                     bool is_binary);
    void (*heard)(void *context);    /* a pong */
    void (*writable)(void *context); /* after wire_write said -EAGAIN */
    /* It never was established. status: what HTTP said, or 0. */
    void (*failed)(void *context, int status, int64_t retry_after_ms);
    /* It was. code: the peer's close code, or 0 when it just went. */
    void (*closed)(void *context, int code);
};

struct wire_config {
    const char *address;   /* numeric; or a name, where a proxy looks for it */
    const char *proxy;     /* "[user:password@]address:port" of an HTTP proxy, or NULL */
    const char *host;      /* what it is called, for TLS */
    const char *authority; /* the Host header */
    int port;
    const char *path;
    const char *token;
    const struct wire_listener *listener;
};

/* "TLSv1.3", of one that is established. */
const char *wire_tls_version(struct wire *wire);
struct way_base *lws_base_create(uv_loop_t *loop, struct trust *trust, struct https *https,
                                 char *why, size_t why_size);
void lws_base_destroy(struct way_base *base);

/* NULL when it failed at once. Everything in config is copied. The listener is not called before
 * this returns. */
struct wire *wire_open(struct way_base *base, const struct wire_config *config);
/* One text frame. 0; -EAGAIN: not now, writable tells when; -EPIPE. */
int wire_write(struct wire *wire, const char *data, size_t len);
/* Ends it; the listener hears nothing more. Where it was established a close frame with code is
 * sent. */
void wire_drop(struct wire *wire, int code);
