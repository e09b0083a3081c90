/* Commands about rooms and who is in them. */
#include "client/chat/chat_parts.h"
#include "client/chat/commands.h"
#include "client/chat/target.h"
#include "common/text.h"
#include "common/util.h"

#include <string.h>

static const char *
check_join(struct chat *chat, char **args, int count)
{
    char room[ROOM_KEY_SIZE];

    return target_room(chat, args[0], room);
}

static const char *
run_join(struct chat *chat, char **args, int count)
{
    char room[ROOM_KEY_SIZE];

    target_room(chat, args[0], room);
    const char *fault = chat_join(chat, room);
    if (fault == NULL)
        chat_show(chat, room);
    return fault;
}

static const char *
check_this_room(struct chat *chat, char **args, int count)
{
    char room[ROOM_KEY_SIZE];

    return target_this_room(chat, args[0], room);
}

static const char *
run_part(struct chat *chat, char **args, int count)
{
    struct command command = {.type = COMMAND_PART};

    target_this_room(chat, args[0], command.room);
    return chat_command(chat, &command);
}

static const char *
check_topic(struct chat *chat, char **args, int count)
{
    struct buf normal = BUF_INIT;
    char room[ROOM_KEY_SIZE];
    const char *fault = target_this_room(chat, NULL, room);

    if (fault == NULL && count > 0 && !text_is_utf8(args[0], strlen(args[0])))
        fault = "the topic is not UTF-8: wanted UTF-8";
    if (fault == NULL && count > 0)
        fault = text_normalise(&normal, args[0], strlen(args[0]), TOPIC_MAX);
    buf_fini(&normal);
    return fault;
}

static const char *
run_topic(struct chat *chat, char **args, int count)
{
    const struct window *window = model_current(chat->model);
    struct command command = {.type = COMMAND_TOPIC};
    struct buf normal = BUF_INIT;

    if (count == 0) {
        chat_note(chat, NULL, false, "topic: %s",
                  window->topic != NULL ? window->topic : "none is set");
        return NULL;
    }

    target_this_room(chat, NULL, command.room);
    if (strcmp(args[0], "-") != 0)
        text_normalise(&normal, args[0], strlen(args[0]), TOPIC_MAX);
    buf_add_str(&normal, "");
    command.text = buf_take(&normal, NULL);

    const char *fault = chat_enter(chat, command.room);
    if (fault == NULL)
        return chat_command(chat, &command);

    command_fini(&command);
    return fault;
}

static const char *
check_names(struct chat *chat, char **args, int count)
{
    return chat_is_live(chat) ? check_this_room(chat, args, count)
                              : "not connected: the server must be asked for this";
}

static const char *
run_names(struct chat *chat, char **args, int count)
{
    struct load load = {.kind = &load_names};

    target_this_room(chat, args[0], load.room);
    chat_load(chat, &load);
    return NULL;
}

static const char *
run_who(struct chat *chat, char **args, int count)
{
    struct load load = {.kind = &load_who};

    target_this_room(chat, args[0], load.room);
    chat_load(chat, &load);
    return NULL;
}

static const char *
check_list(struct chat *chat, char **args, int count)
{
    return chat_is_live(chat) ? NULL : "not connected: the server must be asked for this";
}

static const char *
run_list(struct chat *chat, char **args, int count)
{
    const struct load load = {.kind = &load_rooms};

    chat_load(chat, &load);
    return NULL;
}

const struct input_command command_join = {
    .name = "join",
    .min = 1,
    .max = 1,
    .usage = "/join ROOM",
    .help = "Enters a room; one that is not there is made, and you own it",
    .completes = COMPLETES_ROOMS,
    .check = check_join,
    .run = run_join,
};

const struct input_command command_part = {
    .name = "part",
    .alias = "leave",
    .max = 1,
    .usage = "/part [ROOM]",
    .help = "Leaves this room or another",
    .completes = COMPLETES_ROOMS,
    .check = check_this_room,
    .run = run_part,
};

const struct input_command command_topic = {
    .name = "topic",
    .max = 1,
    .usage = "/topic [TEXT|-]",
    .help = "Shows the room's topic, sets it to TEXT, or clears it with -",
    .check = check_topic,
    .run = run_topic,
};

const struct input_command command_names = {
    .name = "names",
    .max = 1,
    .usage = "/names [ROOM]",
    .help = "Lists who is in this room or another that you are in",
    .completes = COMPLETES_ROOMS,
    .check = check_names,
    .run = run_names,
    .asks = true,
};

const struct input_command command_who = {
    .name = "who",
    .max = 1,
    .usage = "/who [ROOM]",
    .help = "Lists who is in this room or another, who of them is here, and what who is away says",
    .completes = COMPLETES_ROOMS,
    .check = check_names,
    .run = run_who,
    .asks = true,
};

const struct input_command command_list = {
    .name = "list",
    .usage = "/list",
    .help = "Lists the server's rooms, how many are in them, and their topics",
    .check = check_list,
    .run = run_list,
    .asks = true,
};
