#include "tests/support/tls_peer.h"

#include "tests/support/h2_peer.h"

#include <arpa/inet.h>
#include <check.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS_MAX 256
#define WS_GUID         "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

struct session {
    struct tls_peer *peer;
    pthread_t thread;
    int fd;
};

struct tls_peer {
    struct tls_peer_config config;
    SSL_CTX *tls;
    int listener;
    pthread_t acceptor;
    struct session sessions[CONNECTIONS_MAX];
    atomic_uint connections;
    atomic_uint handshakes;
};

static void *
run_session(void *argument)
{
    struct session *session = argument;
    struct tls_peer *peer = session->peer;
    SSL *ssl = NULL;

    if (peer->config.is_plain) {
        peer->config.serve(NULL, session->fd, peer->config.context);
    } else {
        ssl = SSL_new(peer->tls);
        SSL_set_fd(ssl, session->fd);
        if (SSL_accept(ssl) == 1) {
            atomic_fetch_add(&peer->handshakes, 1);
            peer->config.serve(ssl, session->fd, peer->config.context);
            SSL_shutdown(ssl);
        }
    }

    SSL_free(ssl);
    shutdown(session->fd, SHUT_RDWR); /* the number stays taken until tls_peer_stop */
    return NULL;
}

static void *
accept_all(void *argument)
{
    struct tls_peer *peer = argument;

    for (;;) {
        int fd = accept(peer->listener, NULL, NULL);
        if (fd < 0)
            return NULL;

        unsigned index = atomic_load(&peer->connections);
        if (index == CONNECTIONS_MAX) {
            close(fd);
            continue;
        }
        peer->sessions[index] = (struct session){.peer = peer, .fd = fd};
        pthread_create(&peer->sessions[index].thread, NULL, run_session, &peer->sessions[index]);
        atomic_fetch_add(&peer->connections, 1);
    }
}

static SSL_CTX *
new_tls(const struct tls_peer_config *config)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());

    ck_assert_int_eq(SSL_CTX_use_certificate(tls, config->certificate->x509), 1);
    ck_assert_int_eq(SSL_CTX_use_PrivateKey(tls, config->certificate->key), 1);
    if (config->has_h2)
        SSL_CTX_set_alpn_select_cb(tls, h2_peer_select, NULL);
    if (config->tls_max != 0) {
        SSL_CTX_set_security_level(tls, 0);
        SSL_CTX_set_min_proto_version(tls, 0);
        SSL_CTX_set_max_proto_version(tls, config->tls_max);
    }
    return tls;
}

