/* Requests as libcurl transfers. What keeps libcurl running on the loop is in curl_loop.c, the
 * words for its failures are in https_words.c. */
#include "client/link/https.h"

#include "client/link/curl_loop.h"
#include "client/link/https_words.h"
#include "client/link/link_ops.h"
#include "client/link/meter_tls.h"
#include "client/link/proxy.h"
#include "client/link/trust.h"
#include "client/link/url.h"
#include "common/buf.h"
#include "common/util.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define RETRY_AFTER_MAX 3600 /* seconds that a server may hold us off */
#define RESET_MS        50   /* for something to be sent that takes a reset along */

struct https {
    uv_loop_t *loop;
    struct trust *trust;
    struct meter *meter; /* or NULL */
    long connections;
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

static CURLcode
on_ssl_context(CURL *easy, void *context, void *user)
{
    struct https *https = user;

    trust_forget(https->trust);
    trust_apply(https->trust, context);
    meter_tls_watch(https->meter, context);
    return CURLE_OK;
}

static curl_socket_t
open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);

    meter_socket(user, fd);
    return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static int
close_socket(void *user, curl_socket_t fd)
{
    meter_socket_gone(user, fd);
    return close(fd);
}

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
        meter_count(request->https->meter, request->kind);
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

static void
add_header(struct https_request *request, const char *name, const char *value)
{
    char *header = xasprintf("%s: %s", name, value);

    request->headers = curl_slist_append(request->headers, header);
    explicit_bzero(header, strlen(header));
    free(header);
}

static void
set_headers(struct https_request *request, const struct https_question *question)
{
    add_header(request, "Accept", question->accept);
    if (question->body != NULL) {
        add_header(request, "Content-Type", "application/json");
        /* No server need say 100 for bodies as small as these. */
        request->headers = curl_slist_append(request->headers, "Expect:");
    }
    if (question->token != NULL && question->token[0] != '\0') {
        char *bearer = xasprintf("Bearer %s", question->token);
        add_header(request, "Authorization", bearer);
        explicit_bzero(bearer, strlen(bearer));
        free(bearer);
    }

    curl_easy_setopt(request->easy, CURLOPT_HTTPHEADER, request->headers);
}

/* trust decides about chain, name and pin, so libcurl's own name check and its CAs are off; the
 * peer is verified all the same: trust's callback is what verifies. */
static void
set_trust(CURL *easy, struct https *https)
{
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_ssl_context);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, https);
    /* A resumed handshake shows no certificate. */
    curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
}

/* So that what they carry is counted. */
static void
set_sockets(CURL *easy, struct meter *meter)
{
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, meter);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, meter);
}

static void
set_url(CURL *easy, const struct https_question *question)
{
    struct url url = {.port = question->port};
    char authority[URL_AUTHORITY_SIZE];

    str_copy(url.host, sizeof(url.host), question->host);
    url_authority(authority, &url);
    char *text = xasprintf("https://%s%s", authority, question->path);
    curl_easy_setopt(easy, CURLOPT_URL, text);
    free(text);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L); /* the token goes nowhere else */
    curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, question->connects_only ? 1L : 0L);
}

/* Always said, so that libcurl does not look into the environment by itself. */
static void
set_proxy(CURL *easy, const struct proxy *proxy)
{
    struct url url;
    char authority[URL_AUTHORITY_SIZE] = "";

    if (proxy_is_used(proxy)) {
        str_copy(url.host, sizeof(url.host), proxy->host);
        url.port = proxy->port;
        url_authority(authority, &url);
    }

    curl_easy_setopt(easy, CURLOPT_PROXY, authority);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
    curl_easy_setopt(easy, CURLOPT_PROXYTYPE, (long)CURLPROXY_HTTP);
    curl_easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    if (!proxy_is_used(proxy) || proxy->user[0] == '\0')
        return;

    curl_easy_setopt(easy, CURLOPT_PROXYAUTH, (long)CURLAUTH_BASIC);
    curl_easy_setopt(easy, CURLOPT_PROXYUSERNAME, proxy->user);
    curl_easy_setopt(easy, CURLOPT_PROXYPASSWORD, proxy->password);
}

static void
set_times(CURL *easy, int64_t timeout_ms)
{
    int64_t connect_ms =
        timeout_ms > 0 ? MIN(HTTPS_CONNECT_TIMEOUT_MS, timeout_ms) : HTTPS_CONNECT_TIMEOUT_MS;

    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
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
    set_url(request->easy, question);
    set_proxy(request->easy, question->proxy);
    set_times(request->easy, question->timeout_ms);
    set_http(request);
    set_transfer(request, question);
    set_headers(request, question);
    set_trust(request->easy, https);
    set_sockets(request->easy, https->meter);
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
    const struct trust_report *report = trust_report(request->https->trust);
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
    https->trust = trust;
    https->connections = connections;
    https->curl = new_curl(https);
    if (https->curl == NULL) {
        free(https);
        return NULL;
    }

    https->meter = meter_ref(meter);
    uv_timer_init(loop, &https->timer);
    return https;
}

struct meter *
https_meter(const struct https *https)
{
    return https == NULL ? NULL : https->meter;
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
    meter_unref(https->meter); /* after its connections */
    uv_close((uv_handle_t *)&https->timer, free_https);
}
