/* What is within TLS, counted by a meter: for each SSL_CTX that a link's connections are made from,
 * whichever library makes them. */
#pragma once

#include <openssl/ssl.h>

struct meter;

/* The meter outlives the context's connections. NULL: nothing is counted. */
void meter_tls_watch(struct meter *meter, SSL_CTX *context);
