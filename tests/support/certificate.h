/* Certificates for tests: P-256, self-made or given by another. */
#pragma once

#include "client/link/trust.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

struct certificate {
    EVP_PKEY *key;
    X509 *x509;
    char fingerprint[FINGERPRINT_SIZE];
};

/* names: as in a configuration of OpenSSL, "DNS:localhost,IP:127.0.0.1"; NULL: none, and the common
 * name alone is common_name. issuer NULL: self-signed, and may be an issuer. days: from now, or
 * before now where negative. */
void certificate_make(struct certificate *certificate, const char *common_name, const char *names,
                      const struct certificate *issuer, int days);
void certificate_fini(struct certificate *certificate);
void certificate_write(const struct certificate *certificate, const char *path); /* PEM */
