/* Questions as libcurl transfers. What keeps libcurl running on the loop is in curl_loop.c. */
#include "client/link/ask.h"

#include "client/link/curl_loop.h"
#include "client/link/trust.h"
#include "client/link/url.h"
#include "common/buf.h"
#include "common/util.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_MODULE "ask"
#include "common/log.h"

#define CONNECT_TIMEOUT_MS 10000
#define CONNECTIONS_MAX    2
#define RETRY_AFTER_MAX    3600 /* seconds that a server may hold us off */

struct ask {
    char origin[URL_AUTHORITY_SIZE + 8];
    struct trust *trust;
    struct curl_loop *curl;
    struct ask_request *first;
};

struct ask_request {
    struct ask *ask;
    ask_done done;
    void *context;
    CURL *easy;
    struct curl_slist *headers;
    struct buf body;
    bool is_too_long;
    char error[CURL_ERROR_SIZE];
    int64_t timeout_ms;
    struct ask_request *previous, *next;
};

static void finish(CURL *easy, CURLcode result);

static struct ask *
create(uv_loop_t *loop, const struct url *url, struct trust *trust)
{
    char authority[URL_AUTHORITY_SIZE];
    struct curl_loop *curl = curl_loop_create(loop, CONNECTIONS_MAX, finish);

    if (curl == NULL)
        return NULL;

    struct ask *ask = xcalloc(1, sizeof(*ask));
    url_authority(authority, url);
    snprintf(ask->origin, sizeof(ask->origin), "https://%s", authority);
    ask->trust = trust;
    ask->curl = curl;
    return ask;
}

static CURLcode
on_ssl_context(CURL *easy, void *context, void *user)
{
    struct trust *trust = user;

    trust_forget(trust);
    trust_apply(trust, context);
    return CURLE_OK;
}

static size_t
on_body(char *data, size_t size, size_t count, void *user)
{
    struct ask_request *request = user;

    if (request->body.len + count > ASK_ANSWER_MAX) {
        request->is_too_long = true;
        return 0;
    }

    buf_add(&request->body, data, count);
    return count;
}

static void
add_header(struct ask_request *request, const char *header)
{
    request->headers = curl_slist_append(request->headers, header);
}

static void
set_headers(struct ask_request *request, const struct ask_question *question)
{
    add_header(request, "Accept: application/json");
    if (question->body != NULL) {
        add_header(request, "Content-Type: application/json");
        add_header(request, "Expect:"); /* no server need say 100 for bodies as small as these */
    }
    if (question->token != NULL && question->token[0] != '\0') {
        char *header = xasprintf("Authorization: Bearer %s", question->token);
        add_header(request, header);
        explicit_bzero(header, strlen(header));
        free(header);
    }

    curl_easy_setopt(request->easy, CURLOPT_HTTPHEADER, request->headers);
}

/* trust decides about chain, name and pin, so libcurl's own name check and its CAs are off; the
 * peer is verified all the same: trust's callback is what verifies. */
static void
set_trust(CURL *easy, struct trust *trust)
{
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_ssl_context);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, trust);
    /* A resumed handshake shows no certificate. */
    curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
}

static void
set_transfer(struct ask_request *request, const struct ask_question *question)
{
    CURL *easy = request->easy;
    char *url = xasprintf("%s%s", request->ask->origin, question->path);

    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* and none from the environment */
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     (long)MIN(CONNECT_TIMEOUT_MS, question->timeout_ms));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)question->timeout_ms);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "rtchat/" RTCHAT_VERSION);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, request);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, request->error);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, request);
    if (question->body != NULL)
        curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, question->body);

    free(url);
}

static struct ask_request *
send_question(struct ask *ask, const struct ask_question *question, ask_done done, void *context)
{
    struct ask_request *request = xcalloc(1, sizeof(*request));

    request->ask = ask;
    request->done = done;
    request->context = context;
    request->timeout_ms = question->timeout_ms;
    request->next = ask->first;
    if (ask->first != NULL)
        ask->first->previous = request;
    ask->first = request;

    request->easy = curl_easy_init();
    set_transfer(request, question);
    set_headers(request, question);
    set_trust(request->easy, ask->trust);
    curl_loop_add(ask->curl, request->easy);
    return request;
}

/* Out of libcurl and out of the list. */
static void
unhook(struct ask_request *request)
{
    curl_loop_remove(request->ask->curl, request->easy);
    if (request->next != NULL)
        request->next->previous = request->previous;
    if (request->previous != NULL)
        request->previous->next = request->next;
    else
        request->ask->first = request->next;
}

