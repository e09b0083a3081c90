/* For tests of the chat: a store, what the judge needs, the sink that keeps both true, and workers
 * that follow. */
#pragma once

#include "common/util.h"
#include "server/chat/accounts.h"
#include "server/chat/hub.h"
#include "server/chat/judge.h"
#include "server/chat/rooms.h"
#include "server/log/entry.h"
#include "server/log/store.h"
#include "server/log/store_failing.h"
#include "server/log/window.h"

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct world {
    struct sink sink;
    struct store *store;
    struct rooms *rooms;
    struct accounts *accounts;
    struct judge *judge;
    struct window *window; /* NULL until a test sets one */
    struct event last;     /* the newest event, without its text */
    unsigned id_count;
};

static inline void
world_publish(struct sink *sink, const struct record *records, size_t record_count,
              struct entry *const *entries, size_t entry_count)
{
    struct world *world = container_of(sink, struct world, sink);

    for (size_t i = 0; i < record_count; i++)
        accounts_apply(world->accounts, &records[i]);
    for (size_t i = 0; i < entry_count; i++) {
        world->last = *entry_event(entries[i]);
        world->last.text = NULL;
        if (world->window != NULL)
            entry_ref(entries[i]);
    }
    if (world->window != NULL)
        window_publish(world->window, entries, entry_count);
}

/* On a failing store, which fails only when it is told to. */
static inline void
world_init(struct world *world)
{
    char why[200] = "";

    *world = (struct world){.sink.publish = world_publish};
    world->store = store_open_row(&store_failing, "", why, sizeof(why));
    ck_assert_msg(world->store != NULL, "%s", why);
    world->store->sink = &world->sink;
    world->rooms = rooms_create();
    world->accounts = accounts_create();
    world->judge = judge_create(world->rooms, world->accounts);
}

static inline void
world_fini(struct world *world)
{
    judge_destroy(world->judge);
    rooms_destroy(world->rooms);
    accounts_destroy(world->accounts);
    window_destroy(world->window);
    store_close(world->store);
}

static inline int
world_append(struct world *world, struct append_item *items, size_t count)
{
    struct append_item *pointers[16];
    char why[200];

    ck_assert_uint_le(count, ARRAY_LEN(pointers));
    for (size_t i = 0; i < count; i++)
        pointers[i] = &items[i];

    return world->store->ops->append(world->store, pointers, count, world->judge, why, sizeof(why));
}

/* text may be NULL. A direct room is given as its key. */
static inline struct append_item
world_item(struct world *world, enum command_type type, const char *user, const char *room,
           const char *text)
{
    struct append_item item = {.kind = APPEND_COMMAND, .command.type = type};

    snprintf(item.user, sizeof(item.user), "%s", user);
    snprintf(item.owner, sizeof(item.owner), "%s", user);
    snprintf(item.command.id, sizeof(item.command.id), "id%u", ++world->id_count);
    snprintf(item.command.room, sizeof(item.command.room), "%s", room);
    item.command.text = text == NULL ? NULL : xstrdup(text);

    return item;
}

/* Appends one command. Its answer, or NULL text of nothing: the item needs no end. */
static inline struct append_item
world_do(struct world *world, enum command_type type, const char *user, const char *room,
         const char *text)
{
    struct append_item item = world_item(world, type, user, room, text);

    world_append(world, &item, 1);
    command_fini(&item.command);

    return item;
}

static inline void
world_add_user(struct world *world, const char *name, bool guest)
{
    struct account account = {0};
    struct append_item item = {.kind = APPEND_RECORD};

    identity_make(&account.identity, name, guest, world->last.seq);
    account_record(&account, &item.record);
    world_append(world, &item, 1);
    ck_assert_int_eq(item.outcome, APPEND_ACCEPTED);
    record_fini(&item.record);
}

/* One who follows the window, as a worker does. */
struct worker {
    struct rooms *rooms;
    struct hub *hub;
    unsigned wake_count;
};

static inline void
count_wake(void *context)
{
    struct worker *worker = context;

    worker->wake_count++;
}

static inline void
worker_init(struct worker *worker, struct world *world)
{
    worker->wake_count = 0;
    worker->rooms = rooms_create();
    ck_assert_int_eq(rooms_load(worker->rooms, world->store), 0);
    worker->hub = hub_create(world->window, worker->rooms, world->last.seq, count_wake, worker);
    ck_assert_ptr_nonnull(worker->hub);
}

static inline void
worker_fini(struct worker *worker)
{
    hub_destroy(worker->hub);
    rooms_destroy(worker->rooms);
}

/* Rooms that events go into one after another. */
struct history {
    struct rooms *rooms;
    uint64_t seq;
};

/* The next event, without a store. Who is called guest… is one. */
static inline void
history_apply(struct history *history, enum event_type type, const char *user, const char *key,
              const char *text)
{
    struct event event = {.type = type, .seq = ++history->seq};
    struct room *room = rooms_find(history->rooms, key);
    char copy[64];

    snprintf(copy, sizeof(copy), "%s", text == NULL ? "" : text);
    event.text = text == NULL ? NULL : copy;
    event.rseq = room == NULL ? 1 : room_last_rseq(room) + 1;
    event.guest = strncmp(user, "guest", 5) == 0;
    snprintf(event.from, sizeof(event.from), "%s", user);
    snprintf(event.room, sizeof(event.room), "%s", key);
    rooms_apply(history->rooms, &event);
}
