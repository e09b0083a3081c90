/* The way down by an event stream over HTTP/2 (RFC 9113): one stream, as little of frames as a load
 * generator needs that knows the server it talks to. Fields go out as literals and are not
 * unpacked; the windows are so large that they are never given back. */
#include "bench/measure/peer.h"
#include "bench/measure/way_http.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define FRAME_HEAD 9
#define STREAM     1
#define WINDOW_MAX 0x7fffffffu
#define WINDOW     65535u /* of a connection that begins */

enum frame_type {
    FRAME_DATA = 0x0,
    FRAME_HEADERS = 0x1,
    FRAME_RST_STREAM = 0x3,
    FRAME_SETTINGS = 0x4,
    FRAME_PING = 0x6,
    FRAME_GOAWAY = 0x7,
    FRAME_WINDOW_UPDATE = 0x8,
};

enum { ACK = 0x1, END_STREAM = 0x1, END_HEADERS = 0x4, SETTINGS_INITIAL_WINDOW = 0x4 };

static void
add_number(struct buf *out, uint32_t number, unsigned len)
{
    while (len-- > 0)
        buf_add_byte(out, (char)(number >> 8 * len));
}

static void
add_head(struct buf *out, enum frame_type type, unsigned flags, uint32_t stream, size_t len)
{
    add_number(out, (uint32_t)len, 3);
    buf_add_byte(out, (char)type);
    buf_add_byte(out, (char)flags);
    add_number(out, stream, 4);
}

/* A literal that is not indexed (RFC 7541 section 6.2.2), of less than 127 bytes each. */
static void
add_field(struct buf *out, const char *name, const char *value)
{
    buf_add_byte(out, 0);
    buf_add_byte(out, (char)strlen(name));
    buf_add_str(out, name);
    buf_add_byte(out, (char)strlen(value));
    buf_add_str(out, value);
}

static void
add_request(struct buf *out, const char *token)
{
    struct buf fields = BUF_INIT, bearer = BUF_INIT;

    buf_addf(&bearer, "Bearer %s", token == NULL ? "" : token);
    add_field(&fields, ":method", "GET");
    add_field(&fields, ":scheme", "https");
    add_field(&fields, ":path", "/v1/events");
    add_field(&fields, ":authority", "localhost");
    add_field(&fields, "authorization", buf_text(&bearer));
    add_head(out, FRAME_HEADERS, END_STREAM | END_HEADERS, STREAM, fields.len);
    buf_add(out, fields.data, fields.len);
    buf_fini(&bearer);
    buf_fini(&fields);
}

static void
ask(struct peer *peer)
{
    struct buf *out = &peer->out;

    buf_add_str(out, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    add_head(out, FRAME_SETTINGS, 0, 0, 6);
    add_number(out, SETTINGS_INITIAL_WINDOW, 2);
    add_number(out, WINDOW_MAX, 4);
    add_head(out, FRAME_WINDOW_UPDATE, 0, 0, 4);
    add_number(out, WINDOW_MAX - WINDOW, 4);
    add_request(out, peer->token);
}

static void
acknowledge(struct peer *peer, enum frame_type type, const char *data, size_t len)
{
    add_head(&peer->out, type, ACK, 0, len);
    if (len > 0)
        buf_add(&peer->out, data, len);
}

/* Its first field is its status. A change of the table's size may stand before, which is a number
 * that goes on while the top bit is set (RFC 7541 sections 5.1 and 6.3). */
static bool
is_200(const char *fields, size_t len)
{
    static const char status_200 = (char)0x88; /* RFC 7541 appendix A, as an index */
    size_t at = 0;

    if (len > 0 && (fields[0] & 0xe0) == 0x20 && fields[at++] == 0x3f)
        while (at < len && (fields[at++] & 0x80) != 0)
            continue;
    return at < len && fields[at] == status_200;
}

/* 0; -EPIPE: it is over. */
static int
take_frame(struct peer *peer, enum frame_type type, unsigned flags, const char *data, size_t len,
           peer_text_fn *on_text, void *context)
{
    switch (type) {
    case FRAME_DATA: way_sse_piece(peer, data, len, on_text, context); break;
    case FRAME_HEADERS:
        if (!is_200(data, len))
            return -EPIPE;
        peer->state = PEER_OPEN;
        break;
    case FRAME_SETTINGS:
        if ((flags & ACK) == 0)
            acknowledge(peer, type, NULL, 0);
        return 0; /* its flag is not END_STREAM */
    case FRAME_PING:
        if ((flags & ACK) == 0)
            acknowledge(peer, type, data, len);
        return 0;
    case FRAME_RST_STREAM:
    case FRAME_GOAWAY: return -EPIPE;
    case FRAME_WINDOW_UPDATE: return 0;
    }
    return (flags & END_STREAM) != 0 ? -EPIPE : 0;
}

static ssize_t
take(struct peer *peer, const char *bytes, size_t len, peer_text_fn *on_text, void *context)
{
    size_t used = 0;

    while (len - used >= FRAME_HEAD) {
        const uint8_t *head = (const uint8_t *)bytes + used;
        size_t data_len = (size_t)head[0] << 16 | (size_t)head[1] << 8 | head[2];

        if (len - used < FRAME_HEAD + data_len)
            break;
        if (take_frame(peer, head[3], head[4], bytes + used + FRAME_HEAD, data_len, on_text,
                       context) < 0)
            return -EPIPE;
        used += FRAME_HEAD + data_len;
    }
    return (ssize_t)used;
}

const struct peer_way peer_sse_http2 = {
    .name = "sse_http2", .alpn = "h2", .ask = ask, .take = take};
