/* Inside of the link: what link*.c share, and the seams that its tests use. */
#pragma once

#include "client/link/ask.h"
#include "client/link/backoff.h"
#include "client/link/choose.h"
#include "client/link/leg.h"
#include "client/link/link.h"
#include "client/link/link_ops.h"
#include "client/link/meter.h"
#include "client/link/outbox.h"
#include "client/link/pace.h"
#include "client/link/proxy.h"
#include "client/link/token.h"
#include "client/link/trust.h"
#include "client/link/url.h"
#include "common/id.h"
#include "common/names.h"

#define LINK_ACCOUNT_SIZE (USER_SIZE + URL_AUTHORITY_SIZE)
#define LINK_ROWS_MAX     CHOOSE_MAX

/* How long things may take, in ms. Tests have less patience. */
struct link_patience {
    int64_t open_ms;                    /* from the start of a way to its hello */
    int64_t ask_ms;                     /* a login or a question */
    int64_t logout_ms;                  /* when the user wants to leave */
    int64_t heartbeat_ms;               /* where the server has none */
    int64_t retry_ms;                   /* after rate_limited or unavailable without a time */
    int64_t proof_min_ms, proof_max_ms; /* for a nonce to come back: three round trips within */
    int64_t owed_ms;                    /* from a receipt to the message itself */
    struct choose_times choose;
};

/* What the end of a connection says about its way. */
enum link_verdict {
    VERDICT_STRIKE,   /* it died: a fault, where it had been of no use */
    VERDICT_PROTOCOL, /* what came was not rtchat */
    VERDICT_NETWORK,  /* nothing gets there: no fault of the way */
    VERDICT_OFF,      /* this way is not to be had here */
    VERDICT_LATER,    /* the same way again, later */
    VERDICT_NONE,     /* not about the way: rights, certificate, what was wished for */
};

/* What a link stands on. */
struct link_seams {
    const struct link_ops *const *rows; /* ended by NULL; LINK_ROWS_MAX at most */
    const struct ask_ops *asks;
    struct link_patience patience;
};

struct link *link_create_with(uv_loop_t *loop, const struct link_config *config,
                              const struct link_listener *listener, const struct link_seams *seams,
                              char *why, size_t why_size);

#define CLAIM_BYTES 16
#define CLAIM_SIZE  (2 * CLAIM_BYTES + 1)

struct link {
    uv_loop_t *loop;
    struct link_listener listener;
    struct link_seams seams;
    struct link_status status;

    struct url url;
    struct proxy proxy; /* host "": none */
    enum http_wish http;
    struct https *https; /* the connections of all requests: logins, questions, streams, commands */
    char user[USER_SIZE];
    char account[LINK_ACCOUNT_SIZE]; /* "user@host:port" */
    char *password, *invite, *state_dir;
    bool register_account;
    bool is_register_lost; /* a registration was sent whose answer did not come */
    struct trust *trust;
    struct outbox *outbox; /* NULL while user is no user's name */
    struct meter *meter;
    char settled[ID_SIZE]; /* what was receipted last, and when it was sent */
    int64_t settled_us;

    struct ask *ask;
    struct ask_request *request; /* login or logout under way */
    char claim[CLAIM_SIZE];      /* a secret that lets the same guest in again, where the answer to
                                    its login was lost; as long as the link */
    struct token token;          /* text "": there is no session */
    struct token old_token;      /* a session to be ended before the login */
    bool is_second_login;        /* the token that the last login gave was refused */

    struct way_base *bases[LINK_ROWS_MAX]; /* by the first row that needs it; NULL: not made yet */
    struct leg legs[2];
    struct leg *leg;            /* the one that carries, or is to */
    struct leg *trial;          /* the other one, while leg carries and it is tried; else NULL */
    bool is_wish;               /* the trial was asked for by the user */
    const struct link_ops *row; /* what the next connection takes */

    char asked[ID_SIZE]; /* the nonce of the user's ping that is out; "": none */
    bool is_closing;

    bool is_auto;
    bool reads_only;
    bool is_recalled;     /* what is remembered of the host is in choose */
    struct choose choose; /* its ways are seams.rows, in that order */
    char doubt[200];      /* why the leg that carries is late */
    char fell[200];       /* "ws: " and why the last trial came to nothing; "": none did */
    uint64_t owed_seq;    /* was receipted and has not come down; 0: nothing */
    uint64_t owed_from;   /* the position when that was looked at */

    bool was_live; /* at any time: this is an rtchat server */

    struct cursor position;
    bool has_position;
    struct cursor resume_head; /* hello's, while what was missed is on its way */
    bool is_recovering;

