/* /compare: the same messages over each transport, side by side. */
#include "client/chat/chat_parts.h"
#include "client/chat/commands.h"
#include "client/config.h"
#include "client/measure/contest.h"
#include "common/util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGES    20
#define ROOM_PREFIX "#compare-"

static void
heard_next(void *context, const char *transport)
{
    struct chat *chat = context;

    chat_note(chat, NULL, false, "comparing: %s", transport);
}

/* The room was for this alone. */
static void
leave(struct chat *chat)
{
    struct command command;

    command_init(&command);
    command.type = COMMAND_PART;
    str_copy(command.room, sizeof(command.room), chat->compare_room);
    chat_command(chat, &command);
}

static void
heard_done(void *context, const char *table)
{
    struct chat *chat = context;

    chat->contest = NULL;
    leave(chat);
    chat_overlay(chat, "Comparison", table);
    chat_note(chat, NULL, false, "compared");
}

static unsigned
count_of(const char *word)
{
    char *end;
    unsigned long count = strtoul(word, &end, 10);

    return *end != '\0' || count > CONTEST_MESSAGES_MAX ? 0 : (unsigned)count;
}

static const char *
check(struct chat *chat, char **args, int count)
{
    if (count > 0 && count_of(args[0]) == 0)
        return chat_why(chat, "\"%.20s\" is no number of messages: wanted 1 to %d", args[0],
                        CONTEST_MESSAGES_MAX);
    if (chat->contest != NULL)
        return "one comparison is under way: wait until it is done";
    if (!chat_is_live(chat))
        return "not connected: there is nothing to compare yet";

    return NULL;
}

static const char *
run(struct chat *chat, char **args, int count)
{
    const struct contest_listener listener = {
        .context = chat, .next = heard_next, .done = heard_done};
    struct link_config config;
    char *state_dir = client_state_dir();

    chat_link_config(chat, state_dir, &config);
    snprintf(chat->compare_room, sizeof(chat->compare_room), ROOM_PREFIX "%s",
             link_user(chat->link));
    chat->contest = contest_start(chat->loop, &config, chat->link, chat->compare_room,
                                  count > 0 ? count_of(args[0]) : MESSAGES, &listener,
                                  chat->scratch, sizeof(chat->scratch));
    free(state_dir);
    return chat->contest == NULL ? chat->scratch : NULL;
}

const struct input_command command_compare = {
    .name = "compare",
    .max = 1,
    .usage = "/compare [MESSAGES]",
    .help = "Says the same messages over each transport and shows what each took",
    .check = check,
    .run = run,
    .asks = true,
};
