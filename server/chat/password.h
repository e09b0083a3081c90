/* Inside the accounts module: how much work a password's hash is. A stored hash carries its cost,
 * "scrypt$N$r$p$SALT$HASH" (salt and hash in hex), so the default can rise later. */
#pragma once

#include "server/chat/accounts.h"

#include <stdint.h>

/* RFC 7914 section 2: n a power of two above 1; memory is 128 * n * r bytes. */
struct scrypt_cost {
    uint64_t n, r, p;
};

#define SCRYPT_COST_DEFAULT                                                                        \
    {                                                                                              \
        .n = 1 << 15, .r = 8, .p = 1                                                               \
    }

/* password_hash at a cost of one's own. 0, or -EINVAL when OpenSSL will not have that cost. */
int password_hash_at(char dst[PASSWORD_HASH_SIZE], const char *password,
                     const struct scrypt_cost *cost);
