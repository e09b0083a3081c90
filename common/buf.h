/* A growable run of bytes, always followed by a NUL that does not count. */
#pragma once

#include <stddef.h>

struct buf {
    char *data; /* NULL until something is added */
    size_t len;
    size_t size;
};

#define BUF_INIT                                                                                   \
    {                                                                                              \
        0                                                                                          \
    }

void buf_init(struct buf *buf);
void buf_fini(struct buf *buf); /* frees, leaves an empty buf that can be used again */

void buf_reserve(struct buf *buf, size_t more); /* room for more bytes without moving */
void buf_add(struct buf *buf, const void *data, size_t len);
void buf_add_byte(struct buf *buf, char byte);
void buf_add_str(struct buf *buf, const char *text);
void buf_addf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds text as a JSON string, quotes included (RFC 8259 section 7): control characters, the quote
 * and the backslash are escaped, all other UTF-8 stands as it is. text must be valid UTF-8. */
void buf_add_json(struct buf *buf, const char *text);

void buf_clear(struct buf *buf);               /* len = 0, memory kept */
void buf_consume(struct buf *buf, size_t len); /* drops len bytes at the front */
const char *buf_text(const struct buf *buf);   /* data, or "" where nothing was added */
char *buf_take(struct buf *buf,
               size_t *ret_len); /* the caller owns the bytes now; ret_len may be NULL */
