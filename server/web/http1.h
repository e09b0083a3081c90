/* HTTP/1.1 as bytes (RFC 9112). */
#pragma once

#include <stdbool.h>

#include <stddef.h>

struct answer;
struct buf;

/* Appends the status line, the fields and the body. ends_connection: says so. */
void http1_add_answer(struct buf *out, const struct answer *answer, bool ends_connection);

/* A body whose length is not known (RFC 9112 section 7.1): the head, a piece of at least a byte,
 * and the end. Where the peer takes no chunks, the end of the connection ends the body. */
void http1_add_head(struct buf *out, const struct answer *answer, bool chunked,
                    bool ends_connection);
void http1_add_chunk(struct buf *out, const void *bytes, size_t len);
void http1_add_last_chunk(struct buf *out);
