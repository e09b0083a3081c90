/* Everybody who has a name now: accounts, and guests while their session lives. Filled from the
 * records "user/NAME", which the log's sink keeps true; that a name is given once is decided there,
 * by must_be_new. Thread-safe. */
#pragma once

#include "server/chat/identity.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PASSWORD_MAX       256
#define PASSWORD_MIN       8
#define PASSWORD_HASH_SIZE 200
#define CLAIM_MIN          22 /* bytes: 128 bits in base 64 */
#define CLAIM_MAX          128
#define CLAIM_HASH_SIZE    65

struct record;
struct store;

struct account {
    struct identity identity;
    char password_hash[PASSWORD_HASH_SIZE]; /* "" for guests */
    char claim_hash[CLAIM_HASH_SIZE];       /* "": a guest who gave no claim, or no guest */
    int64_t created_ms;
};

struct accounts;
struct accounts *accounts_create(void);
void accounts_destroy(struct accounts *accounts);
int accounts_load(struct accounts *accounts, struct store *store);
void accounts_apply(struct accounts *accounts,
                    const struct record *record); /* others are passed over */

/* A copy. -ENOENT when nobody has that name. */
int accounts_find(const struct accounts *accounts, const char *name, struct account *ret_account);
bool accounts_have(const struct accounts *accounts, const char *name);

/* In no order. each does not call the accounts. */
void accounts_each(const struct accounts *accounts,
                   void (*each)(void *context, const struct account *account), void *context);

/* A claim is a secret that a guest gives when it comes: whoever gives it again is that guest, who
 * did not get the answer. NULL: none. Hashed plainly, for it is random, not a person's word. */
void account_set_claim(struct account *account, const char *claim);
bool account_is_claimed_by(const struct account *account, const char *claim);

/* The record that makes or changes this account. */
void account_record(const struct account *account, struct record *ret_record);
/* The record that ends it. */
void account_record_gone(const char *name, struct record *ret_record);

/* scrypt (RFC 7914) from OpenSSL, N=2^15 r=8 p=1, 16 bytes of salt; takes tens of ms and 32 MiB:
 * never on a loop. password_fault: NULL or a static sentence. password_matches runs as long for
 * hash "" as for a real one, so that time does not tell who has an account. */
const char *password_fault(const char *password);
int password_hash(char dst[PASSWORD_HASH_SIZE], const char *password);
bool password_matches(const char *hash, const char *password);
