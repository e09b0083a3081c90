/* Commands that say something. */
#include "client/chat/chat_parts.h"
#include "client/chat/commands.h"
#include "client/chat/target.h"

static const char *
check_here(struct chat *chat, char **args, int count)
{
    const struct window *window = model_current(chat->model);

    return window_is_room(window) || window_is_direct(window)
               ? NULL
               : "nobody hears you here: /join ROOM or /query USER first";
}

static const char *
run_say(struct chat *chat, char **args, int count)
{
    return chat_say(chat, model_current(chat->model)->name, args[0], false);
}

static const char *
run_me(struct chat *chat, char **args, int count)
{
    return chat_say(chat, model_current(chat->model)->name, args[0], true);
}

static const char *
check_msg(struct chat *chat, char **args, int count)
{
    char target[ROOM_KEY_SIZE];

    return target_any(chat, args[0], target);
}

static const char *
run_msg(struct chat *chat, char **args, int count)
{
    char target[ROOM_KEY_SIZE];

    target_any(chat, args[0], target);
    return chat_say(chat, target, args[1], false);
}

static const char *
check_query(struct chat *chat, char **args, int count)
{
    char target[ROOM_KEY_SIZE];

    return target_user(chat, args[0], target);
}

static const char *
run_query(struct chat *chat, char **args, int count)
{
    char target[ROOM_KEY_SIZE];

    target_user(chat, args[0], target);
    chat_show(chat, target);
    return count > 1 ? chat_say(chat, target, args[1], false) : NULL;
}

const struct input_command command_say = {
    .name = "say",
    .min = 1,
    .max = 1,
    .usage = "/say TEXT",
    .help = "Says TEXT as it stands, even where it begins with a slash (//x says /x too)",
    .check = check_here,
    .run = run_say,
};

const struct input_command command_me = {
    .name = "me",
    .min = 1,
    .max = 1,
    .usage = "/me TEXT",
    .help = "Says what you do: * ann waves",
    .check = check_here,
    .run = run_me,
};

const struct input_command command_msg = {
    .name = "msg",
    .min = 2,
    .max = 2,
    .usage = "/msg USER|ROOM TEXT",
    .help = "Says TEXT to one person or in another room",
    .completes = COMPLETES_USERS,
    .check = check_msg,
    .run = run_msg,
};

const struct input_command command_query = {
    .name = "query",
    .min = 1,
    .max = 2,
    .usage = "/query USER [TEXT]",
    .help = "Opens a window with one person",
    .completes = COMPLETES_USERS,
    .check = check_query,
    .run = run_query,
};
