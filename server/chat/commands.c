/* What each command asks for, may be refused for, and becomes. */
#include "server/chat/judge.h"

#include "common/util.h"
#include "server/chat/accounts.h"
#include "server/chat/rooms.h"

#include <string.h>

static bool
is_direct(const struct append_item *item)
{
    return room_key_is_direct(item->command.room);
}

static int
check_room_is_there(const struct rooms *rooms, const struct append_item *item,
                    struct refusal *ret_refusal)
{
    if (rooms_find(rooms, item->command.room) == NULL)
        return refuse(ret_refusal, REFUSAL_NOT_FOUND, "no such room: %s", item->command.room);

    return 0;
}

static int
check_is_member(const struct rooms *rooms, const struct append_item *item,
                struct refusal *ret_refusal)
{
    if (check_room_is_there(rooms, item, ret_refusal) < 0)
        return -1;

    if (!room_has_member(rooms_find(rooms, item->command.room), item->user))
        return refuse(ret_refusal, REFUSAL_NOT_MEMBER, "not a member of %s: join it first",
                      item->command.room);

    return 0;
}

static bool
is_member(const struct rooms *rooms, const struct append_item *item)
{
    const struct room *room = rooms_find(rooms, item->command.room);

    return room != NULL && room_has_member(room, item->user);
}

/* Who talks to himself need not be looked up; all others must be somebody at this moment. */
static int
check_direct(const struct accounts *accounts, const struct append_item *item,
             struct refusal *ret_refusal)
{
    char other[USER_SIZE];

    direct_other(other, item->command.room, item->user);
    if (other[0] == '\0')
        return refuse(ret_refusal, REFUSAL_FORBIDDEN, "a conversation of others");
    if (strcmp(other, item->user) != 0 && !accounts_have(accounts, other))
        return refuse(ret_refusal, REFUSAL_NOT_FOUND, "no such user: %s", other);

    return 0;
}

static int
say_check(const struct rooms *rooms, const struct accounts *accounts,
          const struct append_item *item, struct refusal *ret_refusal)
{
    if (is_direct(item))
        return check_direct(accounts, item, ret_refusal);

    return check_is_member(rooms, item, ret_refusal);
}

static void
say_run(const struct append_item *item, struct event *event)
{
    event->text = xstrdup(item->command.text);
    event->action = item->command.action;
}

static int
join_check(const struct rooms *rooms, const struct accounts *accounts,
           const struct append_item *item, struct refusal *ret_refusal)
{
    if (is_direct(item))
        return refuse(ret_refusal, REFUSAL_INVALID,
                      "a direct conversation cannot be joined: wanted #room");

    return 0;
}

static bool
join_changes(const struct rooms *rooms, const struct append_item *item)
{
    return !is_member(rooms, item);
}

static int
part_check(const struct rooms *rooms, const struct accounts *accounts,
           const struct append_item *item, struct refusal *ret_refusal)
{
    if (is_direct(item))
        return refuse(ret_refusal, REFUSAL_INVALID,
                      "a direct conversation cannot be left: wanted #room");

    return check_room_is_there(rooms, item, ret_refusal);
}

static bool
part_changes(const struct rooms *rooms, const struct append_item *item)
{
    return is_member(rooms, item);
}

static int
topic_check(const struct rooms *rooms, const struct accounts *accounts,
            const struct append_item *item, struct refusal *ret_refusal)
{
    if (is_direct(item))
        return refuse(ret_refusal, REFUSAL_INVALID,
                      "a direct conversation has no topic: wanted #room");

    return check_is_member(rooms, item, ret_refusal);
}

static bool
topic_changes(const struct rooms *rooms, const struct append_item *item)
{
    return strcmp(room_topic(rooms_find(rooms, item->command.room)), item->command.text) != 0;
}

static void
topic_run(const struct append_item *item, struct event *event)
{
    event->text = xstrdup(item->command.text);
}

static const struct command_ops command_say = {
    .command = COMMAND_SAY,
    .event = EVENT_MESSAGE,
    .check = say_check,
    .run = say_run,
};

static const struct command_ops command_join = {
    .command = COMMAND_JOIN,
    .event = EVENT_JOIN,
    .check = join_check,
    .changes = join_changes,
    .changes_member = true,
};

static const struct command_ops command_part = {
    .command = COMMAND_PART,
    .event = EVENT_PART,
    .check = part_check,
    .changes = part_changes,
    .changes_member = true,
};

static const struct command_ops command_topic = {
    .command = COMMAND_TOPIC,
    .event = EVENT_TOPIC,
    .check = topic_check,
    .changes = topic_changes,
    .run = topic_run,
    .changes_room = true,
};

const struct command_ops *const command_rows[COMMAND_TYPE_COUNT] = {
    [COMMAND_SAY] = &command_say,
    [COMMAND_JOIN] = &command_join,
    [COMMAND_PART] = &command_part,
    [COMMAND_TOPIC] = &command_topic,
};
