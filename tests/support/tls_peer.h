/* A server for tests of clients: one port on 127.0.0.1, a thread a connection, and a function that
 * says what the test wants said. */
#pragma once

#include "tests/support/certificate.h"

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

struct tls_peer;

struct tls_peer_config {
    const struct certificate *certificate;
    /* Speaks with one client; the connection is closed when it returns. ssl NULL: the peer speaks
     * plain TCP on fd. Runs in a thread of its own. */
    void (*serve)(SSL *ssl, int fd, void *context);
    void *context;
    bool is_plain;
    bool has_h2; /* agrees to HTTP/2 where it is offered */
    int tls_max; /* TLS1_1_VERSION and the like; 0: whatever OpenSSL does */
};

struct tls_peer *tls_peer_start(const struct tls_peer_config *config, int *ret_port);
/* On a port that a peer had which is stopped. */
struct tls_peer *tls_peer_start_on(const struct tls_peer_config *config, int port);
void tls_peer_stop(struct tls_peer *peer); /* cuts what is open and waits for its threads */

unsigned tls_peer_connections(struct tls_peer *peer); /* TCP, so far */
unsigned tls_peer_handshakes(struct tls_peer *peer);  /* that were completed */

/* Reads one HTTP request, its body too, into text. False when the client has gone. */
bool tls_peer_read_request(SSL *ssl, char *text, size_t size);
/* "200 OK" and the like; extra: further header lines, each with its CRLF, or "". */
void tls_peer_answer(SSL *ssl, const char *status, const char *extra, const char *body);

/* Answers an upgrade of this request (RFC 6455 section 4.2.2). */
void tls_peer_upgrade(SSL *ssl, const char *request);
void tls_peer_send_text(SSL *ssl, const char *text); /* one text frame */
/* One unfragmented frame of the client's, unmasked. Its opcode, or -1 when the client has gone. */
int tls_peer_read_frame(SSL *ssl, char *text, size_t size);
