/* A server's WebSocket frames: whole, unmasked (RFC 6455 section 5.2). */
#pragma once

#include <stddef.h>

struct buf;

enum ws_opcode { WS_TEXT = 0x1, WS_CLOSE = 0x8, WS_PING = 0x9 };

/* Appends the head and the payload. A ping's payload is at most 125 bytes. */
void ws_frame_add(struct buf *out, enum ws_opcode opcode, const void *payload, size_t len);

/* A close frame (section 5.5.1); the reason is cut, between characters, to what a control frame
 * bears. */
void ws_frame_add_close(struct buf *out, unsigned code, const char *reason);
