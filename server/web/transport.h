/* A way down: what differs between ws, sse, longpoll and poll. A row a file; the deliver loop in
 * deliver.c is one for all, led by holds and stays. Rows frame bytes and see no library. */
#pragma once

#include "server/log/entry.h"

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct page_end;

struct transport_ops {
    const char *name;         /* "ws": as the client's --transport says it */
    const char *path;         /* "/v1/ws" */
    bool holds;               /* waits when there is nothing new */
    bool stays;               /* goes on after a delivery; else one delivery ends it */
    bool echoes;              /* its peer answers what idle adds, and is dead when it does not */
    enum dress dress;         /* how entries are framed */
    const char *content_type; /* of the answer that carries it; NULL: none does */
    /* What stands before the first event, or NULL. */
    void (*open)(struct buf *out);
    /* Frames a reader's own event (hello, gap, pong, receipt, error, bye); the JSON is given. id:
     * the reader's cursor, or NULL where the event moves nothing. */
    void (*frame)(struct buf *out, const char *json, size_t len, const char *id);
    /* What keeps an idle connection alive beside the pong, or NULL. */
    void (*idle)(struct buf *out);
    /* Ends the delivery: what stands after the last event, or NULL. */
    void (*finish)(struct buf *out, const struct page_end *end);
};

extern const struct transport_ops transport_ws;
extern const struct transport_ops transport_sse;
extern const struct transport_ops transport_longpoll;
extern const struct transport_ops transport_poll;
/* Every row, ended by NULL. */
extern const struct transport_ops *const transport_rows[];
