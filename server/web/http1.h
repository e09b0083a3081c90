/* HTTP/1.1 as bytes (RFC 9112). */
#pragma once

#include <stdbool.h>

struct answer;
struct buf;

/* Appends the status line, the fields and the body. ends_connection: says so. */
void http1_add_answer(struct buf *out, const struct answer *answer, bool ends_connection);
