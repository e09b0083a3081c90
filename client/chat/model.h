/* What the client knows of the chat: windows, lines, people, what is unread and what is pending.
 * Fed by the link's events and the user's doings; no I/O, no curses, no clock but by parameter. */
#pragma once

#include "common/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct outbox_item;

enum line_kind {
    LINE_MESSAGE,
    LINE_ACTION,
    LINE_NOTE /* join, part, topic */,
    LINE_LOCAL /* the client's own */
};

/* What is known of a line one typed oneself. */
enum line_mark {
    MARK_NONE,
    MARK_PENDING /* ◌ sent, no receipt yet */,
    MARK_QUEUED /* ↻ */,
    MARK_DONE /* ✓ */,
    MARK_REFUSED /* ✗ */
};

struct line {
    enum line_kind kind;
    enum line_mark mark;
    uint64_t seq, rseq; /* 0: not the log's (yet) */
    int64_t at_ms;      /* wall clock */
    char from[USER_SIZE];
    char id[ID_SIZE];
    char *text;    /* owned, as it came; text_visible is the screen's affair */
    bool mentions; /* has the user's name as a word */
    bool mine;
    bool error;      /* a local line that says something failed */
    uint64_t lost;   /* of a local line: it stands for so many that the server does not keep */
    unsigned number; /* grows; a line keeps it: what caches go by */
};

enum activity {
    ACTIVITY_NONE,
    ACTIVITY_NOTES,
    ACTIVITY_MESSAGES,
    ACTIVITY_DIRECT,
    ACTIVITY_MENTION
};

struct person {
    char name[USER_SIZE];
    int64_t spoke_ms; /* for completion: most recent first; 0: not yet */
    bool owner;
    enum presence presence; /* as it was told last; of rooms with many members it is not told */
};

#define TYPISTS_MAX     3
#define TYPING_SHOWN_MS 6000 /* two of the server's intervals */

/* Who was said to be typing, and when (monotonic). */
struct typist {
    char name[USER_SIZE]; /* "": nobody */
    int64_t at_ms;
};

struct window {
    char name[ROOM_KEY_SIZE]; /* "#ops", "@bob", or "home" for the client's own lines */
    char *topic;              /* owned, may be NULL */
    struct line **lines; /* oldest first; those of the log in seq order, own pending ones last */
    size_t line_count, line_size;
    struct person *people; /* sorted by name */
    size_t person_count;
    struct typist typists[TYPISTS_MAX]; /* see window_typists */
    bool joined;
    bool complete;        /* nothing older is on the server */
    bool loading;         /* older lines are being asked for */
    bool holed;           /* rseq may jump somewhere: model_hole looks */
    uint64_t oldest_seq;  /* what history is asked before; 0: nothing is here */
    uint64_t read_seq;    /* newest that was seen */
    size_t unread;        /* messages after read_seq */
    size_t mention_count; /* of the unread: mentions, and in a direct conversation all */
    uint64_t marker_seq;  /* the rule "3 new messages" stands behind this line, since what came */
    size_t marker_count;  /* after it was unread when the window was last shown; 0: no rule */
    enum activity activity;
    unsigned serial; /* changes with every change of lines: the view's cache goes by it */
};

struct model;
struct model *model_create(const char *user);
void model_destroy(struct model *model);
void model_set_user(struct model *model, const char *user);
const char *model_user(const struct model *model);

bool window_is_direct(const struct window *window);
bool window_is_room(const struct window *window);

/* Windows in their order, 0 is home; a number that the user sees is index + 1. */
size_t model_window_count(const struct model *model);
struct window *model_window(const struct model *model, size_t index);
struct window *model_find(const struct model *model, const char *name);
struct window *model_open(struct model *model, const char *name); /* finds or makes */
void model_close(struct model *model, struct window *window);     /* not home */
size_t model_index(const struct model *model, const struct window *window);
struct window *model_current(const struct model *model);
void model_show(struct model *model, struct window *window); /* makes it current and reads it */
struct window *
model_previous(const struct model *model); /* shown before the current one, or NULL */
/* Where to look next: mentions first, then direct, then others; when nothing is left, where it
 * began; NULL: nowhere. */
struct window *model_next_active(struct model *model);
/* While false (terminal unfocused or scrolled up) the current window gathers unread lines too. */
void model_set_watching(struct model *model, bool watching);

/* One event of the link. Logged events of unknown rooms open their window. Repeats (same seq)
 * change nothing. */
void model_event(struct model *model, const struct event *event);
/* Older or missing events of a window, from history, oldest first; more: there are older ones
 * still. */
void model_history(struct model *model, struct window *window, const struct event *events,
                   size_t count, bool more);
void model_members(struct model *model, struct window *window, const char *const *names,
                   const bool *owners, size_t count);
/* Somebody has come, is away or has gone: in every window that he is in. */
void model_presence(struct model *model, const char *name, enum presence presence);
/* The same from an answer, which may be older than what was told while it was on its way: turn is
 * what model_presence_turn said when the question went out. */
void model_presence_answer(struct model *model, const char *name, enum presence presence,
                           uint64_t turn);
uint64_t model_presence_turn(const struct model *model);
/* Who types in the window now, TYPISTS_MAX at most; how many. The names live in it. */
size_t window_typists(const struct window *window, const char *ret_names[TYPISTS_MAX]);
/* The line of the log with this seq, or NULL. */
struct line *model_line(const struct window *window, uint64_t seq);
/* Takes all lines but the pending ones off the window; they are still on the server. */
void model_clear(struct model *model, struct window *window);
/* Whether lines of the log are missing between those that are here (rseq jumps): the newest hole,
 * how many are missing, and the seq to ask history before. */
bool model_hole(struct window *window, uint64_t *ret_missing, uint64_t *ret_before);
/* The newest hole's lines are not on the server any more: a line says so in their place. */
void model_hole_lost(struct model *model, struct window *window, int64_t at_ms);
/* Forgets what stands before the newest hole; it can be loaded again as older lines. */
void model_hole_cut(struct model *model, struct window *window);

/* A command of the outbox: its line appears or its mark changes. */
void model_outbox(struct model *model, const struct outbox_item *item);
void model_receipt(struct model *model, const struct outbox_item *item, uint64_t seq);
/* It left the outbox otherwise: its line goes. */
void model_drop(struct model *model, const struct outbox_item *item);
/* A line of the client's own, in window (NULL: the current one). */
void model_note(struct model *model, struct window *window, bool error, int64_t at_ms,
                const char *format, ...) __attribute__((format(printf, 5, 6)));
unsigned model_mention_count(const struct model *model); /* unread, all windows */
