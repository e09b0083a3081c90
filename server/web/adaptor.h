/* The only door between libwebsockets' callback and this program. */
#pragma once

struct lws;
struct lws_protocols;

/* The protocols of a worker's vhost: plain HTTP (and a WebSocket that names no subprotocol), and
 * rtchat.v1. Ended by an empty row. */
extern const struct lws_protocols *const adaptor_protocols;
