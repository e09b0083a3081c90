#include "client/link/https_options.h"

#include "client/link/https_words.h"
#include "client/link/meter_tls.h"
#include "client/link/proxy.h"
#include "client/link/trust.h"
#include "client/link/url.h"
#include "common/util.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static CURLcode
on_ssl_context(CURL *easy, void *context, void *user)
{
    const struct https_owner *owner = user;

    trust_forget(owner->trust);
    trust_apply(owner->trust, context);
    meter_tls_watch(owner->meter, context);
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
add_header(struct curl_slist **headers, const char *name, const char *value)
{
    char *header = xasprintf("%s: %s", name, value);

    *headers = curl_slist_append(*headers, header);
    explicit_bzero(header, strlen(header));
    free(header);
}

static void
set_headers(CURL *easy, const struct https_question *question, struct curl_slist **headers)
{
    add_header(headers, "Accept", question->accept);
    if (question->body != NULL) {
        add_header(headers, "Content-Type", "application/json");
        /* No server need say 100 for bodies as small as these. */
        *headers = curl_slist_append(*headers, "Expect:");
    }
    if (question->token != NULL && question->token[0] != '\0') {
        char *bearer = xasprintf("Bearer %s", question->token);
        add_header(headers, "Authorization", bearer);
        explicit_bzero(bearer, strlen(bearer));
        free(bearer);
    }

    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, *headers);
}

/* trust decides about chain, name and pin, so libcurl's own name check and its CAs are off; the
 * peer is verified all the same: trust's callback is what verifies. */
static void
set_trust(CURL *easy, struct https_owner *owner)
{
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_ssl_context);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, owner);
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

void
https_options_set(CURL *easy, const struct https_question *question, struct https_owner *owner,
                  struct curl_slist **ret_headers)
{
    *ret_headers = NULL;
    set_url(easy, question);
    set_proxy(easy, question->proxy);
    set_times(easy, question->timeout_ms);
    set_headers(easy, question, ret_headers);
    set_trust(easy, owner);
    set_sockets(easy, owner->meter);
}
