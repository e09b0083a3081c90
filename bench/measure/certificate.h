/* A certificate for one run: made in memory, for localhost, good for a day. */
#pragma once

#include <openssl/ssl.h>

/* TLS 1.3 with a P-256 certificate, as rtchat-server makes it, so that the handshake and the
 * records cost the same. NULL when OpenSSL will not. SSL_CTX_free. */
SSL_CTX *certificate_context(void);
