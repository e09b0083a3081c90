/* What the adaptor calls: a callback of libwebsockets, by its reason, as a step of a peer's life.
 */
#include "server/web/carrier_lws.h"

#include "common/clock.h"
#include "common/refusal.h"
#include "server/chat/sessions.h"
#include "server/web/conn.h"
#include "server/web/exchange.h"
#include "server/web/request.h"
#include "server/web/request_lws.h"
#include "server/web/routes.h"
#include "server/web/worker.h"
#include "server/web/ws.h"

#include <libwebsockets.h>
#include <string.h>

#define BODY_ENDS_MAX      8                  /* how often the library may tell of one body's end */
#define DISCARDED_BODY_MAX (16 * 1024 * 1024) /* a refused body is read up to here, then cut */

void
peer_drop_exchange(struct peer *peer)
{
    if (peer->exchange == NULL)
        return;
    exchange_gone(peer->exchange);
    exchange_unref(peer->exchange);
    peer->exchange = NULL;
}

/* While a request is served nothing more is read: the library would take the bytes of the next one
 * for the end of this one's body, again and again, and a peer that has gone for work. One that is
 * held does not need its head any more, for which the library keeps 16 KiB. */
static void
serve(struct peer *peer)
{
    lws_set_timeout(peer->wsi, NO_PENDING_TIMEOUT, 0);
    lws_rx_flow_control(peer->wsi, 0);
    routes_serve(peer->exchange);
    if (peer->exchange->conn == NULL)
        return;
    lws_http_headers_detach(peer->wsi);
    peer_answer_soon(peer);
}

static void
begin_body(struct peer *peer)
{
    peer->reading_body = true;
    peer->body_began_ms = clock_mono_ms();
    TAILQ_INSERT_TAIL(&peer->peers->bodies, peer, in_bodies);
}

int
peer_request(struct peer *peer)
{
    struct body_plan plan;
    struct refusal refusal;

    if (peer == NULL || peer->exchange != NULL)
        return -1;
    peer->body_ends = 0;
    peer->chunked = request_takes_chunks(peer->wsi);
    peer->exchange = exchange_create(peer->peers->worker, &peer->carrier,
                                     worker_next_number(peer->peers->worker));
    if (request_read(peer, peer->exchange, &plan, &refusal) < 0) {
        peer->ends_connection = plan.ends_connection || plan.len > DISCARDED_BODY_MAX;
        if (plan.len > 0)
            begin_body(peer);
        exchange_refuse(peer->exchange, &refusal);
        return 0;
    }
    peer->ends_connection = plan.ends_connection;
    if (plan.comes)
        begin_body(peer);
    else
        serve(peer);
    return 0;
}

/* A POST that comes in one packet behind another request is misread by the library (4.1.6): it
 * takes the head for the body, too, and then tells of the body's end for ever. Such a connection is
 * cut; who pipelines must be ready for that (RFC 9112 section 9.3.2). */
static bool
is_own_head(const struct buf *body, const char *bytes, size_t len)
{
    static const char head[] = "POST /";

    return body->len == 0 && len >= sizeof(head) - 1 && memcmp(bytes, head, sizeof(head) - 1) == 0;
}

int
peer_body(struct peer *peer, const void *bytes, size_t len)
{
    if (peer == NULL || peer->exchange == NULL || !peer->reading_body || len == 0 ||
        !exchange_is_open(peer->exchange))
        return 0;
    if (is_own_head(&peer->exchange->body, bytes, len))
        return -1;
    buf_add(&peer->exchange->body, bytes, len);
    return 0;
}

int
peer_body_end(struct peer *peer)
{
    bool was_reading;

    if (peer == NULL || peer->body_ends++ == BODY_ENDS_MAX)
        return -1;
    was_reading = peer->reading_body;
    peer_end_body(peer);
    if (was_reading && peer->exchange != NULL && exchange_is_open(peer->exchange))
        serve(peer);
    return 0;
}

int
peer_answer_writable(struct peer *peer)
{
    return peer != NULL && peer->over ? -1 : 0;
}

static int
check_upgrade(struct peer *peer, const char *protocol)
{
    struct body_plan plan;
    struct refusal refusal;
    const struct cursor *after = NULL;

    if (strcasecmp(protocol, "websocket") != 0)
        refuse(&refusal, REFUSAL_BAD_REQUEST, "Upgrade: wanted websocket");
    else if (request_read(peer, peer->exchange, &plan, &refusal) == 0 &&
             request_check_upgrade(peer->wsi, &refusal) == 0 &&
             request_read_after(peer->exchange, &peer->after, &after, &refusal) == 0) {
        peer->has_after = after != NULL;
        return routes_open(peer->exchange);
    }
    exchange_refuse(peer->exchange, &refusal);
    return -1;
}

/* A refusal leaves at once: the library ends the connection when this returns. */
int
peer_upgrade(struct peer *peer, const char *protocol)
{
    if (peer == NULL || peer->exchange != NULL || peer->peers->draining)
        return -1;
    peer->exchange = exchange_create(peer->peers->worker, &peer->carrier,
                                     worker_next_number(peer->peers->worker));
    peer->ends_connection = true;
    if (check_upgrade(peer, protocol) == 0)
        return 0;
    peer_answer_now(peer);
    return -1;
}

int
peer_established(struct peer *peer)
{
    const struct session *session;

    if (peer == NULL || peer->exchange == NULL)
        return -1;
    session = peer->exchange->session;
    if (session != NULL)
        session_ref(session);
    peer_drop_exchange(peer);
    peer->ws = ws_open(peer->peers->worker, &peer->carrier, session,
                       peer->has_after ? &peer->after : NULL);
    return 0;
}

int
peer_received(struct peer *peer, const void *bytes, size_t len)
{
    struct ws_piece piece = {.bytes = bytes, .len = len};

    if (peer == NULL || peer->ws == NULL || peer->closing)
        return 0;
    piece.remaining = lws_remaining_packet_payload(peer->wsi);
    piece.last = lws_is_final_fragment(peer->wsi);
    piece.binary = lws_frame_is_binary(peer->wsi);
    ws_receive(peer->ws, &piece);
    return 0;
}

int
peer_ponged(struct peer *peer)
{
    if (peer != NULL && peer->ws != NULL)
        conn_heard(ws_conn(peer->ws));
    return 0;
}

int
peer_writable(struct peer *peer)
{
    if (peer == NULL || peer->ws == NULL || peer->closing || lws_partial_buffered(peer->wsi))
        return 0;
    conn_writable(ws_conn(peer->ws));
    return 0;
}

/* Where ours went before, this is the answer, and the end. Else the library answers, and nothing
 * more may follow (RFC 6455 section 5.5.1). */
int
peer_says_close(struct peer *peer)
{
    if (peer == NULL || peer->closing)
        return -1;
    peer->closing = true;
    return 0;
}

int
peer_closed(struct peer *peer)
{
    if (peer == NULL)
        return 0;
    peer_answer_forget(peer);
    peer->wsi = NULL;
    peer_end_body(peer);
    peer_drop_exchange(peer);
    if (peer->ws != NULL)
        ws_closed(peer->ws);
    peer->ws = NULL;
    return 0;
}

int
peer_destroyed(struct peer *peer)
{
    if (peer == NULL)
        return 0;
    peer_closed(peer);
    peer_free(peer);
    return 0;
}
