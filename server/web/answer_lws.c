/* A peer's answers on their way out.
 *
 * They are written past libwebsockets, onto its TLS: the library buffers what a socket does not
 * take and then wants to be called when it does, which it (4.1.6) cannot tell of while reading is
 * off, and goes round for ever while it is on and the peer sends early. What the socket has not
 * taken is kept here; the watch tells when it goes on. Outside of the library's callbacks, a turn
 * of the loop at a time. */
#include "server/web/carrier_lws.h"

#define LOG_MODULE "peer"
#include "common/log.h"
#include "server/web/exchange.h"
#include "server/web/http1.h"
#include "server/web/watch.h"
#include "server/web/worker.h"

#include <errno.h>
#include <libwebsockets.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#define KEPT_MAX 4096 /* of an empty out's memory */

/* How much the socket took, or -EPIPE. A record is taken whole, so this goes on until all is out or
 * one is not. */
static ssize_t
write_tls(struct peer *peer, const char *bytes, size_t len)
{
    SSL *tls = lws_get_ssl(peer->wsi);
    size_t done = 0;

    SSL_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE);
    while (done < len) {
        size_t taken;
        int result, error;

        ERR_clear_error();
        result = SSL_write_ex(tls, bytes + done, len - done, &taken);
        if (result == 1) {
            done += taken;
            continue;
        }
        error = SSL_get_error(tls, result);
        if (error != SSL_ERROR_WANT_WRITE && error != SSL_ERROR_WANT_READ)
            return -EPIPE;
        break;
    }
    return (ssize_t)done;
}

/* A whole answer is still of use to a peer that has said all it had to say. */
static void
watch_peer(struct peer *peer)
{
    struct watch_want want = {.gone = !peer->whole, .writable = peer->choked};

    if (watch_add(peer->peers->watch, lws_get_socket_fd(peer->wsi), peer, want, peer->watched) == 0)
        peer->watched = true;
    else
        peer_kill_soon(peer);
}

void
peer_answer_forget(struct peer *peer)
{
    if (peer->watched)
        watch_remove(peer->peers->watch, lws_get_socket_fd(peer->wsi));
    peer->watched = false;
    if (peer->in_turn)
        TAILQ_REMOVE(&peer->peers->turn, peer, in_turn_list);
    peer->in_turn = false;
}

void
peer_answer_soon(struct peer *peer)
{
    if (peer->in_turn)
        return;
    peer->in_turn = true;
    TAILQ_INSERT_TAIL(&peer->peers->turn, peer, in_turn_list);
}

static void
keep_rest(struct peer *peer, const char *bytes, size_t len)
{
    buf_add(&peer->out, bytes, len);
    peer->choked = true;
    watch_peer(peer);
}

/* Sends the framed bytes, behind what waits. */
static int
send_bytes(struct peer *peer, const char *bytes, size_t len)
{
    ssize_t done;

    if (peer->choked || peer->out.len > 0) {
        buf_add(&peer->out, bytes, len);
        peer_answer_now(peer);
        return peer->closing ? -EPIPE : peer->choked ? -EAGAIN : 0;
    }
    done = write_tls(peer, bytes, len);
    if (done < 0)
        return -EPIPE;
    if ((size_t)done == len)
        return 0;
    keep_rest(peer, bytes + done, len - (size_t)done);
    return -EAGAIN;
}

/* What the socket takes of out; false when that was not all. */
static bool
flush_out(struct peer *peer)
{
    ssize_t done;

    if (peer->choked)
        return false;
    if (peer->out.len == 0)
        return true;
    done = write_tls(peer, peer->out.data, peer->out.len);
    if (done < 0) {
        peer_kill_soon(peer);
        return false;
    }
    buf_consume(&peer->out, (size_t)done);
    if (peer->out.len > 0) {
        peer->choked = true;
        watch_peer(peer);
        return false;
    }
    if (peer->out.size > KEPT_MAX)
        buf_fini(&peer->out);
    return true;
}

/* The library's own end of a connection says so to the peer (RFC 8446 section 6.1), which cutting
 * it does not. */
static void
end_connection(struct peer *peer)
{
    peer->over = true;
    lws_callback_on_writable(peer->wsi);
    worker_nudge(peer->peers->worker);
}

/* The next request may be read, or the connection ends. */
static void
complete(struct peer *peer)
{
    peer->whole = false;
    peer_drop_exchange(peer);
    lws_rx_flow_control(peer->wsi, 1);
    if (peer->ends_connection || lws_http_transaction_completed(peer->wsi) != 0)
        end_connection(peer);
}

void
peer_answer_now(struct peer *peer)
{
    if (peer->wsi != NULL && !peer->closing)
        flush_out(peer);
}

static void
take_turn(struct peer *peer)
{
    if (peer->wsi == NULL || peer->closing || peer->over || !flush_out(peer))
        return;
    if (peer->whole)
        complete(peer);
    else if (peer->exchange != NULL && peer->exchange->conn != NULL)
        watch_peer(peer);
}

void
peers_turn(struct peers *peers)
{
    struct peer *peer;

    while ((peer = TAILQ_FIRST(&peers->turn)) != NULL) {
        TAILQ_REMOVE(&peers->turn, peer, in_turn_list);
        peer->in_turn = false;
        take_turn(peer);
    }
}

/* A socket that was let go of since it was asked for has nothing to tell. */
void
peer_watched(void *data, bool gone, bool writable)
{
    struct peer *peer = data;

    if (peer->exchange == NULL || peer->closing)
        return;
    if (gone && !(writable && peer->whole)) {
        log_debug("a peer has gone address=%s", peer->address);
        peer_kill_soon(peer);
        return;
    }
    peer->choked = false;
    if (flush_out(peer))
        exchange_writable(peer->exchange);
    peer_answer_soon(peer);
}

void
peer_answer(struct peer *peer, const struct answer *answer)
{
    if (peer->wsi == NULL)
        return;
    if (peer->peers->draining)
        peer->ends_connection = true;
    http1_add_answer(&peer->out, answer, peer->ends_connection);
    peer->whole = true;
    peer_answer_soon(peer);
}

void
peer_answer_begin(struct peer *peer, const struct answer *head)
{
    if (peer->wsi == NULL)
        return;
    if (!peer->chunked || peer->peers->draining)
        peer->ends_connection = true;
    http1_add_head(&peer->out, head, peer->chunked, peer->ends_connection);
    peer_answer_soon(peer);
}

int
peer_answer_write(struct peer *peer, const void *bytes, size_t len)
{
    struct buf *piece = &peer->peers->scratch;

    if (peer->wsi == NULL || peer->closing)
        return -EPIPE;
    if (!peer->chunked)
        return send_bytes(peer, bytes, len);
    buf_clear(piece);
    http1_add_chunk(piece, bytes, len);
    return send_bytes(peer, piece->data, piece->len);
}

void
peer_answer_end(struct peer *peer)
{
    if (peer->closing || peer->whole)
        return;
    if (peer->chunked)
        http1_add_last_chunk(&peer->out);
    if (peer->peers->draining)
        peer->ends_connection = true;
    peer->whole = true;
    peer_answer_soon(peer);
}
