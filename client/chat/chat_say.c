/* What goes up: what is said, and what has to go before it. */
#include "client/chat/chat_parts.h"

#include "client/config.h"
#include "client/link/outbox.h"
#include "common/clock.h"
#include "common/text.h"
#include "common/util.h"

#include <string.h>

#define TYPING_TOLD_MS 3000 /* the server passes on no more */

/* Puts the command into the outbox. Takes what it owns, whatever comes of it. */
static const char *
send_command(struct chat *chat, struct command *command)
{
    const struct outbox_item *item =
        link_say(chat->link, command, chat->scratch, sizeof(chat->scratch));

    command_fini(command);
    if (item == NULL)
        return chat->scratch;

    model_outbox(chat->model, item);
    chat_changed(chat);
    return NULL;
}

const char *
chat_command(struct chat *chat, struct command *command)
{
    return send_command(chat, command);
}

void
chat_typing(struct chat *chat, const struct window *window)
{
    bool is_seen = window_is_direct(window) || (window_is_room(window) && window->joined);
    int64_t now_ms = clock_mono_ms();

    if (!is_seen || !chat->config->typing || !chat_is_live(chat))
        return;
    if (str_equal(chat->typed, window->name) && now_ms - chat->typed_ms < TYPING_TOLD_MS)
        return;
    if (link_send_typing(chat->link, window->name) < 0)
        return;

    str_copy(chat->typed, sizeof(chat->typed), window->name);
    chat->typed_ms = now_ms;
}

const char *
chat_join(struct chat *chat, const char *room)
{
    struct command command = {.type = COMMAND_JOIN};

    str_copy(command.room, sizeof(command.room), room);
    return send_command(chat, &command);
}

static bool
is_wanted_room(const struct chat *chat, const char *room)
{
    const struct option_list *rooms = &chat->config->rooms;

    for (size_t i = 0; i < rooms->count; i++)
        if (strcmp(rooms->items[i], room) == 0)
            return true;

    return false;
}

static bool
has_queued_join(struct chat *chat, const char *room)
{
    const struct outbox *outbox = link_outbox(chat->link);
    const struct outbox_item *item = outbox != NULL ? outbox_first(outbox) : NULL;

    for (; item != NULL; item = item->next)
        if (item->command.type == COMMAND_JOIN && item->state != OUTBOX_REFUSED &&
            strcmp(item->command.room, room) == 0)
            return true;

    return false;
}

/* Whether one is in the room is known after the first hello. Until then what is said there goes out
 * behind a joining, which does nothing where one is in. */
const char *
chat_enter(struct chat *chat, const char *room)
{
    const struct window *window = model_find(chat->model, room);

    if (room[0] != '#' || (window != NULL && window->joined) || has_queued_join(chat, room))
        return NULL;
    if (chat->greeted && !is_wanted_room(chat, room))
        return chat_why(chat, "you are not in %s: /join %s first", room, room);

    return strcmp(room, "#lobby") != 0 ? chat_join(chat, room) : NULL;
}

static const char *
take_text(struct command *command, const char *text)
{
    struct buf normal = BUF_INIT;

    if (!text_is_utf8(text, strlen(text)))
        return "the text is not UTF-8: wanted UTF-8";

    const char *fault = text_normalise(&normal, text, strlen(text), TEXT_MAX);
    if (fault == NULL)
        command->text = buf_take(&normal, NULL);
    buf_fini(&normal);
    return fault;
}

const char *
chat_say(struct chat *chat, const char *room, const char *text, bool action)
{
    struct command command = {.type = COMMAND_SAY, .action = action};
    const char *fault = target_name_fault(room);

    if (fault == NULL)
        fault = take_text(&command, text);
    if (fault != NULL)
        return fault;

    str_copy(command.room, sizeof(command.room), room);
    fault = chat_enter(chat, room);
    if (fault != NULL) {
        command_fini(&command);
        return fault;
    }

    return send_command(chat, &command);
}
