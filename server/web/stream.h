/* Requests that become a reader: GET /v1/events and /v1/poll. Each has a conn over the carrier of
 * its exchange, which lives until the exchange's peer has gone or has its whole answer. */
#pragma once

struct buf;
struct conn;
struct cursor;
struct exchange;

/* Where the reader stood. Last-Event-ID goes before the URL's after, which is older: a browser's
 * EventSource comes back to the same URL. 0, with *ret_after NULL where neither was given; or -1
 * with 400 answered. */
int stream_read_after(struct exchange *exchange, struct cursor *cursor,
                      const struct cursor **ret_after);

void stream_serve_events(struct exchange *exchange);
void stream_serve_poll(struct exchange *exchange);

/* What the session's pings have waiting for this poll's reader. */
void stream_say_pongs(struct conn *poll);

/* A page's conn answers with the body, whole; the conn ends with that. */
void stream_answer(struct conn *conn, const struct buf *body);
/* The exchange is over: frees the conn. */
void stream_gone(struct conn *conn);
