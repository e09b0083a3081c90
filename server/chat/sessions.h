/* Who holds which token. A token is 32 random bytes in hex, known to its holder only; its record
 * (session_record.h) survives restarts. Thread-safe. */
#pragma once

#include "server/chat/identity.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOKEN_SIZE       65
#define SESSION_KEY_SIZE 65

#define SESSION_GUEST_LAPSE_MS   (24 * 3600 * 1000LL)
#define SESSION_ACCOUNT_LAPSE_MS (30 * 24 * 3600 * 1000LL)

struct record;
struct store;
struct sessions;

/* Shared and immutable but for `used`. */
struct session {
    struct identity identity;
    char key[SESSION_KEY_SIZE]; /* the token's hash */
    uint64_t number;            /* for logs: s17 */
};

struct sessions *sessions_create(void);
void sessions_destroy(struct sessions *sessions);
int sessions_load(struct sessions *sessions, struct store *store);
void sessions_apply(struct sessions *sessions,
                    const struct record *record); /* others are passed over */

/* Who holds the token, with a reference, and marks it used; NULL when nobody does or it has lapsed.
 * Compares hashes in a map: nothing about the token can be learnt from the time it takes. */
const struct session *sessions_find(struct sessions *sessions, const char *token);
const struct session *session_ref(const struct session *session);
void session_unref(const struct session *session);
/* A use without the token: a connection that lives does so now and then, so it never lapses. */
void session_use(const struct session *session);
bool session_is_ended(const struct session *session); /* logged out or lapsed since it was found */

/* Sessions that have lapsed by now, at most max, each with a reference, told of until they are
 * gone; and sessions whose last use is worth storing (more than an hour later than what is stored),
 * whose records are made, told of until they are stored. For the housekeeping. */
size_t sessions_lapsed(struct sessions *sessions, int64_t now_ms, const struct session **ret,
                       size_t max);
size_t sessions_worth_storing(struct sessions *sessions, struct record *ret_records, size_t max);
/* How many living sessions this name has. */
size_t sessions_count_of(struct sessions *sessions, const char *name);
/* All sessions of this name that the log has, ended ones too, each with a reference. The caller
 * frees the array. */
size_t sessions_of(struct sessions *sessions, const char *name,
                   const struct session ***ret_sessions);

/* The one living session of this name, with a reference; NULL when there is none, or more. */
const struct session *sessions_only_of(struct sessions *sessions, const char *name);

/* Whether the name is banned, by a record that bans.h makes: every session of such a name has
 * ended, those too that are made later. */
bool sessions_is_banned(struct sessions *sessions, const char *name);
/* each does not call the sessions. */
void sessions_each_ban(struct sessions *sessions, void (*each)(void *context, const char *name),
                       void *context);
