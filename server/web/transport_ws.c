/* The WebSocket row (RFC 6455): one unmasked text frame an event. */
#include "common/buf.h"
#include "server/web/transport.h"
#include "server/web/ws_frame.h"

static void
frame_text(struct buf *out, const char *json, size_t len, const char *id)
{
    ws_frame_add(out, WS_TEXT, json, len);
}

/* A pong without a payload is not told of by libwebsockets, so the ping has one. */
static void
add_ping(struct buf *out)
{
    ws_frame_add(out, WS_PING, "rtchat", 6);
}

const struct transport_ops transport_ws = {
    .name = "ws",
    .path = "/v1/ws",
    .holds = true,
    .stays = true,
    .echoes = true,
    .dress = DRESS_WS,
    .frame = frame_text,
    .idle = add_ping,
};
