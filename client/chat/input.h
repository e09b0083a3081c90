/* What a line of input means: text to say, or a command of the client. The commands are a table:
 * one row each, a file each where it is more than a few lines. check says why not; run assumes yes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct chat;
struct completion;

enum completes {
    COMPLETES_NOTHING,
    COMPLETES_USERS,
    COMPLETES_ROOMS,
    COMPLETES_COMMANDS,
    COMPLETES_WINDOWS,
    COMPLETES_TRANSPORTS
};

struct input_command {
    const char *name;         /* "join" */
    const char *alias;        /* another name, or NULL */
    int min, max;             /* arguments; the last takes the rest of the line */
    const char *usage;        /* "/join ROOM" */
    const char *help;         /* one sentence */
    enum completes completes; /* its arguments, the text of a message apart */
    /* NULL: good; else what was wrong and wanted, static or in chat's scratch. */
    const char *(*check)(struct chat *chat, char **args, int count);
    /* NULL: done; else what went wrong after all (the outbox cannot be written): the line stays. */
    const char *(*run)(struct chat *chat, char **args, int count);
    bool asks; /* the server has the answer: in a script the line waits until it is there */
};

extern const struct input_command *const input_commands[]; /* sorted by name, ended by NULL */

/* Takes one line as it was typed. "//x" says "/x". Any unique prefix names a command. True: done,
 * the input may be cleared; false: it stays, and a note in the window says why (an unknown one
 * names the nearest). */
bool input_line(struct chat *chat, const char *line);

/* Whether line is a command that asks the server. */
bool input_asks(const char *line);

/* The row that word (without the slash) names, NULL with why filled. */
const struct input_command *input_find(const char *word, char *why, size_t why_size);

/* Completion at cursor (a byte offset in line): candidates, best first, each replacing
 * start..cursor; the caller frees with completion_fini. */
struct completion {
    size_t start;
    char **items; /* with what follows it: "alice: " at the line's start, "alice " later on */
    size_t count;
};
void input_complete(struct chat *chat, const char *line, size_t cursor,
                    struct completion *ret_completion);
void completion_fini(struct completion *completion);
