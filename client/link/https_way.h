/* What sse, longpoll and poll have in common: one request down at a time, an uplink, a timer, and
 * an end. A row's struct link_way begins with one of these. */
#pragma once

#include "client/link/https.h"
#include "client/link/link_ops.h"
#include "client/link/url.h"

#include <stdbool.h>

struct uplink;

struct https_way {
    struct way_config config; /* its strings are the copies below; after is not kept */
    struct way_listener listener;
    char host[URL_HOST_MAX + 1];
    char *token;
    struct uplink *uplink;
    struct https_request *down; /* NULL: none */
    uv_timer_t timer;           /* the row's, for what it likes */
    bool is_over;               /* stopped, or ended was told */

    void (*sent)(struct https_way *way); /* commands were answered; or NULL */
    void (*release)(struct https_way *way);
};

struct way_base *https_base_create(uv_loop_t *loop, struct trust *trust, struct https *https,
                                   char *why, size_t why_size);
void https_base_destroy(struct way_base *base);

/* way is zeroed memory. release is called when the loop has let go of it, and frees what begins
 * with it. sent may be set after. */
void https_way_init(struct https_way *way, const struct way_config *config,
                    void (*release)(struct https_way *way));

/* A GET with the session's token; kind: what it counts as. timeout_ms 0: none. data as in
 * https_listener. The context is way; done must clear way->down before anything else. */
void https_way_get(struct https_way *way, enum meter_event kind, const char *path,
                   const char *accept, int64_t timeout_ms,
                   void (*data)(void *context, const struct https_answer *answer),
                   void (*done)(void *context, const struct https_answer *answer));

/* Tells the listener how it ended and lets go of everything. */
void https_way_end(struct https_way *way, enum way_end end, int status, int64_t retry_after_ms,
                   const char *why);
/* How a way ends whose request had no answer (HTTPS_FAILED). */
enum way_end https_way_failed(const struct https_answer *answer);
/* An answer that is not 200, as a refusal; what: "the event stream". The server's own sentence is
 * told where the body has one. */
void https_way_refused(struct https_way *way, const struct https_answer *answer, const char *what);

/* link_ops.send and stop. */
int https_way_send(struct https_way *way, const char *json, size_t len);
void https_way_stop(struct https_way *way);
