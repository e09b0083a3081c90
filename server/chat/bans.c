#include "server/chat/bans.h"

#include "common/names.h"
#include "common/util.h"
#include "server/log/append.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct ban {
    char name[USER_SIZE];
    UT_hash_handle hh;
};

struct bans {
    struct ban *bans; /* by name */
};

struct bans *
bans_create(void)
{
    return xcalloc(1, sizeof(struct bans));
}

static void
drop(struct bans *bans, struct ban *ban)
{
    HASH_DEL(bans->bans, ban);
    free(ban);
}

void
bans_destroy(struct bans *bans)
{
    struct ban *ban, *next;

    HASH_ITER(hh, bans->bans, ban, next)
    drop(bans, ban);
    free(bans);
}

static struct ban *
find(const struct bans *bans, const char *name)
{
    struct ban *ban;

    HASH_FIND_STR(bans->bans, name, ban);
    return ban;
}

static void
add(struct bans *bans, const char *name)
{
    struct ban *ban = xcalloc(1, sizeof(*ban));

    str_copy(ban->name, sizeof(ban->name), name);
    HASH_ADD_STR(bans->bans, name, ban);
}

const char *
bans_apply(struct bans *bans, const struct record *record)
{
    const char *name = record->key + strlen(BAN_PREFIX);

    if (strncmp(record->key, BAN_PREFIX, strlen(BAN_PREFIX)) != 0 || user_name_fault(name) != NULL)
        return NULL;

    struct ban *old = find(bans, name);
    if (record->value == NULL && old != NULL)
        drop(bans, old);
    if (record->value != NULL && old == NULL)
        add(bans, name);
    return record->value == NULL ? NULL : name;
}

bool
bans_have(const struct bans *bans, const char *name)
{
    return find(bans, name) != NULL;
}

void
bans_each(const struct bans *bans, void (*each)(void *context, const char *name), void *context)
{
    for (const struct ban *ban = bans->bans; ban != NULL; ban = ban->hh.next)
        each(context, ban->name);
}

void
ban_record(const char *name, int64_t now_ms, struct record *ret_record)
{
    snprintf(ret_record->key, sizeof(ret_record->key), BAN_PREFIX "%s", name);
    ret_record->value = xasprintf("{\"at\":%" PRId64 "}", now_ms);
}

void
ban_record_gone(const char *name, struct record *ret_record)
{
    snprintf(ret_record->key, sizeof(ret_record->key), BAN_PREFIX "%s", name);
    ret_record->value = NULL;
}
