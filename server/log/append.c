#include "server/log/append.h"

#include <stdlib.h>
#include <string.h>

#define FNV_OFFSET 0xcbf29ce484222325u
#define FNV_PRIME  0x100000001b3u

void
record_fini(struct record *record)
{
    free(record->value);
    memset(record, 0, sizeof(*record));
}

static void
hash_text(uint64_t *hash, const char *text)
{
    for (const char *p = text;; p++) {
        *hash = (*hash ^ (unsigned char)*p) * FNV_PRIME;
        if (*p == '\0')
            return;
    }
}

/* A member that is not set adds nothing, so digests on disk stay true when a later version's
 * commands have more members. */
static void
hash_member(uint64_t *hash, const char *name, const char *value)
{
    if (value == NULL)
        return;
    hash_text(hash, name);
    hash_text(hash, value);
}

uint64_t
append_digest(const struct append_item *item)
{
    uint64_t hash = FNV_OFFSET;

    if (item->kind == APPEND_RECORD) {
        hash_member(&hash, "key", item->record.key);
        hash_member(&hash, "value", item->record.value);
        return hash;
    }
    hash_member(&hash, "type", command_type_name(item->command.type));
    hash_member(&hash, "room", item->command.room);
    hash_member(&hash, "text", item->command.text);
    hash_member(&hash, "action", item->command.action ? "true" : NULL);
    return hash;
}
