#include "server/web/answer.h"

#include "server/web/carrier.h"

#include <assert.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

static void
add(struct answer_head *head, const char *name, const char *value)
{
    if (value == NULL)
        return;
    assert(head->count < ANSWER_FIELDS_MAX);
    head->fields[head->count++] = (struct answer_field){.name = name, .value = value};
}

/* What lets a page read the answer, and what an answer to its preflight lets it send (the Fetch
 * standard's CORS protocol). */
static void
add_origin(struct answer_head *head, const struct answer *answer)
{
    if (answer->origin == NULL)
        return;
    add(head, "Access-Control-Allow-Origin", answer->origin);
    add(head, "Vary", "Origin");
    if (answer->status == 204 && answer->allow != NULL) {
        add(head, "Access-Control-Allow-Methods", answer->allow);
        add(head, "Access-Control-Allow-Headers", "Authorization, Content-Type, Last-Event-ID");
        add(head, "Access-Control-Max-Age", "7200");
    } else {
        add(head, "Access-Control-Expose-Headers", "Retry-After");
    }
}

static void
add_keeping(struct answer_head *head, const struct answer *answer)
{
    add(head, "Cache-Control", answer->flows ? "no-cache, no-transform" : "no-store");
    add(head, "X-Accel-Buffering", answer->flows ? "no" : NULL);
    add(head, "X-Content-Type-Options", "nosniff");
}

void
answer_make_head(struct answer_head *head, const struct answer *answer)
{
    head->count = 0;
    add(head, "Content-Type", answer->content_type);
    add(head, "Allow", answer->allow);
    add(head, "WWW-Authenticate", answer->status == 401 ? "Bearer" : NULL);
    if (answer->retry_after_s > 0) {
        snprintf(head->retry_after, sizeof(head->retry_after), "%" PRId64, answer->retry_after_s);
        add(head, "Retry-After", head->retry_after);
    }
    add_origin(head, answer);
    if (!answer->flows && answer->status != 204) {
        snprintf(head->content_length, sizeof(head->content_length), "%zu", answer->body_len);
        add(head, "Content-Length", head->content_length);
    }
    add_keeping(head, answer);
}
