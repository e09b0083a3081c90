#include "bench/measure/way_http.h"

#include "bench/measure/peer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void
way_http_get(struct peer *peer, const char *path)
{
    buf_addf(&peer->out, "GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n",
             path, peer->token == NULL ? "" : peer->token);
}

ssize_t
way_http_head(const char *bytes, size_t len, ssize_t *ret_length)
{
    static const char field[] = "\r\nContent-Length: ";
    const char *end = memmem(bytes, len, "\r\n\r\n", 4);
    const char *length;

    if (end == NULL)
        return 0;
    if (strncmp(bytes, "HTTP/1.1 200", 12) != 0)
        return -EPIPE;
    length = memmem(bytes, (size_t)(end - bytes), field, sizeof(field) - 1);
    *ret_length = length == NULL ? -1 : atol(length + sizeof(field) - 1);
    return end + 4 - bytes;
}

size_t
way_http_chunk(const char *bytes, size_t len, const char **ret_data, size_t *ret_len)
{
    const char *head_end = memmem(bytes, len, "\r\n", 2);
    size_t head_len;

    if (head_end == NULL)
        return 0;
    head_len = (size_t)(head_end - bytes) + 2;
    *ret_data = bytes + head_len;
    *ret_len = strtoul(bytes, NULL, 16);
    if (len < head_len + *ret_len + 2)
        return 0;
    return head_len + *ret_len + 2;
}
