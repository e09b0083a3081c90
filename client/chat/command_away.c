/* Commands about whether one is there. */
#include "client/chat/chat_parts.h"
#include "client/chat/commands.h"
#include "common/text.h"
#include "common/util.h"

#include <string.h>

#define NO_WORDS "away" /* said where one gives no words: without any, one is back */

static const char *
check_away(struct chat *chat, char **args, int count)
{
    struct buf normal = BUF_INIT;
    const char *fault = NULL;

    if (count > 0)
        fault = text_normalise(&normal, args[0], strlen(args[0]), AWAY_MAX);
    buf_fini(&normal);
    return fault;
}

static const char *
run_away(struct chat *chat, char **args, int count)
{
    struct command command = {.type = COMMAND_AWAY};
    struct buf normal = BUF_INIT;

    if (count > 0)
        text_normalise(&normal, args[0], strlen(args[0]), AWAY_MAX);
    else
        buf_add_str(&normal, NO_WORDS);
    command.text = buf_take(&normal, NULL);
    return chat_command(chat, &command);
}

static const char *
run_back(struct chat *chat, char **args, int count)
{
    struct command command = {.type = COMMAND_AWAY};

    return chat_command(chat, &command);
}

const struct input_command command_away = {
    .name = "away",
    .max = 1,
    .usage = "/away [TEXT]",
    .help = "Shows the others that you are away, and why",
    .check = check_away,
    .run = run_away,
};

const struct input_command command_back = {
    .name = "back",
    .usage = "/back",
    .help = "Shows the others that you are here again",
    .run = run_back,
};
