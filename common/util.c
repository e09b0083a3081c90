#include "common/util.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void *
or_abort(void *memory, size_t count, size_t size)
{
    if (memory == NULL && count > 0 && size > 0) {
        fprintf(stderr, "out of memory: %zu times %zu bytes wanted\n", count, size);
        abort();
    }

    return memory;
}

/* A size of 0 is asked for as 1, so that NULL always means that memory has run out. */
void *
xmalloc(size_t size)
{
    return or_abort(malloc(MAX(size, 1)), 1, MAX(size, 1));
}

void *
xcalloc(size_t count, size_t size)
{
    return or_abort(calloc(MAX(count, 1), MAX(size, 1)), MAX(count, 1), MAX(size, 1));
}

void *
xrealloc(void *ptr, size_t size)
{
    return or_abort(realloc(ptr, MAX(size, 1)), 1, MAX(size, 1));
}

char *
xstrdup(const char *text)
{
    return xstrndup(text, strlen(text));
}

char *
xstrndup(const char *text, size_t len)
{
    len = strnlen(text, len);

    char *copy = xmalloc(len + 1);
    memcpy(copy, text, len);
    copy[len] = '\0';

    return copy;
}

char *
xasprintf(const char *format, ...)
{
    char *text;
    va_list args;

    va_start(args, format);
    int len = vasprintf(&text, format, args);
    va_end(args);

    return or_abort(len < 0 ? NULL : text, 1, strlen(format));
}

int
str_copy(char *dst, size_t size, const char *text)
{
    size_t len = strlen(text);

    if (len >= size)
        return -ENAMETOOLONG;

    memcpy(dst, text, len + 1);
    return 0;
}

bool
str_equal(const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        return a == b;

    return strcmp(a, b) == 0;
}

/* strtoll and strtoull pass over blanks and a plus sign (and strtoull takes a minus); we do not. */
static bool
is_digits(const char *text)
{
    return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

int
parse_i64(const char *text, int64_t min, int64_t max, int64_t *ret_value)
{
    if (!is_digits(*text == '-' ? text + 1 : text))
        return -EINVAL;

    errno = 0;
    long long value = strtoll(text, NULL, 10);
    if (errno == ERANGE || value < min || value > max)
        return -ERANGE;

    *ret_value = value;
    return 0;
}

int
parse_u64(const char *text, uint64_t *ret_value)
{
    if (!is_digits(text))
        return -EINVAL;

    errno = 0;
    unsigned long long value = strtoull(text, NULL, 10);
    if (errno == ERANGE)
        return -ERANGE;

    *ret_value = value;
    return 0;
}

int
write_all(int fd, const void *data, size_t len)
{
    const char *at = data;

    while (len > 0) {
        ssize_t written = write(fd, at, len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -errno;

        at += written;
        len -= (size_t)written;
    }

    return 0;
}

static int
make_directory(const char *path, unsigned mode)
{
    struct stat info;

    if (mkdir(path, mode) == 0)
        return 0;

    /* Where it is there already, mkdir may have said EROFS or EACCES; that is no fault of ours. */
    int error = errno;
    if (stat(path, &info) < 0)
        return -error;

    return S_ISDIR(info.st_mode) ? 0 : -ENOTDIR;
}

int
make_directories(const char *path, unsigned mode)
{
    if (*path == '\0')
        return -ENOENT;

    int error = 0;
    char *copy = xstrdup(path);
    for (char *at = copy + 1; error == 0 && *at != '\0'; at++) {
        if (*at != '/' || at[-1] == '/')
            continue;

        *at = '\0';
        error = make_directory(copy, mode);
        *at = '/';
    }

    if (error == 0)
        error = make_directory(copy, mode);

    free(copy);
    return error;
}
