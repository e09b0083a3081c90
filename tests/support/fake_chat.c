#include "tests/support/fake_chat.h"

#include "common/util.h"
#include "server/log/entry.h"
#include "server/log/store.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct fake_room *
find_room(struct fake_chat *chat, const char *key)
{
    for (size_t i = 0; i < FAKE_ROOMS_MAX; i++) {
        struct fake_room *room = &chat->rooms[i];
        if (room->key[0] == '\0')
            snprintf(room->key, sizeof(room->key), "%s", key);
        if (strcmp(room->key, key) == 0)
            return room;
    }
    ck_abort_msg("too many rooms for a fake chat");
}

static void
begin(struct judge *judge)
{
    struct fake_chat *chat = container_of(judge, struct fake_chat, judge);
    chat->begun++;
    if (chat->on_begin != NULL)
        chat->on_begin(chat);
}

static void
add_record(struct verdict *verdict, const char *value, const char *format, const char *room,
           const char *user)
{
    struct record *record = &verdict->records[verdict->record_count++];
    snprintf(record->key, sizeof(record->key), "%s/%s%s%s", format, room, *user ? "/" : "", user);
    record->value = value == NULL ? NULL : xstrdup(value);
}

static void
fill_event(struct fake_chat *chat, const struct append_item *item, uint64_t seq, int64_t now_ms,
           struct event *event)
{
    static const enum event_type types[COMMAND_TYPE_COUNT] = {
        [COMMAND_SAY] = EVENT_MESSAGE,
        [COMMAND_JOIN] = EVENT_JOIN,
        [COMMAND_TOPIC] = EVENT_TOPIC,
    };
    event->type = types[item->command.type];
    event->seq = seq;
    event->rseq = ++find_room(chat, item->command.room)->rseq;
    event->at_ms = now_ms;
    snprintf(event->room, sizeof(event->room), "%s", item->command.room);
    snprintf(event->from, sizeof(event->from), "%s", item->user);
    snprintf(event->id, sizeof(event->id), "%s", item->command.id);
    event->text = item->command.text == NULL ? NULL : xstrdup(item->command.text);
    event->action = item->command.action;
}

static void
judge_item(struct judge *judge, const struct append_item *item, uint64_t seq, int64_t now_ms,
           struct verdict *ret_verdict)
{
    struct fake_chat *chat = container_of(judge, struct fake_chat, judge);
    const struct command *command = &item->command;

    chat->checked++;
    if (command->type == COMMAND_PART) {
        ret_verdict->outcome = APPEND_UNCHANGED;
        return;
    }
    if (str_equal(command->text, "refuse")) {
        ret_verdict->outcome = APPEND_REFUSED;
        refuse(&ret_verdict->refusal, REFUSAL_FORBIDDEN, "the text says so");
        return;
    }
    ret_verdict->outcome = APPEND_ACCEPTED;
    fill_event(chat, item, seq, now_ms, &ret_verdict->event);
    if (command->type == COMMAND_JOIN)
        add_record(ret_verdict, "{}", "member", command->room, item->user);
    if (command->type == COMMAND_TOPIC) {
        const char *value = command->text[0] == '\0' ? NULL : "{\"topic\":true}";
        add_record(ret_verdict, value, "room", command->room, "");
        add_record(ret_verdict, value, "topic", command->room, "");
    }
}

static void
committed(struct judge *judge)
{
    struct fake_chat *chat = container_of(judge, struct fake_chat, judge);
    chat->committed++;
    for (size_t i = 0; i < FAKE_ROOMS_MAX; i++)
        chat->rooms[i].rseq_committed = chat->rooms[i].rseq;
}

static void
rolled_back(struct judge *judge)
{
    struct fake_chat *chat = container_of(judge, struct fake_chat, judge);
    chat->rolled_back++;
    for (size_t i = 0; i < FAKE_ROOMS_MAX; i++)
        chat->rooms[i].rseq = chat->rooms[i].rseq_committed;
}

static void
publish(struct sink *sink, const struct record *records, size_t record_count,
        struct entry *const *entries, size_t entry_count)
{
    struct fake_chat *chat = container_of(sink, struct fake_chat, sink);

