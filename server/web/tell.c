#include "server/web/tell.h"

#include "common/event.h"
#include "common/util.h"
#include "server/chat/hub.h"
#include "server/chat/people.h"
#include "server/chat/rooms.h"
#include "server/server.h"
#include "server/web/conn.h"
#include "server/web/worker.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define CHANGES_AT_ONCE 64

/* Who is to be told, each once. */
struct listener {
    char user[USER_SIZE];
    UT_hash_handle hh;
};

struct audience {
    const char *of;
    struct listener *listeners;
};

static void
add_listener(struct audience *audience, const char *user)
{
    struct listener *listener;

    HASH_FIND_STR(audience->listeners, user, listener);
    if (listener != NULL)
        return;
    listener = xcalloc(1, sizeof(*listener));
    str_copy(listener->user, sizeof(listener->user), user);
    HASH_ADD_STR(audience->listeners, user, listener);
}

static void
add_other(struct audience *audience, const char *user)
{
    if (strcmp(user, audience->of) != 0)
        add_listener(audience, user);
}

static void
add_member(void *context, const char *user, enum role role)
{
    add_other(context, user);
}

static void
add_room(void *context, const struct room *room)
{
    struct audience *audience = context;
    char other[USER_SIZE];

    if (room_key_is_direct(room_key(room))) {
        direct_other(other, room_key(room), audience->of);
        add_other(audience, other);
    } else if (room_member_count(room) <= TELL_MEMBERS_MAX) {
        room_each_member(room, add_member, audience);
    }
}

static void
say_to_reader(void *context, struct reader *reader)
{
    conn_say_aside(container_of(reader, struct conn, reader), context);
}

/* Tells them, and ends the audience. */
static void
say_to(struct audience *audience, struct worker *worker, struct event *event)
{
    struct listener *listener, *next;

    HASH_ITER(hh, audience->listeners, listener, next)
    {
        hub_each_reader_of(worker_hub(worker), listener->user, say_to_reader, event);
        HASH_DEL(audience->listeners, listener);
        free(listener);
    }
}

struct round {
    struct letter letter;
    size_t count;
    struct people_change changes[CHANGES_AT_ONCE];
};

/* His own readers know that he is there when he comes. */
static void
say_change(struct worker *worker, struct people_change *change)
{
    struct audience audience = {.of = change->who.name};
    struct event event = {.type = EVENT_PRESENCE, .presence = change->is};

    str_copy(event.user, sizeof(event.user), change->who.name);
    if (change->is == PRESENCE_AWAY)
        event.text = change->text;
    rooms_each_of(hub_rooms(worker_hub(worker)), &change->who, add_room, &audience);
    if (change->was != PRESENCE_OFFLINE || change->is != PRESENCE_ONLINE)
        add_listener(&audience, change->who.name);
    say_to(&audience, worker, &event);
}

static void
read_round(struct letter *letter, struct worker *worker)
{
    struct round *round = container_of(letter, struct round, letter);

    for (size_t i = 0; i < round->count; i++)
        say_change(worker, &round->changes[i]);
    free(round);
}

static void
post_to_all(const struct server *server, const struct letter *letter, size_t offset, size_t size)
{
    for (size_t i = 0; i < server->worker_count; i++) {
        char *copy = xmalloc(size);

        memcpy(copy, (const char *)letter - offset, size);
        worker_post(server->workers[i], (struct letter *)(void *)(copy + offset));
    }
}

void
tell_presence(struct worker *worker)
{
    const struct server *server = worker_server(worker);
    struct round round = {.letter.read = read_round};

    do {
        round.count = people_changes(server->people, round.changes, CHANGES_AT_ONCE);
        if (round.count > 0)
            post_to_all(server, &round.letter, offsetof(struct round, letter), sizeof(round));
    } while (round.count == CHANGES_AT_ONCE);
}

struct typing {
    struct letter letter;
    char key[ROOM_KEY_SIZE];
    char user[USER_SIZE];
};

static void
read_typing(struct letter *letter, struct worker *worker)
{
    struct typing *typing = container_of(letter, struct typing, letter);
    struct audience audience = {.of = typing->user};
    struct event event = {.type = EVENT_TYPING};
    const struct room *room = rooms_find(hub_rooms(worker_hub(worker)), typing->key);
    char other[USER_SIZE];

    str_copy(event.user, sizeof(event.user), typing->user);
    if (room_key_is_direct(typing->key)) {
        direct_other(other, typing->key, typing->user);
        add_other(&audience, other);
        room_key_seen_by(event.room, typing->key, other);
    } else if (room != NULL) {
        add_room(&audience, room);
        str_copy(event.room, sizeof(event.room), typing->key);
    }
    say_to(&audience, worker, &event);
    free(typing);
}

void
tell_typing(struct worker *worker, const struct identity *who, const char *key)
{
    struct typing typing = {.letter.read = read_typing};

    str_copy(typing.key, sizeof(typing.key), key);
    str_copy(typing.user, sizeof(typing.user), who->name);
    post_to_all(worker_server(worker), &typing.letter, offsetof(struct typing, letter),
                sizeof(typing));
}
