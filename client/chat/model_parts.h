/* Inside the model: what its files share. */
#pragma once

#include "client/chat/model.h"

/* A change of presence that was told. */
struct told {
    char name[USER_SIZE];
    enum presence presence;
};

#define TOLD_MAX 64

struct model {
    char user[USER_SIZE];
    struct window **windows;
    size_t window_count;
    struct window *current, *previous;
    struct window *jump_from, *jumped_to; /* of model_next_active */
    bool watching;
    unsigned next_number;
    struct told told[TOLD_MAX]; /* the newest, a ring */
    uint64_t told_count;        /* of all */
};

/* Lines (model_lines.c). A window's lines are the settled ones, then the pending ones. */
struct line *line_create(struct model *model, enum line_kind kind, int64_t at_ms, const char *text);
void line_destroy(struct line *line);
bool line_is_pending(const struct line *line);
size_t window_settled_count(const struct window *window);
void window_insert(struct window *window, size_t index, struct line *line); /* takes line */
struct line *window_take(struct window *window, size_t index);              /* without freeing it */
/* Puts a line that has a seq where it belongs. Takes line. */
void window_settle(struct window *window, struct line *line);
/* Frees the lines first .. first + count - 1. */
void window_remove(struct window *window, size_t first, size_t count);
uint64_t window_newest_seq(const struct window *window); /* 0: none of the log is here */
/* Puts one logged event into its window by seq. The new line, or NULL when it was there. */
struct line *window_add_event(struct model *model, struct window *window,
                              const struct event *event);
/* Lets go of the oldest lines of a window that has grown too long. */
void window_bound(struct window *window);
/* Lines at the front went: what is older is asked for again before the first that is left. */
void window_reset_oldest(struct window *window);
/* The log was made anew: its lines mean nothing any more. */
void window_forget_log(struct window *window);

/* People (model_people.c). */
void person_add(struct window *window, const char *name);
void person_remove(struct window *window, const char *name);
void person_spoke(struct window *window, const char *name, int64_t at_ms);

/* Typing (model_typing.c). */
void model_typing(struct model *model, const char *room, const char *user);
void window_typed(struct window *window, const char *user); /* he has said it */

/* Activity (model_activity.c). */
bool text_mentions(const char *text, const char *user);
void window_count_line(struct model *model, struct window *window, const struct line *line);
void window_read(struct window *window);
