/* The data directory and the certificate in it. */
#pragma once

#include "server/web/tls.h"

#include <stdbool.h>

struct server_config;

/* The certificate a server uses. The caller ends it with certificate_fini. */
struct certificate {
    char *cert_path, *key_path;
    char fingerprint[FINGERPRINT_SIZE];
    bool made; /* now, by us */
};

/* Makes the directory, for its owner alone (0700), and sees that it can be written. 0, or -errno
 * with why filled. */
int datadir_prepare(const char *path, char *why, size_t why_size);

/* The pair that the options name, or the one in the data directory, which is made where may_make
 * and there is none. It is checked. 0, or -errno with why filled. Either way certificate_fini ends
 * it. */
int certificate_find(struct certificate *certificate, const struct server_config *config,
                     bool may_make, char *why, size_t why_size);
/* Checks the files again: they may have been replaced. */
int certificate_check(struct certificate *certificate, char *why, size_t why_size);
void certificate_fini(struct certificate *certificate);
