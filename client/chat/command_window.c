/* Commands about windows. */
#include "client/chat/chat_parts.h"
#include "client/chat/commands.h"
#include "common/util.h"

#include <string.h>

/* By number, by name, or by the beginning of a name with or without its mark. NULL: none. */
static struct window *
find_window(struct chat *chat, const char *typed)
{
    size_t count = model_window_count(chat->model);
    int64_t number;

    if (parse_i64(typed, 1, (int64_t)count, &number) == 0)
        return model_window(chat->model, (size_t)number - 1);

    struct window *window = model_find(chat->model, typed);
    for (size_t i = 0; window == NULL && i < count; i++) {
        const char *name = model_window(chat->model, i)->name;
        if (strncasecmp(name, typed, strlen(typed)) == 0 ||
            strncasecmp(name + 1, typed, strlen(typed)) == 0)
            window = model_window(chat->model, i);
    }

    return window;
}

static const char *
check_window(struct chat *chat, char **args, int count)
{
    if (find_window(chat, args[0]) != NULL)
        return NULL;

    return chat_why(chat, "no window \"%.60s\": wanted 1-%zu or a name", args[0],
                    model_window_count(chat->model));
}

static const char *
run_window(struct chat *chat, char **args, int count)
{
    chat_show(chat, find_window(chat, args[0])->name);
    return NULL;
}

static const char *
check_close(struct chat *chat, char **args, int count)
{
    const struct window *window = model_current(chat->model);

    if (model_index(chat->model, window) == 0)
        return "home stays: /quit ends the program";
    if (window->line_count > 0) {
        const struct line *last = window->lines[window->line_count - 1];
        if (last->seq == 0 && (last->mark == MARK_PENDING || last->mark == MARK_QUEUED))
            return "lines of yours are still on their way: /outbox shows them";
    }

    return NULL;
}

static const char *
run_close(struct chat *chat, char **args, int count)
{
    struct window *window = model_current(chat->model);
    struct command command = {.type = COMMAND_PART};
    const char *fault = NULL;

    if (window_is_room(window) && window->joined) {
        str_copy(command.room, sizeof(command.room), window->name);
        fault = chat_command(chat, &command);
    }
    if (fault != NULL)
        return fault;

    model_close(chat->model, window);
    chat_changed(chat);
    return NULL;
}

static const char *
run_clear(struct chat *chat, char **args, int count)
{
    model_clear(chat->model, model_current(chat->model));
    chat_changed(chat);
    return NULL;
}

static const char *
check_history(struct chat *chat, char **args, int count)
{
    const struct window *window = model_current(chat->model);

    if (!chat_is_live(chat))
        return "not connected: the server must be asked for this";
    if (model_index(chat->model, window) == 0)
        return "home has no history: go to a room's window";
    if (!window->joined)
        return "you are not in this room: its history is for its members";

    return NULL;
}

static const char *
run_history(struct chat *chat, char **args, int count)
{
    struct window *window = model_current(chat->model);

    if (window->complete)
        chat_note(chat, NULL, false, "there is nothing older");
    chat_load_older(chat, window);
    return NULL;
}

const struct input_command command_window = {
    .name = "window",
    .min = 1,
    .max = 1,
    .usage = "/window NUMBER|NAME",
    .help = "Goes to a window",
    .completes = COMPLETES_WINDOWS,
    .check = check_window,
    .run = run_window,
};

const struct input_command command_close = {
    .name = "close",
    .usage = "/close",
    .help = "Closes the window; a room is left",
    .check = check_close,
    .run = run_close,
};

const struct input_command command_clear = {
    .name = "clear",
    .usage = "/clear",
    .help = "Takes the lines off the window; /history brings them back",
    .run = run_clear,
};

const struct input_command command_history = {
    .name = "history",
    .usage = "/history",
    .help = "Loads a page of older lines",
    .check = check_history,
    .run = run_history,
    .asks = true,
};
