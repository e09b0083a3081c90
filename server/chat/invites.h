/* Invitations: codes that each let one account be registered, for a time. A code is known to whom
 * it was given; the record "invite/<SHA-256 of the code>" has its first characters, by which people
 * speak of it, and when it lapses. That a code is used once is decided by the log, which deletes
 * the record together with making the account. Thread-safe. */
#pragma once

#include "server/log/append.h"

#include <stddef.h>
#include <stdint.h>

#define INVITE_LABEL_LEN  6
#define INVITE_SECRET_LEN 20                                             /* 100 bits */
#define INVITE_SIZE       (INVITE_LABEL_LEN + 1 + INVITE_SECRET_LEN + 1) /* "k3v9qa-…" and its NUL */
#define INVITE_GIVEN_MAX  64 /* bytes of what may be looked for */

struct store;

struct invite {
    char label[INVITE_LABEL_LEN + 1];
    char key[RECORD_KEY_SIZE]; /* the record's */
    int64_t made_ms, until_ms;
};

struct invites;
struct invites *invites_create(void);
void invites_destroy(struct invites *invites);
int invites_load(struct invites *invites, struct store *store);
void invites_apply(struct invites *invites,
                   const struct record *record); /* others are passed over */

/* Whatever case the code is given in. -ENOENT when there is no such invitation, or none that is
 * good at now_ms. */
int invites_find(const struct invites *invites, const char *code, int64_t now_ms,
                 struct invite *ret_invite);
/* All that there are, lapsed ones too, the oldest first. The caller frees the array. */
size_t invites_copy(const struct invites *invites, struct invite **ret_invites);
/* At most max that have lapsed by now_ms, for the housekeeping. */
size_t invites_lapsed(const struct invites *invites, int64_t now_ms, struct invite *ret_invites,
                      size_t max);

/* A fresh code and the record that makes it good until then. */
void invite_make(int64_t now_ms, int64_t until_ms, char ret_code[INVITE_SIZE],
                 struct record *ret_record);
/* An item that uses it up: refused when that was done before. */
void invite_use(const char *key, struct append_item *ret_item);
