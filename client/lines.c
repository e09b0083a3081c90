#include "client/lines.h"

#include "common/buf.h"
#include "common/util.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_LEN      16384
#define LINES_AT_ONCE 16 /* each may cost an fsync: the loop has other work as well */

struct lines {
    struct lines_listener listener;
    int fd, flags; /* flags as they were; -1: the fd is closed */
    uv_poll_t poll;
    uv_idle_t idle;      /* turns of the loop where there is nothing to wait for */
    unsigned open_count; /* handles */
    bool polls;          /* fd can be waited for; a file cannot and need not */
    bool ended;          /* the end of fd was read */
    bool told;           /* the listener knows of it */
    bool waits;          /* for lines_resume */
    bool skips;          /* the rest of a line that is too long */
    bool closed;
    struct buf buf;
};

static void go_on(struct lines *lines);

static void
forget(uv_handle_t *handle)
{
    struct lines *lines = handle->data;

    if (--lines->open_count > 0)
        return;

    buf_fini(&lines->buf);
    free(lines);
}

static void
read_more(struct lines *lines)
{
    char chunk[READ_LEN];
    ssize_t len = read(lines->fd, chunk, sizeof(chunk));

    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (len <= 0)
        lines->ended = true;
    else
        buf_add(&lines->buf, chunk, (size_t)len);
}

static void
heard_poll(uv_poll_t *poll, int status, int events)
{
    struct lines *lines = poll->data;

    read_more(lines);
    go_on(lines);
}

static void
heard_idle(uv_idle_t *idle)
{
    struct lines *lines = idle->data;
    bool has_line = lines->buf.len > 0 && memchr(lines->buf.data, '\n', lines->buf.len) != NULL;

    if (!has_line && !lines->ended && !lines->polls)
        read_more(lines);
    go_on(lines);
}

/* Where the first line ends and the next begins. false: it is not all there. */
static bool
find_line(const struct lines *lines, size_t *ret_len, size_t *ret_next)
{
    const struct buf *buf = &lines->buf;
    const char *newline = buf->len > 0 ? memchr(buf->data, '\n', buf->len) : NULL;

    if (newline == NULL && !(lines->ended && buf->len > 0))
        return false;

    *ret_len = newline != NULL ? (size_t)(newline - buf->data) : buf->len;
    *ret_next = newline != NULL ? *ret_len + 1 : buf->len;
    return true;
}

/* Whether the listener took it. The byte behind the line is kept while a NUL stands there. */
static bool
offer(struct lines *lines, size_t len)
{
    char *line = lines->buf.data;

    if (len > 0 && line[len - 1] == '\r')
        len--;

    char behind = line[len];
    line[len] = '\0';
    bool taken = lines->listener.line(lines->listener.context, line, len);
    line[len] = behind;
    return taken;
}

static void
skip(struct lines *lines)
{
    if (!lines->skips)
        lines->listener.too_long(lines->listener.context);
    lines->skips = true;
}

/* Gives the first line or passes it over. false: there is none, or it has to wait. */
static bool
give_line(struct lines *lines)
{
    size_t len, next;

    if (!find_line(lines, &len, &next)) {
        if (lines->buf.len > LINES_MAX_LEN) {
            skip(lines);
            buf_clear(&lines->buf);
        }
        return false;
    }

    if (len > LINES_MAX_LEN)
        skip(lines);
    else if (!lines->skips)
        lines->waits = !offer(lines, len);
    if (lines->waits)
        return false;

    lines->skips = false;
    buf_consume(&lines->buf, next);
    return true;
}

static void
tell_end(struct lines *lines)
{
    if (lines->told)
        return;

    lines->told = true;
    lines->listener.end(lines->listener.context);
}

/* A turn of the loop follows at once while there are lines, and where reading does not wait. */
static void
await(struct lines *lines, bool has_more)
{
    if (lines->closed || lines->waits || lines->told) {
        uv_idle_stop(&lines->idle);
        if (lines->polls)
            uv_poll_stop(&lines->poll);
    } else if (has_more || lines->ended || !lines->polls) {
        uv_idle_start(&lines->idle, heard_idle);
        if (lines->polls)
            uv_poll_stop(&lines->poll);
    } else {
        uv_idle_stop(&lines->idle);
        uv_poll_start(&lines->poll, UV_READABLE, heard_poll);
    }
}

static void
go_on(struct lines *lines)
{
    int count = 0;

    while (!lines->closed && count < LINES_AT_ONCE && give_line(lines))
        count++;
    if (!lines->closed && lines->ended && !lines->waits && count < LINES_AT_ONCE)
        tell_end(lines);
    if (!lines->closed)
        await(lines, count == LINES_AT_ONCE);
}

struct lines *
lines_create(uv_loop_t *loop, int fd, const struct lines_listener *listener)
{
    struct lines *lines = xcalloc(1, sizeof(*lines));

    lines->listener = *listener;
    lines->fd = fd;
    lines->flags = fcntl(fd, F_GETFL);
    lines->ended = lines->flags < 0;
    lines->polls = !lines->ended && uv_poll_init(loop, &lines->poll, fd) == 0;
    uv_idle_init(loop, &lines->idle);
    lines->idle.data = lines;
    lines->poll.data = lines;
    lines->open_count = lines->polls ? 2 : 1;
    await(lines, false);
    return lines;
}

void
lines_resume(struct lines *lines)
{
    if (!lines->waits)
        return;

    lines->waits = false;
    await(lines, true);
}

void
lines_destroy(struct lines *lines)
{
    if (lines == NULL || lines->closed)
        return;

    lines->closed = true;
    uv_close((uv_handle_t *)&lines->idle, forget);
    if (lines->polls)
        uv_close((uv_handle_t *)&lines->poll, forget);
    if (lines->flags >= 0)
        fcntl(lines->fd, F_SETFL, lines->flags);
}
