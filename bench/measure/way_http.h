/* What the ways over HTTP share. Over HTTP/1.1: requests, and as little of answers (RFC 9112) as a
 * load generator needs that knows the server it talks to. */
#pragma once

#include "bench/measure/peer.h"

#include <stddef.h>
#include <sys/types.h>

/* Adds a GET with the peer's token to what is to be written. */
void way_http_get(struct peer *peer, const char *path);

/* The head at the front of bytes: its length, 0 while it is not whole, -EPIPE when the status is
 * not 200. ret_length: of the body; -1 where it comes in chunks. */
ssize_t way_http_head(const char *bytes, size_t len, ssize_t *ret_length);

/* The chunk at the front of bytes: its whole length, 0 while it is not whole; its data by
 * ret_data and ret_len, which is 0 for the last one. */
size_t way_http_chunk(const char *bytes, size_t len, const char **ret_data, size_t *ret_len);

/* A piece of an event stream, whatever carried it: tells of each event that is whole by then. */
void way_sse_piece(struct peer *peer, const char *data, size_t len, peer_text_fn *on_text,
                   void *context);
