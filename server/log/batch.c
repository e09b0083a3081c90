#include "server/log/batch.h"

#include "common/buf.h"
#include "common/clock.h"
#include "common/util.h"
#include "server/log/entry.h"
#include "server/log/store.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

struct batch {
    struct store *store;
    const struct batch_ops *ops;
    struct append_item *const *items;
    size_t count;
    struct judge *judge;
    int64_t now_ms;
    uint64_t head; /* of what is accepted so far */

    struct entry **entries; /* room for count */
    size_t entry_count;
    struct record *records; /* owned */
    size_t record_count;
    size_t record_size;
    struct buf body;
};

static void
keep_record(struct batch *batch, struct record *record)
{
    if (batch->record_count == batch->record_size) {
        batch->record_size = MAX(8, batch->record_size * 2);
        batch->records = xrealloc(batch->records, batch->record_size * sizeof(struct record));
    }
    batch->records[batch->record_count++] = *record;
    *record = (struct record){0};
}

/* What everybody but the two of a direct conversation gets is what the log keeps: encoded once. */
static int
put_event(struct batch *batch, struct append_item *item, uint64_t digest, struct event *event)
{
    bool is_direct = room_key_is_direct(event->room);
    buf_clear(&batch->body);
    if (is_direct)
        event_encode(&batch->body, event);

    struct entry *entry = entry_create(event);
    batch->entries[batch->entry_count++] = entry;
    const char *body = batch->body.data;
    size_t body_len = batch->body.len;
    if (!is_direct)
        body = entry_bytes(entry, DRESS_JSON, NULL, &body_len);
    return batch->ops->put_event(batch->store, item, digest, entry, body, body_len);
}

static int
accept_command(struct batch *batch, struct append_item *item, uint64_t digest,
               struct verdict *verdict)
{
    assert(verdict->event.seq == batch->head + 1);
    assert(verdict->record_count <= APPEND_RECORDS);

    item->seq = ++batch->head;
    int r = put_event(batch, item, digest, &verdict->event);
    for (size_t i = 0; i < verdict->record_count; i++) {
        if (r == 0)
            r = batch->ops->put_record(batch->store, &verdict->records[i]);
        keep_record(batch, &verdict->records[i]);
    }
    return r;
}

static int
judge_command(struct batch *batch, struct append_item *item, uint64_t digest)
{
    struct verdict verdict = {0};

    batch->judge->check(batch->judge, item, batch->head + 1, batch->now_ms, &verdict);
    item->outcome = verdict.outcome;
    if (verdict.outcome == APPEND_ACCEPTED)
        return accept_command(batch, item, digest, &verdict);

    assert(verdict.outcome == APPEND_REFUSED || verdict.outcome == APPEND_UNCHANGED);
    item->refusal = verdict.refusal;
    return 0;
}

static void
answer_repeat(struct append_item *item, const struct batch_id *first, uint64_t digest)
{
    if (first->digest == digest) {
        item->outcome = APPEND_REPEATED;
        item->seq = first->seq;
        return;
    }
    item->outcome = APPEND_REFUSED;
    refuse(&item->refusal, REFUSAL_CONFLICT, "id %s was used before with other content",
           item->command.id);
}

static int
append_command(struct batch *batch, struct append_item *item)
{
    struct batch_id first;
    uint64_t digest = append_digest(item);

    assert(command_type_is_logged(item->command.type));
    int r = batch->ops->find_id(batch->store, item->owner, item->command.id, &first);
    if (r == -ENOENT)
        return judge_command(batch, item, digest);
    if (r < 0)
        return r;

    answer_repeat(item, &first, digest);
    return 0;
}

/* 0; the item is answered where the record is not as it must be. */
static int
check_record(struct batch *batch, struct append_item *item)
{
    if (!item->must_be_new && !item->must_be_there)
        return 0;

    int r = batch->ops->find_record(batch->store, item->record.key);
    if (r < 0 && r != -ENOENT)
        return r;

    if (r == 0 && item->must_be_new) {
        item->outcome = APPEND_REFUSED;
        refuse(&item->refusal, REFUSAL_CONFLICT, "%s is there already", item->record.key);
    } else if (r == -ENOENT && item->must_be_there) {
        item->outcome = APPEND_REFUSED;
        refuse(&item->refusal, REFUSAL_NOT_FOUND, "there is no %s", item->record.key);
    }
    return 0;
}

