/* The first bytes of a TLS connection: what its ClientHello (RFC 8446 section 4.1.2) offers to
 * speak (ALPN, RFC 7301). Pure: it sees bytes and no socket. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum client_hello {
    CLIENT_HELLO_MORE,  /* what is there is the beginning of one; more of it must come */
    CLIENT_HELLO_OTHER, /* no TLS, no ALPN, malformed, or h2 is not in it */
    CLIENT_HELLO_H2,    /* a whole one, which offers h2 */
};

/* It may come in several records. What follows it does not matter. */
enum client_hello client_hello_look(const uint8_t *bytes, size_t len);
