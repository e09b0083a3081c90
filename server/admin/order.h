/* What an administrator wants done, as it travels from the verb to whoever has the log. It holds no
 * password, only what a password was hashed to. */
#pragma once

#include "common/names.h"
#include "common/refusal.h"
#include "server/chat/accounts.h"
#include "server/chat/invites.h"

#include <stdint.h>

#define ORDER_DEED_SIZE 24
#define ORDER_MAX       (8 * 1024) /* bytes of an order or less, its newline included */

struct buf;

struct order {
    char deed[ORDER_DEED_SIZE]; /* a name of deed_rows: "user_add" */
    char name[USER_SIZE];
    char hash[PASSWORD_HASH_SIZE];
    int64_t days;                      /* of an invitation */
    char invite[INVITE_GIVEN_MAX + 1]; /* a code, or how it begins */
    char *store; /* owned: where the asker takes the log to be, as store_locate says; or NULL */
};

void order_fini(struct order *order);

/* One line of JSON with its newline. */
void order_encode(struct buf *out, const struct order *order);
/* Checks the form of each member, but not whether its deed is one, or has all that it wants. 0, or
 * -1 with the refusal. Either way order_fini ends it. */
int order_decode(const char *line, size_t len, struct order *ret_order,
                 struct refusal *ret_refusal);
