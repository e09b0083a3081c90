#include "bench/http.h"

#include "common/buf.h"
#include "common/id.h"
#include "common/util.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

struct http {
    int fd;
    SSL_CTX *context;
    SSL *ssl;
};

static int
connect_to(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int one = 1;

    if (fd < 0)
        return -errno;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    close(fd);
    return -ECONNREFUSED;
}

struct http *
http_open(int port)
{
    struct http *http = xcalloc(1, sizeof(*http));

    http->fd = connect_to(port);
    http->context = SSL_CTX_new(TLS_client_method());
    if (http->fd >= 0 && http->context != NULL) {
        http->ssl = SSL_new(http->context);
        SSL_set_fd(http->ssl, http->fd);
        if (SSL_connect(http->ssl) == 1)
            return http;
    }
    http_close(http);
    return NULL;
}

void
http_close(struct http *http)
{
    if (http == NULL)
        return;
    SSL_free(http->ssl);
    SSL_CTX_free(http->context);
    if (http->fd >= 0)
        close(http->fd);
    free(http);
}

/* The length of the whole answer whose head ends at end, or -EPROTO. */
static int64_t
answer_len(const char *head, const char *end)
{
    const char *line = strcasestr(head, "\r\ncontent-length:");
    int64_t len;
    char *digits;
    int result;

    if (line == NULL || line > end)
        return -EPROTO;
    line += strlen("\r\ncontent-length:");
    line += strspn(line, " ");
    digits = xstrndup(line, strspn(line, "0123456789"));
    result = parse_i64(digits, 0, 1 << 20, &len);
    free(digits);
    return result < 0 ? -EPROTO : end + 4 - head + len;
}

static int
read_answer(struct http *http, struct buf *answer)
{
    char bytes[4096];

    for (;;) {
        const char *end = strstr(buf_text(answer), "\r\n\r\n");
        int64_t len = end == NULL ? INT64_MAX : answer_len(answer->data, end);
        int got;

        if (len < 0 || (int64_t)answer->len >= len)
            return len < 0 ? (int)len : (int)(end + 4 - answer->data);
        got = SSL_read(http->ssl, bytes, sizeof(bytes));
        if (got <= 0)
            return -EPIPE;
        buf_add(answer, bytes, (size_t)got);
    }
}

int
http_post(struct http *http, const char *path, const char *body, struct buf *ret_body)
{
    struct buf request = BUF_INIT, answer = BUF_INIT;
    int result;

    buf_addf(&request,
             "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
             "Content-Length: %zu\r\n\r\n%s",
             path, strlen(body), body);
    result = SSL_write(http->ssl, request.data, (int)request.len) > 0 ? read_answer(http, &answer)
                                                                      : -EPIPE;
    if (result >= 0) {
        buf_add(ret_body, answer.data + result, answer.len - (size_t)result);
        result = strncmp(answer.data, "HTTP/1.1 ", 9) == 0 ? atoi(answer.data + 9) : -EPROTO;
    }
    buf_fini(&request);
    buf_fini(&answer);
    return result;
}

void
http_fingerprint(const struct http *http, char dst[HTTP_FINGERPRINT_SIZE])
{
    X509 *certificate = SSL_get1_peer_certificate(http->ssl);
    unsigned char digest[32] = {0};

    X509_digest(certificate, EVP_sha256(), digest, NULL);
    X509_free(certificate);
    hex_encode(dst, digest, sizeof(digest));
}
