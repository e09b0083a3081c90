/* The row "ws": one WebSocket over TLS carries everything both ways (RFC 6455).
 *
 * lws would resolve names blocking, so they are resolved here and it is given one address after
 * another. */
#include "client/link/inquest.h"
#include "client/link/link_lws.h"
#include "client/link/link_ops.h"
#include "client/link/proxy.h"
#include "client/link/trust.h"
#include "client/link/url.h"
#include "common/buf.h"
#include "common/util.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_MODULE "ws"
#include "common/log.h"

#define LINE_MAX_LEN 1048576 /* bytes of one event */
#define ADDRESS_MS   3000    /* an address that does not connect so long is left for the next one */

struct link_way {
    struct way_config config; /* its strings are the copies below */
    char host[URL_HOST_MAX + 1];
    char name[URL_HOST_MAX + 3]; /* the host as a proxy wants it: IPv6 in brackets */
    char authority[URL_AUTHORITY_SIZE];
    char path[64];
    char *token;
    struct way_listener listener;

    uv_getaddrinfo_t lookup;
    struct addrinfo *addresses, *address; /* all, and the one that is tried */
    uv_timer_t timer;                     /* the next address, soon or when this one takes long */
    struct wire *wire;
    bool is_connected;
    bool is_over; /* stopped, or ended was told */
    struct buf line;

    struct inquest *inquest; /* why it did not open; NULL: not asked */
    unsigned holds;          /* callbacks of the loop that are still to come */
};

static void try_address(struct link_way *way);

static void
release(struct link_way *way)
{
    if (--way->holds > 0)
        return;

    uv_freeaddrinfo(way->addresses);
    explicit_bzero(way->token, strlen(way->token));
    free(way->token);
    buf_fini(&way->line);
    free(way);
}

static void
release_timer(uv_handle_t *handle)
{
    release(container_of(handle, struct link_way, timer));
}

/* Lets go of everything; the way is freed when the loop has. */
static void
let_go(struct link_way *way, int close_code)
{
    way->is_over = true;
    if (way->wire != NULL)
        wire_drop(way->wire, close_code);
    way->wire = NULL;
    uv_cancel((uv_req_t *)&way->lookup); /* fails where it is over or running; both are fine */
    if (way->inquest != NULL)
        inquest_cancel(way->inquest);
    way->inquest = NULL;
    uv_close((uv_handle_t *)&way->timer, release_timer);
}

static void
end(struct link_way *way, enum way_end how, int status, int64_t retry_after_ms, const char *why)
{
    struct way_listener listener = way->listener;

    let_go(way, status >= 1000 ? status : 1000);
    listener.ended(listener.context, how, status, retry_after_ms, why);
}

/* It is told in a turn of the loop of its own: start has not returned, or lws is inside of the wsi.
 */
static void
on_timer(uv_timer_t *timer)
{
    struct link_way *way = container_of(timer, struct link_way, timer);

    if (way->wire != NULL)
        wire_drop(way->wire, 1000);
    way->wire = NULL;
    if (way->address != NULL)
        way->address = way->address->ai_next;
    try_address(way);
}

static void
try_soon(struct link_way *way)
{
    uv_timer_start(&way->timer, on_timer, 0, 0);
}

static void
on_inquest(void *context, enum way_end how, int status, int64_t retry_after_ms, const char *why)
{
    struct link_way *way = context;

    way->inquest = NULL;
    end(way, how, status, retry_after_ms, why);
}

static struct inquest_config
inquest_config(struct link_way *way)
{
    return (struct inquest_config){
        .loop = way->config.loop,
        .trust = way->config.trust,
        .meter = way->config.meter,
        .host = way->host,
        .token = way->token,
        .port = way->config.port,
        .proxy = way->config.proxy,
        .context = way,
        .done = on_inquest,
    };
}

