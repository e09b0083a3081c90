#include "client/link/inquest.h"

#include "client/link/denial.h"
#include "client/link/https.h"
#include "common/util.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define PATIENCE_MS 5000
#define ANSWER_MAX  (1 << 20) /* bytes of a hello, or of a refusal */

struct inquest {
    struct inquest_config config;
    uv_tcp_t tcp; /* its closing is what releases */
    uv_connect_t connect;
    struct https *https;
    struct https_request *request;
    int status; /* of the upgrade */
};

static struct inquest *
create(const struct inquest_config *config)
{
    struct inquest *inquest = xcalloc(1, sizeof(*inquest));

    inquest->config = *config;
    uv_tcp_init(config->loop, &inquest->tcp);
    return inquest;
}

static void
release(uv_handle_t *handle)
{
    struct inquest *inquest = container_of(handle, struct inquest, tcp);

    if (inquest->https != NULL)
        https_destroy(inquest->https);
    free(inquest);
}

void
inquest_cancel(struct inquest *inquest)
{
    if (inquest->request != NULL)
        https_cancel(inquest->request);
    inquest->request = NULL;
    uv_close((uv_handle_t *)&inquest->tcp, release);
}

static void
finish(struct inquest *inquest, enum way_end end, int status, int64_t retry_after_ms,
       const char *why)
{
    const struct inquest_config config = inquest->config;

    inquest_cancel(inquest);
    config.done(config.context, end, status, retry_after_ms, why);
}

static void
on_connected(uv_connect_t *connect, int status)
{
    struct inquest *inquest = container_of(connect, struct inquest, connect);

    if (uv_is_closing((uv_handle_t *)&inquest->tcp))
        return;

    if (status == UV_ECONNREFUSED)
        finish(inquest, WAY_UNREACHED, 0, 0, "refused");
    else if (status < 0)
        finish(inquest, WAY_UNREACHED, 0, 0, uv_strerror(status));
    else
        finish(inquest, WAY_CLOSED, 0, 0, "did not connect");
}

int
inquest_connect(const struct inquest_config *config, const struct sockaddr *address,
                struct inquest **ret_inquest)
{
    struct inquest *inquest = create(config);

    int error = uv_tcp_connect(&inquest->connect, &inquest->tcp, address, on_connected);
    if (error < 0) {
        inquest_cancel(inquest);
        return error;
    }

    *ret_inquest = inquest;
    return 0;
}

static int
ask(struct inquest *inquest, const struct https_question *question,
    void (*done)(void *context, const struct https_answer *answer), struct inquest **ret_inquest)
{
    const struct https_listener listener = {.context = inquest, .done = done};

    inquest->https =
        https_create(inquest->config.loop, inquest->config.trust, inquest->config.meter, 1);
    if (inquest->https == NULL) {
        inquest_cancel(inquest);
        return -EIO;
    }

    inquest->request = https_send(inquest->https, question, &listener);
    *ret_inquest = inquest;
    return 0;
}

/* False where it got no answer, and that is told. */
static bool
is_answered(struct inquest *inquest, const struct https_answer *answer)
{
    inquest->request = NULL;
    if (answer->end == HTTPS_CERTIFICATE)
        finish(inquest, WAY_CERTIFICATE, 0, 0, answer->why);
    else if (answer->end == HTTPS_FAILED)
        finish(inquest, answer->is_unreached ? WAY_UNREACHED : WAY_CLOSED, 0, 0, answer->why);
    return answer->end == HTTPS_ANSWERED;
}

static void
on_tunnel(void *context, const struct https_answer *answer)
{
    struct inquest *inquest = context;

    if (is_answered(inquest, answer))
        finish(inquest, WAY_CLOSED, 0, 0, "closed before the WebSocket was open");
}

int
inquest_tunnel(const struct inquest_config *config, struct inquest **ret_inquest)
{
    const struct https_question question = {
        .host = config->host,
        .port = config->port,
        .proxy = config->proxy,
        .connects_only = true,
        .path = "/",
        .accept = "*/*",
        .timeout_ms = PATIENCE_MS,
    };

    return ask(create(config), &question, on_tunnel, ret_inquest);
}

/* A token that gets an answer, or one that is not the server's, leaves somebody in between. */
static void
on_denial(void *context, const struct https_answer *answer)
{
    struct inquest *inquest = context;
    char why[300];

    if (!is_answered(inquest, answer))
        return;

    if (answer->status == 200 || denial_is_foreign(answer->status, answer->body, answer->len)) {
        denial_say_foreign(inquest->status, why, sizeof(why));
        finish(inquest, WAY_FOREIGN, inquest->status, 0, why);
    } else {
        denial_say(answer->status, answer->body, answer->len, "the WebSocket", why, sizeof(why));
        finish(inquest, WAY_REFUSED, answer->status, answer->retry_after_ms, why);
    }
}

int
inquest_denial(const struct inquest_config *config, int status, struct inquest **ret_inquest)
{
    const struct https_question question = {
        .host = config->host,
        .port = config->port,
        .proxy = config->proxy,
        .path = "/v1/hello",
        .token = config->token,
        .accept = "application/json",
        .timeout_ms = PATIENCE_MS,
        .answer_max = ANSWER_MAX,
    };
    struct inquest *inquest = create(config);

    inquest->status = status;
    return ask(inquest, &question, on_denial, ret_inquest);
}
