/* Requests as libcurl transfers. What it is told of each is in https_options.c, what keeps it
 * running on the loop in curl_loop.c, the words for its failures in https_words.c. */
#include "client/link/https.h"

#include "client/link/curl_loop.h"
#include "client/link/https_options.h"
#include "client/link/https_words.h"
#include "client/link/link_ops.h"
#include "client/link/trust.h"
#include "common/buf.h"
#include "common/util.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_AFTER_MAX 3600 /* seconds that a server may hold us off */
#define RESET_MS        50   /* for something to be sent that takes a reset along */

struct https {
    uv_loop_t *loop;
    struct https_owner owner;
    long connections;
    bool forbids_reuse;
    struct curl_loop *curl;      /* for new requests; those of before end by themselves */
    struct https_request *first; /* of those that got data since libcurl began to act */
    bool owes_reset;             /* a stream was given up, and nothing sent since */
    uv_timer_t timer;            /* while that is so */
};

struct https_request {
    struct https *https;
    struct curl_loop *curl;
    struct https_listener listener;
    enum http_wish http;
    const struct proxy *proxy;
    struct way_facts *facts;
    CURL *easy;
    struct curl_slist *headers;
    struct buf body; /* gathered, or what is to be told next */
    size_t answer_max;
    enum meter_event kind;
    bool connects_only;
    bool is_too_long, is_http2, is_wrong_http;
    char error[CURL_ERROR_SIZE];
    int64_t timeout_ms;
    struct https_request *next; /* in the pool's list */
    bool is_listed;
};

static void
list(struct https_request *request)
{
    if (request->is_listed)
        return;

    request->is_listed = true;
    request->next = request->https->first;
    request->https->first = request;
}

static void
unlist(struct https_request *request)
{
    struct https_request **at = &request->https->first;

    if (!request->is_listed)
        return;

    while (*at != request)
        at = &(*at)->next;
    *at = request->next;
    request->is_listed = false;
}

static bool
is_http2(const SSL *ssl)
{
    const unsigned char *protocol = NULL;
    unsigned len = 0;

    SSL_get0_alpn_selected(ssl, &protocol, &len);
    return len == 2 && memcmp(protocol, "h2", 2) == 0;
}

static const char *
why_http(enum http_wish wish, bool is_2)
{
    if (wish != HTTP_AUTO)
        return "asked for";

    return is_2 ? "by ALPN" : "the server offers no h2";
}

/* libcurl has a connection for the request, and sends it next; again, where a connection that was
 * kept turns out to be closed. */
static int
on_connected(void *user, char *ip, char *local_ip, int port, int local_port)
{
    const struct curl_tlssessioninfo *session = NULL;
    struct https_request *request = user;
    struct way_facts *facts = request->facts;

    curl_easy_getinfo(request->easy, CURLINFO_TLS_SSL_PTR, &session);
    if (session == NULL || session->internals == NULL)
        return CURL_PREREQFUNC_OK;

    bool is_2 = is_http2(session->internals);
    request->is_http2 = is_2;
    request->is_wrong_http = request->http == HTTP_2 && !is_2;
    if (facts != NULL) {
        str_copy(facts->http, sizeof(facts->http), is_2 ? "2" : "1.1");
        str_copy(facts->http_why, sizeof(facts->http_why), why_http(request->http, is_2));
        str_copy(facts->tls, sizeof(facts->tls), SSL_get_version(session->internals));
    }
    if (request->is_wrong_http)
        return CURL_PREREQFUNC_ABORT;

    if (!request->connects_only)
        meter_count(request->https->owner.meter, request->kind);
    return CURL_PREREQFUNC_OK;
}

static size_t
on_body(char *data, size_t size, size_t count, void *user)
{
    struct https_request *request = user;

    if (request->listener.data != NULL) {
        list(request);
    } else if (request->body.len + count > request->answer_max) {
        request->is_too_long = true;
        return 0;
    }

    buf_add(&request->body, data, count);
    return count;
}

