#include "common/buf.h"

#include "common/util.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUF_FIRST_SIZE 64

void
buf_init(struct buf *buf)
{
    *buf = (struct buf)BUF_INIT;
}

void
buf_fini(struct buf *buf)
{
    free(buf->data);
    buf_init(buf);
}

void
buf_reserve(struct buf *buf, size_t more)
{
    assert(more < SIZE_MAX / 2 - buf->len);

    size_t wanted = buf->len + more + 1;
    if (wanted <= buf->size)
        return;

    /* Doubling keeps the cost of many small additions linear. */
    size_t size = MAX(MAX(buf->size * 2, wanted), BUF_FIRST_SIZE);
    buf->data = xrealloc(buf->data, size);
    buf->size = size;
    buf->data[buf->len] = '\0';
}

void
buf_add(struct buf *buf, const void *data, size_t len)
{
    if (len == 0)
        return;

    buf_reserve(buf, len);
    memcpy(buf->data + buf->len, data, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void
buf_add_byte(struct buf *buf, char byte)
{
    buf_add(buf, &byte, 1);
}

void
buf_add_str(struct buf *buf, const char *text)
{
    buf_add(buf, text, strlen(text));
}

void
buf_addf(struct buf *buf, const char *format, ...)
{
    va_list args, again;

    va_start(args, format);
    va_copy(again, args);

    /* The first try goes into what is there already; only what does not fit is printed twice. */
    buf_reserve(buf, 0);
    int len = vsnprintf(buf->data + buf->len, buf->size - buf->len, format, args);
    assert(len >= 0);
    if ((size_t)len >= buf->size - buf->len) {
        buf_reserve(buf, (size_t)len);
        vsnprintf(buf->data + buf->len, (size_t)len + 1, format, again);
    }

    buf->len += (size_t)len;
    va_end(again);
    va_end(args);
}

static void
add_json_escape(struct buf *buf, unsigned char byte)
{
    static const char letters[] = {
        ['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f',
        ['\n'] = 'n', ['\r'] = 'r',  ['\t'] = 't',
    };

    if (byte < sizeof(letters) && letters[byte] != '\0')
        buf_add(buf, (const char[]){'\\', letters[byte]}, 2);
    else
        buf_addf(buf, "\\u%04x", byte);
}

void
buf_add_json(struct buf *buf, const char *text)
{
    const char *run = text;

    buf_add_byte(buf, '"');
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte >= 0x20 && byte != '"' && byte != '\\')
            continue;

        buf_add(buf, run, (size_t)(text - run));
        add_json_escape(buf, byte);
        run = text + 1;
    }

    buf_add(buf, run, (size_t)(text - run));
    buf_add_byte(buf, '"');
}

void
buf_clear(struct buf *buf)
{
    buf->len = 0;
    if (buf->data != NULL)
        buf->data[0] = '\0';
}

void
buf_consume(struct buf *buf, size_t len)
{
    assert(len <= buf->len);

    if (len == 0)
        return;

    buf->len -= len;
    memmove(buf->data, buf->data + len, buf->len + 1);
}

const char *
buf_text(const struct buf *buf)
{
    return buf->data != NULL ? buf->data : "";
}

char *
buf_take(struct buf *buf, size_t *ret_len)
{
    /* What was never added to is taken as an empty string, so that a caller need not look. */
    buf_reserve(buf, 0);

    char *data = buf->data;
    if (ret_len != NULL)
        *ret_len = buf->len;

    buf_init(buf);
    return data;
}
