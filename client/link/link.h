/* The way to the server: one session, one position in the log, one outbox; connects, resumes,
 * re-sends and backs off alike whatever carries it. No curses, no standard streams.
 *
 *   IDLE -> LOGIN -> CONNECTING -> LIVE -> (WAITING -> CONNECTING …)      any -> FAILED, ENDED
 *
 * Everything happens on the caller's libuv loop. The link calls its listener and never after
 * link_destroy. No call of the listener may destroy the link. */
#pragma once

#include "client/link/http.h"
#include "client/link/link_ops.h"
#include "common/command.h"
#include "common/cursor.h"
#include "common/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct link;
struct meter;
struct meter_counts;
struct meter_times;
struct outbox;
struct outbox_item;
struct trust_report;

enum link_state {
    LINK_IDLE,
    LINK_LOGIN,      /* a token is being asked for */
    LINK_CONNECTING, /* the row is opening; what is still needed: see link.c */
    LINK_LIVE,       /* hello came */
    LINK_STALLED,    /* live, but nothing came for 1.5 heartbeats */
    LINK_WAITING,    /* backing off: retry_at_ms tells until when */
    LINK_FAILED,     /* needs a person: wrong password, certificate, …; fault says what */
    LINK_ENDED,      /* link_close is done */
};

enum link_fault {
    LINK_FAULT_NONE,
    LINK_FAULT_LOGIN,       /* 401, 403, 409, 422 at login; why has the server's sentence */
    LINK_FAULT_CERTIFICATE, /* link_trust_report tells; link_trust_yes goes on */
    LINK_FAULT_PROTOCOL,    /* it speaks, but not rtchat: why tells */
};

struct link_status {
    enum link_state state;
    enum link_fault fault;
    int login_status; /* with LINK_FAULT_LOGIN: the HTTP status, 401 where a password is missing
                         or wrong */
    const char *transport;         /* the row's name in use or wanted: "ws" */
    const struct way_facts *facts; /* of the way in use, as they are now */
    char why[200]; /* why it is not live: "refused", "no answer in 10 s", "certificate changed" */
    int64_t retry_at_ms;   /* monotonic; LINK_WAITING */
    unsigned tries;        /* connection attempts since it was live last */
    int64_t last_heard_ms; /* monotonic */
    int64_t live_since_ms; /* monotonic; while LIVE or STALLED */
    int64_t heartbeat_ms;  /* the server's */
    int64_t rtt_us;        /* of the last ping, 0: none yet */
    unsigned reconnects;
    unsigned switches;       /* of the transport, without a break */
    char why_transport[200]; /* why this one is used: "asked for", "proven, round trip 0.4 ms" */
    uint64_t recovered;      /* events that the last resume brought; grows while they come */
};

/* Where everything comes out. All members are set. */
struct link_listener {
    void *context;
    void (*status)(void *context, const struct link_status *status);
    /* Each event once, in order: repeats after a resume are dropped before this. hello, gap,
     * presence and the like too; json/len is the line as it came. Receipts and errors of outbox
     * items come by settled. */
    void (*event)(void *context, const struct event *event, const char *json, size_t len);
    /* An outbox item was sent, or re-queued, or refused (item->state tells). */
    void (*outbox)(void *context, const struct outbox_item *item);
    /* It was accepted and is about to leave the outbox; seq 0: nothing changed. */
    void (*receipt)(void *context, const struct outbox_item *item, uint64_t seq, const char *json,
                    size_t len);
    /* One line about the choice of transport: "switched ws→sse: connection lost". */
    void (*note)(void *context, const char *text);
};

struct link_config {
    const char *url; /* https://host[:port] */
    const char *user;
    const char *password; /* NULL: a guest */
    bool register_account;
    const char *invite;    /* with register_account, or NULL */
    const char *transport; /* a row's name, or "auto" */
    enum http_wish http;   /* not for ws, which has HTTP/1.1 */
    bool forbids_reuse;    /* each request over a connection of its own: for what measures that */
    bool reads_only;       /* hardly anything will be said: auto likes sse best then */
    int64_t poll_interval_ms; /* for rows that pace; 0: what they like */
    const char *after;        /* a cursor to begin at, or NULL: the head */
    const char *state_dir;    /* tokens (0600), pins, outboxes; made when needed */
    const char *ca_file, *fingerprint;
    const char *proxy; /* its URL or "none"; NULL: as the environment says */
};

/* NULL with why filled: a bad URL, an unknown transport, no state directory. */
struct link *link_create(uv_loop_t *loop, const struct link_config *config,
                         const struct link_listener *listener, char *why, size_t why_size);
void link_start(struct link *link);
/* Another user name or password after LINK_FAULT_LOGIN; starts again. password NULL: a guest. */
void link_retry_login(struct link *link, const char *user, const char *password);
void link_trust_yes(struct link *link); /* pins what was shown and goes on */
/* Lets go of the connection and stays without one, IDLE, until link_start. */
void link_pause(struct link *link);
/* Keeps a copy of the session and of the pins in another state directory, made when needed, for
 * more links of the same user at the same server. 0; -ENOENT: there is no session; or another
 * -errno. */
int link_lend_session(const struct link *link, const char *state_dir);
bool link_has_session(const struct link *link); /* it has logged in, now or before */
void link_reconnect(struct link *link);         /* now, without waiting for the back-off */
/* A row's name, or "auto". Another row is tried while the one in use goes on; when it has proved
 * itself it carries, else all stays as it is, and note says why. Where nothing is connected the
 * next try takes it. 0, or -EINVAL with why filled: it is unknown. */
int link_set_transport(struct link *link, const char *name, char *why, size_t why_size);
/* Closes the connection politely; with logout the session too (a guest's name is free then). State
 * ENDED when done. */
void link_close(struct link *link, bool logout);
void
link_destroy(struct link *link); /* after ENDED, or at once: then nothing is said to the server */

const struct link_status *link_status(const struct link *link);
const struct trust_report *link_trust_report(const struct link *link);
/* What it has cost so far, and how quick it is; see meter.h. The times live as long as the link. */
void link_count(const struct link *link, struct meter_counts *ret_counts);
const struct meter_times *link_times(const struct link *link);
struct meter *link_meter(const struct link *link); /* for who wants it beyond: meter_ref */
struct outbox *link_outbox(struct link *link);     /* NULL before the user is known */
const char *link_user(const struct link *link);

/* Puts the command into the outbox and sends it as soon as it may be. Takes command (it is empty
 * after, whatever comes of it). An id is made where it has none. NULL with why filled when it
 * cannot be kept. */
struct outbox_item *link_say(struct link *link, struct command *command, char *why,
                             size_t why_size);

/* A ping that is not ours: its pong comes as an event. Nothing keeps it: 0, or -EAGAIN while it
 * cannot be sent. (link_say refuses pings.) */
int link_send_ping(struct link *link, const char *nonce);

/* That the user types in the room. Nothing keeps it: 0, or -EAGAIN while it cannot be sent. */
int link_send_typing(struct link *link, const char *room);

/* GET path (history, rooms, members) with the session's token. done is called once, unless the link
 * is destroyed before: status 200 with the JSON body, or what the server said, or 0 with why in
 * body. */
typedef void (*link_asked)(void *context, int status, const char *body, size_t len);
void link_ask(struct link *link, const char *path, link_asked done, void *context);