/* A request that finds a connection in the making waits for what becomes of it, so that a stream
 * and what is said beside it share one where they can. */
static void
set_http(struct https_request *request)
{
    long version = request->http == HTTP_1_1 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS;

    curl_easy_setopt(request->easy, CURLOPT_HTTP_VERSION, version);
    curl_easy_setopt(request->easy, CURLOPT_PIPEWAIT, request->http == HTTP_1_1 ? 0L : 1L);
    curl_easy_setopt(request->easy, CURLOPT_PREREQFUNCTION, on_connected);
    curl_easy_setopt(request->easy, CURLOPT_PREREQDATA, request);
}

static void
set_transfer(struct https_request *request, const struct https_question *question)
{
    CURL *easy = request->easy;

    curl_easy_setopt(easy, CURLOPT_USERAGENT, "rtchat/" RTCHAT_VERSION);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, request);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, request->error);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, request);
    if (question->body == NULL)
        return;

    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)question->body_len);
    curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, question->body);
}

struct https_request *
https_send(struct https *https, const struct https_question *question,
           const struct https_listener *listener)
{
    struct https_request *request = xcalloc(1, sizeof(*request));

    request->https = https;
    request->curl = https->curl;
    request->listener = *listener;
    request->http = question->http;
    request->proxy = question->proxy;
    request->facts = question->facts;
    request->timeout_ms = question->timeout_ms;
    request->answer_max = question->answer_max;
    request->kind = question->kind;
    request->connects_only = question->connects_only;
    request->easy = curl_easy_init();
    https_options_set(request->easy, question, &https->owner, &request->headers);
    set_http(request);
    set_transfer(request, question);
    curl_easy_setopt(request->easy, CURLOPT_FORBID_REUSE, https->forbids_reuse ? 1L : 0L);
    https->owes_reset = false;
    curl_loop_add(request->curl, request->easy);
    return request;
}

static void
free_request(struct https_request *request)
{
    curl_easy_cleanup(request->easy);
    curl_slist_free_all(request->headers);
    if (request->body.len > 0) /* a login's answer has a token in it */
        explicit_bzero(request->body.data, request->body.len);
    buf_fini(&request->body);
    free(request);
}

static void
on_timer(uv_timer_t *timer)
{
    struct https *https = container_of(timer, struct https, timer);

    if (https->owes_reset && curl_loop_is_unused(https->curl))
        https_renew(https);
}

/* libcurl 7.88 keeps the reset of a stream that is given up to itself until something else passes
 * on that connection. Where nothing does, the server would go on with the stream, so the connection
 * is closed. */
static void
owe_reset(struct https *https)
{
    https->owes_reset = true;
    uv_update_time(https->loop);
    uv_timer_start(&https->timer, on_timer, RESET_MS, 0);
}

void
https_cancel(struct https_request *request)
{
    unlist(request);
    curl_loop_remove(request->curl, request->easy);
    if (request->is_http2)
        owe_reset(request->https);
    free_request(request);
}

static int64_t
retry_after_ms(CURL *easy)
{
    curl_off_t seconds = 0;

    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
    return MIN(MAX(seconds, 0), RETRY_AFTER_MAX) * 1000;
}

/* "application/json" of "Application/JSON; charset=utf-8". */
static void
take_type(const char *header, char *dst, size_t size)
{
    size_t len = header == NULL ? 0 : MIN(strcspn(header, "; \t,"), size - 1);

    for (size_t i = 0; i < len; i++)
        dst[i] = (char)tolower((unsigned char)header[i]);
    dst[len] = '\0';
}

