#include "server/web/carrier_lws.h"

#define LOG_MODULE "peer"
#include "common/clock.h"
#include "common/log.h"
#include "common/util.h"
#include "server/chat/limits.h"
#include "server/config.h"
#include "server/server.h"
#include "server/web/worker.h"
#include "server/web/ws_frame.h"

#include <errno.h>
#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>

#define BODY_WITHIN_MS 30000
#define CLOSE_WITHIN_S 5

static struct peer *
peer_of(struct carrier *carrier)
{
    return container_of(carrier, struct peer, carrier);
}

/* Outside of libwebsockets' own callbacks a connection must not be freed under those who use it. */
void
peer_kill_soon(struct peer *peer)
{
    peer->closing = true;
    if (peer->wsi == NULL)
        return;
    lws_set_timeout(peer->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
    worker_nudge(peer->peers->worker);
}

/* The one place that writes to a WebSocket. LWS_WRITE_HTTP sends bytes as they are, here whole
 * frames. What the socket does not take is kept by the library, which then calls back when it is
 * out. */
static int
ws_write(struct peer *peer, const void *bytes, size_t len)
{
    unsigned char *data = (unsigned char *)(uintptr_t)bytes; /* it is not written to */

    if (peer->wsi == NULL || peer->closing)
        return -EPIPE;
    if (lws_write(peer->wsi, data, len, LWS_WRITE_HTTP) < 0)
        return -EPIPE;
    if (!lws_partial_buffered(peer->wsi))
        return 0;
    lws_callback_on_writable(peer->wsi);
    return -EAGAIN;
}

static int
carrier_write(struct carrier *carrier, const void *bytes, size_t len)
{
    struct peer *peer = peer_of(carrier);
    int result =
        peer->ws != NULL ? ws_write(peer, bytes, len) : peer_answer_write(peer, bytes, len);

    if (result == -EPIPE)
        peer_kill_soon(peer);
    return result;
}

static void
carrier_answer(struct carrier *carrier, const struct answer *answer)
{
    peer_answer(peer_of(carrier), answer);
}

static void
carrier_begin(struct carrier *carrier, const struct answer *head)
{
    peer_answer_begin(peer_of(carrier), head);
}

/* An HTTP peer is not read anyhow while it is answered. */
static void
carrier_pause(struct carrier *carrier, bool paused)
{
    struct peer *peer = peer_of(carrier);

    if (peer->wsi == NULL || peer->ws == NULL)
        return;
    lws_rx_flow_control(peer->wsi, !paused);
    worker_nudge(peer->peers->worker);
}

/* The close frame is written here, since libuv and this library do not send the one that is given
 * to lws_close_reason: it closes a connection twice then, and the second time cuts it. The peer's
 * own close frame ends the connection, or the timeout. */
static void
carrier_close(struct carrier *carrier, unsigned code, const char *reason)
{
    struct peer *peer = peer_of(carrier);
    struct buf frame = BUF_INIT;

    if (code == 0 || peer->wsi == NULL) {
        peer_kill_soon(peer);
        return;
    }
    if (peer->ws == NULL) {
        peer_answer_end(peer);
        return;
    }
    ws_frame_add_close(&frame, code, reason);
    if (ws_write(peer, frame.data, frame.len) == -EPIPE) {
        peer_kill_soon(peer);
    } else {
        peer->closing = true;
        lws_rx_flow_control(peer->wsi, 1);
        lws_set_timeout(peer->wsi, PENDING_TIMEOUT_CLOSE_ACK, CLOSE_WITHIN_S);
        worker_nudge(peer->peers->worker);
    }
    buf_fini(&frame);
}

static const struct carrier_ops carrier_lws = {
    .write = carrier_write,
    .answer = carrier_answer,
    .begin = carrier_begin,
    .pause = carrier_pause,
    .close = carrier_close,
};

void
peers_init(struct peers *peers, struct worker *worker, struct lws_vhost *vhost)
{
    *peers = (struct peers){.worker = worker, .vhost = vhost};
    TAILQ_INIT(&peers->all);
    TAILQ_INIT(&peers->bodies);
    TAILQ_INIT(&peers->turn);
    buf_init(&peers->scratch);
}

void
peers_fini(struct peers *peers)
{
    buf_fini(&peers->scratch);
}

void
peer_free(struct peer *peer)
{
    TAILQ_REMOVE(&peer->peers->all, peer, in_all);
    peer->peers->count--;
    limits_leave(worker_server(peer->peers->worker)->limits, peer->address);
    buf_fini(&peer->out);
    free(peer);
}

void
peer_accept(struct peers *peers, int fd, const char *address)
{
    struct peer *peer;
    lws_adopt_desc_t adoption = {
        .vh = peers->vhost,
        .type = LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP | LWS_ADOPT_ALLOW_SSL,
        .fd.sockfd = fd,
    };

    peer = xcalloc(1, sizeof(*peer));
    peer->carrier.ops = &carrier_lws;
    peer->peers = peers;
    str_copy(peer->address, sizeof(peer->address), address);
    TAILQ_INSERT_TAIL(&peers->all, peer, in_all);
    peers->count++;

    adoption.opaque = peer;
    peer->wsi = lws_adopt_descriptor_vhost_via_info(&adoption);
}

void
peer_end_body(struct peer *peer)
{
    if (!peer->reading_body)
        return;
    peer->reading_body = false;
    TAILQ_REMOVE(&peer->peers->bodies, peer, in_bodies);
}

void
peers_tick(struct peers *peers, int64_t now_ms)
{
    struct peer *peer;

    while ((peer = TAILQ_FIRST(&peers->bodies)) != NULL) {
        if (now_ms - peer->body_began_ms < BODY_WITHIN_MS)
            return;
        peer_end_body(peer);
        peer_kill_soon(peer);
    }
}

void
peers_drain(struct peers *peers)
{
    struct peer *peer;

    peers->draining = true;
    TAILQ_FOREACH(peer, &peers->all, in_all)
    if (peer->exchange == NULL && peer->ws == NULL)
        peer_kill_soon(peer);
}

void
peers_cut(struct peers *peers)
{
    struct peer *peer;

    TAILQ_FOREACH(peer, &peers->all, in_all)
    peer_kill_soon(peer);
}
