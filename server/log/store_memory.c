#include "server/log/store_memory.h"

#include "common/util.h"
#include "server/log/entry.h"
#include "server/log/store_page.h"

#include <errno.h>
#include <pthread.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An accepted id: a node of the tree and, while its batch is open, of the list of fresh ones. */
struct memory_id {
    char owner[OWNER_SIZE];
    char id[ID_SIZE];
    struct batch_id first;
    struct memory_id *older;
};

/* What a batch puts lies apart until the commit, so that nobody reads what may be taken back. */
struct memory {
    pthread_mutex_t lock; /* guards entries and records */
    struct entry **entries;
    size_t entry_count, entry_size;
    struct record *records; /* in key order */
    size_t record_count, record_size;

    /* the appending thread's own */
    void *ids; /* tsearch */
    struct memory_id *fresh_ids;
    struct entry **fresh_entries;
    size_t fresh_entry_count, fresh_entry_size;
    struct record *fresh_records;
    size_t fresh_record_count, fresh_record_size;
};

/* Makes room for one more of item_size bytes. */
static void *
with_room(void *array, size_t count, size_t *size, size_t item_size)
{
    if (count < *size)
        return array;
    *size = MAX(16, *size * 2);
    return xrealloc(array, *size * item_size);
}

static int
compare_ids(const void *a, const void *b)
{
    const struct memory_id *left = a, *right = b;
    int order = strcmp(left->owner, right->owner);
    return order != 0 ? order : strcmp(left->id, right->id);
}

static void
fill_id(struct memory_id *id, const char *owner, const char *text)
{
    *id = (struct memory_id){0};
    snprintf(id->owner, sizeof(id->owner), "%s", owner);
    snprintf(id->id, sizeof(id->id), "%s", text);
}

