#include "server/web/ws_frame.h"

#include "common/buf.h"

#include <stdint.h>
#include <string.h>

#define FIN         0x80
#define CONTROL_MAX 125

void
ws_frame_add(struct buf *out, enum ws_opcode opcode, const void *payload, size_t len)
{
    buf_add_byte(out, (char)(FIN | opcode));
    if (len < 126) {
        buf_add_byte(out, (char)len);
    } else if (len <= UINT16_MAX) {
        buf_add_byte(out, 126);
        for (int shift = 8; shift >= 0; shift -= 8)
            buf_add_byte(out, (char)(len >> shift));
    } else {
        buf_add_byte(out, 127);
        for (int shift = 56; shift >= 0; shift -= 8)
            buf_add_byte(out, (char)((uint64_t)len >> shift));
    }
    if (len > 0)
        buf_add(out, payload, len);
}

void
ws_frame_add_close(struct buf *out, unsigned code, const char *reason)
{
    char payload[CONTROL_MAX] = {(char)(code >> 8), (char)code};
    size_t len = strlen(reason);

    if (len > sizeof(payload) - 2)
        len = sizeof(payload) - 2;
    while (reason[len] != '\0' && ((unsigned char)reason[len] & 0xc0) == 0x80)
        len--;
    memcpy(payload + 2, reason, len);
    ws_frame_add(out, WS_CLOSE, payload, len + 2);
}