static void
fill_head(struct https_request *request, struct https_answer *answer)
{
    const char *type = NULL;
    long status = 0;

    curl_easy_getinfo(request->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(request->easy, CURLINFO_CONTENT_TYPE, &type);
    answer->status = (int)status;
    answer->retry_after_ms = retry_after_ms(request->easy);
    take_type(type, answer->type, sizeof(answer->type));
}

/* The listener may cancel the request, and any other: it is not touched after, and the list is read
 * anew each time. */
static void
tell_data(struct https_request *request)
{
    struct https_listener listener = request->listener;
    struct https_answer answer = {.end = HTTPS_ANSWERED, .why = ""};
    struct buf part = request->body;

    buf_init(&request->body);
    unlist(request);
    fill_head(request, &answer);
    answer.body = buf_text(&part);
    answer.len = part.len;
    listener.data(listener.context, &answer);
    buf_fini(&part);
}

static void
on_acted(void *context)
{
    struct https *https = context;

    while (https->first != NULL)
        tell_data(https->first);
}

static bool
is_tls_fault(CURLcode result)
{
    return result == CURLE_PEER_FAILED_VERIFICATION || result == CURLE_SSL_CONNECT_ERROR;
}

static void
fill_end(struct https_request *request, CURLcode result, struct https_answer *answer, char *why,
         size_t why_size)
{
    const struct trust_report *report = trust_report(request->https->owner.trust);
    const struct https_failure failure = {
        .result = result,
        .easy = request->easy,
        .proxy = request->proxy,
        .sentence = request->error,
        .timeout_ms = request->timeout_ms,
        .answer_max = request->is_too_long ? request->answer_max : 0,
        .is_wrong_http = request->is_wrong_http,
    };

    fill_head(request, answer);
    answer->why = why;
    if (is_tls_fault(result) && report->fault != TRUST_NONE) {
        answer->end = HTTPS_CERTIFICATE;
        snprintf(why, why_size, "%s", report->why);
    } else if (result != CURLE_OK) {
        answer->end = HTTPS_FAILED;
        answer->is_unreached =
            result == CURLE_COULDNT_CONNECT || result == CURLE_COULDNT_RESOLVE_HOST;
        answer->is_wrong_http = request->is_wrong_http;
        https_say_failure(&failure, why, why_size);
    } else {
        answer->end = HTTPS_ANSWERED;
        answer->body = buf_text(&request->body);
        answer->len = request->body.len;
    }
}

static void
finish(CURL *easy, CURLcode result)
{
    struct https_request *request;
    char why[CURL_ERROR_SIZE] = "";
    struct https_answer answer = {.body = ""};

    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &request);
    fill_end(request, result, &answer, why, sizeof(why));
    curl_loop_remove(request->curl, easy);
    if (result == CURLE_OPERATION_TIMEDOUT)
        https_renew(request->https);
    request->listener.done(request->listener.context, &answer);
    free_request(request);
}

static struct curl_loop *
new_curl(struct https *https)
{
    const struct curl_loop_owner owner = {https, on_acted, finish};

    return curl_loop_create(https->loop, https->connections, &owner);
}

void
https_renew(struct https *https)
{
    struct curl_loop *fresh = new_curl(https);

    if (fresh == NULL)
        return;

    curl_loop_retire(https->curl);
    https->curl = fresh;
}

struct https *
https_create(uv_loop_t *loop, struct trust *trust, struct meter *meter, long connections)
{
    struct https *https = xcalloc(1, sizeof(*https));

    https->loop = loop;
    https->owner.trust = trust;
    https->connections = connections;
    https->curl = new_curl(https);
    if (https->curl == NULL) {
        free(https);
        return NULL;
    }

    https->owner.meter = meter_ref(meter);
    uv_timer_init(loop, &https->timer);
    return https;
}

void
https_forbid_reuse(struct https *https)
{
    https->forbids_reuse = true;
}

struct meter *
https_meter(const struct https *https)
{
    return https == NULL ? NULL : https->owner.meter;
}

static void
free_https(uv_handle_t *handle)
{
    free(container_of(handle, struct https, timer));
}

void
https_destroy(struct https *https)
{
    curl_loop_retire(https->curl);
    meter_unref(https->owner.meter); /* after its connections */
    uv_close((uv_handle_t *)&https->timer, free_https);
}