struct tls_peer *
tls_peer_start_on(const struct tls_peer_config *config, int port)
{
    struct tls_peer *peer = calloc(1, sizeof(*peer));
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    peer->config = *config;
    if (!config->is_plain)
        peer->tls = new_tls(config);
    peer->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(peer->listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    ck_assert_int_eq(bind(peer->listener, (struct sockaddr *)&address, sizeof(address)), 0);
    ck_assert_int_eq(listen(peer->listener, 64), 0);
    ck_assert_int_eq(pthread_create(&peer->acceptor, NULL, accept_all, peer), 0);
    return peer;
}

struct tls_peer *
tls_peer_start(const struct tls_peer_config *config, int *ret_port)
{
    struct tls_peer *peer = tls_peer_start_on(config, 0);
    struct sockaddr_in address;
    socklen_t len = sizeof(address);

    ck_assert_int_eq(getsockname(peer->listener, (struct sockaddr *)&address, &len), 0);
    *ret_port = ntohs(address.sin_port);
    return peer;
}

void
tls_peer_stop(struct tls_peer *peer)
{
    shutdown(peer->listener, SHUT_RDWR);
    pthread_join(peer->acceptor, NULL);
    close(peer->listener);
    for (unsigned i = 0; i < peer->connections; i++) {
        shutdown(peer->sessions[i].fd, SHUT_RDWR);
        pthread_join(peer->sessions[i].thread, NULL);
        close(peer->sessions[i].fd);
    }
    SSL_CTX_free(peer->tls);
    free(peer);
}

unsigned
tls_peer_connections(struct tls_peer *peer)
{
    return atomic_load(&peer->connections);
}

unsigned
tls_peer_handshakes(struct tls_peer *peer)
{
    return atomic_load(&peer->handshakes);
}

static bool
read_all(SSL *ssl, void *data, size_t len)
{
    for (size_t got = 0; got < len;) {
        int count = SSL_read(ssl, (char *)data + got, (int)(len - got));
        if (count <= 0)
            return false;
        got += (size_t)count;
    }

    return true;
}

bool
tls_peer_read_request(SSL *ssl, char *text, size_t size)
{
    size_t len = 0;

    do {
        if (len + 1 >= size || !read_all(ssl, text + len, 1))
            return false;
        text[++len] = '\0';
    } while (len < 4 || strcmp(text + len - 4, "\r\n\r\n") != 0);

    const char *header = strcasestr(text, "content-length:");
    size_t body = header == NULL ? 0 : strtoul(header + strlen("content-length:"), NULL, 10);
    if (len + body >= size || !read_all(ssl, text + len, body))
        return false;

    text[len + body] = '\0';
    return true;
}

void
tls_peer_answer(SSL *ssl, const char *status, const char *extra, const char *body)
{
    char head[1000];

    int len = snprintf(head, sizeof(head), "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n", status,
                       strlen(body), extra);
    SSL_write(ssl, head, len);
    if (body[0] != '\0')
        SSL_write(ssl, body, (int)strlen(body));
}

void
tls_peer_upgrade(SSL *ssl, const char *request)
{
    char key[200], answer[400];
    unsigned char digest[SHA_DIGEST_LENGTH], accept_key[40];
    const char *header = strcasestr(request, "sec-websocket-key: ");

    ck_assert_ptr_nonnull(header);
    header += strlen("sec-websocket-key: ");
    snprintf(key, sizeof(key), "%.*s%s", (int)strcspn(header, "\r"), header, WS_GUID);
    SHA1((const unsigned char *)key, strlen(key), digest);
    EVP_EncodeBlock(accept_key, digest, sizeof(digest));
    int len = snprintf(answer, sizeof(answer),
                       "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
                       "Upgrade\r\nSec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: "
                       "rtchat.v1\r\n\r\n",
                       accept_key);
    SSL_write(ssl, answer, len);
}

void
tls_peer_send_text(SSL *ssl, const char *text)
{
    size_t len = strlen(text);
    unsigned char head[10] = {0x81};
    int head_len = 2;

    if (len < 126) {
        head[1] = (unsigned char)len;
    } else if (len < 65536) {
        head[1] = 126;
        head[2] = (unsigned char)(len >> 8);
        head[3] = (unsigned char)len;
        head_len = 4;
    } else {
        head[1] = 127;
        for (int i = 0; i < 8; i++)
            head[2 + i] = (unsigned char)(len >> (56 - 8 * i));
        head_len = 10;
    }
    SSL_write(ssl, head, head_len);
    if (len > 0)
        SSL_write(ssl, text, (int)len);
}

int
tls_peer_read_frame(SSL *ssl, char *text, size_t size)
{
    unsigned char head[2], longer[2], mask[4];

    if (!read_all(ssl, head, sizeof(head)))
        return -1;

    size_t len = head[1] & 0x7f;
    if (len == 126) {
        if (!read_all(ssl, longer, sizeof(longer)))
            return -1;
        len = (size_t)longer[0] << 8 | longer[1];
    }
    if (len >= size || !read_all(ssl, mask, sizeof(mask)) || !read_all(ssl, text, len))
        return -1;

    for (size_t i = 0; i < len; i++)
        text[i] = (char)(text[i] ^ mask[i % 4]);
    text[len] = '\0';
    return head[0] & 0x0f;
}
