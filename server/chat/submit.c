#include "server/chat/submit.h"

#include "common/clock.h"
#include "common/id.h"
#include "common/util.h"
#include "server/chat/accounts.h"
#include "server/chat/hold.h"
#include "server/chat/limits.h"
#include "server/chat/rooms.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

int
submit_take_rate(struct limits *limits, const struct identity *who, struct refusal *ret_refusal)
{
    int64_t retry_after_ms;

    if (limits_take_command(limits, who->name, &retry_after_ms))
        return 0;

    refuse(ret_refusal, REFUSAL_RATE_LIMITED, "too many commands: try again in %" PRId64 " ms",
           retry_after_ms);
    ret_refusal->retry_after_ms = retry_after_ms;
    return -1;
}

static int
check_rate(struct limits *limits, struct hold *hold, const struct identity *who, const char *id,
           struct refusal *ret_refusal)
{
    int64_t now_ms = clock_mono_ms();

    if (hold != NULL && hold_check(hold, id, now_ms, ret_refusal) < 0)
        return -1;
    if (submit_take_rate(limits, who, ret_refusal) == 0)
        return 0;

    if (hold != NULL)
        hold_begin(hold, id, ret_refusal->retry_after_ms, now_ms);
    return -1;
}

/* An account is known here before anybody was told of it, so this never refuses too early. */
static int
check_other(const struct accounts *accounts, const char *room, const struct identity *who,
            struct refusal *ret_refusal)
{
    const char *other = room + 1;

    if (room[0] != '@' || strcmp(other, who->name) == 0 || accounts_have(accounts, other))
        return 0;

    return refuse(ret_refusal, REFUSAL_NOT_FOUND, "no such user: %s", other);
}

/* key may be room. */
static void
make_key(char key[ROOM_KEY_SIZE], const char *room, const struct identity *who)
{
    char target[ROOM_KEY_SIZE];

    str_copy(target, sizeof(target), room);
    if (target[0] == '@')
        direct_key(key, who->name, target + 1);
    else
        str_copy(key, ROOM_KEY_SIZE, target);
}

int
submit_find_room(const char *room, const struct identity *who, const struct accounts *accounts,
                 const struct rooms *rooms, char ret_key[ROOM_KEY_SIZE],
                 struct refusal *ret_refusal)
{
    const struct room *found;

    if (check_other(accounts, room, who, ret_refusal) < 0)
        return -1;

    make_key(ret_key, room, who);
    found = rooms_find(rooms, ret_key);
    if (room[0] == '@')
        return 0;
    if (found == NULL)
        return refuse(ret_refusal, REFUSAL_NOT_FOUND, "no such room: %s", room);
    if (!room_has_member(found, who->name))
        return refuse(ret_refusal, REFUSAL_NOT_MEMBER, "not a member of %s: join it first", room);
    return 0;
}

int
submit_prepare(struct command *command, const struct identity *who, const struct accounts *accounts,
               struct limits *limits, struct hold *hold, struct append_item *ret_item,
               struct refusal *ret_refusal)
{
    assert(command_type_is_logged(command->type));

    if (check_rate(limits, hold, who, command->id, ret_refusal) < 0)
        return -1;
    if (check_other(accounts, command->room, who, ret_refusal) < 0)
        return -1;

    *ret_item = (struct append_item){.kind = APPEND_COMMAND, .command = *command};
    command_init(command);
    make_key(ret_item->command.room, ret_item->command.room, who);
    str_copy(ret_item->user, sizeof(ret_item->user), who->name);
    str_copy(ret_item->owner, sizeof(ret_item->owner), who->owner);

    return 0;
}

void
submit_membership(enum command_type type, const struct identity *who, const char *room,
                  struct append_item *ret_item)
{
    char id[ULID_SIZE];

    ulid_make(id);
    ret_item->kind = APPEND_COMMAND;
    command_init(&ret_item->command);
    ret_item->command.type = type;
    str_copy(ret_item->command.id, sizeof(ret_item->command.id), id);
    str_copy(ret_item->command.room, sizeof(ret_item->command.room), room);
    str_copy(ret_item->user, sizeof(ret_item->user), who->name);
    str_copy(ret_item->owner, sizeof(ret_item->owner), who->owner);
}
