#include "client/link/https_words.h"

#include "client/link/curl_loop.h"
#include "client/link/https.h"
#include "client/link/proxy.h"
#include "common/util.h"

#include <stdio.h>
#include <string.h>

/* libcurl's own words for these tell a user of its insides. */
static const struct {
    CURLcode result;
    const char *why;
} words[] = {
    {CURLE_COULDNT_RESOLVE_HOST, "name not found"},
    {CURLE_SEND_ERROR, "connection lost"},
    {CURLE_RECV_ERROR, "connection lost"},
    {CURLE_PARTIAL_FILE, "connection lost in the middle of an answer"},
    {CURLE_GOT_NOTHING, "connection closed without an answer"},
    {CURLE_UNSUPPORTED_PROTOCOL, "the answer is no HTTP"},
    {CURLE_HTTP2, "connection lost"},
    {CURLE_HTTP2_STREAM, "the server broke the request off"},
};

static const char *
words_for(const struct https_failure *failure)
{
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (words[i].result == failure->result)
            return words[i].why;

    return failure->sentence[0] != '\0' ? failure->sentence : curl_easy_strerror(failure->result);
}

/* OpenSSL's sentence ends with its reason: "OpenSSL/3.0.11: error:0A00010B:SSL routines::REASON".
 */
static const char *
tls_reason(const char *sentence)
{
    const char *reason = strstr(sentence, "routines::");

    return reason != NULL ? reason + strlen("routines::") : sentence;
}

static int
seconds_waited(const struct https_failure *failure)
{
    curl_off_t connected_us = 0;
    int64_t ms = failure->timeout_ms;

    curl_easy_getinfo(failure->easy, CURLINFO_APPCONNECT_TIME_T, &connected_us);
    if (ms == 0 || (connected_us == 0 && ms > HTTPS_CONNECT_TIMEOUT_MS))
        ms = HTTPS_CONNECT_TIMEOUT_MS;
    return (int)((ms + 999) / 1000);
}

/* What the proxy did, where it was the proxy. */
static bool
say_proxy(const struct https_failure *failure, long os_error, char *why, size_t why_size)
{
    const struct proxy *proxy = failure->proxy;
    char fault[100];
    long status = 0;

    if (!proxy_is_used(proxy))
        return false;

    curl_easy_getinfo(failure->easy, CURLINFO_HTTP_CONNECTCODE, &status);
    if (status >= 300) {
        proxy_say_status(proxy, (int)status, why, why_size);
    } else if (failure->result == CURLE_COULDNT_RESOLVE_PROXY) {
        snprintf(why, why_size, "the proxy %s: name not found", proxy->host);
    } else if (failure->result == CURLE_COULDNT_CONNECT && os_error != 0) {
        curl_loop_say_errno((int)os_error, fault, sizeof(fault));
        snprintf(why, why_size, "the proxy %s:%d: %s", proxy->host, proxy->port, fault);
    } else {
        return false;
    }

    return true;
}

void
https_say_failure(const struct https_failure *failure, char *why, size_t why_size)
{
    long os_error = 0;

    curl_easy_getinfo(failure->easy, CURLINFO_OS_ERRNO, &os_error);
    if (failure->is_wrong_http) {
        snprintf(why, why_size, "the server offers no HTTP/2: wanted what --http=2 asks for");
        return;
    }
    if (say_proxy(failure, os_error, why, why_size))
        return;
    if (failure->answer_max > 0)
        snprintf(why, why_size, "answer too long: more than %zu bytes", failure->answer_max);
    else if (failure->result == CURLE_OPERATION_TIMEDOUT)
        snprintf(why, why_size, "no answer in %d s", seconds_waited(failure));
    else if (failure->result == CURLE_COULDNT_CONNECT && os_error != 0)
        curl_loop_say_errno((int)os_error, why, why_size);
    else if (failure->result == CURLE_SSL_CONNECT_ERROR)
        snprintf(why, why_size, "no TLS: %.150s", tls_reason(words_for(failure)));
    else
        snprintf(why, why_size, "%.*s", (int)why_size - 1, words_for(failure));
}
