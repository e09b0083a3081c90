#include "server/web/context_lws.h"

#define LOG_MODULE "lws"
#include "common/log.h"
#include "common/util.h"
#include "server/web/adaptor.h"

#include <libwebsockets.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#define HEADERS_MAX      (16 * 1024)
#define HEADERS_WITHIN_S 10
#define KEEPALIVE_S      60
#define READ_BUFFER      (16 * 1024)

static int
text_len(const char *line)
{
    return (int)strcspn(line, "\n");
}

static void
log_as_warning(int level, const char *line)
{
    log_warn("%.*s", text_len(line), line);
}

static void
log_as_debug(int level, const char *line)
{
    log_debug("%.*s", text_len(line), line);
}

void
context_log_start(void)
{
    lws_set_log_level(LLL_ERR, log_as_warning);
}

void
context_log_serving(void)
{
    lws_set_log_level(log_enabled(LOG_DEBUG) ? LLL_ERR | LLL_WARN : 0, log_as_debug);
}

/* A vhost also gets an SSL_CTX for client connections, of which there are none here, and with
 * several contexts the library does not find its own again to free it (issue 2178): so it is given
 * one. */
struct context {
    uv_loop_t *loop;
    struct lws_context *lws;
    struct lws_vhost *vhost;
    SSL_CTX *client_tls;
};

static bool
init(struct context *context, const char *cert_path, const char *key_path)
{
    void *loops[] = {context->loop};
    /* All zero: no validity timers. They are off by our heartbeat, and the library would keep each
     * connection's in one sorted list, through which every pong walks. */
    static const lws_retry_bo_t no_policy;
    struct lws_context_creation_info info = {
        .retry_and_idle_policy = &no_policy,
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .protocols = adaptor_protocols,
        .foreign_loops = loops,
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
                   LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS,
        .gid = (gid_t)-1,
        .uid = (uid_t)-1,
        .vhost_name = "rtchat",
        .server_string = "rtchat",
        .alpn = "http/1.1",
        .ssl_cert_filepath = cert_path,
        .ssl_private_key_filepath = key_path,
        .provided_client_ssl_ctx = context->client_tls,
        .max_http_header_data = HEADERS_MAX,
        .pt_serv_buf_size = READ_BUFFER,
        .timeout_secs = HEADERS_WITHIN_S,
        .keepalive_timeout = KEEPALIVE_S,
    };

    context->lws = lws_create_context(&info);
    if (context->lws != NULL)
        context->vhost = lws_create_vhost(context->lws, &info);
    return context->vhost != NULL;
}

struct context *
context_create(uv_loop_t *loop, const char *cert_path, const char *key_path)
{
    struct context *context = xcalloc(1, sizeof(*context));

    context->loop = loop;
    context->client_tls = SSL_CTX_new(TLS_client_method());
    if (context->client_tls != NULL && init(context, cert_path, key_path))
        return context;
    context_destroy(context);
    return NULL;
}

struct lws_vhost *
context_vhost(const struct context *context)
{
    return context->vhost;
}

void
context_destroy(struct context *context)
{
    if (context == NULL)
        return;
    if (context->lws != NULL) {
        /* The first call closes the library's handles, which takes turns of the loop; the second
         * frees what they used. */
        lws_context_destroy(context->lws);
        uv_run(context->loop, UV_RUN_DEFAULT);
        lws_context_destroy(context->lws);
    }
    SSL_CTX_free(context->client_tls);
    free(context);
}

void
context_nudge(struct context *context)
{
    lws_cancel_service(context->lws);
}

void
context_renew_certificate(struct context *context, const char *cert_path, const char *key_path)
{
    lws_tls_cert_updated(context->lws, cert_path, key_path, NULL, 0, NULL, 0);
}
