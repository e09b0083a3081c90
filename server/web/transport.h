/* A way down: what differs between ws, sse, longpoll and poll. A row a file; the deliver loop in
 * conn.c is one for all. Rows see conns, bytes and entries, never a library. */
#pragma once

#include "server/log/entry.h"

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct conn;

struct transport_ops {
    const char *name; /* "ws": as the client's --transport says it */
    const char *path; /* "/v1/ws" */
    bool holds;       /* waits when there is nothing new */
    bool stays;       /* goes on after a delivery */
    enum dress dress; /* how entries are framed */
    /* Frames a reader's own event (hello, gap, pong, receipt, error, bye); the JSON is given. */
    void (*frame)(struct conn *conn, struct buf *out, const char *json, size_t len);
    /* What keeps an idle connection alive beside the pong, or NULL. */
    void (*idle)(struct conn *conn, struct buf *out);
    /* Ends the delivery: what stands after the last event, or NULL. */
    void (*finish)(struct conn *conn, struct buf *out);
};

extern const struct transport_ops transport_ws;
/* Every row, ended by NULL. */
extern const struct transport_ops *const transport_rows[];