/* It did not open, and lws does not tell why. */
static void
inquire(struct link_way *way)
{
    const struct inquest_config config = inquest_config(way);
    int error = 0;

    if (proxy_is_used(way->config.proxy))
        error = inquest_tunnel(&config, &way->inquest);
    else if (!way->is_connected)
        error = inquest_connect(&config, way->address->ai_addr, &way->inquest);
    else
        end(way, WAY_CLOSED, 0, 0, "closed before the WebSocket was open");
    if (error < 0)
        end(way, WAY_UNREACHED, 0, 0, uv_strerror(error));
}

/* Where it speaks of rights, it has to be known who says so. */
static void
take_status(struct link_way *way, int status, int64_t retry_after_ms)
{
    const struct inquest_config config = inquest_config(way);
    char why[100];

    if ((status == 401 || status == 403) && inquest_denial(&config, status, &way->inquest) == 0)
        return;

    snprintf(why, sizeof(why), "the server answered %d to the WebSocket", status);
    end(way, WAY_REFUSED, status, retry_after_ms, why);
}

static void
on_connected(void *context)
{
    struct link_way *way = context;

    way->is_connected = true;
    uv_timer_stop(&way->timer);
}

static void
on_established(void *context)
{
    struct link_way *way = context;
    struct way_facts *facts = way->config.facts;

    if (facts != NULL) {
        str_copy(facts->http, sizeof(facts->http), "1.1");
        str_copy(facts->http_why, sizeof(facts->http_why), "as WebSocket is here");
        str_copy(facts->tls, sizeof(facts->tls), wire_tls_version(way->wire));
    }

    way->listener.open(way->listener.context);
}

static void
on_received(void *context, const void *data, size_t len, bool is_first, bool is_last,
            bool is_binary)
{
    struct link_way *way = context;

    if (is_binary) {
        end(way, WAY_REFUSED, 1003, 0, "the server spoke binary: wanted JSON text");
        return;
    }
    if (is_first)
        buf_clear(&way->line);
    if (way->line.len + len > LINE_MAX_LEN) {
        end(way, WAY_REFUSED, 1009, 0, "the server spoke an event of more than 1 MiB");
        return;
    }

    buf_add(&way->line, data, len);
    if (is_last)
        way->listener.line(way->listener.context, buf_text(&way->line), way->line.len);
    else
        way->listener.heard(way->listener.context);
}

static void
on_heard(void *context)
{
    struct link_way *way = context;

    way->listener.heard(way->listener.context);
}

/* A certificate is the first suspect: lws says nothing of it. Where the server answered, the answer
 * counts; otherwise another address may do, and the last one is asked why. */
static void
on_failed(void *context, int status, int64_t retry_after_ms)
{
    struct link_way *way = context;
    const struct trust_report *report = trust_report(way->config.trust);
    char why[200];

    way->wire = NULL;
    uv_timer_stop(&way->timer);
    if (report->fault != TRUST_NONE) {
        snprintf(why, sizeof(why), "%s", report->why);
        end(way, WAY_CERTIFICATE, 0, 0, why);
    } else if (status != 0) {
        take_status(way, status, retry_after_ms);
    } else if (way->address->ai_next != NULL) {
        try_soon(way);
    } else {
        inquire(way);
    }
}

static void
on_closed(void *context, int code)
{
    struct link_way *way = context;
    char why[64];

    way->wire = NULL;
    if (code == 0) {
        end(way, WAY_CLOSED, 0, 0, "connection lost");
        return;
    }

    /* lws takes 1012 for a fault and gives 1002 in its place (4.1 to 4.3). */
    snprintf(why, sizeof(why), code == 1002 ? "closed by the server" : "closed by the server (%d)",
             code);
    end(way, WAY_REFUSED, code, 0, why);
}

/* As lws wants it: the password as it is, and the address resolved. */
static void
format_proxy(const struct proxy *proxy, const char *address, char *dst, size_t size)
{
    bool has_user = proxy->user[0] != '\0', is_ipv6 = strchr(address, ':') != NULL;

    snprintf(dst, size, "%s%s%s%s%s%s%s:%d", proxy->user, has_user ? ":" : "",
             has_user ? proxy->password : "", has_user ? "@" : "", is_ipv6 ? "[" : "", address,
             is_ipv6 ? "]" : "", proxy->port);
}

