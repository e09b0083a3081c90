#include "bench/measure/wire.h"

#include "common/buf.h"

#include <string.h>

#define FINAL    0x80
#define MASKED   0x80
#define LEN_16   126
#define LEN_64   127
#define MASK_LEN 4

static uint64_t
read_number(const uint8_t *bytes, unsigned len)
{
    uint64_t number = 0;

    for (unsigned i = 0; i < len; i++)
        number = number << 8 | bytes[i];
    return number;
}

size_t
wire_read(const char *bytes, size_t len, struct wire_frame *ret_frame)
{
    const uint8_t *head = (const uint8_t *)bytes;
    struct wire_frame frame = {0};
    unsigned number_len;

    if (len < 2)
        return 0;
    frame.opcode = head[0] & 0xf;
    frame.is_masked = (head[1] & MASKED) != 0;
    frame.len = head[1] & 0x7f;
    number_len = frame.len == LEN_16 ? 2 : frame.len == LEN_64 ? 8 : 0;
    frame.head_len = 2 + number_len + (frame.is_masked ? MASK_LEN : 0);
    if (len < frame.head_len)
        return 0;

    if (number_len > 0)
        frame.len = read_number(head + 2, number_len);
    if (frame.len > len - frame.head_len)
        return 0;
    if (frame.is_masked)
        memcpy(frame.mask, head + frame.head_len - MASK_LEN, MASK_LEN);
    *ret_frame = frame;
    return frame.head_len + frame.len;
}

void
wire_unmask(char *payload, const struct wire_frame *frame)
{
    if (!frame->is_masked)
        return;
    for (size_t i = 0; i < frame->len; i++)
        payload[i] = (char)(payload[i] ^ frame->mask[i % MASK_LEN]);
}

static void
add_head(struct buf *out, enum wire_opcode opcode, size_t len, uint8_t masked)
{
    unsigned number_len = len < LEN_16 ? 0 : len <= UINT16_MAX ? 2 : 8;

    buf_add_byte(out, (char)(FINAL | opcode));
    buf_add_byte(out, (char)(masked | (number_len == 0   ? (uint8_t)len
                                       : number_len == 2 ? LEN_16
                                                         : LEN_64)));
    for (unsigned i = number_len; i-- > 0;)
        buf_add_byte(out, (char)(len >> 8 * i));
}

void
wire_add(struct buf *out, enum wire_opcode opcode, const char *payload, size_t len)
{
    add_head(out, opcode, len, 0);
    buf_add(out, payload, len);
}

void
wire_add_masked(struct buf *out, enum wire_opcode opcode, const char *payload, size_t len)
{
    static const uint8_t mask[MASK_LEN] = {0x5a, 0xa5, 0x3c, 0xc3};
    char *masked;

    add_head(out, opcode, len, MASKED);
    buf_add(out, mask, sizeof(mask));
    buf_add(out, payload, len);
    masked = out->data + out->len - len;
    for (size_t i = 0; i < len; i++)
        masked[i] = (char)(masked[i] ^ mask[i % MASK_LEN]);
}
