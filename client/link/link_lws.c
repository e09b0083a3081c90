#include "client/link/link_lws.h"

#include "client/link/link_lws_state.h"
#include "common/id.h"
#include "common/util.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_AFTER_MAX 3600 /* seconds that a server may hold us off */
#define SUBPROTOCOL     "rtchat.v1"

/* Lives until lws lets go of its wsi, which may be after whoever opened it is gone. */
struct wire {
    struct way_base *base;
    struct lws *wsi;
    struct wire_listener listener;
    char *token;
    bool is_opening; /* lws_client_connect_via_info has not returned */
    bool is_dropped; /* tell nobody */
    bool is_established;
    bool is_gone; /* lws destroyed it while it was opening */
    int status;
    int64_t retry_after_ms;
    int close_code;
    int fd; /* that is counted; -1: none */
    struct wire *previous, *next;
};

static struct wire *
new_wire(struct way_base *base, const struct wire_config *config)
{
    struct wire *wire = xcalloc(1, sizeof(*wire));

    wire->base = base;
    wire->listener = *config->listener;
    wire->token = xstrdup(config->token);
    wire->fd = -1;
    wire->next = base->first;
    if (base->first != NULL)
        base->first->previous = wire;
    base->first = wire;
    return wire;
}

static void
free_wire(struct wire *wire)
{
    if (wire->next != NULL)
        wire->next->previous = wire->previous;
    if (wire->previous != NULL)
        wire->previous->next = wire->next;
    else
        wire->base->first = wire->next;

    explicit_bzero(wire->token, strlen(wire->token));
    free(wire->token);
    free(wire);
}

static int
on_handshake(struct wire *wire, void *in, size_t len)
{
    unsigned char **at = in;

    meter_count(wire->base->meter, METER_REQUEST);
    char *value = xasprintf("Bearer %s", wire->token);

    int error = lws_add_http_header_by_name(
        wire->wsi, (const unsigned char *)"authorization:", (const unsigned char *)value,
        (int)strlen(value), at, *at + len);
    explicit_bzero(value, strlen(value));
    free(value);
    return error;
}

static int
on_connected(struct wire *wire, void *in, size_t len)
{
    wire->fd = lws_get_socket_fd(lws_get_network_wsi(wire->wsi));
    meter_socket(wire->base->meter, wire->fd);
    if (!wire->is_dropped && !wire->is_opening)
        wire->listener.connected(wire->listener.context);
    return 0;
}

/* The answer to the upgrade, while its headers can still be read. */
static int
on_answered(struct wire *wire, void *in, size_t len)
{
    char text[16];
    int64_t seconds;

    int status = (int)lws_http_client_http_response(wire->wsi);
    if (status == 101)
        return 0;

    wire->status = status;
    if (lws_hdr_copy(wire->wsi, text, sizeof(text), WSI_TOKEN_HTTP_RETRY_AFTER) > 0 &&
        parse_i64(text, 0, INT32_MAX, &seconds) == 0)
        wire->retry_after_ms = MIN(seconds, RETRY_AFTER_MAX) * 1000;
    return 0;
}

static int
on_established(struct wire *wire, void *in, size_t len)
{
    wire->is_established = true;
    if (!wire->is_dropped)
        wire->listener.established(wire->listener.context);
    return 0;
}

static int
on_received(struct wire *wire, void *in, size_t len)
{
    bool is_last = lws_is_final_fragment(wire->wsi) && lws_remaining_packet_payload(wire->wsi) == 0;

    if (!wire->is_dropped)
        wire->listener.received(wire->listener.context, in, len, lws_is_first_fragment(wire->wsi),
                                is_last, lws_frame_is_binary(wire->wsi));
    return 0;
}

static int
on_pong(struct wire *wire, void *in, size_t len)
{
    if (!wire->is_dropped)
        wire->listener.heard(wire->listener.context);
    return 0;
}

static int
on_writable(struct wire *wire, void *in, size_t len)
{
    if (!wire->is_dropped)
        wire->listener.writable(wire->listener.context);
    return 0;
}

/* While it still has its socket. */
static int
on_closing(struct wire *wire, void *in, size_t len)
{
    meter_socket_gone(wire->base->meter, wire->fd);
    return 0;
}

static int
on_peer_closes(struct wire *wire, void *in, size_t len)
{
    const unsigned char *code = in;

    wire->close_code = len >= 2 ? code[0] << 8 | code[1] : 1005;
    return 0;
}

static void
free_watcher(uv_handle_t *handle)
{
    free(handle);
}

static void
close_if_left(uv_handle_t *handle, void *wsi)
{
    if (handle->type == UV_POLL && handle->data == wsi && !uv_is_closing(handle))
        uv_close(handle, free_watcher);
}

/* The last that lws says of a wsi. A connect that failed leaves its uv_poll_t behind (lws 4.1.6,
 * lws_client_connect_3_connect closes the socket alone). That is closed before anybody is told, as
 * the next socket may get the same number. */
