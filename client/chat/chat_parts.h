/* Inside the chat: what the glue and the commands share. */
#pragma once

#include "client/chat/chat.h"
#include "common/buf.h"

struct contest;
struct load;

/* The events between the hello of a reconnect and where the log stood then. */
struct catch_up {
    bool runs;
    uint64_t head; /* seq */
    uint64_t messages;
};

struct chat {
    uv_loop_t *loop;
    const struct client_config *config;
    struct chat_face face;
    struct model *model;
    struct link *link;
    char scratch[256]; /* the last "what was wrong and wanted" */
    bool
        reads_history; /* the face draws the model, so older lines are wanted without being asked */
    bool greeted;      /* a hello came */
    bool restored;     /* the outbox of an earlier session has its lines */
    bool guest;        /* the session is one, which its end logs out */
    struct catch_up catch_up;
    char typed[ROOM_KEY_SIZE]; /* where it was told last that the user types, and when */
    int64_t typed_ms;
    struct load *loads; /* questions on their way and waiting, in order */
    size_t load_count;
    struct contest *contest;      /* under way, or NULL */
    char compare_room[ROOM_SIZE]; /* the last one's, which nobody wants to see; "" none */
    void (*quit_done)(void *context);
    void *quit_context;
};

/* Fills scratch and returns it. */
const char *chat_why(struct chat *chat, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A line of the client's own in window (NULL: the current one), for every face. */
void chat_note(struct chat *chat, struct window *window, bool error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void chat_changed(struct chat *chat);
/* Where, who and whom to believe, as the options say; all is borrowed. The rest is zero. */
void chat_link_config(const struct chat *chat, const char *state_dir,
                      struct link_config *ret_config);
void chat_overlay(struct chat *chat, const char *title, const char *text);

/* Sees to it that what is said in the room now is not refused for want of membership: NULL, or why
 * it would be. */
const char *chat_enter(struct chat *chat, const char *room);

/* Why the outbox cannot be looked at, or NULL. */
const char *chat_outbox_fault(struct chat *chat);

/* Questions to the server (chat_load.c; those about lists in chat_lists.c). */
struct load_kind {
    const char *what; /* "history of" */
    /* Appends the path to be asked for. */
    void (*path)(struct buf *out, const struct load *load);
    /* Takes the answer's JSON object; window is NULL where the question was about none or it was
     * closed meanwhile. */
    void (*take)(struct chat *chat, const struct load *load, struct window *window,
                 const json_t *answer);
};

struct load {
    const struct load_kind *kind;
    struct chat *chat;
    struct load *next;
    char room[ROOM_KEY_SIZE]; /* "" none */
    uint64_t before;          /* history: a seq, 0: the newest */
    unsigned limit;           /* history; 0: it is about something else */
    bool sent;
    uint64_t turn; /* model_presence_turn, when it was sent */
};

extern const struct load_kind load_history, load_hole, load_members, load_names, load_who,
    load_rooms;

void chat_path_room(struct buf *out, const char *room); /* as a part of a path */
void chat_load(struct chat *chat, const struct load *load);
void chat_load_newest(struct chat *chat, struct window *window);
/* Asks for what is missing in between, if something is and nothing is on its way. */
void chat_fill_hole(struct chat *chat, struct window *window);
void chat_loads_forget(struct chat *chat); /* for chat_destroy */

/* What the events of the link mean for the chat as a whole (chat_events.c). */
void chat_take_event(struct chat *chat, const struct event *event, const char *json, size_t len);
/* Opens and shows the window, with its newest lines. */
struct window *chat_show(struct chat *chat, const char *name);
/* Joins the rooms of --room that one is not in. */
void chat_join_wanted(struct chat *chat);
/* Queues a joining. NULL, or why it cannot be. */
const char *chat_join(struct chat *chat, const char *room);
