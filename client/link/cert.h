/* What a certificate says: its fingerprint, whom it names, whether it is for a host. */
#pragma once

#include "client/link/trust.h"

#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>

/* SHA-256 of the DER. */
void cert_fingerprint(X509 *cert, char dst[FINGERPRINT_SIZE]);

/* The host names and addresses (subjectAltName), or where there are none the common name; comma-
 * separated, made visible and cut to fit. */
void cert_names(X509 *cert, char *dst, size_t size);

/* By RFC 6125: host is an address or a name, wildcards stand for one whole label. */
bool cert_is_for(X509 *cert, const char *host);
