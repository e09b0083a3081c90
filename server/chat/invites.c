#include "server/chat/invites.h"

#include "common/id.h"
#include "common/json.h"
#define LOG_MODULE "invites"
#include "common/log.h"
#include "common/names.h"
#include "common/util.h"
#include "server/log/store.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define PREFIX       "invite/"
#define DIGEST_BYTES 32

struct invite_slot {
    struct invite invite;
    UT_hash_handle hh;
};

struct invites {
    pthread_rwlock_t *lock;    /* apart, so that who only reads may lock too */
    struct invite_slot *slots; /* by key */
};

struct invites *
invites_create(void)
{
    struct invites *invites = xcalloc(1, sizeof(*invites));

    invites->lock = xmalloc(sizeof(*invites->lock));
    pthread_rwlock_init(invites->lock, NULL);
    return invites;
}

static void
drop(struct invites *invites, struct invite_slot *slot)
{
    HASH_DEL(invites->slots, slot);
    free(slot);
}

void
invites_destroy(struct invites *invites)
{
    struct invite_slot *slot, *next;

    if (invites == NULL)
        return;
    HASH_ITER(hh, invites->slots, slot, next)
    drop(invites, slot);
    pthread_rwlock_destroy(invites->lock);
    free(invites->lock);
    free(invites);
}

static int
parse_invite(const char *key, const char *value, struct invite *ret_invite)
{
    struct invite invite = {0};
    uint64_t made_ms = 0, until_ms = 0;
    char why[200];

    json_t *object = json_parse(value, strlen(value), why, sizeof(why));
    const char *label = json_member_string(object, "label");
    bool is_whole = label != NULL && str_copy(invite.label, sizeof(invite.label), label) == 0 &&
                    str_copy(invite.key, sizeof(invite.key), key) == 0 &&
                    json_member_u64(object, "made", &made_ms) &&
                    json_member_u64(object, "until", &until_ms);
    json_decref(object);
    if (!is_whole)
        return -EBADMSG;

    invite.made_ms = (int64_t)made_ms;
    invite.until_ms = (int64_t)until_ms;
    *ret_invite = invite;
    return 0;
}

static struct invite_slot *
find(const struct invites *invites, const char *key)
{
    struct invite_slot *slot;

    HASH_FIND_STR(invites->slots, key, slot);
    return slot;
}

static void
put(struct invites *invites, const struct invite *invite)
{
    struct invite_slot *slot = find(invites, invite->key);

    if (slot == NULL) {
        slot = xcalloc(1, sizeof(*slot));
        slot->invite = *invite;
        HASH_ADD_STR(invites->slots, invite.key, slot);
    }
    slot->invite = *invite;
}

/* value NULL: it was used, or taken back. 0 or -EBADMSG. */
static int
apply(struct invites *invites, const char *key, const char *value)
{
    struct invite invite;
    int error = value == NULL ? 0 : parse_invite(key, value, &invite);

    if (error < 0) {
        log_error("record unreadable key=%.*s", (int)strlen(PREFIX) + 8, key);
        return error;
    }

    pthread_rwlock_wrlock(invites->lock);
    struct invite_slot *old = find(invites, key);
    if (value != NULL)
        put(invites, &invite);
    else if (old != NULL)
        drop(invites, old);
    pthread_rwlock_unlock(invites->lock);
    return 0;
}

void
invites_apply(struct invites *invites, const struct record *record)
{
    if (strncmp(record->key, PREFIX, strlen(PREFIX)) == 0)
        apply(invites, record->key, record->value);
}

struct load {
    struct invites *invites;
    int error; /* the last */
};

static void
load_record(void *context, const char *key, const char *value)
{
    struct load *load = context;
    int error = apply(load->invites, key, value);

    if (error < 0)
        load->error = error;
}

int
invites_load(struct invites *invites, struct store *store)
{
    struct load load = {.invites = invites};
    int error = store->ops->scan(store, PREFIX, load_record, &load);

    return error < 0 ? error : load.error;
}

