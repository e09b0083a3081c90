#include "server/web/hello_peek.h"

#include "common/clock.h"
#include "common/util.h"
#include "server/web/address.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <uv.h>

/* One socket. */
struct guest {
    struct hello_peek *peek;
    int fd;
    char address[ADDRESS_SIZE];
    int64_t came_ms;
    size_t seen;  /* bytes that were there at the last look */
    bool resting; /* not looked at before the next tick */
    uv_poll_t poll;
    TAILQ_ENTRY(guest) in_guests;
};

TAILQ_HEAD(guest_list, guest);

struct hello_peek {
    uv_loop_t *loop;
    void (*decided)(void *context, int fd, const char *address, enum client_hello hello);
    void *context;
    struct guest_list guests; /* as they came */
    size_t count;
    size_t handles; /* that libuv has, of guests that have left too */
    bool closed;
    uint8_t bytes[HELLO_PEEK_MAX];
};

struct hello_peek *
hello_peek_create(uv_loop_t *loop,
                  void (*decided)(void *context, int fd, const char *address,
                                  enum client_hello hello),
                  void *context)
{
    struct hello_peek *peek = xcalloc(1, sizeof(*peek));

    peek->loop = loop;
    peek->decided = decided;
    peek->context = context;
    TAILQ_INIT(&peek->guests);
    return peek;
}

size_t
hello_peek_count(const struct hello_peek *peek)
{
    return peek->count;
}

/* From now on the socket is readable when more than what was seen is there: else a hello in pieces
 * would wake the loop for ever. (The kernel may say so earlier when it is short of memory.) */
static void
want_more_than(int fd, size_t seen)
{
    int least = (int)seen + 1;

    setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &least, sizeof(least));
}

/* *seen: how many bytes were there last; grows. */
static enum client_hello
look(struct hello_peek *peek, int fd, size_t *seen)
{
    ssize_t count = recv(fd, peek->bytes, sizeof(peek->bytes), MSG_PEEK);
    enum client_hello hello;

    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return CLIENT_HELLO_MORE;
    if (count <= 0)
        return CLIENT_HELLO_OTHER;
    *seen = (size_t)count;
    hello = client_hello_look(peek->bytes, *seen);
    return hello == CLIENT_HELLO_MORE && *seen == sizeof(peek->bytes) ? CLIENT_HELLO_OTHER : hello;
}

static void
free_when_over(struct hello_peek *peek)
{
    if (peek->closed && peek->handles == 0)
        free(peek);
}

static void
on_handle_closed(uv_handle_t *handle)
{
    struct guest *guest = container_of((uv_poll_t *)handle, struct guest, poll);

    guest->peek->handles--;
    free_when_over(guest->peek);
    free(guest);
}

/* The loop has let go of the socket when this returns. */
static void
decide(struct guest *guest, enum client_hello hello)
{
    struct hello_peek *peek = guest->peek;

    TAILQ_REMOVE(&peek->guests, guest, in_guests);
    peek->count--;
    uv_close((uv_handle_t *)&guest->poll, on_handle_closed);
    want_more_than(guest->fd, 0);
    peek->decided(peek->context, guest->fd, guest->address, hello);
}

static void on_readable(uv_poll_t *poll, int status, int events);

static void
watch(struct guest *guest, bool resting)
{
    guest->resting = resting;
    uv_poll_start(&guest->poll, UV_DISCONNECT | (resting ? 0 : UV_READABLE), on_readable);
}

/* What has ended is for others to find out. */
static void
on_readable(uv_poll_t *poll, int status, int events)
{
    struct guest *guest = container_of(poll, struct guest, poll);
    size_t before = guest->seen;
    enum client_hello hello = look(guest->peek, guest->fd, &guest->seen);

    if (hello != CLIENT_HELLO_MORE)
        decide(guest, hello);
    else if (status < 0 || (events & UV_DISCONNECT) != 0)
        decide(guest, CLIENT_HELLO_OTHER);
    else if (guest->seen > before)
        want_more_than(guest->fd, guest->seen);
    else
        watch(guest, true);
}

static void
wait_for_more(struct hello_peek *peek, int fd, const char *address, size_t seen)
{
    struct guest *guest = xcalloc(1, sizeof(*guest));

    guest->peek = peek;
    guest->fd = fd;
    guest->seen = seen;
    guest->came_ms = clock_mono_ms();
    str_copy(guest->address, sizeof(guest->address), address);
    TAILQ_INSERT_TAIL(&peek->guests, guest, in_guests);
    peek->count++;
    peek->handles++;
    if (uv_poll_init(peek->loop, &guest->poll, fd) != 0)
        abort(); /* only for a descriptor that is none */
    if (seen > 0)
        want_more_than(fd, seen);
    watch(guest, false);
}

void
hello_peek_take(struct hello_peek *peek, int fd, const char *address)
{
    size_t seen = 0;
    enum client_hello hello = look(peek, fd, &seen);

    if (hello == CLIENT_HELLO_MORE)
        wait_for_more(peek, fd, address, seen);
    else
        peek->decided(peek->context, fd, address, hello);
}

void
hello_peek_tick(struct hello_peek *peek, int64_t now_ms)
{
    struct guest *guest;

    while ((guest = TAILQ_FIRST(&peek->guests)) != NULL &&
           now_ms - guest->came_ms >= HELLO_PEEK_WITHIN_MS)
        decide(guest, CLIENT_HELLO_MORE);
    TAILQ_FOREACH(guest, &peek->guests, in_guests)
    if (guest->resting)
        watch(guest, false);
}

void
hello_peek_cut(struct hello_peek *peek)
{
    struct guest *guest;

    while ((guest = TAILQ_FIRST(&peek->guests)) != NULL)
        decide(guest, CLIENT_HELLO_MORE);
}

void
hello_peek_close(struct hello_peek *peek)
{
    if (peek == NULL)
        return;
    hello_peek_cut(peek);
    peek->closed = true;
    free_when_over(peek);
}
