/* The server's certificate: made once where none is given, checked before it is used, and what
 * every handshake is held to. */
#pragma once

#include <stddef.h>

#define FINGERPRINT_SIZE 96 /* "AA:BB:…" of SHA-256 */

/* Makes a key (P-256, mode 0600) and a self-signed certificate for localhost, 127.0.0.1, ::1 and
 * this machine's name. Files that are there are written over. 0, or -errno with why filled. */
int tls_make_pair(const char *cert_path, const char *key_path, char *why, size_t why_size);

/* Both can be read, belong together, and the certificate's time has come and is not over. 0 with
 * the SHA-256 fingerprint of the certificate (the chain's first), or -EINVAL with why filled. */
int tls_check_pair(const char *cert_path, const char *key_path,
                   char ret_fingerprint[FINGERPRINT_SIZE], char *why, size_t why_size);

/* For the adaptor: sets what libwebsockets has no setting for. ssl_context is an SSL_CTX. 0, or -1
 * when OpenSSL will not have it. */
int tls_tune(void *ssl_context);

/* An SSL_CTX for servers with that pair, tuned as above, which speaks h2 and nothing else (ALPN;
 * RFC 9113 section 9.2) and keeps little memory a connection; the caller's. NULL when OpenSSL will
 * not have it. */
struct ssl_ctx_st;
struct ssl_ctx_st *tls_h2_context(const char *cert_path, const char *key_path);
