/* Questions as requests over HTTPS. */
#include "client/link/ask.h"

#include "client/link/https.h"
#include "client/link/url.h"
#include "common/util.h"

#include <stdlib.h>
#include <string.h>

struct ask {
    const struct url *url;
    const struct proxy *proxy;
    struct https *https;
    enum http_wish http;
    struct ask_request *first;
};

struct ask_request {
    struct ask *ask;
    ask_done done;
    void *context;
    struct https_request *request;
    struct ask_request *previous, *next;
};

static struct ask *
create(struct https *https, const struct url *url, const struct proxy *proxy, enum http_wish http)
{
    struct ask *ask = xcalloc(1, sizeof(*ask));
    ask->url = url;
    ask->proxy = proxy;
    ask->https = https;
    ask->http = http;
    return ask;
}

static void
unhook(struct ask_request *request)
{
    if (request->next != NULL)
        request->next->previous = request->previous;
    if (request->previous != NULL)
        request->previous->next = request->next;
    else
        request->ask->first = request->next;
}

static enum ask_end
how_it_ended(const struct https_answer *answer)
{
    if (answer->is_wrong_http)
        return ASK_WRONG_HTTP;

    switch (answer->end) {
    case HTTPS_ANSWERED: return ASK_ANSWERED;
    case HTTPS_FAILED: return ASK_FAILED;
    case HTTPS_CERTIFICATE: return ASK_CERTIFICATE;
    }

    return ASK_FAILED;
}

static void
on_done(void *context, const struct https_answer *https_answer)
{
    struct ask_request *request = context;
    const struct ask_answer answer = {
        .end = how_it_ended(https_answer),
        .status = https_answer->status,
        .retry_after_ms = https_answer->retry_after_ms,
        .body = https_answer->body,
        .len = https_answer->len,
        .why = https_answer->why,
    };

    meter_json(https_meter(request->ask->https), METER_DOWN, answer.len);
    unhook(request);
    request->done(request->context, &answer);
    free(request);
}

static struct ask_request *
send_question(struct ask *ask, const struct ask_question *question, ask_done done, void *context)
{
    struct ask_request *request = xcalloc(1, sizeof(*request));
    const struct https_listener listener = {.context = request, .done = on_done};
    const struct https_question https_question = {
        .host = ask->url->host,
        .port = ask->url->port,
        .http = ask->http,
        .proxy = ask->proxy,
        .path = question->path,
        .token = question->token,
        .accept = "application/json",
        .body = question->body,
        .body_len = question->body == NULL ? 0 : strlen(question->body),
        .timeout_ms = question->timeout_ms,
        .answer_max = ASK_ANSWER_MAX,
    };

    meter_json(https_meter(ask->https), METER_UP, https_question.body_len);
    request->ask = ask;
    request->done = done;
    request->context = context;
    request->next = ask->first;
    if (ask->first != NULL)
        ask->first->previous = request;
    ask->first = request;
    request->request = https_send(ask->https, &https_question, &listener);
    return request;
}

static void
cancel(struct ask_request *request)
{
    https_cancel(request->request);
    unhook(request);
    free(request);
}

static void
destroy(struct ask *ask)
{
    const struct ask_answer dropped = {.end = ASK_DROPPED, .body = "", .why = ""};

    if (ask == NULL)
        return;

    while (ask->first != NULL) {
        struct ask_request *request = ask->first;
        https_cancel(request->request);
        unhook(request);
        request->done(request->context, &dropped);
        free(request);
    }

    free(ask);
}

const struct ask_ops ask_https = {
    .create = create,
    .send = send_question,
    .cancel = cancel,
    .destroy = destroy,
};
