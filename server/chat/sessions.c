#include "server/chat/sessions.h"

#include "common/clock.h"
#define LOG_MODULE "sessions"
#include "common/log.h"
#include "common/util.h"
#include "server/chat/bans.h"
#include "server/chat/session_record.h"
#include "server/log/append.h"
#include "server/log/store.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

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

static int
parse_slot(const char *key, const char *value, struct session_slot **ret_slot)
{
    struct session_slot *slot = xcalloc(1, sizeof(*slot));
    struct session_facts facts;

    if (session_record_parse(value, &facts) < 0 ||
        str_copy(slot->session.key, sizeof(slot->session.key), key) < 0) {
        log_error("record of a session unreadable key=%.8s", key);
        free(slot);
        return -EBADMSG;
    }

    slot->session.identity = facts.identity;
    slot->made_ms = facts.made_ms;
    slot->stored_ms = facts.used_ms;
    atomic_init(&slot->used_ms, facts.used_ms);
    atomic_init(&slot->refs, 1);
    atomic_init(&slot->ended, false);
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
    if (strncmp(record->key, SESSION_PREFIX, strlen(SESSION_PREFIX)) != 0)
        return;

    const char *key = record->key + strlen(SESSION_PREFIX);
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
    int error = parse_slot(key + strlen(SESSION_PREFIX), value, &slot);

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
        error = store->ops->scan(store, SESSION_PREFIX, load_record, &load);
    return error < 0 ? error : load.error;
}

const struct session *
sessions_find(struct sessions *sessions, const char *token)
{
    char key[SESSION_KEY_SIZE];
    const struct session *found = NULL;

    if (strlen(token) != TOKEN_SIZE - 1)
        return NULL;
    session_token_key(key, token);

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

static void
store_use(const struct session_slot *slot, struct record *ret_record)
{
    struct session_facts facts = {.identity = slot->session.identity,
                                  .made_ms = slot->made_ms,
                                  .used_ms = atomic_load(&slot->used_ms)};

    session_record_make(slot->session.key, &facts, ret_record);
}

size_t
sessions_worth_storing(struct sessions *sessions, struct record *ret_records, size_t max)
{
    struct session_slot *slot;
    size_t count = 0;

    pthread_mutex_lock(&sessions->lock);
    for (slot = sessions->slots; slot != NULL && count < max; slot = slot->hh.next)
        if (is_worth_storing(slot))
            store_use(slot, &ret_records[count++]);
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

const struct session *
sessions_only_of(struct sessions *sessions, const char *name)
{
    const struct session **all, *only = NULL;
    size_t living_count = 0;

    size_t count = sessions_of(sessions, name, &all);
    for (size_t i = 0; i < count; i++)
        if (!session_is_ended(all[i])) {
            only = all[i];
            living_count++;
        }
    only = living_count == 1 ? session_ref(only) : NULL;
    for (size_t i = 0; i < count; i++)
        session_unref(all[i]);
    free(all);
    return only;
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