static int
on_destroyed(struct wire *wire, void *in, size_t len)
{
    struct wire_listener listener = wire->listener;

    uv_walk(wire->base->loop, close_if_left, wire->wsi);
    if (wire->is_opening) {
        wire->is_gone = true;
        return 0;
    }

    if (!wire->is_dropped && wire->is_established)
        listener.closed(listener.context, wire->close_code);
    else if (!wire->is_dropped)
        listener.failed(listener.context, wire->status, wire->retry_after_ms);
    free_wire(wire);
    return 0;
}

static const struct {
    enum lws_callback_reasons reason;
    int (*op)(struct wire *wire, void *in, size_t len);
} ops[] = {
    {LWS_CALLBACK_WSI_CREATE, on_connected},
    {LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER, on_handshake},
    {LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP, on_answered},
    {LWS_CALLBACK_CLIENT_ESTABLISHED, on_established},
    {LWS_CALLBACK_CLIENT_RECEIVE, on_received},
    {LWS_CALLBACK_CLIENT_RECEIVE_PONG, on_pong},
    {LWS_CALLBACK_CLIENT_WRITEABLE, on_writable},
    {LWS_CALLBACK_WS_PEER_INITIATED_CLOSE, on_peer_closes},
    {LWS_CALLBACK_CLIENT_CONNECTION_ERROR, on_closing},
    {LWS_CALLBACK_CLIENT_CLOSED, on_closing},
    {LWS_CALLBACK_WSI_DESTROY, on_destroyed},
};

static int
adaptor(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
    struct wire *wire = user;

    if (wire == NULL)
        return 0;

    for (size_t i = 0; i < ARRAY_LEN(ops); i++)
        if (ops[i].reason == reason) {
            wire->wsi = wsi;
            return ops[i].op(wire, in, len);
        }

    return 0;
}

const struct lws_protocols lws_adaptor[] = {
    {.name = SUBPROTOCOL,
     .callback = adaptor,
     .rx_buffer_size = LWS_READ_SIZE,
     .tx_packet_size = LWS_READ_SIZE},
    {0},
};

void
wires_mute(struct way_base *base)
{
    for (struct wire *wire = base->first; wire != NULL; wire = wire->next)
        wire->is_dropped = true;
}

void
wires_free(struct way_base *base)
{
    while (base->first != NULL)
        free_wire(base->first);
}

struct wire *
wire_open(struct way_base *base, const struct wire_config *config)
{
    struct wire *wire = new_wire(base, config);
    struct lws_client_connect_info info = {
        .context = base->context,
        .address = config->address,
        .port = config->port,
        .host = config->authority,
        .path = config->path,
        .protocol = SUBPROTOCOL,
        .local_protocol_name = SUBPROTOCOL,
        .alpn = "http/1.1",
        /* trust looks at the name; a redirect would carry the token elsewhere. */
        .ssl_connection = LCCSCF_USE_SSL | LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK |
                          LCCSCF_HTTP_NO_FOLLOW_REDIRECT,
        .userdata = wire,
    };

    if (config->proxy != NULL)
        lws_set_proxy(lws_get_vhost_by_name(base->context, "default"), config->proxy);
    wire->is_opening = true;
    wire->wsi = lws_client_connect_via_info(&info);
    wire->is_opening = false;
    lws_cancel_service(base->context);
    if (wire->wsi != NULL && !wire->is_gone)
        return wire;

    /* Where lws has not yet let go of a wsi, it does so later and frees the wire then. */
    wire->is_dropped = true;
    if (wire->is_gone)
        free_wire(wire);
    return NULL;
}

const char *
wire_tls_version(struct wire *wire)
{
    return SSL_get_version(lws_get_ssl(lws_get_network_wsi(wire->wsi)));
}

/* lws closes it in its next turn; a timer that was set from outside of its callbacks is not looked
 * at before something else wakes it. */
static void
kill_soon(struct wire *wire)
{
    lws_set_timeout(wire->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
    lws_cancel_service(wire->base->context);
}

int
wire_write(struct wire *wire, const char *data, size_t len)
{
    if (!wire->is_established)
        return -EPIPE;
    if (lws_partial_buffered(wire->wsi) || lws_send_pipe_choked(wire->wsi)) {
        lws_callback_on_writable(wire->wsi);
        return -EAGAIN;
    }

    unsigned char *frame = xmalloc(LWS_PRE + len);
    memcpy(frame + LWS_PRE, data, len);
    int written = lws_write(wire->wsi, frame + LWS_PRE, len, LWS_WRITE_TEXT);
    free(frame);
    if (written >= (int)len)
        return 0;

    kill_soon(wire);
    return -EPIPE;
}

/* lws sends a close frame of its own only where it is let to wait for the answer. */
static void
write_close(struct wire *wire, int code)
{
    unsigned char buffer[LWS_PRE + 8], *frame = buffer + LWS_PRE;

    frame[0] = 0x88;
    frame[1] = 0x80 | 2;
    random_bytes(frame + 2, 4);
    frame[6] = (unsigned char)(code >> 8) ^ frame[2];
    frame[7] = (unsigned char)code ^ frame[3];
    lws_write(wire->wsi, frame, 8, LWS_WRITE_RAW);
}

void
wire_drop(struct wire *wire, int code)
{
    wire->is_dropped = true;
    if (wire->is_established && wire->close_code == 0 && !lws_partial_buffered(wire->wsi))
        write_close(wire, code);
    kill_soon(wire);
}
