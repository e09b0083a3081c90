#include "server/chat/accounts.h"

#include "common/buf.h"
#include "common/json.h"
#define LOG_MODULE "accounts"
#include "common/log.h"
#include "common/util.h"
#include "server/chat/session_record.h"
#include "server/log/append.h"
#include "server/log/store.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define PREFIX "user/"

struct account_slot {
    char name[USER_SIZE];
    struct account account;
    UT_hash_handle hh;
};

struct accounts {
    pthread_rwlock_t *lock; /* apart, so that who only reads may lock too */
    struct account_slot *slots;
};

struct accounts *
accounts_create(void)
{
    struct accounts *accounts = xcalloc(1, sizeof(*accounts));

    accounts->lock = xmalloc(sizeof(*accounts->lock));
    pthread_rwlock_init(accounts->lock, NULL);

    return accounts;
}

void
accounts_destroy(struct accounts *accounts)
{
    struct account_slot *slot, *next;

    if (accounts == NULL)
        return;

    HASH_ITER(hh, accounts->slots, slot, next)
    {
        HASH_DEL(accounts->slots, slot);
        free(slot);
    }
    pthread_rwlock_destroy(accounts->lock);
    free(accounts->lock);
    free(accounts);
}

static int
parse_account(const char *name, const char *value, struct account *ret_account)
{
    struct account account = {0};
    uint64_t since, created_ms;
    char why[200];

    if (user_name_fault(name) != NULL)
        return -EBADMSG;

    json_t *object = json_parse(value, strlen(value), why, sizeof(why));
    const char *hash = json_member_string(object, "password");
    const char *claim_hash = json_member_string(object, "claim"); /* most have none */
    bool is_whole = hash != NULL && json_member_u64(object, "since", &since) &&
                    json_member_u64(object, "created", &created_ms) &&
                    str_copy(account.password_hash, sizeof(account.password_hash), hash) == 0 &&
                    (claim_hash == NULL ||
                     str_copy(account.claim_hash, sizeof(account.claim_hash), claim_hash) == 0);
    bool guest = json_member_bool(object, "guest", false);
    json_decref(object);
    if (!is_whole)
        return -EBADMSG;

    identity_make(&account.identity, name, guest, since);
    account.created_ms = (int64_t)created_ms;
    *ret_account = account;
    return 0;
}

static struct account_slot *
find(const struct accounts *accounts, const char *name)
{
    struct account_slot *slot;

    HASH_FIND_STR(accounts->slots, name, slot);
    return slot;
}

static void
put(struct accounts *accounts, const struct account *account)
{
    struct account_slot *slot = find(accounts, account->identity.name);

    if (slot == NULL) {
        slot = xcalloc(1, sizeof(*slot));
        str_copy(slot->name, sizeof(slot->name), account->identity.name);
        HASH_ADD_STR(accounts->slots, name, slot);
    }
    slot->account = *account;
}

static void
drop(struct accounts *accounts, const char *name)
{
    struct account_slot *slot = find(accounts, name);

    if (slot == NULL)
        return;

    HASH_DEL(accounts->slots, slot);
    free(slot);
}

/* value NULL: the account ends. 0 or -EBADMSG. */
static int
apply(struct accounts *accounts, const char *name, const char *value)
{
    struct account account;
    int error = value == NULL ? 0 : parse_account(name, value, &account);

    if (error < 0) {
        log_error("record unreadable key=" PREFIX "%s", name);
        return error;
    }

    pthread_rwlock_wrlock(accounts->lock);
    if (value == NULL)
        drop(accounts, name);
    else
        put(accounts, &account);
    pthread_rwlock_unlock(accounts->lock);

    return 0;
}

void
accounts_apply(struct accounts *accounts, const struct record *record)
{
    if (strncmp(record->key, PREFIX, strlen(PREFIX)) == 0)
        apply(accounts, record->key + strlen(PREFIX), record->value);
}

struct load {
    struct accounts *accounts;
    int error; /* the last */
};

static void
load_record(void *context, const char *key, const char *value)
{
    struct load *load = context;
    int error = apply(load->accounts, key + strlen(PREFIX), value);

    if (error < 0)
        load->error = error;
}

int
accounts_load(struct accounts *accounts, struct store *store)
{
    struct load load = {.accounts = accounts};
    int error = store->ops->scan(store, PREFIX, load_record, &load);

    return error < 0 ? error : load.error;
}

int
accounts_find(const struct accounts *accounts, const char *name, struct account *ret_account)
{
    pthread_rwlock_rdlock(accounts->lock);
    const struct account_slot *slot = find(accounts, name);
    if (slot != NULL)
        *ret_account = slot->account;
    pthread_rwlock_unlock(accounts->lock);

    return slot == NULL ? -ENOENT : 0;
}

bool
accounts_have(const struct accounts *accounts, const char *name)
{
    pthread_rwlock_rdlock(accounts->lock);
    bool have = find(accounts, name) != NULL;
    pthread_rwlock_unlock(accounts->lock);

    return have;
}

void
accounts_each(const struct accounts *accounts,
              void (*each)(void *context, const struct account *account), void *context)
{
    pthread_rwlock_rdlock(accounts->lock);
    for (const struct account_slot *slot = accounts->slots; slot != NULL; slot = slot->hh.next)
        each(context, &slot->account);
    pthread_rwlock_unlock(accounts->lock);
}

void
account_set_claim(struct account *account, const char *claim)
{
    static_assert(CLAIM_HASH_SIZE == SESSION_KEY_SIZE, "a claim is hashed as a token is");
    if (claim != NULL)
        session_token_key(account->claim_hash, claim);
}

bool
account_is_claimed_by(const struct account *account, const char *claim)
{
    struct account claimant = {0};

    account_set_claim(&claimant, claim);
    return account->claim_hash[0] != '\0' && str_equal(account->claim_hash, claimant.claim_hash);
}

void
account_record(const struct account *account, struct record *ret_record)
{
    const struct identity *who = &account->identity;

    snprintf(ret_record->key, sizeof(ret_record->key), PREFIX "%s", who->name);
    ret_record->value = xasprintf("{\"guest\":%s,\"since\":%" PRIu64 ",\"password\":\"%s\","
                                  "\"claim\":\"%s\",\"created\":%" PRId64 "}",
                                  who->guest ? "true" : "false", who->since, account->password_hash,
                                  account->claim_hash, account->created_ms);
}

void
account_record_gone(const char *name, struct record *ret_record)
{
    snprintf(ret_record->key, sizeof(ret_record->key), PREFIX "%s", name);
    ret_record->value = NULL;
}
