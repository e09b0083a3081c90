#include "server/chat/sessions.h"

#include "common/clock.h"
#include "common/id.h"
#include "common/json.h"
#define LOG_MODULE "sessions"
#include "common/log.h"
#include "common/util.h"
#include "server/chat/bans.h"
#include "server/log/append.h"
#include "server/log/store.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define PREFIX           "session/"
#define TOKEN_BYTES      32
#define DIGEST_BYTES     32
#define WORTH_STORING_MS (3600 * 1000LL)

/* The table holds one reference while the slot stands in it. */
struct session_slot {
    struct session session;
    int64_t made_ms;
    atomic_uint refs;
    atomic_bool ended;
    atomic_llong used_ms;
    int64_t stored_ms; /* the use that is on disk; the table's lock guards it */
    UT_hash_handle hh;
};

struct sessions {
    pthread_mutex_t lock;
    struct session_slot *slots; /* by key */
    struct bans *bans;          /* whose sessions have ended, whenever they were made */
    uint64_t last_number;
};

static struct session_slot *
slot_of(const struct session *session)
{
    /* The reference is const to its holders, who must not change whose it is. */
    return container_of((uintptr_t)session, struct session_slot, session);
}

struct sessions *
sessions_create(void)
{
    struct sessions *sessions = xcalloc(1, sizeof(*sessions));

    pthread_mutex_init(&sessions->lock, NULL);
    sessions->bans = bans_create();
    return sessions;
}

static void
drop(struct sessions *sessions, struct session_slot *slot)
{
    HASH_DEL(sessions->slots, slot);
    atomic_store(&slot->ended, true);
    session_unref(&slot->session);
}

void
sessions_destroy(struct sessions *sessions)
{
    struct session_slot *slot, *next;

    if (sessions == NULL)
        return;

    HASH_ITER(hh, sessions->slots, slot, next)
    drop(sessions, slot);
    bans_destroy(sessions->bans);
    pthread_mutex_destroy(&sessions->lock);
    free(sessions);
}

static int64_t
lapse_ms(const struct session_slot *slot)
{
    return slot->session.identity.guest ? SESSION_GUEST_LAPSE_MS : SESSION_ACCOUNT_LAPSE_MS;
}

static bool
has_lapsed(const struct session_slot *slot, int64_t now_ms)
{
    return now_ms - atomic_load(&slot->used_ms) >= lapse_ms(slot);
}

/* What a record says: fills identity, made_ms and used_ms of slot. */
static int
parse_session(const char *value, struct session_slot *slot)
{
    uint64_t since, made_ms, used_ms;
    char why[200];

    json_t *object = json_parse(value, strlen(value), why, sizeof(why));
    const char *user = json_member_string(object, "user");
    bool is_whole =
        user != NULL && user_name_fault(user) == NULL && json_member_u64(object, "since", &since) &&
        json_member_u64(object, "made", &made_ms) && json_member_u64(object, "used", &used_ms);
    if (is_whole) {
        identity_make(&slot->session.identity, user, json_member_bool(object, "guest", true),
                      since);
        slot->made_ms = (int64_t)made_ms;
        atomic_init(&slot->used_ms, (long long)used_ms);
        slot->stored_ms = (int64_t)used_ms;
    }
    json_decref(object);

    return is_whole ? 0 : -EBADMSG;
}

static int
parse_slot(const char *key, const char *value, struct session_slot **ret_slot)
{
    struct session_slot *slot = xcalloc(1, sizeof(*slot));

    atomic_init(&slot->refs, 1);
    atomic_init(&slot->ended, false);
    if (parse_session(value, slot) < 0 ||
        str_copy(slot->session.key, sizeof(slot->session.key), key) < 0) {
        log_error("record of a session unreadable key=%.8s", key);
        free(slot);
        return -EBADMSG;
    }

    *ret_slot = slot;
    return 0;
}

static struct session_slot *
find(struct sessions *sessions, const char *key)
{
    struct session_slot *slot;

    HASH_FIND_STR(sessions->slots, key, slot);
    return slot;
}

static void
add(struct sessions *sessions, struct session_slot *slot)
{
    slot->session.number = ++sessions->last_number;
    if (bans_have(sessions->bans, slot->session.identity.name))
        atomic_store(&slot->ended, true);
    HASH_ADD_STR(sessions->slots, session.key, slot);
}

