/* The way up for rows whose way down carries nothing: commands leave by POST /v1/send, what waits
 * together in one array, one POST at a time so that order holds. A POST that got no answer is
 * repeated as it was (the ids make that safe) a few times; then the way is at its end. */
#pragma once

#include "client/link/http.h"
#include "client/link/link_ops.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#define UPLINK_BATCH_MAX       100         /* commands of one POST, as the protocol bounds it */
#define UPLINK_BODY_MAX        (256 << 10) /* bytes of one POST; a server takes 1 MiB by default */
#define UPLINK_QUEUE_MAX       1000        /* commands that wait or are under way */
#define UPLINK_QUEUE_BYTES_MAX (1 << 20)

struct https;
struct proxy;
struct uplink;

struct uplink_listener {
    void *context;
    void (*line)(void *context, const char *json, size_t len); /* a receipt or an error, in order */
    void (*open)(void *context);                               /* after -EAGAIN: there is room */
    void (*sent)(void *context); /* a POST was answered, and its lines were told */
    /* The way cannot go on; once, and nothing after. */
    void (*ended)(void *context, enum way_end end, int status, int64_t retry_after_ms,
                  const char *why);
};

struct uplink_config {
    uv_loop_t *loop;
    struct https *https;
    const char *host, *token; /* outlive it */
    int port;
    enum http_wish http;
    const struct proxy *proxy; /* NULL: none */
    int64_t timeout_ms;        /* of one POST */
    int64_t repeat_ms;         /* before the first repeat; it doubles */
    struct uplink_listener listener;
};

/* Each of the callbacks may call uplink_destroy. */
struct uplink *uplink_create(const struct uplink_config *config);
/* 0; -EAGAIN: too much waits, open tells when to go on; -EPIPE: it has ended. */
int uplink_send(struct uplink *uplink, const char *json, size_t len);
/* Memory is released when the loop has let go of it. */
void uplink_destroy(struct uplink *uplink);