static void
free_request(struct ask_request *request)
{
    curl_easy_cleanup(request->easy);
    curl_slist_free_all(request->headers);
    if (request->body.len > 0) /* a login's answer has a token in it */
        explicit_bzero(request->body.data, request->body.len);
    buf_fini(&request->body);
    free(request);
}

static bool
is_tls_fault(CURLcode result)
{
    return result == CURLE_PEER_FAILED_VERIFICATION || result == CURLE_SSL_CONNECT_ERROR;
}

/* libcurl's own words for these tell a user of its insides. */
static const struct {
    CURLcode result;
    const char *why;
} words[] = {
    {CURLE_COULDNT_RESOLVE_HOST, "name not found"},
    {CURLE_SEND_ERROR, "connection lost"},
    {CURLE_RECV_ERROR, "connection lost"},
    {CURLE_GOT_NOTHING, "connection closed without an answer"},
    {CURLE_UNSUPPORTED_PROTOCOL, "the answer is no HTTP"},
};

static const char *
words_for(const struct ask_request *request, CURLcode result)
{
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (words[i].result == result)
            return words[i].why;

    return request->error[0] != '\0' ? request->error : curl_easy_strerror(result);
}

/* OpenSSL's sentence ends with its reason: "OpenSSL/3.0.11: error:0A00010B:SSL routines::REASON".
 */
static const char *
tls_reason(const char *sentence)
{
    const char *reason = strstr(sentence, "routines::");

    return reason != NULL ? reason + strlen("routines::") : sentence;
}

/* Why there was no answer, in words that fit behind "reconnecting: ". */
static void
say_why(const struct ask_request *request, CURLcode result, char *why, size_t why_size)
{
    long os_error = 0;

    curl_easy_getinfo(request->easy, CURLINFO_OS_ERRNO, &os_error);
    if (request->is_too_long)
        snprintf(why, why_size, "answer too long: more than %d bytes", ASK_ANSWER_MAX);
    else if (result == CURLE_OPERATION_TIMEDOUT)
        snprintf(why, why_size, "no answer in %d s",
                 (int)((MIN(request->timeout_ms, CONNECT_TIMEOUT_MS) + 999) / 1000));
    else if (result == CURLE_COULDNT_CONNECT && os_error != 0)
        curl_loop_say_errno((int)os_error, why, why_size);
    else if (result == CURLE_SSL_CONNECT_ERROR)
        snprintf(why, why_size, "no TLS: %.150s", tls_reason(words_for(request, result)));
    else
        snprintf(why, why_size, "%.*s", (int)why_size - 1, words_for(request, result));
}

static int64_t
retry_after_ms(CURL *easy)
{
    curl_off_t seconds = 0;

    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
    return MIN(MAX(seconds, 0), RETRY_AFTER_MAX) * 1000;
}

static void
fill_answer(const struct ask_request *request, CURLcode result, struct ask_answer *answer)
{
    long status = 0;

    if (is_tls_fault(result) && trust_report(request->ask->trust)->fault != TRUST_NONE) {
        answer->end = ASK_CERTIFICATE;
        return;
    }
    if (result != CURLE_OK) {
        answer->end = ASK_FAILED;
        return;
    }

    curl_easy_getinfo(request->easy, CURLINFO_RESPONSE_CODE, &status);
    answer->end = ASK_ANSWERED;
    answer->status = (int)status;
    answer->retry_after_ms = retry_after_ms(request->easy);
    answer->body = buf_text(&request->body);
    answer->len = request->body.len;
}

static void
finish(CURL *easy, CURLcode result)
{
    struct ask_request *request;
    char why[CURL_ERROR_SIZE] = "";
    struct ask_answer answer = {.body = "", .why = why};

    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &request);
    fill_answer(request, result, &answer);
    if (answer.end == ASK_CERTIFICATE)
        snprintf(why, sizeof(why), "%s", trust_report(request->ask->trust)->why);
    else if (answer.end == ASK_FAILED)
        say_why(request, result, why, sizeof(why));

    unhook(request);
    request->done(request->context, &answer);
    free_request(request);
}

static void
cancel(struct ask_request *request)
{
    unhook(request);
    free_request(request);
}

static void
destroy(struct ask *ask)
{
    const struct ask_answer dropped = {.end = ASK_DROPPED, .body = "", .why = ""};

    if (ask == NULL)
        return;

    while (ask->first != NULL) {
        struct ask_request *request = ask->first;
        unhook(request);
        request->done(request->context, &dropped);
        free_request(request);
    }

    curl_loop_destroy(ask->curl);
    free(ask);
}

const struct ask_ops ask_https = {
    .create = create,
    .send = send_question,
    .cancel = cancel,
    .destroy = destroy,
};