/* Takes slot. A later use of a session that is not here was stored after its end, when both
 * happened at once: it comes in as ended, for the housekeeping to end once more. */
static void
put(struct sessions *sessions, struct session_slot *slot)
{
    struct session_slot *old = find(sessions, slot->session.key);

    if (old == NULL) {
        bool is_later_use = atomic_load(&slot->used_ms) != slot->made_ms;
        atomic_store(&slot->ended, is_later_use);
        add(sessions, slot);
        return;
    }

    old->stored_ms = slot->stored_ms;
    session_unref(&slot->session);
}

static void
apply_ban(struct sessions *sessions, const struct record *record)
{
    pthread_mutex_lock(&sessions->lock);
    const char *name = bans_apply(sessions->bans, record);
    for (struct session_slot *slot = sessions->slots; name != NULL && slot != NULL;
         slot = slot->hh.next)
        if (strcmp(slot->session.identity.name, name) == 0)
            atomic_store(&slot->ended, true);
    pthread_mutex_unlock(&sessions->lock);
}

void
sessions_apply(struct sessions *sessions, const struct record *record)
{
    struct session_slot *slot = NULL;

    if (strncmp(record->key, BAN_PREFIX, strlen(BAN_PREFIX)) == 0)
        apply_ban(sessions, record);
    if (strncmp(record->key, PREFIX, strlen(PREFIX)) != 0)
        return;

    const char *key = record->key + strlen(PREFIX);
    if (record->value != NULL && parse_slot(key, record->value, &slot) < 0)
        return;

    pthread_mutex_lock(&sessions->lock);
    struct session_slot *old = find(sessions, key);
    if (slot != NULL)
        put(sessions, slot);
    else if (old != NULL)
        drop(sessions, old);
    pthread_mutex_unlock(&sessions->lock);
}

struct load {
    struct sessions *sessions;
    int error; /* the last */
};

static void
load_record(void *context, const char *key, const char *value)
{
    struct load *load = context;
    struct session_slot *slot;
    int error = parse_slot(key + strlen(PREFIX), value, &slot);

    if (error < 0) {
        load->error = error;
        return;
    }

    pthread_mutex_lock(&load->sessions->lock);
    add(load->sessions, slot);
    pthread_mutex_unlock(&load->sessions->lock);
}

static void
load_ban(void *context, const char *key, const char *value)
{
    struct load *load = context;
    struct record record = {.value = xstrdup(value)};

    str_copy(record.key, sizeof(record.key), key);
    apply_ban(load->sessions, &record);
    record_fini(&record);
}

int
sessions_load(struct sessions *sessions, struct store *store)
{
    struct load load = {.sessions = sessions};
    int error = store->ops->scan(store, BAN_PREFIX, load_ban, &load);

    if (error == 0)
        error = store->ops->scan(store, PREFIX, load_record, &load);
    return error < 0 ? error : load.error;
}

static void
token_key(char dst[SESSION_KEY_SIZE], const char *token)
{
    uint8_t digest[DIGEST_BYTES] = {0};

    EVP_Digest(token, strlen(token), digest, NULL, EVP_sha256(), NULL);
    hex_encode(dst, digest, sizeof(digest));
}

const struct session *
sessions_find(struct sessions *sessions, const char *token)
{
    char key[SESSION_KEY_SIZE];
    const struct session *found = NULL;

    if (strlen(token) != TOKEN_SIZE - 1)
        return NULL;
    token_key(key, token);

    pthread_mutex_lock(&sessions->lock);
    struct session_slot *slot = find(sessions, key);
    if (slot != NULL && !session_is_ended(&slot->session)) {
        session_use(&slot->session);
        found = session_ref(&slot->session);
    }
    pthread_mutex_unlock(&sessions->lock);

    return found;
}

const struct session *
session_ref(const struct session *session)
{
    atomic_fetch_add(&slot_of(session)->refs, 1);
    return session;
}

void
session_unref(const struct session *session)
{
    if (session != NULL && atomic_fetch_sub(&slot_of(session)->refs, 1) == 1)
        free(slot_of(session));
}

void
session_use(const struct session *session)
{
    atomic_store(&slot_of(session)->used_ms, clock_wall_ms());
}

