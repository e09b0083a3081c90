/* Inside the screen: what its files share. */
#pragma once

#include "client/chat/chat.h"
#include "client/chat/input.h"
#include "client/config.h"
#include "client/ui/layout.h"
#include "client/ui/overlay.h"
#include "client/ui/panes.h"
#include "client/ui/paste.h"
#include "client/ui/reader.h"
#include "client/ui/terminal.h"
#include "client/ui/theme.h"
#include "client/ui/view.h"

#include <uv.h>

struct rows;

/* Tab again goes to the next of these. */
struct completing {
    bool runs;
    struct completion found;
    size_t index;
};

struct ui {
    struct client_config config; /* what was given; url and user as the assistant was told */
    char *url, *user;            /* of those, what is owned here */
    uv_loop_t loop;
    struct chat *chat;
    struct terminal terminal;
    struct theme theme;
    struct layout layout;
    struct rows *rows;
    struct panes panes;
    struct reader reader;
    struct paste paste;
    struct overlay overlay;
    struct completing completing;

    char notice[160]; /* a hint in a row of its own; "" none */
    char title[128];  /* as the terminal was told */
    bool show_rooms, show_members, show_panel;
    bool is_focused, is_watching;
    bool interrupted;     /* Ctrl-c on an empty input: one more quits */
    bool given_url;       /* by the user: then it is waited for, however long */
    bool asked_assistant; /* once is enough */
    bool came_back;       /* live again after a cut, of late */
    bool is_dirty, is_resized, is_quitting;
    bool in_key;               /* what happens now is the user's doing */
    char shown[ROOM_KEY_SIZE]; /* the window that was current last */
    enum link_state state;     /* that was told last */
    int exit_code;
    int64_t drawn_ms; /* monotonic */

    uv_poll_t wake;
    uv_signal_t resized, stopped, continued;
    uv_timer_t frame;    /* the next drawing */
    uv_timer_t tick;     /* while the strip counts */
    uv_timer_t typists;  /* until nobody is shown to be typing any more */
    uv_timer_t second;   /* while the panel is there */
    uv_timer_t held;     /* of the reader */
    uv_timer_t silence;  /* within a paste */
    uv_timer_t save;     /* drafts */
    uv_timer_t settled;  /* until came_back is old */
    uv_timer_t patience; /* with a server that is slow to say good-bye */
};

/* ui.c */
struct pane *ui_pane(struct ui *ui); /* of the current window */
void ui_dirty(struct ui *ui);
void ui_notice(struct ui *ui, const char *text); /* "" takes it away */
void ui_draft_changed(struct ui *ui, struct pane *pane);
/* Another window may be current: where that is not the user's doing, as when the first room opens,
 * what is being typed goes along. */
void ui_follow(struct ui *ui);
void ui_watch(struct ui *ui); /* tells the model whether somebody looks at its newest lines */
void ui_quit(struct ui *ui);

/* act.c: what keys do. */
void ui_key(void *context, const struct key *key);
void ui_help(struct ui *ui);
void ui_send(struct ui *ui); /* what stands in the input */
/* text went out: it is history, and the input is empty. */
void ui_sent(struct ui *ui, struct pane *pane, const char *text);

/* pasted.c: what becomes of a paste. */
void pasted_begin(struct ui *ui);
void pasted_key(struct ui *ui, const struct key *key);
void pasted_answer(struct ui *ui, enum paste_answer answer);

/* hear.c: what the chat says. */
/* Another chat by ui->config, not started yet. 0, or -1 with why filled and the chat as it was. */
int ui_start_chat(struct ui *ui, const char *password, char *why, size_t why_size);
/* In place of the one there is, elsewhere and as somebody else. */
void ui_restart_chat(struct ui *ui, const char *url, const char *user);

/* ask.c: what a person is asked, and told, about the way to the server. */
void ask_where(struct ui *ui, const struct link_status *status); /* once, on the default URL */
void ask_login(struct ui *ui, const struct link_status *status);
void ask_certificate(struct ui *ui);
void ask_no_more(struct ui *ui); /* it goes on without an answer */
void tell_stranger(struct ui *ui, const struct link_status *status);

/* screen.c */
void ui_draw(struct ui *ui);
void ui_toggle_panel(struct ui *ui);

/* alert.c */
void ui_alert(void *context, const struct window *window, const struct line *line);
void ui_title(struct ui *ui);