/* The index of the first record whose key is not less. */
static size_t
record_position(const struct memory *memory, const char *key)
{
    size_t low = 0, high = memory->record_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(memory->records[middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool
has_record_at(const struct memory *memory, size_t at, const char *key)
{
    return at < memory->record_count && strcmp(memory->records[at].key, key) == 0;
}

static void
remove_record(struct memory *memory, size_t at)
{
    record_fini(&memory->records[at]);
    memory->record_count--;
    memmove(&memory->records[at], &memory->records[at + 1],
            (memory->record_count - at) * sizeof(struct record));
}

static void
insert_record(struct memory *memory, size_t at, const struct record *record)
{
    memory->records = with_room(memory->records, memory->record_count, &memory->record_size,
                                sizeof(struct record));
    memmove(&memory->records[at + 1], &memory->records[at],
            (memory->record_count - at) * sizeof(struct record));
    memory->records[at] = *record;
    memory->record_count++;
}

/* Takes the record's value. */
static void
apply_record(struct memory *memory, struct record *record)
{
    size_t at = record_position(memory, record->key);

    if (has_record_at(memory, at, record->key))
        remove_record(memory, at);
    if (record->value != NULL)
        insert_record(memory, at, record);
}

static int
memory_begin(struct store *store, uint64_t *ret_head)
{
    const struct memory *memory = store->state;
    *ret_head = memory->entry_count; /* seqs are 1, 2, 3 … */
    return 0;
}

static int
memory_find_id(struct store *store, const char *owner, const char *id, struct batch_id *ret_first)
{
    const struct memory *memory = store->state;
    struct memory_id wanted;

    fill_id(&wanted, owner, id);
    struct memory_id *const *found = tfind(&wanted, &memory->ids, compare_ids);
    if (found == NULL)
        return -ENOENT;
    *ret_first = (*found)->first;
    return 0;
}

static int
memory_find_record(struct store *store, const char *key)
{
    const struct memory *memory = store->state;

    for (size_t i = memory->fresh_record_count; i-- > 0;)
        if (strcmp(memory->fresh_records[i].key, key) == 0)
            return memory->fresh_records[i].value == NULL ? -ENOENT : 0;
    return has_record_at(memory, record_position(memory, key), key) ? 0 : -ENOENT;
}

static int
memory_put_event(struct store *store, const struct append_item *item, uint64_t digest,
                 struct entry *entry, const char *body, size_t body_len)
{
    struct memory *memory = store->state;
    struct memory_id *id = xmalloc(sizeof(*id));

    fill_id(id, item->owner, item->command.id);
    id->first = (struct batch_id){.digest = digest, .seq = entry_event(entry)->seq};
    id->older = memory->fresh_ids;
    memory->fresh_ids = id;
    if (tsearch(id, &memory->ids, compare_ids) == NULL)
        return -ENOMEM;

    memory->fresh_entries = with_room(memory->fresh_entries, memory->fresh_entry_count,
                                      &memory->fresh_entry_size, sizeof(struct entry *));
    memory->fresh_entries[memory->fresh_entry_count++] = entry_ref(entry);
    return 0;
}

static int
memory_put_record(struct store *store, const struct record *record)
{
    struct memory *memory = store->state;
    struct record copy = *record;

    copy.value = record->value == NULL ? NULL : xstrdup(record->value);
    memory->fresh_records = with_room(memory->fresh_records, memory->fresh_record_count,
                                      &memory->fresh_record_size, sizeof(struct record));
    memory->fresh_records[memory->fresh_record_count++] = copy;
    return 0;
}

static int
memory_commit(struct store *store, uint64_t head)
{
    struct memory *memory = store->state;

    pthread_mutex_lock(&memory->lock);
    for (size_t i = 0; i < memory->fresh_entry_count; i++) {
        memory->entries = with_room(memory->entries, memory->entry_count, &memory->entry_size,
                                    sizeof(struct entry *));
        memory->entries[memory->entry_count++] = memory->fresh_entries[i];
    }
    for (size_t i = 0; i < memory->fresh_record_count; i++)
        apply_record(memory, &memory->fresh_records[i]);
    pthread_mutex_unlock(&memory->lock);

    memory->fresh_entry_count = 0;
    memory->fresh_record_count = 0;
    memory->fresh_ids = NULL;
    return 0;
}

static void
memory_rollback(struct store *store)
{
    struct memory *memory = store->state;

    while (memory->fresh_ids != NULL) {
        struct memory_id *id = memory->fresh_ids;
        memory->fresh_ids = id->older;
        tdelete(id, &memory->ids, compare_ids);
        free(id);
    }
    for (size_t i = 0; i < memory->fresh_entry_count; i++)
        entry_unref(memory->fresh_entries[i]);
    for (size_t i = 0; i < memory->fresh_record_count; i++)
        record_fini(&memory->fresh_records[i]);
    memory->fresh_entry_count = 0;
    memory->fresh_record_count = 0;
}

static void
memory_explain(struct store *store, int error, char *why, size_t why_size)
{
    snprintf(why, why_size, "%s", strerror(-error));
}

const struct batch_ops store_memory_batch = {
    .begin = memory_begin,
    .find_id = memory_find_id,
    .find_record = memory_find_record,
    .put_event = memory_put_event,
    .put_record = memory_put_record,
    .commit = memory_commit,
    .rollback = memory_rollback,
    .explain = memory_explain,
};

static int
memory_open(struct store *store, const char *where, char *why, size_t why_size)
{
    if (*where != '\0') {
        snprintf(why, why_size, "memory:%s: the memory store has no place, wanted memory:", where);
        return -EINVAL;
    }
    struct memory *memory = xcalloc(1, sizeof(*memory));
    pthread_mutex_init(&memory->lock, NULL);
    store->state = memory;
    epoch_make(store->epoch);
    store->head = 0;
    return 0;
}

static int
memory_append(struct store *store, struct append_item *const *items, size_t count,
              struct judge *judge, char *why, size_t why_size)
{
    return batch_append(store, &store_memory_batch, items, count, judge, why, why_size);
}

static int
memory_read(struct store *store, uint64_t after, size_t limit, struct store_page *ret_page)
{
    struct memory *memory = store->state;
    struct store_page page = {0};

    pthread_mutex_lock(&memory->lock);
    size_t i = (size_t)MIN(after, memory->entry_count); /* seq i + 1 stands at index i */
    for (; i < memory->entry_count && page.count < limit; i++)
        store_page_add(&page, entry_ref(memory->entries[i]));
    page.more = i < memory->entry_count;
    pthread_mutex_unlock(&memory->lock);

    *ret_page = page;
    return 0;
}

static int
memory_history(struct store *store, const char *room, uint64_t before, uint64_t since, size_t limit,
               struct store_page *ret_page)
{
    struct memory *memory = store->state;
    struct store_page page = {0};

    pthread_mutex_lock(&memory->lock);
    size_t i = before == 0 ? 0 : (size_t)MIN(before - 1, memory->entry_count);
    for (; i > since; i--) {
        struct entry *entry = memory->entries[i - 1];
        if (strcmp(entry_event(entry)->room, room) != 0)
            continue;
        page.more = page.count == limit;
        if (page.more)
            break;
        store_page_add(&page, entry_ref(entry));
    }
    pthread_mutex_unlock(&memory->lock);

    store_page_reverse(&page);
    *ret_page = page;
    return 0;
}

static int
memory_scan(struct store *store, const char *prefix,
            void (*each)(void *context, const char *key, const char *value), void *context)
{
    struct memory *memory = store->state;
    size_t prefix_len = strlen(prefix);

    pthread_mutex_lock(&memory->lock);
    for (size_t i = record_position(memory, prefix); i < memory->record_count; i++) {
        const struct record *record = &memory->records[i];
        if (strncmp(record->key, prefix, prefix_len) != 0)
            break;
        each(context, record->key, record->value);
    }
    pthread_mutex_unlock(&memory->lock);
    return 0;
}

static void
memory_close(struct store *store)
{
    struct memory *memory = store->state;

    memory_rollback(store);
    tdestroy(memory->ids, free);
    for (size_t i = 0; i < memory->entry_count; i++)
        entry_unref(memory->entries[i]);
    for (size_t i = 0; i < memory->record_count; i++)
        record_fini(&memory->records[i]);
    free(memory->entries);
    free(memory->records);
    free(memory->fresh_entries);
    free(memory->fresh_records);
    pthread_mutex_destroy(&memory->lock);
    free(memory);
}

const struct store_ops store_memory = {
    .name = "memory",
    .open = memory_open,
    .append = memory_append,
    .read = memory_read,
    .history = memory_history,
    .scan = memory_scan,
    .close = memory_close,
};
