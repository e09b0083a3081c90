/* WebSocket framing (RFC 6455 section 5.2), as little of it as a load generator needs: whole
 * messages in one frame each. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

enum wire_opcode {
    WIRE_TEXT = 0x1,
    WIRE_CLOSE = 0x8,
    WIRE_PING = 0x9,
    WIRE_PONG = 0xa,
};

struct wire_frame {
    unsigned opcode; /* enum wire_opcode, or one that is unknown here */
    size_t head_len;
    size_t len; /* of the payload, which follows the head */
    bool is_masked;
    uint8_t mask[4];
};

/* The frame at the front of bytes. Its whole length, head and payload, or 0 when more bytes are
 * needed. */
size_t wire_read(const char *bytes, size_t len, struct wire_frame *ret_frame);
void wire_unmask(char *payload, const struct wire_frame *frame);

/* Append a frame as a server sends it, and as a client does. The mask is no secret here: it keeps
 * nobody from poisoning a cache, it only makes the frame a lawful one. */
void wire_add(struct buf *out, enum wire_opcode opcode, const char *payload, size_t len);
void wire_add_masked(struct buf *out, enum wire_opcode opcode, const char *payload, size_t len);
