#include "server/chat/room_table.h"

#include "common/util.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct room_slot {
    struct room room;
    UT_hash_handle hh;
};

struct member_slot {
    struct member member;
    UT_hash_handle hh;
};

struct user_slot {
    char name[USER_SIZE];
    struct member *first;
    UT_hash_handle hh;
};

struct room_table {
    struct room_slot *rooms;
    struct user_slot *users; /* who has at least one membership */
};

struct room_table *
room_table_create(void)
{
    return xcalloc(1, sizeof(struct room_table));
}

void
room_table_destroy(struct room_table *table)
{
    struct room_slot *slot, *next;

    if (table == NULL)
        return;

    HASH_ITER(hh, table->rooms, slot, next)
    room_table_remove(table, &slot->room);
    free(table);
}

struct room *
room_table_find(const struct room_table *table, const char *key)
{
    struct room_slot *slot;

    HASH_FIND_STR(table->rooms, key, slot);
    return slot == NULL ? NULL : &slot->room;
}

struct room *
room_table_add(struct room_table *table, const char *key)
{
    struct room_slot *slot = xcalloc(1, sizeof(*slot));

    str_copy(slot->room.key, sizeof(slot->room.key), key);
    slot->room.topic = xstrdup("");
    HASH_ADD_STR(table->rooms, room.key, slot);

    return &slot->room;
}

void
room_table_remove(struct room_table *table, struct room *room)
{
    struct room_slot *slot = container_of(room, struct room_slot, room);
    struct member_slot *member, *next;

    HASH_ITER(hh, room->members, member, next)
    room_table_remove_member(table, &member->member);
    HASH_DEL(table->rooms, slot);

    free(room->topic);
    free(slot);
}

void
room_table_each(const struct room_table *table, void (*each)(void *context, struct room *room),
                void *context)
{
    struct room_slot *slot, *next;

    HASH_ITER(hh, table->rooms, slot, next)
    each(context, &slot->room);
}

static struct user_slot *
find_user(const struct room_table *table, const char *name)
{
    struct user_slot *user;

    HASH_FIND_STR(table->users, name, user);
    return user;
}

static void
link_to_user(struct room_table *table, struct member *member)
{
    struct user_slot *user = find_user(table, member->user);

    if (user == NULL) {
        user = xcalloc(1, sizeof(*user));
        str_copy(user->name, sizeof(user->name), member->user);
        HASH_ADD_STR(table->users, name, user);
    }

    member->next_of_user = user->first;
    member->link_of_user = &user->first;
    if (user->first != NULL)
        user->first->link_of_user = &member->next_of_user;
    user->first = member;
}

static void
unlink_from_user(struct room_table *table, struct member *member)
{
    *member->link_of_user = member->next_of_user;
    if (member->next_of_user != NULL)
        member->next_of_user->link_of_user = member->link_of_user;

    struct user_slot *user = find_user(table, member->user);
    if (user->first != NULL)
        return;

    HASH_DEL(table->users, user);
    free(user);
}

struct member *
room_table_member(const struct room *room, const char *user)
{
    struct member_slot *slot;

    HASH_FIND_STR(room->members, user, slot);
    return slot == NULL ? NULL : &slot->member;
}

struct member *
room_table_add_member(struct room_table *table, struct room *room, const char *user)
{
    struct member_slot *slot = xcalloc(1, sizeof(*slot));

    slot->member.room = room;
    slot->member.role = ROLE_MEMBER;
    str_copy(slot->member.user, sizeof(slot->member.user), user);
    HASH_ADD_STR(room->members, member.user, slot);

    link_to_user(table, &slot->member);
    if (member_is_present(&slot->member))
        room->present_count++;

    return &slot->member;
}

void
room_table_remove_member(struct room_table *table, struct member *member)
{
    struct member_slot *slot = container_of(member, struct member_slot, member);

    if (member_is_present(member))
        member->room->present_count--;
    unlink_from_user(table, member);
    HASH_DEL(member->room->members, slot);

    free(member->spans);
    free(slot);
}

void
room_table_each_member(const struct room *room,
                       void (*each)(void *context, const struct member *member), void *context)
{
    const struct member_slot *slot, *next;

    HASH_ITER(hh, room->members, slot, next)
    each(context, &slot->member);
}

struct member *
room_table_first_of(const struct room_table *table, const char *user)
{
    struct user_slot *slot = find_user(table, user);

    return slot == NULL ? NULL : slot->first;
}

bool
member_is_present(const struct member *member)
{
    if (room_key_is_direct(member->room->key))
        return true;

    return member->span_count > 0 && member->spans[member->span_count - 1].to == SPAN_OPEN;
}

/* From the newest on: what is asked for is mostly recent. */
bool
member_was_present_at(const struct member *member, uint64_t seq)
{
    for (size_t i = member->span_count; i-- > 0;)
        if (member->spans[i].from <= seq)
            return seq <= member->spans[i].to;

    return false;
}

static void
add_span(struct member *member, uint64_t from)
{
    if (member->span_count == SPANS_MAX) {
        member->span_count--;
        memmove(member->spans, member->spans + 1, member->span_count * sizeof(struct span));
    }

    member->spans = xrealloc(member->spans, (member->span_count + 1) * sizeof(struct span));
    member->spans[member->span_count++] = (struct span){.from = from, .to = SPAN_OPEN};
}

void
member_enter(struct member *member, uint64_t seq)
{
    struct span *last = member->span_count > 0 ? &member->spans[member->span_count - 1] : NULL;

    /* Where nothing lies between, two spans are one. */
    if (last != NULL && last->to + 1 == seq)
        last->to = SPAN_OPEN;
    else
        add_span(member, seq);

    member->room->present_count++;
}

void
member_leave(struct member *member, uint64_t seq)
{
    member->spans[member->span_count - 1].to = seq;
    member->room->present_count--;
}

void
member_set_spans(struct member *member, struct span *spans, size_t count)
{
    if (member_is_present(member))
        member->room->present_count--;

    free(member->spans);
    member->spans = spans;
    member->span_count = count;

    if (member_is_present(member))
        member->room->present_count++;
}
