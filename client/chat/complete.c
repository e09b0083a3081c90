/* Completion of the word before the cursor. */
#include "client/chat/input.h"

#include "client/chat/chat_parts.h"
#include "client/link/link_ops.h"
#include "common/util.h"

#include <stdlib.h>
#include <string.h>

/* What is being completed. */
struct wanted {
    const char *word; /* as typed, len bytes */
    size_t len;
    const char *tail; /* what follows the candidate: " " or ": " */
    struct completion *completion;
};

static bool
fits(const struct wanted *wanted, const char *candidate)
{
    return strncasecmp(candidate, wanted->word, wanted->len) == 0;
}

static void
add(const struct wanted *wanted, const char *mark, const char *candidate)
{
    struct completion *completion = wanted->completion;

    completion->items =
        xrealloc(completion->items, (completion->count + 1) * sizeof(*completion->items));
    completion->items[completion->count++] = xasprintf("%s%s%s", mark, candidate, wanted->tail);
}

static int
compare_speakers(const void *a, const void *b)
{
    const struct person *one = *(const struct person *const *)a;
    const struct person *other = *(const struct person *const *)b;

    if (one->spoke_ms != other->spoke_ms)
        return one->spoke_ms > other->spoke_ms ? -1 : 1;

    return strcmp(one->name, other->name);
}

/* Who spoke last comes first. mark: "@" in front of each, or "". */
static void
add_users(struct chat *chat, const struct wanted *wanted, const char *mark)
{
    const struct window *window = model_current(chat->model);
    const struct person **people = xcalloc(window->person_count + 1, sizeof(*people));
    size_t count = 0;

    for (size_t i = 0; i < window->person_count; i++) {
        const struct person *person = &window->people[i];
        if (fits(wanted, person->name) && strcmp(person->name, model_user(chat->model)) != 0)
            people[count++] = person;
    }
    if (count > 0)
        qsort(people, count, sizeof(*people), compare_speakers);
    for (size_t i = 0; i < count; i++)
        add(wanted, mark, people[i]->name);
    free(people);
}

static void
add_windows(struct chat *chat, const struct wanted *wanted, bool (*which)(const struct window *))
{
    for (size_t i = 0; i < model_window_count(chat->model); i++) {
        const struct window *window = model_window(chat->model, i);
        if ((which == NULL || which(window)) && fits(wanted, window->name))
            add(wanted, "", window->name);
    }
}

static void
add_commands(const struct wanted *wanted, const char *mark)
{
    for (const struct input_command *const *row = input_commands; *row != NULL; row++)
        if (fits(wanted, (*row)->name))
            add(wanted, mark, (*row)->name);
}

static void
add_transports(const struct wanted *wanted)
{
    if (fits(wanted, LINK_AUTO))
        add(wanted, "", LINK_AUTO);
    for (size_t i = 0; link_rows[i] != NULL; i++)
        if (fits(wanted, link_rows[i]->name))
            add(wanted, "", link_rows[i]->name);
}

/* A word that begins with a mark says itself what it is. */
static void
add_by_mark(struct chat *chat, struct wanted *wanted)
{
    if (wanted->len > 0 && wanted->word[0] == '#') {
        add_windows(chat, wanted, window_is_room);
    } else if (wanted->len > 0 && wanted->word[0] == '@') {
        wanted->word++;
        wanted->len--;
        wanted->tail = " ";
        add_users(chat, wanted, "@");
    } else {
        add_users(chat, wanted, "");
    }
}

/* The row of the line's command, if the word is one of its arguments. */
static const struct input_command *
command_before(const char *line, size_t start)
{
    char why[200];
    size_t len = strcspn(line, " ");

    if (line[0] != '/' || line[1] == '/' || len >= start)
        return NULL;

    char *word = xstrndup(line + 1, len - 1);
    const struct input_command *row = input_find(word, why, sizeof(why));
    free(word);
    return row;
}

static bool
is_first_argument(const char *line, size_t start)
{
    size_t len = strcspn(line, " ");

    return len + strspn(line + len, " ") == start;
}

static void
add_argument(struct chat *chat, const struct input_command *row, struct wanted *wanted)
{
    switch (row->completes) {
    case COMPLETES_ROOMS: add_windows(chat, wanted, window_is_room); return;
    case COMPLETES_COMMANDS: add_commands(wanted, ""); return;
    case COMPLETES_TRANSPORTS: add_transports(wanted); return;
    case COMPLETES_WINDOWS: add_windows(chat, wanted, NULL); return;
    case COMPLETES_USERS:
    case COMPLETES_NOTHING: add_by_mark(chat, wanted); return;
    }
}

void
input_complete(struct chat *chat, const char *line, size_t cursor,
               struct completion *ret_completion)
{
    size_t start = cursor;

    while (start > 0 && strchr(" \t\n", line[start - 1]) == NULL)
        start--;
    *ret_completion = (struct completion){.start = start};

    struct wanted wanted = {line + start, cursor - start, " ", ret_completion};
    const struct input_command *row = command_before(line, start);
    if (row != NULL && is_first_argument(line, start)) {
        add_argument(chat, row, &wanted);
    } else if (start == 0 && line[0] == '/' && cursor > 0) {
        wanted.word++;
        wanted.len--;
        add_commands(&wanted, "/");
    } else {
        wanted.tail = start == 0 && line[0] != '#' ? ": " : " ";
        add_by_mark(chat, &wanted);
    }
}

void
completion_fini(struct completion *completion)
{
    for (size_t i = 0; i < completion->count; i++)
        free(completion->items[i]);
    free(completion->items);
    *completion = (struct completion){0};
}
