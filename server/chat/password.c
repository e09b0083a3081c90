#include "server/chat/password.h"

#include "common/id.h"
#include "common/util.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#define SALT_LEN 16
#define KEY_LEN  32

/* What a stored hash may ask for: a record that was tampered with must not eat the machine. */
#define COST_N_MAX      (1 << 20)
#define COST_R_MAX      32
#define COST_P_MAX      16
#define COST_MEMORY_MAX (256 << 20)

struct stored {
    struct scrypt_cost cost;
    uint8_t salt[SALT_LEN];
    uint8_t key[KEY_LEN];
};

const char *
password_fault(const char *password)
{
    size_t len = strlen(password);

    if (len < PASSWORD_MIN)
        return "password too short: wanted at least 8 bytes";
    if (len > PASSWORD_MAX)
        return "password too long: wanted at most 256 bytes";

    return NULL;
}

static bool
cost_is_bearable(const struct scrypt_cost *cost)
{
    return cost->n > 1 && cost->n <= COST_N_MAX && (cost->n & (cost->n - 1)) == 0 && cost->r > 0 &&
           cost->r <= COST_R_MAX && cost->p > 0 && cost->p <= COST_P_MAX &&
           128 * cost->r * (cost->n + cost->p) <= COST_MEMORY_MAX;
}

static int
derive(uint8_t ret_key[KEY_LEN], const char *password, const uint8_t salt[SALT_LEN],
       const struct scrypt_cost *cost)
{
    if (!cost_is_bearable(cost))
        return -EINVAL;

    /* OpenSSL counts a little more than the table and the blocks: twice is enough for any cost. */
    if (EVP_PBE_scrypt(password, strlen(password), salt, SALT_LEN, cost->n, cost->r, cost->p,
                       2 * COST_MEMORY_MAX, ret_key, KEY_LEN) != 1)
        return -EINVAL;

    return 0;
}

int
password_hash_at(char dst[PASSWORD_HASH_SIZE], const char *password, const struct scrypt_cost *cost)
{
    uint8_t salt[SALT_LEN], key[KEY_LEN];
    char salt_hex[2 * SALT_LEN + 1], key_hex[2 * KEY_LEN + 1];

    random_bytes(salt, sizeof(salt));
    int error = derive(key, password, salt, cost);
    if (error < 0)
        return error;

    hex_encode(salt_hex, salt, sizeof(salt));
    hex_encode(key_hex, key, sizeof(key));
    snprintf(dst, PASSWORD_HASH_SIZE, "scrypt$%" PRIu64 "$%" PRIu64 "$%" PRIu64 "$%s$%s", cost->n,
             cost->r, cost->p, salt_hex, key_hex);

    return 0;
}

int
password_hash(char dst[PASSWORD_HASH_SIZE], const char *password)
{
    static const struct scrypt_cost cost = SCRYPT_COST_DEFAULT;

    return password_hash_at(dst, password, &cost);
}

static int
parse_stored(const char *hash, struct stored *ret_stored)
{
    char copy[PASSWORD_HASH_SIZE], *rest = copy, *fields[6];

    if (str_copy(copy, sizeof(copy), hash) < 0)
        return -EINVAL;
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        fields[i] = strsep(&rest, "$");

    if (fields[5] == NULL || rest != NULL || strcmp(fields[0], "scrypt") != 0)
        return -EINVAL;
    if (parse_u64(fields[1], &ret_stored->cost.n) < 0 ||
        parse_u64(fields[2], &ret_stored->cost.r) < 0 ||
        parse_u64(fields[3], &ret_stored->cost.p) < 0)
        return -EINVAL;
    if (hex_decode(ret_stored->salt, SALT_LEN, fields[4]) < 0 ||
        hex_decode(ret_stored->key, KEY_LEN, fields[5]) < 0)
        return -EINVAL;

    return 0;
}

/* What is no hash is worked through like one, and matches nothing. */
bool
password_matches(const char *hash, const char *password)
{
    struct stored stored;
    uint8_t key[KEY_LEN] = {0};

    bool is_real = parse_stored(hash, &stored) == 0 && cost_is_bearable(&stored.cost);
    if (!is_real)
        stored = (struct stored){.cost = SCRYPT_COST_DEFAULT};

    int error = derive(key, password, stored.salt, &stored.cost);
    bool is_same = CRYPTO_memcmp(key, stored.key, KEY_LEN) == 0;
    OPENSSL_cleanse(key, sizeof(key));

    return is_real && error == 0 && is_same;
}
