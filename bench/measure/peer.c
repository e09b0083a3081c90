#include "bench/measure/peer.h"

#include "bench/measure/wire.h"

#include <assert.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static int
watch(struct peer *peer, int epoll_fd, int operation, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = peer};

    if (peer->interest == events)
        return 0;
    peer->interest = events;
    return epoll_ctl(epoll_fd, operation, peer->fd, &event) < 0 ? -errno : 0;
}

static void
offer(SSL *ssl, const char *alpn)
{
    unsigned char list[16];
    size_t len = strlen(alpn);

    assert(len < sizeof(list));
    list[0] = (unsigned char)len;
    memcpy(list + 1, alpn, len);
    SSL_set_alpn_protos(ssl, list, (unsigned)len + 1);
}

int
peer_open(struct peer *peer, const struct peer_way *way, int epoll_fd, SSL_CTX *context,
          const struct sockaddr_in *address, const char *token)
{
    int one = 1;

    *peer = (struct peer){.state = PEER_TLS, .token = token, .way = way};
    peer->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (peer->fd < 0)
        return -errno;
    setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (connect(peer->fd, (const struct sockaddr *)address, sizeof(*address)) < 0 &&
        errno != EINPROGRESS)
        return -errno;
    peer->ssl = SSL_new(context);
    if (peer->ssl == NULL)
        return -ENOMEM;
    SSL_set_fd(peer->ssl, peer->fd);
    SSL_set_connect_state(peer->ssl);
    if (way->alpn != NULL)
        offer(peer->ssl, way->alpn);
    return watch(peer, epoll_fd, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
}

void
peer_close(struct peer *peer)
{
    ERR_clear_error(); /* else the next one's SSL_get_error would find it */
    SSL_free(peer->ssl);
    if (peer->fd >= 0)
        close(peer->fd);
    buf_fini(&peer->in);
    buf_fini(&peer->out);
    buf_fini(&peer->stream);
    *peer = (struct peer){.state = PEER_GONE, .fd = -1};
}

static int
over(struct peer *peer)
{
    peer_close(peer);
    return -EPIPE;
}

/* True when the call of OpenSSL that returned result is to be made again later. */
static bool
is_waiting(const struct peer *peer, int result)
{
    int fault = SSL_get_error(peer->ssl, result);

    return fault == SSL_ERROR_WANT_READ || fault == SSL_ERROR_WANT_WRITE;
}

int
peer_flush(struct peer *peer, int epoll_fd)
{
    while (peer->out.len > 0) {
        int written = SSL_write(peer->ssl, peer->out.data, (int)peer->out.len);

        if (written <= 0) {
            if (!is_waiting(peer, written))
                return over(peer);
            watch(peer, epoll_fd, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
            return 0;
        }
        buf_consume(&peer->out, (size_t)written);
    }
    watch(peer, epoll_fd, EPOLL_CTL_MOD, EPOLLIN);
    return 0;
}

void
peer_say(struct peer *peer, const char *payload, size_t len)
{
    wire_add_masked(&peer->out, WIRE_TEXT, payload, len);
}

static int
shake_hands(struct peer *peer, int epoll_fd)
{
    int result = SSL_do_handshake(peer->ssl);

    if (result != 1) {
        if (!is_waiting(peer, result))
            return over(peer);
        watch(peer, epoll_fd, EPOLL_CTL_MOD,
              SSL_want_write(peer->ssl) ? EPOLLIN | EPOLLOUT : EPOLLIN);
        return 0;
    }
    peer->state = PEER_ASKED;
    peer->way->ask(peer);
    return peer_flush(peer, epoll_fd);
}

/* Most reads end with an event; only what is over is copied. */
static int
take_read(struct peer *peer, const char *bytes, size_t len, peer_text_fn *on_text, void *context)
{
    ssize_t used;

    if (peer->in.len > 0) {
        buf_add(&peer->in, bytes, len);
        used = peer->way->take(peer, peer->in.data, peer->in.len, on_text, context);
        if (used > 0)
            buf_consume(&peer->in, (size_t)used);
        return used < 0 ? over(peer) : 0;
    }
    used = peer->way->take(peer, bytes, len, on_text, context);
    if (used >= 0 && (size_t)used < len)
        buf_add(&peer->in, bytes + used, len - (size_t)used);
    return used < 0 ? over(peer) : 0;
}

int
peer_serve(struct peer *peer, int epoll_fd, char scratch[PEER_SCRATCH], peer_text_fn *on_text,
           void *context)
{
    if (peer->state == PEER_TLS) {
        if (shake_hands(peer, epoll_fd) < 0)
            return -EPIPE;
        if (peer->state == PEER_TLS)
            return 0;
    }
    /* Not until the socket is empty: that costs a read more each time, and epoll comes again. */
    do {
        int got = SSL_read(peer->ssl, scratch, PEER_SCRATCH);

        if (got <= 0) {
            if (!is_waiting(peer, got))
                return over(peer);
            break;
        }
        if (take_read(peer, scratch, (size_t)got, on_text, context) < 0)
            return -EPIPE;
    } while (SSL_has_pending(peer->ssl));
    return peer->out.len > 0 ? peer_flush(peer, epoll_fd) : 0;
}
