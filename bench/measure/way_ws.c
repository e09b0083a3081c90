/* The way down by WebSocket. */
#include "bench/measure/peer.h"
#include "bench/measure/wire.h"

#include <errno.h>
#include <string.h>

static void
ask(struct peer *peer)
{
    buf_add_str(&peer->out, "GET /v1/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                            "Sec-WebSocket-Key: cnRjaGF0IG1lYXN1cmVz\r\n"
                            "Sec-WebSocket-Protocol: rtchat.v1\r\n");
    if (peer->token != NULL)
        buf_addf(&peer->out, "Authorization: Bearer %s\r\n", peer->token);
    buf_add_str(&peer->out, "\r\n");
}

/* The bytes of the answer's head, 0 while it is not whole; or -EPIPE. */
static ssize_t
take_upgrade(struct peer *peer, const char *bytes, size_t len)
{
    const char *end = memmem(bytes, len, "\r\n\r\n", 4);

    if (end == NULL)
        return 0;
    if (strncmp(bytes, "HTTP/1.1 101", 12) != 0)
        return -EPIPE;
    peer->state = PEER_OPEN;
    return end + 4 - bytes;
}

static ssize_t
take(struct peer *peer, const char *bytes, size_t len, peer_text_fn *on_text, void *context)
{
    size_t used = 0, frame_len;
    struct wire_frame frame;

    if (peer->state == PEER_ASKED) {
        ssize_t head = take_upgrade(peer, bytes, len);

        if (head <= 0)
            return head;
        used = (size_t)head;
    }
    while ((frame_len = wire_read(bytes + used, len - used, &frame)) > 0) {
        const char *payload = bytes + used + frame.head_len;

        used += frame_len;
        if (frame.opcode == WIRE_PING)
            wire_add_masked(&peer->out, WIRE_PONG, payload, frame.len);
        else if (frame.opcode == WIRE_TEXT)
            on_text(context, peer, payload, frame.len);
        else if (frame.opcode == WIRE_CLOSE)
            return -EPIPE;
    }
    return (ssize_t)used;
}

const struct peer_way peer_ws = {.name = "ws", .ask = ask, .take = take};
