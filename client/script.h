/* A face without a screen: lines of standard input go in, lines come out, and the exit code tells
 * whether all was accepted. What the lines are is the row's affair (plain.c, json.c). */
#pragma once

#include "client/chat/chat.h"

#include <stdbool.h>
#include <stddef.h>

struct client_config;
struct script;

struct script_ops {
    /* One line of input, NUL-terminated; NULs may stand in it. Says itself what was wrong with it
     * (script_fail). */
    void (*take)(struct script *script, const char *line, size_t len);
    /* Whether the line has to wait until all before it is done and the server is there. */
    bool (*waits)(const char *line);
    /* What came; the members that are NULL are of no interest. */
    void (*event)(struct script *script, const struct event *event, const char *json, size_t len);
    void (*receipt)(struct script *script, const char *json, size_t len);
    void (*refused)(struct script *script, const struct outbox_item *item);
    void (*answer)(struct script *script, const char *text);
    void (*history)(struct script *script, const struct event *events, size_t count);
};

/* Runs until the input has ended and all is receipted, or a signal comes. Returns the exit code. */
int script_run(const struct client_config *config, const char *password,
               const struct script_ops *ops);

struct chat *script_chat(struct script *script);
const struct client_config *script_config(const struct script *script);

/* Writes to standard output, waiting where it is full. When nobody reads it any more the script
 * ends. */
void script_print(struct script *script, const char *data, size_t len);
/* Says on standard error what went wrong with the line that is being taken; the exit code is 1
 * then. Text of others is made visible. */
void script_fail(struct script *script, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The end has to wait for this pong. */
void script_await_pong(struct script *script, const char *nonce);