    pthread_mutex_lock(&chat->lock);
    chat->entries =
        xrealloc(chat->entries, (chat->entry_count + entry_count + 1) * sizeof(struct entry *));
    for (size_t i = 0; i < entry_count; i++)
        chat->entries[chat->entry_count++] = entry_ref(entries[i]);
    chat->record_keys =
        xrealloc(chat->record_keys, (chat->record_count + record_count + 1) * RECORD_KEY_SIZE);
    for (size_t i = 0; i < record_count; i++)
        memcpy(chat->record_keys[chat->record_count++], records[i].key, RECORD_KEY_SIZE);
    chat->published++;
    if (chat->committed + chat->rolled_back == chat->begun)
        chat->committed_first++;
    pthread_mutex_unlock(&chat->lock);
}

static void
settle(struct sink *sink)
{
    struct fake_chat *chat = container_of(sink, struct fake_chat, sink);

    pthread_mutex_lock(&chat->lock);
    chat->settled++;
    pthread_mutex_unlock(&chat->lock);
}

void
fake_chat_init(struct fake_chat *chat)
{
    *chat = (struct fake_chat){
        .judge = {begin, judge_item, committed, rolled_back},
        .sink = {publish, settle},
    };
    pthread_mutex_init(&chat->lock, NULL);
}

void
fake_chat_fini(struct fake_chat *chat)
{
    for (size_t i = 0; i < chat->entry_count; i++)
        entry_unref(chat->entries[i]);
    free(chat->entries);
    free(chat->record_keys);
    pthread_mutex_destroy(&chat->lock);
}

void
fake_chat_replay(struct fake_chat *chat, struct store *store)
{
    uint64_t after = 0;
    bool more = true;

    while (more) {
        struct store_page page;
        ck_assert_int_eq(store->ops->read(store, after, 1000, &page), 0);
        for (size_t i = 0; i < page.count; i++) {
            const struct event *event = entry_event(page.entries[i]);
            find_room(chat, event->room)->rseq = event->rseq;
            after = event->seq;
        }
        more = page.more;
        store_page_fini(&page);
    }
    for (size_t i = 0; i < FAKE_ROOMS_MAX; i++)
        chat->rooms[i].rseq_committed = chat->rooms[i].rseq;
}

/* A check that is written down when it fails only: items are filled by the thousand, by threads. */
static void
copy(char *dst, size_t size, const char *text)
{
    if (str_copy(dst, size, text) < 0)
        ck_abort_msg("too long for its place: %s", text);
}

static void
fill(struct append_item *item, enum command_type type, const char *user, const char *id,
     const char *room)
{
    *item = (struct append_item){.kind = APPEND_COMMAND};
    command_init(&item->command);
    item->command.type = type;
    copy(item->user, sizeof(item->user), user);
    copy(item->owner, sizeof(item->owner), user);
    copy(item->command.id, sizeof(item->command.id), id);
    copy(item->command.room, sizeof(item->command.room), room);
}

void
fake_say(struct append_item *item, const char *user, const char *id, const char *room,
         const char *text)
{
    fill(item, COMMAND_SAY, user, id, room);
    item->command.text = xstrdup(text);
}

void
fake_join(struct append_item *item, const char *user, const char *id, const char *room)
{
    fill(item, COMMAND_JOIN, user, id, room);
}

void
fake_part(struct append_item *item, const char *user, const char *id, const char *room)
{
    fill(item, COMMAND_PART, user, id, room);
}

void
fake_topic(struct append_item *item, const char *user, const char *id, const char *room,
           const char *text)
{
    fill(item, COMMAND_TOPIC, user, id, room);
    item->command.text = xstrdup(text);
}

void
fake_record(struct append_item *item, const char *key, const char *value)
{
    *item = (struct append_item){.kind = APPEND_RECORD};
    copy(item->record.key, sizeof(item->record.key), key);
    item->record.value = value == NULL ? NULL : xstrdup(value);
}

void
fake_item_fini(struct append_item *item)
{
    command_fini(&item->command);
    record_fini(&item->record);
    *item = (struct append_item){0};
}