static int
put_record(struct batch *batch, struct append_item *item)
{
    int r = batch->ops->put_record(batch->store, &item->record);
    struct record record = item->record;
    record.value = record.value == NULL ? NULL : xstrdup(record.value);
    keep_record(batch, &record);
    item->outcome = APPEND_ACCEPTED;
    return r;
}

static int
append_record(struct batch *batch, struct append_item *item)
{
    int r = check_record(batch, item);
    if (r < 0 || item->outcome == APPEND_REFUSED)
        return r;
    if (item->kind == APPEND_RECORD)
        return put_record(batch, item);

    item->outcome = APPEND_UNCHANGED;
    return 0;
}

static void
refuse_after(struct append_item *item, const struct append_item *previous)
{
    item->outcome = APPEND_REFUSED;
    refuse(&item->refusal, previous->refusal.code, "the one before it was refused: %s",
           previous->refusal.message);
    item->refusal.retry_after_ms = previous->refusal.retry_after_ms;
}

static int
append_item(struct batch *batch, size_t index)
{
    struct append_item *item = batch->items[index];

    assert(item->outcome == APPEND_PENDING);
    assert(index > 0 || !item->needs_previous);
    if (item->needs_previous && batch->items[index - 1]->outcome == APPEND_REFUSED) {
        refuse_after(item, batch->items[index - 1]);
        return 0;
    }
    return item->kind == APPEND_COMMAND ? append_command(batch, item) : append_record(batch, item);
}

static int
append_items(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        int r = append_item(batch, i);
        if (r < 0)
            return r;
    }
    return batch->ops->commit(batch->store, batch->head);
}

/* Every answer of a batch that failed may rest on what was taken back, but a repeat of what was
 * committed before does not. */
static void
refuse_all(struct batch *batch, uint64_t committed)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct append_item *item = batch->items[i];
        if (item->outcome == APPEND_REPEATED && item->seq <= committed)
            continue;
        item->outcome = APPEND_REFUSED;
        item->seq = 0;
        refuse(&item->refusal, REFUSAL_UNAVAILABLE,
               "the server cannot store anything at present: try again");
        item->refusal.retry_after_ms = APPEND_RETRY_MS;
    }
}

static void
publish(struct batch *batch)
{
    struct sink *sink = batch->store->sink;
    if (batch->record_count > 0 || batch->entry_count > 0)
        sink->publish(sink, batch->records, batch->record_count, batch->entries,
                      batch->entry_count);
}

static void
batch_fini(struct batch *batch)
{
    for (size_t i = 0; i < batch->entry_count; i++)
        entry_unref(batch->entries[i]);
    for (size_t i = 0; i < batch->record_count; i++)
        record_fini(&batch->records[i]);
    free(batch->entries);
    free(batch->records);
    buf_fini(&batch->body);
}

static int
run(struct batch *batch, char *why, size_t why_size)
{
    int r = batch->ops->begin(batch->store, &batch->head);
    if (r < 0) {
        batch->ops->explain(batch->store, r, why, why_size);
        batch->ops->rollback(batch->store);
        refuse_all(batch, 0);
        return r;
    }

    uint64_t committed = batch->head;
    batch->judge->begin(batch->judge);
    r = append_items(batch);
    if (r < 0) {
        batch->ops->explain(batch->store, r, why, why_size);
        batch->ops->rollback(batch->store);
        batch->judge->rolled_back(batch->judge);
        refuse_all(batch, committed);
        return r;
    }

    batch->judge->committed(batch->judge);
    publish(batch);
    return 0;
}

int
batch_append(struct store *store, const struct batch_ops *ops, struct append_item *const *items,
             size_t count, struct judge *judge, char *why, size_t why_size)
{
    struct batch batch = {
        .store = store,
        .ops = ops,
        .items = items,
        .count = count,
        .judge = judge,
        .now_ms = clock_wall_ms(),
    };

    if (count == 0)
        return 0;
    assert(store->sink != NULL);
    batch.entries = xcalloc(count, sizeof(struct entry *));
    int r = run(&batch, why, why_size);
    batch_fini(&batch);
    return r;
}
