#include "server/web/ask.h"

#define LOG_MODULE "ask"
#include "common/log.h"
#include "common/names.h"
#include "common/util.h"
#include "server/chat/hub.h"
#include "server/chat/people.h"
#include "server/chat/rooms.h"
#include "server/log/entry.h"
#include "server/log/store.h"
#include "server/server.h"
#include "server/web/errand.h"
#include "server/web/exchange.h"
#include "server/web/hello.h"
#include "server/web/stream.h"
#include "server/web/worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HISTORY_LIMIT     50
#define HISTORY_LIMIT_MAX 200

void
ask_health(struct exchange *exchange)
{
    exchange_answer_json(exchange, 200, json_pack("{s:s}", "status", "ok"));
}

void
ask_hello(struct exchange *exchange)
{
    const struct identity *who = &exchange->session->identity;
    const struct cursor *after;
    struct cursor cursor;
    struct opening opening;

    if (stream_read_after(exchange, &cursor, &after) < 0)
        return;
    opening = hello_opening(exchange->worker, after);
    hello_head(exchange->worker, &cursor);
    cursor.seq = opening.position;
    exchange_answer_json(exchange, 200, hello_make(exchange->worker, who, &cursor, opening.result));
}

struct listing {
    const struct rooms *rooms;
    const struct identity *who;
    json_t *list;
};

static void
list_room(void *context, const struct room *room)
{
    struct listing *listing = context;

    json_array_append_new(listing->list, json_pack("{s:s, s:s, s:I, s:b}", "room", room_key(room),
                                                   "topic", room_topic(room), "members",
                                                   (json_int_t)room_member_count(room), "member",
                                                   room_has_member(room, listing->who->name)));
}

void
ask_rooms(struct exchange *exchange)
{
    struct listing listing = {.who = &exchange->session->identity, .list = json_array()};

    rooms_each(hub_rooms(worker_hub(exchange->worker)), list_room, &listing);
    exchange_answer_json(exchange, 200, json_pack("{s:o}", "rooms", listing.list));
}

/* "#room", "room" (whose # is a nuisance in a path) or "@user" to the room's key. */
static int
key_of(const struct exchange *exchange, const char *name, char key[ROOM_KEY_SIZE],
       struct refusal *refusal)
{
    const char *me = exchange->session->identity.name;
    char target[ROOM_KEY_SIZE];
    const char *fault;

    if (strlen(name) > ROOM_MAX)
        return refuse(refusal, REFUSAL_INVALID, "room: %zu bytes, at most %d", strlen(name),
                      ROOM_MAX);
    snprintf(target, sizeof(target), "%s%s", name[0] == '#' || name[0] == '@' ? "" : "#", name);
    name_lower(target, sizeof(target), target);
    fault = target_name_fault(target);
    if (fault != NULL)
        return refuse(refusal, REFUSAL_INVALID, "room: %s", fault);
    if (target[0] == '@')
        direct_key(key, me, target + 1);
    else
        snprintf(key, ROOM_KEY_SIZE, "%s", target);
    return 0;
}

/* The room, if who asks may look into it. A direct conversation that nobody began yet is NULL
 * without a refusal. */
static int
find_room(const struct exchange *exchange, const char *name, char key[ROOM_KEY_SIZE],
          struct room **ret_room, struct refusal *refusal)
{
    if (key_of(exchange, name, key, refusal) < 0)
        return -1;
    *ret_room = rooms_find(hub_rooms(worker_hub(exchange->worker)), key);
    if (room_key_is_direct(key))
        return 0;
    if (*ret_room == NULL)
        return refuse(refusal, REFUSAL_NOT_FOUND, "there is no room %s", key);
    if (!room_has_member(*ret_room, exchange->session->identity.name))
        return refuse(refusal, REFUSAL_NOT_MEMBER, "you are not in %s; join it first", key);
    return 0;
}

struct members {
    struct people *people;
    json_t *list;
};

static void
list_member(void *context, const char *user, enum role role)
{
    const struct members *members = context;
    char away[AWAY_MAX + 1];
    enum presence state = people_find(members->people, user, away);
    json_t *member = json_pack("{s:s, s:s, s:s}", "user", user, "role", role_name(role), "state",
                               presence_name(state));

    if (away[0] != '\0')
        json_object_set_new(member, "text", json_string(away));
    json_array_append_new(members->list, member);
}

