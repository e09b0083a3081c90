#include "server/web/request_lws.h"

#include "common/refusal.h"
#include "common/util.h"
#include "server/config.h"
#include "server/server.h"
#include "server/web/carrier_lws.h"
#include "server/web/exchange.h"
#include "server/web/request.h"
#include "server/web/worker.h"

#include <errno.h>
#include <inttypes.h>
#include <libwebsockets.h>
#include <string.h>

static enum method
method_of(int lws_method)
{
    switch (lws_method) {
    case LWSHUMETH_GET: return METHOD_GET;
    case LWSHUMETH_HEAD: return METHOD_HEAD;
    case LWSHUMETH_POST: return METHOD_POST;
    case LWSHUMETH_OPTIONS: return METHOD_OPTIONS;
    default: return METHOD_OTHER;
    }
}

static int
read_path(struct lws *wsi, struct exchange *exchange, struct refusal *refusal)
{
    char *path = NULL;
    int len = 0;

    exchange->method = method_of(lws_http_get_uri_and_method(wsi, &path, &len));
    if (path == NULL || len <= 0 || (size_t)len >= EXCHANGE_PATH_SIZE)
        return refuse(refusal, REFUSAL_BAD_REQUEST, "the path is missing or longer than %d bytes",
                      EXCHANGE_PATH_SIZE - 1);
    exchange->path = xasprintf("%.*s", len, path);
    return 0;
}

static int
read_query(struct lws *wsi, struct exchange *exchange, struct refusal *refusal)
{
    char pair[REQUEST_FIELD_MAX];

    for (int i = 0; lws_hdr_fragment_length(wsi, WSI_TOKEN_HTTP_URI_ARGS, i) > 0; i++) {
        if (lws_hdr_copy_fragment(wsi, pair, sizeof(pair), WSI_TOKEN_HTTP_URI_ARGS, i) < 0 ||
            query_add(&exchange->query, pair) < 0)
            return refuse(refusal, REFUSAL_BAD_REQUEST,
                          "too many arguments, or one is longer than %d bytes",
                          REQUEST_FIELD_MAX - 1);
    }
    return 0;
}

/* "" where the header is not there. -1 where it is too long for dst. */
static int
read_header(struct lws *wsi, enum lws_token_indexes token, char *dst, size_t size)
{
    dst[0] = '\0';
    if (lws_hdr_total_length(wsi, token) == 0)
        return 0;
    return lws_hdr_copy(wsi, dst, (int)size, token) < 0 ? -1 : 0;
}

/* The header as request.h wants it: NULL where it is not there, "" where it is too long. */
static const char *
look_at(struct lws *wsi, enum lws_token_indexes token, char dst[REQUEST_FIELD_MAX])
{
    if (lws_hdr_total_length(wsi, token) == 0)
        return NULL;
    if (lws_hdr_copy(wsi, dst, REQUEST_FIELD_MAX, token) < 0)
        dst[0] = '\0';
    return dst;
}

static void
read_token(struct lws *wsi, struct exchange *exchange)
{
    char header[REQUEST_FIELD_MAX];

    request_set_token(exchange, look_at(wsi, WSI_TOKEN_HTTP_AUTHORIZATION, header));
    explicit_bzero(header, sizeof(header));
}

static void
read_last_event_id(struct lws *wsi, struct exchange *exchange)
{
    static const char name[] = "last-event-id:";
    char value[REQUEST_FIELD_MAX];
    int len = lws_hdr_custom_copy(wsi, value, sizeof(value), name, sizeof(name) - 1);

    if (lws_hdr_custom_length(wsi, name, sizeof(name) - 1) > 0)
        request_set_last_event_id(exchange, len < 0 ? "" : value);
}

bool
request_takes_chunks(struct lws *wsi)
{
    char version[16];

    return read_header(wsi, WSI_TOKEN_HTTP, version, sizeof(version)) == 0 &&
           strcmp(version, "HTTP/1.1") == 0;
}

static void
read_address(struct peer *peer, struct exchange *exchange)
{
    char forwarded[REQUEST_FIELD_MAX];

    request_set_address(exchange, peer->address,
                        look_at(peer->wsi, WSI_TOKEN_X_FORWARDED_FOR, forwarded));
}

static int
read_origin(struct peer *peer, struct exchange *exchange, struct refusal *refusal)
{
    char origin[REQUEST_FIELD_MAX], host[REQUEST_FIELD_MAX];

    return request_set_origin(exchange, look_at(peer->wsi, WSI_TOKEN_ORIGIN, origin),
                              look_at(peer->wsi, WSI_TOKEN_HOST, host), refusal);
}

/* The library does not decode chunks (and would take their heads for the body), so a length must be
 * told. Without one there is no body by RFC 9112 section 6.3, but the library would wait for one.
 */
static int
plan_body(struct lws *wsi, enum method method, struct body_plan *plan, struct refusal *refusal)
{
    char header[24];
    bool told = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) > 0;

    *plan = (struct body_plan){.ends_connection = true};
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0)
        return refuse(refusal, REFUSAL_LENGTH_REQUIRED,
                      "a body in chunks is not read over HTTP/1.1: wanted Content-Length");
    if (told && (read_header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, header, sizeof(header)) < 0 ||
                 parse_u64(header, &plan->len) < 0))
        return refuse(refusal, REFUSAL_BAD_REQUEST, "Content-Length is no number");

    plan->comes = plan->len > 0 || (told && method == METHOD_POST);
    plan->ends_connection = !told && (method == METHOD_POST || method == METHOD_OTHER);
    return 0;
}

int
request_read(struct peer *peer, struct exchange *exchange, struct body_plan *plan,
             struct refusal *refusal)
{
    uint64_t max = (uint64_t)worker_server(peer->peers->worker)->config->max_body;
    int result = read_path(peer->wsi, exchange, refusal);

    if (result == 0)
        result = read_origin(peer, exchange, refusal);
    /* What the body is must be known even to refuse the request. */
    if (plan_body(peer->wsi, exchange->method, plan, refusal) < 0 || result < 0)
        return -1;
    if (read_query(peer->wsi, exchange, refusal) < 0)
        return -1;
    read_token(peer->wsi, exchange);
    read_last_event_id(peer->wsi, exchange);
    read_address(peer, exchange);
    if (plan->len > max)
        return refuse(refusal, REFUSAL_TOO_LARGE, "the body: %" PRIu64 " bytes, at most %" PRIu64,
                      plan->len, max);
    return 0;
}

int
request_check_upgrade(struct lws *wsi, struct refusal *refusal)
{
    char version[8], protocols[128];

    if (lws_hdr_total_length(wsi, WSI_TOKEN_KEY) == 0 ||
        lws_hdr_total_length(wsi, WSI_TOKEN_HOST) == 0)
        return refuse(refusal, REFUSAL_BAD_REQUEST, "Host or Sec-WebSocket-Key is missing");
    if (read_header(wsi, WSI_TOKEN_VERSION, version, sizeof(version)) < 0)
        version[0] = '\0';
    if (read_header(wsi, WSI_TOKEN_PROTOCOL, protocols, sizeof(protocols)) < 0)
        str_copy(protocols, sizeof(protocols), "?");
    return request_check_ws(version, protocols[0] == '\0' ? NULL : protocols, refusal);
}
