#include "server/web/adaptor.h"

#include "server/web/carrier_lws.h"
#include "server/web/tls.h"

#include <libwebsockets.h>

#define WRITE_SIZE 65536
#define READ_SIZE  1024 /* every WebSocket has a buffer of this size */

static int
on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
    struct peer *peer = wsi == NULL ? NULL : lws_get_opaque_user_data(wsi);

    switch ((int)reason) {
    case LWS_CALLBACK_HTTP: return peer_request(peer);
    case LWS_CALLBACK_HTTP_BODY: return peer_body(peer, in, len);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION: return peer_body_end(peer);
    case LWS_CALLBACK_HTTP_WRITEABLE: return peer_answer_writable(peer);
    case LWS_CALLBACK_CLOSED_HTTP: return peer_closed(peer);
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE: return peer_upgrade(peer, in);
    case LWS_CALLBACK_ESTABLISHED: return peer_established(peer);
    case LWS_CALLBACK_RECEIVE: return peer_received(peer, in, len);
    case LWS_CALLBACK_RECEIVE_PONG: return peer_ponged(peer);
    case LWS_CALLBACK_SERVER_WRITEABLE: return peer_writable(peer);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE: return peer_says_close(peer);
    case LWS_CALLBACK_CLOSED: return peer_closed(peer);
    case LWS_CALLBACK_WSI_DESTROY: return peer_destroyed(peer);
    case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS: return tls_tune(user);
    default: return 0;
    }
}

static const struct lws_protocols protocols[] = {
    {
        .name = "http",
        .callback = on_event,
        .rx_buffer_size = READ_SIZE,
        .tx_packet_size = WRITE_SIZE,
    },
    {
        .name = "rtchat.v1",
        .callback = on_event,
        .rx_buffer_size = READ_SIZE,
        .tx_packet_size = WRITE_SIZE,
    },
    {.name = NULL},
};

const struct lws_protocols *const adaptor_protocols = protocols;
