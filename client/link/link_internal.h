/* Inside of the link: what link*.c share, and the seams that its tests use. */
#pragma once

#include "client/link/ask.h"
#include "client/link/backoff.h"
#include "client/link/leg.h"
#include "client/link/link.h"
#include "client/link/link_ops.h"
#include "client/link/outbox.h"
#include "client/link/pace.h"
#include "client/link/proxy.h"
#include "client/link/token.h"
#include "client/link/trust.h"
#include "client/link/url.h"
#include "common/id.h"
#include "common/names.h"

#define LINK_ACCOUNT_SIZE (USER_SIZE + URL_AUTHORITY_SIZE)
#define LINK_ROWS_MAX     8

/* How long things may take, in ms. Tests have less patience. */
struct link_patience {
    int64_t open_ms;      /* from the start of a way to its hello */
    int64_t ask_ms;       /* a login or a question */
    int64_t logout_ms;    /* when the user wants to leave */
    int64_t heartbeat_ms; /* where the server has none */
    int64_t retry_ms;     /* after rate_limited or unavailable without a time */
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

struct link {
    uv_loop_t *loop;
    struct link_listener listener;
    struct link_seams seams;
    struct link_status status;

    struct url url;
    struct proxy proxy; /* host "": none */
    char user[USER_SIZE];
    char account[LINK_ACCOUNT_SIZE]; /* "user@host:port" */
    char *password, *invite, *state_dir;
    bool register_account;
    struct trust *trust;
    struct outbox *outbox; /* NULL while user is no user's name */

    struct ask *ask;
    struct ask_request *request; /* login or logout under way */
    struct token token;          /* text "": there is no session */
    struct token old_token;      /* a session to be ended before the login */
    bool is_second_login;        /* the token that the last login gave was refused */

    struct way_base *bases[LINK_ROWS_MAX]; /* by the first row that needs it; NULL: not made yet */
    struct leg legs[2];
    struct leg *leg;            /* the one that carries */
    const struct link_ops *row; /* what the next connection takes */
    bool was_live;              /* at any time: this is an rtchat server */

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
    unsigned open_timers;
};

/* link_create.c: whose link it is. */
/* Another user, and the outbox of that account. 0; -EINVAL: no user's name; -EIO: no outbox; with
 * why filled, and the old user stays. */
int link_set_user(struct link *link, const char *user, char *why, size_t why_size);
void link_set_password(struct link *link, const char *password);
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
/* An HTTP status or close code that ends a try, why is said before: what now? */
void link_refused(struct link *link, int status, int64_t retry_after_ms);

/* link_receive.c: what comes down. */
void link_receive(struct leg *leg, const char *json, size_t len);

/* link_send.c: what goes up. */
void link_flush(struct link *link); /* sends what is queued, as far as it may */
void link_requeue_sent(struct link *link);
void link_settle_receipt(struct link *link, struct outbox_item *item, const struct event *event,
                         const char *json, size_t len);
/* True when error belongs to an item and is dealt with. */
bool link_settle_error(struct link *link, const struct event *event);
