#include "client/chat/input.h"

#include "client/chat/chat_parts.h"
#include "common/near.h"
#include "common/util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARGS_MAX 2 /* no command takes more */
#define BLANKS   " \t\n"

static bool
has_name(const struct input_command *command, const char *word)
{
    return strcasecmp(command->name, word) == 0 ||
           (command->alias != NULL && strcasecmp(command->alias, word) == 0);
}

static bool
has_prefix(const struct input_command *command, const char *word, size_t len)
{
    return strncasecmp(command->name, word, len) == 0 ||
           (command->alias != NULL && strncasecmp(command->alias, word, len) == 0);
}

static const char *
nearest_name(const char *word)
{
    const char *best = NULL;
    int best_distance = 3; /* further off is another word */

    for (const struct input_command *const *row = input_commands; *row != NULL; row++) {
        int distance = near_distance(word, (*row)->name);
        if (distance < best_distance && distance < (int)strlen((*row)->name)) {
            best = (*row)->name;
            best_distance = distance;
        }
    }

    return best;
}

static void
say_unknown(const char *word, char *why, size_t why_size)
{
    const char *near = nearest_name(word);

    if (near != NULL)
        snprintf(why, why_size, "unknown command /%.40s — did you mean /%s?", word, near);
    else
        snprintf(why, why_size, "unknown command /%.40s — /help lists them", word);
}

static void
say_ambiguous(const char *word, size_t len, char *why, size_t why_size)
{
    struct buf text = BUF_INIT;
    const char *joint = "may be";

    buf_addf(&text, "/%s is ambiguous:", word);
    for (const struct input_command *const *row = input_commands; *row != NULL; row++)
        if (has_prefix(*row, word, len)) {
            buf_addf(&text, " %s /%s", joint, (*row)->name);
            joint = "or";
        }
    snprintf(why, why_size, "%s", buf_text(&text));
    buf_fini(&text);
}

const struct input_command *
input_find(const char *word, char *why, size_t why_size)
{
    const struct input_command *found = NULL;
    size_t len = strlen(word);
    size_t count = 0;

    for (const struct input_command *const *row = input_commands; *row != NULL; row++) {
        if (has_name(*row, word))
            return *row;
        if (len > 0 && has_prefix(*row, word, len)) {
            found = *row;
            count++;
        }
    }

    if (count == 0)
        say_unknown(word, why, why_size);
    else if (count > 1)
        say_ambiguous(word, len, why, why_size);

    return count == 1 ? found : NULL;
}

static bool
is_command(const char *line)
{
    return line[0] == '/' && line[1] != '/';
}

/* Cuts the word at the front off. Returns it; *rest is what follows the blanks behind it. */
static char *
cut_word(char *text, char **rest)
{
    size_t len = strcspn(text, BLANKS);

    *rest = text + len;
    if (**rest != '\0') {
        **rest = '\0';
        *rest += 1 + strspn(*rest + 1, BLANKS);
    }
    return text;
}

static void
cut_blanks_at_end(char *text)
{
    size_t len = strlen(text);

    while (len > 0 && strchr(BLANKS, text[len - 1]) != NULL)
        text[--len] = '\0';
}

static int
split_args(const struct input_command *command, char *rest, char *args[ARGS_MAX])
{
    int count = 0;

    cut_blanks_at_end(rest);
    while (count < command->max && *rest != '\0') {
        if (count == command->max - 1) {
            args[count++] = rest;
            return count;
        }
        args[count++] = cut_word(rest, &rest);
    }

    /* What stands behind the last is one too many. */
    return *rest != '\0' ? count + 1 : count;
}

/* NULL: done. Else why not. */
static const char *
run_command(struct chat *chat, char *text)
{
    char *args[ARGS_MAX] = {NULL}, *rest;
    const struct input_command *command =
        input_find(cut_word(text, &rest), chat->scratch, sizeof(chat->scratch));

    if (command == NULL)
        return chat->scratch;

    int count = split_args(command, rest, args);
    if (count < command->min)
        return chat_why(chat, "/%s wants more: %s", command->name, command->usage);
    if (count > command->max)
        return chat_why(chat, "/%s takes no \"%.40s\": %s", command->name, rest, command->usage);

    const char *fault = command->check != NULL ? command->check(chat, args, count) : NULL;
    return fault != NULL ? fault : command->run(chat, args, count);
}

static const char *
say_here(struct chat *chat, const char *text)
{
    const struct window *window = model_current(chat->model);

    if (!window_is_room(window) && !window_is_direct(window))
        return "nobody hears you here: /join ROOM or /query USER first";

    return chat_say(chat, window->name, text, false);
}

bool
input_line(struct chat *chat, const char *line)
{
    const char *fault;

    if (is_command(line)) {
        char *text = xstrdup(line + 1);
        fault = run_command(chat, text);
        free(text);
    } else {
        fault = say_here(chat, line[0] == '/' ? line + 1 : line);
    }

    if (fault != NULL)
        chat_note(chat, NULL, true, "%s", fault);
    return fault == NULL;
}

bool
input_asks(const char *line)
{
    char why[200];

    if (!is_command(line))
        return false;

    char *rest, *text = xstrdup(line + 1);
    const struct input_command *command = input_find(cut_word(text, &rest), why, sizeof(why));
    free(text);
    return command != NULL && command->asks;
}
