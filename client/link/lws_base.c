/* An lws context on a foreign libuv loop: how it begins and how it ends. */
#include "client/link/link_lws.h"

#include "client/link/https.h"
#include "client/link/link_lws_state.h"
#include "client/link/meter_tls.h"
#include "client/link/trust.h"
#include "common/util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_MODULE "lws"
#include "common/log.h"

#define HEADERS_SIZE   8192 /* of the answer to the upgrade */
#define FDS_MAX        32   /* one link has few wires; the default goes by RLIMIT_NOFILE */
#define CLOSING_ROUNDS 3

/* What lws holds for errors is told by the link, and better; its lines are for whoever looks. */
static void
log_line(int level, const char *line)
{
    log_debug("%.*s", (int)strcspn(line, "\n"), line);
}

static struct lws_context *
new_context(struct way_base *base)
{
    void *loops[] = {base->loop};
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .protocols = lws_adaptor,
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
                   LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS,
        .foreign_loops = loops,
        .provided_client_ssl_ctx = base->tls,
        .pt_serv_buf_size = LWS_READ_SIZE,
        .max_http_header_data = HEADERS_SIZE,
        .fd_limit_per_thread = FDS_MAX,
        .http_proxy_address = "none:0", /* else lws would take one from the environment */
    };

    lws_set_log_level(LLL_ERR | LLL_WARN, log_line);
    lws_pipe_before_create(&base->pipe);
    struct lws_context *context = lws_create_context(&info);
    lws_pipe_after_create(&base->pipe);
    return context;
}

struct way_base *
lws_base_create(uv_loop_t *loop, struct trust *trust, struct https *https, char *why,
                size_t why_size)
{
    struct way_base *base = xcalloc(1, sizeof(*base));
    struct meter *meter = https_meter(https);

    base->loop = loop;
    base->tls = SSL_CTX_new(TLS_client_method());
    if (base->tls != NULL) {
        trust_apply(trust, base->tls);
        meter_tls_watch(meter, base->tls);
        SSL_CTX_set_mode(base->tls, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
        base->context = new_context(base);
    }
    if (base->context == NULL) {
        snprintf(why, why_size,
                 "libwebsockets did not start: its libuv part (libwebsockets-evlib-uv) is wanted");
        SSL_CTX_free(base->tls);
        free(base);
        return NULL;
    }

    base->meter = meter_ref(meter);
    return base;
}

/* On a foreign loop lws closes its handles in two turns of the loop and then wants to be destroyed
 * a second time; it does not say when. */
static void
next_round(uv_handle_t *handle)
{
    struct way_base *base = container_of(handle, struct way_base, round);

    if (base->rounds_left-- > 0) {
        uv_idle_init(base->loop, &base->round);
        uv_close((uv_handle_t *)&base->round, next_round);
        return;
    }

    lws_context_destroy(base->context);
    lws_pipe_after_last_destroy(&base->pipe);
    SSL_CTX_free(base->tls);
    wires_free(base);
    meter_unref(base->meter);
    free(base);
}

void
lws_base_destroy(struct way_base *base)
{
    wires_mute(base);
    lws_context_destroy(base->context);
    lws_pipe_after_first_destroy(&base->pipe);
    base->rounds_left = CLOSING_ROUNDS;
    uv_idle_init(base->loop, &base->round);
    uv_close((uv_handle_t *)&base->round, next_round);
}
