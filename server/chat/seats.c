#include "server/chat/seats.h"

#include "common/names.h"
#include "common/util.h"
#include "server/chat/reader.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

/* As many as rooms that somebody here was in; they are not dropped while empty, so that who walks
 * over one may raise its last reader. */
struct room_slot {
    char key[ROOM_KEY_SIZE];
    struct room_seats seats;
    UT_hash_handle hh;
};

struct user_slot {
    char name[USER_SIZE];
    struct reader *first;
    UT_hash_handle hh;
};

struct reader_seat {
    struct room_slot *room;
    size_t index; /* in the room's array */
    struct reader_seat *next;
};

struct seats {
    struct room_slot *rooms;
    struct user_slot *users;
};

struct seats *
seats_create(void)
{
    return xcalloc(1, sizeof(struct seats));
}

void
seats_destroy(struct seats *seats)
{
    struct room_slot *room, *next;

    if (seats == NULL)
        return;

    assert(seats->users == NULL);
    HASH_ITER(hh, seats->rooms, room, next)
    {
        assert(room->seats.count == 0);
        HASH_DEL(seats->rooms, room);
        free(room->seats.seated);
        free(room);
    }
    free(seats);
}

static struct user_slot *
find_user(const struct seats *seats, const char *name)
{
    struct user_slot *user;

    HASH_FIND_STR(seats->users, name, user);
    return user;
}

static struct user_slot *
make_user(struct seats *seats, const char *name)
{
    struct user_slot *user = find_user(seats, name);

    if (user != NULL)
        return user;

    user = xcalloc(1, sizeof(*user));
    str_copy(user->name, sizeof(user->name), name);
    HASH_ADD_STR(seats->users, name, user);

    return user;
}

void
seats_register(struct seats *seats, struct reader *reader)
{
    struct user_slot *user = make_user(seats, reader->who.name);

    reader->next_of_user = user->first;
    reader->link_of_user = &user->first;
    if (user->first != NULL)
        user->first->link_of_user = &reader->next_of_user;
    user->first = reader;
}

void
seats_unregister(struct seats *seats, struct reader *reader)
{
    struct user_slot *user = find_user(seats, reader->who.name);

    *reader->link_of_user = reader->next_of_user;
    if (reader->next_of_user != NULL)
        reader->next_of_user->link_of_user = reader->link_of_user;
    if (user->first != NULL)
        return;

    HASH_DEL(seats->users, user);
    free(user);
}

struct reader *
seats_first_of(const struct seats *seats, const char *user)
{
    const struct user_slot *slot = find_user(seats, user);

    return slot == NULL ? NULL : slot->first;
}

static struct room_slot *
find_room(const struct seats *seats, const char *key)
{
    struct room_slot *room;

    HASH_FIND_STR(seats->rooms, key, room);
    return room;
}

static struct room_slot *
make_room(struct seats *seats, const char *key)
{
    struct room_slot *room = find_room(seats, key);

    if (room != NULL)
        return room;

    room = xcalloc(1, sizeof(*room));
    str_copy(room->key, sizeof(room->key), key);
    HASH_ADD_STR(seats->rooms, key, room);

    return room;
}

static struct reader_seat **
find_seat(struct reader *reader, const char *key)
{
    struct reader_seat **link = &reader->seats;

    while (*link != NULL && strcmp((*link)->room->key, key) != 0)
        link = &(*link)->next;

    return link;
}

void
seats_sit(struct seats *seats, struct reader *reader, const char *key)
{
    struct room_slot *slot = make_room(seats, key);
    struct room_seats *room = &slot->seats;

    if (*find_seat(reader, key) != NULL)
        return;

    if (room->count == room->size) {
        room->size = MAX(8, room->size * 2);
        room->seated = xrealloc(room->seated, room->size * sizeof(struct seated));
    }

    struct reader_seat *seat = xmalloc(sizeof(*seat));
    *seat = (struct reader_seat){.room = slot, .index = room->count, .next = reader->seats};
    reader->seats = seat;
    room->seated[room->count++] = (struct seated){.reader = reader, .seat = seat};
}

/* The last of the array takes the place that comes free. */
static void
rise(struct reader_seat **link)
{
    struct reader_seat *seat = *link;
    struct room_seats *room = &seat->room->seats;

    struct seated last = room->seated[--room->count];
    room->seated[seat->index] = last;
    last.seat->index = seat->index;

    *link = seat->next;
    free(seat);
}

void
seats_rise(struct seats *seats, struct reader *reader, const char *key)
{
    struct reader_seat **link = find_seat(reader, key);

    if (*link != NULL)
        rise(link);
}

void
seats_rise_everywhere(struct seats *seats, struct reader *reader)
{
    while (reader->seats != NULL)
        rise(&reader->seats);
}

struct room_seats *
seats_in(const struct seats *seats, const char *key)
{
    struct room_slot *room = find_room(seats, key);

    return room == NULL ? NULL : &room->seats;
}