static void
make_key(char dst[RECORD_KEY_SIZE], const char *code)
{
    uint8_t digest[DIGEST_BYTES] = {0};
    char lower[INVITE_GIVEN_MAX + 1], hex[2 * DIGEST_BYTES + 1];

    name_lower(lower, sizeof(lower), code);
    EVP_Digest(lower, strlen(lower), digest, NULL, EVP_sha256(), NULL);
    hex_encode(hex, digest, sizeof(digest));
    snprintf(dst, RECORD_KEY_SIZE, PREFIX "%s", hex);
}

int
invites_find(const struct invites *invites, const char *code, int64_t now_ms,
             struct invite *ret_invite)
{
    char key[RECORD_KEY_SIZE];

    if (strlen(code) > INVITE_GIVEN_MAX)
        return -ENOENT;
    make_key(key, code);

    pthread_rwlock_rdlock(invites->lock);
    const struct invite_slot *slot = find(invites, key);
    bool is_good = slot != NULL && now_ms < slot->invite.until_ms;
    if (is_good)
        *ret_invite = slot->invite;
    pthread_rwlock_unlock(invites->lock);
    return is_good ? 0 : -ENOENT;
}

static int
compare_age(const void *a, const void *b)
{
    const struct invite *left = a, *right = b;

    if (left->made_ms != right->made_ms)
        return left->made_ms < right->made_ms ? -1 : 1;
    return strcmp(left->key, right->key);
}

size_t
invites_copy(const struct invites *invites, struct invite **ret_invites)
{
    size_t count = 0;

    pthread_rwlock_rdlock(invites->lock);
    struct invite *all = xcalloc(HASH_COUNT(invites->slots) + 1, sizeof(*all));
    for (const struct invite_slot *slot = invites->slots; slot != NULL; slot = slot->hh.next)
        all[count++] = slot->invite;
    pthread_rwlock_unlock(invites->lock);

    qsort(all, count, sizeof(*all), compare_age);
    *ret_invites = all;
    return count;
}

size_t
invites_lapsed(const struct invites *invites, int64_t now_ms, struct invite *ret_invites,
               size_t max)
{
    const struct invite_slot *slot;
    size_t count = 0;

    pthread_rwlock_rdlock(invites->lock);
    for (slot = invites->slots; slot != NULL && count < max; slot = slot->hh.next)
        if (now_ms >= slot->invite.until_ms)
            ret_invites[count++] = slot->invite;
    pthread_rwlock_unlock(invites->lock);
    return count;
}

/* Crockford's base 32 in lower case: no i, l, o or u that could be misread. */
static void
random_text(char *dst, size_t len)
{
    static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
    uint8_t bytes[INVITE_SECRET_LEN];

    random_bytes(bytes, len);
    for (size_t i = 0; i < len; i++)
        dst[i] = digits[bytes[i] % 32];
    dst[len] = '\0';
}

void
invite_make(int64_t now_ms, int64_t until_ms, char ret_code[INVITE_SIZE], struct record *ret_record)
{
    char label[INVITE_LABEL_LEN + 1], secret[INVITE_SECRET_LEN + 1];

    random_text(label, INVITE_LABEL_LEN);
    random_text(secret, INVITE_SECRET_LEN);
    snprintf(ret_code, INVITE_SIZE, "%s-%s", label, secret);
    explicit_bzero(secret, sizeof(secret));

    make_key(ret_record->key, ret_code);
    ret_record->value = xasprintf("{\"label\":\"%s\",\"made\":%" PRId64 ",\"until\":%" PRId64 "}",
                                  label, now_ms, until_ms);
}

void
invite_use(const char *key, struct append_item *ret_item)
{
    ret_item->kind = APPEND_RECORD;
    ret_item->must_be_there = true;
    str_copy(ret_item->record.key, sizeof(ret_item->record.key), key);
    ret_item->record.value = NULL;
}
