/* What a reader is told first: who it is, where it stands, which rooms it is in, what the limits
 * are. Opens ws and SSE, and is what GET /v1/hello answers. */
#pragma once

#include "common/cursor.h"
#include "common/event.h"

#include <jansson.h>

struct identity;
struct worker;

/* The hello of protocol.md as JSON; the caller owns the reference. */
json_t *hello_make(struct worker *worker, const struct identity *who, const struct cursor *cursor,
                   enum hello_result result);

/* Where a reader that stood at after begins, and what hello says of that. after NULL: it begins
 * now. */
struct opening {
    uint64_t position;
    enum hello_result result;
};
struct opening hello_opening(struct worker *worker, const struct cursor *after);

/* The log's newest position, as this worker has it. */
void hello_head(struct worker *worker, struct cursor *ret_cursor);