static void
try_address(struct link_way *way)
{
    const struct wire_listener listener = {
        .context = way,
        .connected = on_connected,
        .established = on_established,
        .received = on_received,
        .heard = on_heard,
        .writable = on_established,
        .failed = on_failed,
        .closed = on_closed,
    };
    char address[64], proxy[2 * PROXY_USER_SIZE + 96];
    bool is_proxied = proxy_is_used(way->config.proxy);
    struct wire_config config = {
        .address = is_proxied ? way->name : address,
        .proxy = is_proxied ? proxy : NULL,
        .host = way->host,
        .authority = way->authority,
        .port = way->config.port,
        .path = way->path,
        .token = way->token,
        .listener = &listener,
    };

    if (way->address == NULL) {
        end(way, WAY_UNREACHED, 0, 0, "no address answers");
        return;
    }

    uv_ip_name(way->address->ai_addr, address, sizeof(address));
    log_debug("connect host=%s port=%d %s=%s", way->host, way->config.port,
              is_proxied ? "proxy" : "address", address);
    if (is_proxied)
        format_proxy(way->config.proxy, address, proxy, sizeof(proxy));
    trust_forget(way->config.trust);
    way->is_connected = false;
    way->wire = wire_open(way->config.base, &config);
    explicit_bzero(proxy, sizeof(proxy));
    if (way->wire == NULL)
        try_soon(way);
    else if (way->address->ai_next != NULL)
        uv_timer_start(&way->timer, on_timer, ADDRESS_MS, 0);
}

static void
on_resolved(uv_getaddrinfo_t *lookup, int status, struct addrinfo *addresses)
{
    struct link_way *way = container_of(lookup, struct link_way, lookup);

    way->addresses = addresses;
    way->address = addresses;
    if (!way->is_over && status < 0)
        end(way, WAY_UNREACHED, 0, 0,
            proxy_is_used(way->config.proxy) ? "the proxy's name not found" : "name not found");
    else if (!way->is_over)
        try_address(way);
    release(way);
}

static void
set_path(struct link_way *way, const struct cursor *after)
{
    char cursor[CURSOR_SIZE];

    if (after == NULL) {
        snprintf(way->path, sizeof(way->path), "/v1/ws");
    } else {
        cursor_format(cursor, after);
        snprintf(way->path, sizeof(way->path), "/v1/ws?after=%s", cursor);
    }
}

static struct link_way *
start(const struct way_config *config)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct link_way *way = xcalloc(1, sizeof(*way));
    struct url url = {.port = config->port};

    way->config = *config;
    way->listener = *config->listener;
    str_copy(url.host, sizeof(url.host), config->host);
    str_copy(way->host, sizeof(way->host), config->host);
    url_authority(way->authority, &url);
    snprintf(way->name, sizeof(way->name), "%.*s",
             (int)(strrchr(way->authority, ':') - way->authority), way->authority);
    way->token = xstrdup(config->token);
    set_path(way, config->after);

    uv_timer_init(config->loop, &way->timer);
    way->holds = 2; /* the timer and the lookup */
    const struct proxy *proxy = proxy_is_used(config->proxy) ? config->proxy : NULL;
    char port[8];
    snprintf(port, sizeof(port), "%d", proxy != NULL ? proxy->port : config->port);
    if (uv_getaddrinfo(config->loop, &way->lookup, on_resolved,
                       proxy != NULL ? proxy->host : way->host, port, &hints) == 0)
        return way;

    way->holds--;
    try_soon(way); /* there is no address: it ends in the next turn */
    return way;
}

static int
send_line(struct link_way *way, const char *json, size_t len)
{
    return way->wire == NULL ? -EPIPE : wire_write(way->wire, json, len);
}

static void
stop(struct link_way *way)
{
    let_go(way, 1000);
}

const struct link_ops link_ws = {
    .name = "ws",
    .base_create = lws_base_create,
    .base_destroy = lws_base_destroy,
    .start = start,
    .send = send_line,
    .stop = stop,
};
