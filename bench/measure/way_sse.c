/* The way down by an event stream. */
#include "bench/measure/peer.h"
#include "bench/measure/way_http.h"

#include <errno.h>
#include <string.h>

static void
ask(struct peer *peer)
{
    way_http_get(peer, "/v1/events");
}

/* Tells of every line of data that is whole. The bytes it is done with. */
static size_t
take_lines(struct peer *peer, const char *text, size_t len, peer_text_fn *on_text, void *context)
{
    static const char field[] = "data: ";
    const size_t field_len = sizeof(field) - 1;
    size_t used = 0;
    const char *end;

    while ((end = memchr(text + used, '\n', len - used)) != NULL) {
        const char *line = text + used;
        size_t line_len = (size_t)(end - line);

        used += line_len + 1;
        if (line_len > field_len && memcmp(line, field, field_len) == 0)
            on_text(context, peer, line + field_len, line_len - field_len);
    }
    return used;
}

/* A piece ends with a line as a rule; only what is over is copied. */
void
way_sse_piece(struct peer *peer, const char *data, size_t len, peer_text_fn *on_text, void *context)
{
    size_t used;

    if (peer->stream.len > 0) {
        buf_add(&peer->stream, data, len);
        used = take_lines(peer, peer->stream.data, peer->stream.len, on_text, context);
        buf_consume(&peer->stream, used);
        return;
    }
    used = take_lines(peer, data, len, on_text, context);
    if (used < len)
        buf_add(&peer->stream, data + used, len - used);
}

static ssize_t
take(struct peer *peer, const char *bytes, size_t len, peer_text_fn *on_text, void *context)
{
    size_t used = 0, chunk, data_len;
    const char *data;
    ssize_t length;

    if (peer->state == PEER_ASKED) {
        ssize_t head = way_http_head(bytes, len, &length);

        if (head <= 0)
            return head;
        peer->state = PEER_OPEN;
        used = (size_t)head;
    }
    while ((chunk = way_http_chunk(bytes + used, len - used, &data, &data_len)) > 0) {
        used += chunk;
        if (data_len == 0)
            return -EPIPE; /* the stream has ended */
        way_sse_piece(peer, data, data_len, on_text, context);
    }
    return (ssize_t)used;
}

const struct peer_way peer_sse = {.name = "sse", .ask = ask, .take = take};