bool
session_is_ended(const struct session *session)
{
    const struct session_slot *slot = slot_of(session);

    return atomic_load(&slot->ended) || has_lapsed(slot, clock_wall_ms());
}

static void
make_record(const struct identity *who, const char *key, int64_t made_ms, int64_t used_ms,
            struct record *ret_record)
{
    snprintf(ret_record->key, sizeof(ret_record->key), PREFIX "%s", key);
    ret_record->value =
        xasprintf("{\"user\":\"%s\",\"guest\":%s,\"since\":%" PRIu64 ",\"made\":%" PRId64
                  ",\"used\":%" PRId64 "}",
                  who->name, who->guest ? "true" : "false", who->since, made_ms, used_ms);
}

void
session_make(const struct identity *identity, char ret_token[TOKEN_SIZE], struct record *ret_record)
{
    uint8_t bytes[TOKEN_BYTES];
    char key[SESSION_KEY_SIZE];
    int64_t now_ms = clock_wall_ms();

    random_bytes(bytes, sizeof(bytes));
    hex_encode(ret_token, bytes, sizeof(bytes));
    token_key(key, ret_token);
    make_record(identity, key, now_ms, now_ms, ret_record);
}

void
session_record_gone(const struct session *session, struct record *ret_record)
{
    snprintf(ret_record->key, sizeof(ret_record->key), PREFIX "%s", session->key);
    ret_record->value = NULL;
}

size_t
sessions_lapsed(struct sessions *sessions, int64_t now_ms, const struct session **ret, size_t max)
{
    struct session_slot *slot;
    size_t count = 0;

    pthread_mutex_lock(&sessions->lock);
    for (slot = sessions->slots; slot != NULL && count < max; slot = slot->hh.next)
        if (atomic_load(&slot->ended) || has_lapsed(slot, now_ms))
            ret[count++] = session_ref(&slot->session);
    pthread_mutex_unlock(&sessions->lock);

    return count;
}

static bool
is_worth_storing(const struct session_slot *slot)
{
    return !session_is_ended(&slot->session) &&
           atomic_load(&slot->used_ms) - slot->stored_ms > WORTH_STORING_MS;
}

size_t
sessions_worth_storing(struct sessions *sessions, struct record *ret_records, size_t max)
{
    struct session_slot *slot;
    size_t count = 0;

    pthread_mutex_lock(&sessions->lock);
    for (slot = sessions->slots; slot != NULL && count < max; slot = slot->hh.next)
        if (is_worth_storing(slot))
            make_record(&slot->session.identity, slot->session.key, slot->made_ms,
                        atomic_load(&slot->used_ms), &ret_records[count++]);
    pthread_mutex_unlock(&sessions->lock);

    return count;
}

size_t
sessions_count_of(struct sessions *sessions, const char *name)
{
    struct session_slot *slot;
    size_t count = 0;

    pthread_mutex_lock(&sessions->lock);
    for (slot = sessions->slots; slot != NULL; slot = slot->hh.next)
        if (strcmp(slot->session.identity.name, name) == 0 && !session_is_ended(&slot->session))
            count++;
    pthread_mutex_unlock(&sessions->lock);

    return count;
}

size_t
sessions_of(struct sessions *sessions, const char *name, const struct session ***ret_sessions)
{
    struct session_slot *slot;
    size_t count = 0;

    pthread_mutex_lock(&sessions->lock);
    const struct session **found = xcalloc(HASH_COUNT(sessions->slots) + 1, sizeof(*found));
    for (slot = sessions->slots; slot != NULL; slot = slot->hh.next)
        if (strcmp(slot->session.identity.name, name) == 0)
            found[count++] = session_ref(&slot->session);
    pthread_mutex_unlock(&sessions->lock);

    *ret_sessions = found;
    return count;
}

bool
sessions_is_banned(struct sessions *sessions, const char *name)
{
    pthread_mutex_lock(&sessions->lock);
    bool is_banned = bans_have(sessions->bans, name);
    pthread_mutex_unlock(&sessions->lock);

    return is_banned;
}

void
sessions_each_ban(struct sessions *sessions, void (*each)(void *context, const char *name),
                  void *context)
{
    pthread_mutex_lock(&sessions->lock);
    bans_each(sessions->bans, each, context);
    pthread_mutex_unlock(&sessions->lock);
}