    int64_t heartbeat_ms;
    int64_t poll_interval_ms; /* of rows that pace; 0: their default */

    struct pace pace;
    bool is_paced; /* the server has said rate_limited: one at a time until all is sent */
    bool is_held;  /* until resend_timer */

    struct backoff backoff;
    uv_timer_t timer;        /* the state's */
    uv_timer_t ping_timer;   /* while live */
    uv_timer_t resend_timer; /* while held */
    uv_timer_t owed_timer;   /* while something is owed */
    uv_timer_t choose_timer; /* the next trial */
    unsigned open_timers;
};

/* link_create.c: whose link it is. */
/* Another user, and the outbox of that account. 0; -EINVAL: no user's name; -EIO: no outbox; with
 * why filled, and the old user stays. */
int link_set_user(struct link *link, const char *user, char *why, size_t why_size);
void link_set_password(struct link *link, const char *password);
/* 0, or -EINVAL with why filled. */
int link_find_row(const struct link *link, const char *name, const struct link_ops **ret_row,
                  char *why, size_t why_size);
/* What all ways of the row share; NULL where it needs nothing. 0, or -EIO with why filled. */
int link_base(struct link *link, const struct link_ops *row, struct way_base **ret_base, char *why,
              size_t why_size);

/* link.c: the state machine. */
/* The one door: sets the state, its timer, and tells the listener. Everything else is set before.
 */
void link_enter(struct link *link, enum link_state state);
void link_say_why(struct link *link, const char *format, ...)
    __attribute__((format(printf, 2, 3)));                /* what others said is made visible */
void link_go(struct link *link);                          /* a new try: login or connect */
void link_drop_legs(struct link *link);                   /* what was sent is queued again */
void link_wait(struct link *link, int64_t delay_ms);      /* why is said before */
void link_back_off(struct link *link);                    /* the same, by the back-off */
void link_fail(struct link *link, enum link_fault fault); /* why is said before */
/* It does not speak as it should: needs a person where it never did, else it is tried again. */
void link_fail_protocol(struct link *link);

/* link_login.c: sessions. */
void link_login(struct link *link);
void link_login_again(struct link *link); /* the token was refused */
void link_logout(struct link *link);      /* ENDED when done */
void link_load_token(struct link *link);

/* link_way.c: a connection from its start to its end. */
void link_connect(struct link *link);
struct way_listener link_way_listener(struct leg *leg);
void link_met_need(struct leg *leg, enum leg_need need); /* LIVE when it was the last one */
/* An HTTP status that ends a login, why is said before: what now? */
void link_refused(struct link *link, int status, int64_t retry_after_ms);
/* The leg that carried is lost, or did not come about; why is said before. */
void link_lost(struct link *link, enum link_verdict verdict, int64_t retry_after_ms);
/* Silence that is no fault: a row that paces says nothing for so long. */
int64_t link_pacing_ms(const struct link *link, const struct link_ops *row);

/* link_trial.c: make before break. */
void link_try(struct link *link, const struct link_ops *row, bool is_wish);
void link_end_trial(struct link *link); /* says nothing */
void link_trial_open(struct link *link);
void link_trial_receive(struct link *link, const struct event *event);
void link_trial_ended(struct link *link, enum link_verdict verdict, int64_t retry_after_ms,
                      const char *why);
/* The trial carries from now on. */
void link_take_over(struct link *link, const char *why);

/* link_auto.c: the choice of transport. */
size_t link_row_count(const struct link *link);
int link_row_index(const struct link *link, const struct link_ops *row);
void link_auto_begin(struct link *link); /* what is remembered, and the row to begin with */
void link_auto_save(struct link *link);
void link_auto_look(struct link *link);   /* whether something is to be tried now */
void link_auto_proven(struct link *link); /* the leg that carries */
/* The way that carried, or was to: strikes, and who comes next. */
void link_auto_lost(struct link *link, enum link_verdict verdict, int64_t retry_after_ms);
void link_note(struct link *link, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* link_doubt.c: what is owed. */
void link_leg_late(struct leg *leg);
void link_owe(struct link *link, uint64_t seq); /* a receipt came for it */
void link_forget_owed(struct link *link);

/* link_receive.c: what comes down. */
void link_receive(struct leg *leg, const char *json, size_t len);

/* link_send.c: what goes up. */
void link_flush(struct link *link);      /* sends what is queued, as far as it may */
void link_ping_again(struct link *link); /* on another leg: what the user asks and ours */
void link_requeue_sent(struct link *link);
void link_settle_receipt(struct link *link, struct outbox_item *item, const struct event *event,
                         const char *json, size_t len);
/* True when error belongs to an item and is dealt with. */
bool link_settle_error(struct link *link, const struct event *event);
