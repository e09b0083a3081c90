#include "server/web/target.h"

#include "server/web/query.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static int
hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Decodes text into dst. 0 or -errno. */
static int
decode(char *dst, size_t size, const char *text, size_t len, bool is_argument)
{
    size_t used = 0;

    for (size_t i = 0; i < len; i++) {
        char c = text[i];

        if (c == '%') {
            int high = i + 2 < len ? hex_value(text[i + 1]) : -1;
            int low = high < 0 ? -1 : hex_value(text[i + 2]);

            if (low < 0)
                return -EINVAL;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && is_argument) {
            c = ' ';
        }
        if (c == '\0')
            return -EINVAL;
        if (used + 1 >= size)
            return -ENAMETOOLONG;
        dst[used++] = c;
    }
    dst[used] = '\0';
    return 0;
}

static int
add_arguments(struct query *query, const char *text, const char *end)
{
    char argument[TARGET_ARGUMENT_MAX + 1];

    while (text < end) {
        const char *stop = memchr(text, '&', (size_t)(end - text));
        size_t len = (size_t)((stop == NULL ? end : stop) - text);
        int result = decode(argument, sizeof(argument), text, len, true);

        if (result == 0 && len > 0)
            result = query_add(query, argument);
        if (result < 0)
            return result;
        text += len + 1;
    }
    return 0;
}

int
target_parse(const char *target, size_t len, char *path, size_t path_size, struct query *query)
{
    const char *mark = memchr(target, '?', len);
    size_t path_len = mark == NULL ? len : (size_t)(mark - target);
    int result;

    if (len == 0 || target[0] != '/')
        return -EINVAL;
    result = decode(path, path_size, target, path_len, false);
    if (result < 0 || mark == NULL)
        return result;
    return add_arguments(query, mark + 1, target + len);
}
