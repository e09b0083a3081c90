/* The client without a face: the link, the model, and what a user can do with both. The screen and
 * the line faces drive this and watch it. */
#pragma once

#include "client/chat/model.h"
#include "client/link/link.h"

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct client_config;
struct chat;

/* What a face hears. Any may be NULL. */
struct chat_face {
    void *context;
    void (*changed)(void *context); /* the model or the status changed: draw when it suits */
    void (*status)(void *context, const struct link_status *status); /* each change of state */
    void (*event)(void *context, const struct event *event, const char *json, size_t len);
    void (*receipt)(void *context, const char *id, uint64_t seq, const char *json, size_t len);
    void (*refused)(void *context, const struct outbox_item *item);
    void (*alert)(void *context, const struct window *window,
                  const struct line *line); /* a mention or a direct message that nobody watches */
    void (*quit)(void *context);            /* /quit was said */
    void (*overlay)(void *context, const char *title,
                    const char *text); /* /help and the like: show until dismissed */
    /* A line of the client's own was put into a window: for faces that do not draw the model. */
    void (*note)(void *context, const struct window *window, const struct line *line);
    /* A page of history came that was asked for, oldest first; it is in the model already. */
    void (*history)(void *context, const struct event *events, size_t count);
};

/* password NULL: a guest, or the token of an earlier session. NULL with why filled: see
 * link_create.
 */
struct chat *chat_create(uv_loop_t *loop, const struct client_config *config, const char *password,
                         const struct chat_face *face, char *why, size_t why_size);
void chat_start(struct chat *chat);
/* Ends politely: a guest is logged out unless something is still queued. done when ENDED; it must
 * not destroy chat. */
void chat_quit(struct chat *chat, void (*done)(void *context), void *context);
void chat_destroy(struct chat *chat);

bool chat_is_live(const struct chat *chat);
/* Questions to the server that have no answer yet. */
size_t chat_asking(const struct chat *chat);

struct model *chat_model(struct chat *chat);
struct link *chat_link(struct chat *chat);

/* Says text (newlines in it stay) in room. NULL, or what was wrong and wanted. */
const char *chat_say(struct chat *chat, const char *room, const char *text, bool action);
/* The user types in the window; it is told now and then, where others may see it and --typing lets
 * it be told. */
void chat_typing(struct chat *chat, const struct window *window);
/* Any other command of the protocol by its members. */
const char *chat_command(struct chat *chat, struct command *command);
/* Older lines of the window, if there may be some and none are on their way. */
void chat_load_older(struct chat *chat, struct window *window);
void chat_load_members(struct chat *chat, struct window *window);
