/* The SSE row (WHATWG HTML, section 9.2): one event stream, an event a block. */
#include "common/buf.h"
#include "server/web/transport.h"

#include <string.h>

#define PADDING  2048 /* what proxies and browsers gather before they hand on the first bytes */
#define RETRY_MS 2000

static void
add_opening(struct buf *out)
{
    char padding[PADDING];

    memset(padding, ' ', sizeof(padding));
    padding[0] = ':';
    padding[sizeof(padding) - 1] = '\n';
    buf_add(out, padding, sizeof(padding));
    buf_addf(out, "retry: %d\n\n", RETRY_MS);
}

static void
frame_block(struct buf *out, const char *json, size_t len, const char *id)
{
    if (id != NULL)
        buf_addf(out, "id: %s\n", id);
    buf_add_str(out, "data: ");
    buf_add(out, json, len);
    buf_add_str(out, "\n\n");
}

static void
add_comment(struct buf *out)
{
    buf_add_str(out, ":\n\n");
}

const struct transport_ops transport_sse = {
    .name = "sse",
    .path = "/v1/events",
    .holds = true,
    .stays = true,
    .dress = DRESS_SSE,
    .content_type = "text/event-stream",
    .open = add_opening,
    .frame = frame_block,
    .idle = add_comment,
};
