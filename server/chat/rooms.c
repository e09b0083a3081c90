#include "server/chat/rooms.h"

#include "common/util.h"
#include "server/chat/room_table.h"
#include "server/chat/rooms_journal.h"
#include "server/chat/rooms_state.h"

#include <stdlib.h>
#include <string.h>

const char *
role_name(enum role role)
{
    switch (role) {
    case ROLE_MEMBER: return "member";
    case ROLE_MODERATOR: return "moderator";
    case ROLE_OWNER: return "owner";
    }

    return "member";
}

struct rooms *
rooms_create(void)
{
    struct rooms *rooms = xcalloc(1, sizeof(*rooms));

    rooms->table = room_table_create();
    rooms->journal = rooms_journal_create();

    return rooms;
}

void
rooms_destroy(struct rooms *rooms)
{
    if (rooms == NULL)
        return;

    rooms_journal_destroy(rooms->journal);
    room_table_destroy(rooms->table);
    free(rooms);
}

/* Who else talks in "@ann,bob"; both are ann in "@ann,ann". */
static void
add_the_two(struct rooms *rooms, struct room *room)
{
    char first[USER_SIZE], second[USER_SIZE];
    size_t len = strcspn(room->key + 1, ",");

    if (len >= sizeof(first))
        return;

    memcpy(first, room->key + 1, len);
    first[len] = '\0';
    direct_other(second, room->key, first);

    room_table_add_member(rooms->table, room, first);
    if (strcmp(first, second) != 0)
        room_table_add_member(rooms->table, room, second);
}

struct room *
rooms_make(struct rooms *rooms, const char *key)
{
    struct room *room = room_table_find(rooms->table, key);

    if (room != NULL)
        return room;

    room = room_table_add(rooms->table, key);
    rooms_journal_note_made_room(rooms->journal, room);
    if (room_key_is_direct(key))
        add_the_two(rooms, room);

    return room;
}

static struct member *
make_member(struct rooms *rooms, struct room *room, const char *user)
{
    struct member *member = room_table_member(room, user);

    if (member != NULL)
        return member;

    member = room_table_add_member(rooms->table, room, user);
    rooms_journal_note_made_member(rooms->journal, member);

    return member;
}

static void
apply_join(struct rooms *rooms, struct room *room, const struct event *event)
{
    bool is_maker = room->members == NULL;
    struct member *member = make_member(rooms, room, event->from);

    if (member_is_present(member))
        return;

    rooms_journal_note_member(rooms->journal, member);
    if (is_maker)
        member->role = ROLE_OWNER;
    member_enter(member, event->seq);
}

/* The spans stay: who was there may come back with an old cursor and read what it missed. A guest
 * leaves its role behind, since the next who has its name is somebody else; what that one must not
 * see is held back by its `since`. */
static void
apply_part(struct rooms *rooms, struct room *room, const struct event *event)
{
    struct member *member = room_table_member(room, event->from);

    if (member == NULL || !member_is_present(member))
        return;

    rooms_journal_note_member(rooms->journal, member);
    member_leave(member, event->seq);
    if (event->guest)
        member->role = ROLE_MEMBER;
}

static void
apply_topic(struct rooms *rooms, struct room *room, const struct event *event)
{
    rooms_journal_note_topic(rooms->journal, room);

    free(room->topic);
    room->topic = xstrdup(event->text == NULL ? "" : event->text);
}

static void (*const appliers[EVENT_TYPE_COUNT])(struct rooms *rooms, struct room *room,
                                                const struct event *event) = {
    [EVENT_JOIN] = apply_join,
    [EVENT_PART] = apply_part,
    [EVENT_TOPIC] = apply_topic,
};

void
rooms_apply(struct rooms *rooms, const struct event *event)
{
    struct room *room = rooms_make(rooms, event->room);

    if (appliers[event->type] != NULL && !room_key_is_direct(room->key))
        appliers[event->type](rooms, room, event);

    rooms_journal_note_seqs(rooms->journal, room);
    room->last_seq = event->seq;
    room->last_rseq = event->rseq;
}

void
rooms_begin(struct rooms *rooms)
{
    rooms_journal_begin(rooms->journal);
}

void
rooms_commit(struct rooms *rooms)
{
    rooms_journal_commit(rooms->journal);
}

void
rooms_roll_back(struct rooms *rooms)
{
    rooms_journal_roll_back(rooms->journal, rooms->table);
}

struct room *
rooms_find(const struct rooms *rooms, const char *key)
{
    return room_table_find(rooms->table, key);
}

const char *
room_key(const struct room *room)
{
    return room->key;
}

const char *
room_topic(const struct room *room)
{
    return room->topic;
}

uint64_t
room_last_rseq(const struct room *room)
{
    return room->last_rseq;
}

uint64_t
room_last_seq(const struct room *room)
{
    return room->last_seq;
}

size_t
room_member_count(const struct room *room)
{
    return room->present_count;
}

bool
room_has_member(const struct room *room, const char *user)
{
    const struct member *member = room_table_member(room, user);

    return member != NULL && member_is_present(member);
}

enum role
room_role(const struct room *room, const char *user)
{
    const struct member *member = room_table_member(room, user);

    return member != NULL && member_is_present(member) ? member->role : ROLE_MEMBER;
}

void
rooms_each_of(const struct rooms *rooms, const struct identity *who,
              void (*each)(void *context, const struct room *room), void *context)
{
    const struct member *member = room_table_first_of(rooms->table, who->name);

    for (; member != NULL; member = member->next_of_user) {
        const struct room *room = member->room;
        bool is_anothers = room_key_is_direct(room->key) && room->last_seq <= who->since;

        if (member_is_present(member) && !is_anothers)
            each(context, room);
    }
}

struct rooms_visit {
    void (*each)(void *context, const struct room *room);
    void *context;
};

static void
visit_room(void *context, struct room *room)
{
    const struct rooms_visit *visit = context;

    if (!room_key_is_direct(room->key))
        visit->each(visit->context, room);
}

void
rooms_each(const struct rooms *rooms, void (*each)(void *context, const struct room *room),
           void *context)
{
    struct rooms_visit visit = {.each = each, .context = context};

    room_table_each(rooms->table, visit_room, &visit);
}

struct members_visit {
    void (*each)(void *context, const char *user, enum role role);
    void *context;
};

static void
visit_member(void *context, const struct member *member)
{
    const struct members_visit *visit = context;

    if (member_is_present(member))
        visit->each(visit->context, member->user, member->role);
}

void
room_each_member(const struct room *room,
                 void (*each)(void *context, const char *user, enum role role), void *context)
{
    struct members_visit visit = {.each = each, .context = context};

    room_table_each_member(room, visit_member, &visit);
}

bool
rooms_may_see(const struct rooms *rooms, const struct identity *who, const struct event *event)
{
    if (event->seq <= who->since)
        return false;

    const struct room *room = room_table_find(rooms->table, event->room);
    const struct member *member = room == NULL ? NULL : room_table_member(room, who->name);
    if (member == NULL)
        return false;

    return room_key_is_direct(room->key) || member_was_present_at(member, event->seq);
}