static void
list_the_two(struct members *members, const struct exchange *exchange, const char *key)
{
    const char *me = exchange->session->identity.name;
    char other[USER_SIZE];

    direct_other(other, key, me);
    list_member(members, me, ROLE_MEMBER);
    if (strcmp(me, other) != 0)
        list_member(members, other, ROLE_MEMBER);
}

void
ask_members(struct exchange *exchange)
{
    char key[ROOM_KEY_SIZE];
    struct room *room;
    struct refusal refusal;
    struct members members = {.people = worker_server(exchange->worker)->people};

    if (find_room(exchange, exchange->part, key, &room, &refusal) < 0) {
        exchange_refuse(exchange, &refusal);
        return;
    }
    members.list = json_array();
    if (room_key_is_direct(key))
        list_the_two(&members, exchange, key);
    else
        room_each_member(room, list_member, &members);
    exchange_answer_json(exchange, 200, json_pack("{s:o}", "members", members.list));
}

/* A page of history being read off the loop. */
struct history {
    struct errand errand;
    struct exchange *exchange;
    char key[ROOM_KEY_SIZE];
    uint64_t before, since, limit;
    struct store_page page;
    int result;
};

static void
history_run(struct errand *errand)
{
    struct history *history = container_of(errand, struct history, errand);
    struct store *store = worker_server(errand->worker)->store;

    history->result = store->ops->history(store, history->key, history->before, history->since,
                                          history->limit, &history->page);
}

static void
answer_page(struct exchange *exchange, const struct store_page *page)
{
    const struct entry_reader reader = {.name = exchange->session->identity.name};
    struct buf body = BUF_INIT;

    buf_add_str(&body, "{\"events\":[");
    for (size_t i = 0; i < page->count; i++) {
        size_t len;
        const char *bytes = entry_bytes(page->entries[i], DRESS_JSON, &reader, &len);

        if (i > 0)
            buf_add_byte(&body, ',');
        buf_add(&body, bytes, len);
    }
    buf_addf(&body, "],\"more\":%s}", page->more ? "true" : "false");
    exchange_answer_text(exchange, 200, "application/json", body.data, body.len);
    buf_fini(&body);
}

static void
history_done(struct errand *errand)
{
    struct history *history = container_of(errand, struct history, errand);
    struct refusal refusal;

    if (history->result < 0) {
        log_error("x%llu history of a room cannot be read error=%s",
                  (unsigned long long)history->exchange->number, strerror(-history->result));
        refuse(&refusal, REFUSAL_UNAVAILABLE, "the log cannot be read now; try again");
        exchange_refuse(history->exchange, &refusal);
    } else {
        answer_page(history->exchange, &history->page);
        store_page_fini(&history->page);
    }
    exchange_unref(history->exchange);
    free(history);
}

static int
read_history_query(struct exchange *exchange, struct history *history, struct refusal *refusal)
{
    const char *name = query_get(&exchange->query, "room");
    struct room *room;

    if (name == NULL)
        return refuse(refusal, REFUSAL_INVALID, "room: missing; wanted: room=%%23lobby");
    if (query_number(&exchange->query, "before", 1, UINT64_MAX, &history->before) < 0)
        return refuse(refusal, REFUSAL_INVALID, "before: wanted a seq, 1 or more");
    if (query_number(&exchange->query, "limit", 1, HISTORY_LIMIT_MAX, &history->limit) < 0)
        return refuse(refusal, REFUSAL_INVALID, "limit: wanted 1-%d", HISTORY_LIMIT_MAX);
    return find_room(exchange, name, history->key, &room, refusal);
}

void
ask_history(struct exchange *exchange)
{
    struct history *history = xcalloc(1, sizeof(*history));
    struct refusal refusal;

    history->before = INT64_MAX;
    history->limit = HISTORY_LIMIT;
    if (read_history_query(exchange, history, &refusal) < 0) {
        exchange_refuse(exchange, &refusal);
        free(history);
        return;
    }
    history->before = MIN(history->before, (uint64_t)INT64_MAX);
    if (room_key_is_direct(history->key))
        history->since = exchange->session->identity.since;
    history->exchange = exchange_ref(exchange);
    history->errand.run = history_run;
    history->errand.done = history_done;
    errand_send(&history->errand, exchange->worker);
}
