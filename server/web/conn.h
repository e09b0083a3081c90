/* One reader on one connection: the deliver loop.
 *
 * Everything that a peer gets by a transport goes through conn_deliver (deliver.c): pending entries
 * and the reader's own events are gathered and leave in as few writes as possible. Nothing waits
 * here but what is bounded: a connection that is choked is merely behind. Worker's thread only.
 *
 * A conn whose transport stays writes whenever there is something. One that does not gathers a page
 * in own, and is over once that was answered. */
#pragma once

#include "common/buf.h"
#include "common/cursor.h"
#include "server/chat/reader.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

struct carrier;
struct event;
struct fetch;
struct session;
struct opening;
struct store_page;
struct transport_ops;
struct worker;

#define CONN_MESSAGE_MAX (64 * 1024) /* of what a peer sends in one piece */
#define CONN_OWN_MAX     (64 * 1024) /* own events beyond it: nothing more is read from the peer */
#define CONN_OWN_KEPT    512         /* of an empty own's memory */
#define CONN_WRITE_MAX   (24 * 1024) /* about what one write carries, or a choked conn keeps */

enum conn_state {
    CONN_AUTH,   /* waits for the first frame to bring a token */
    CONN_LIVE,   /* hello was said; events flow */
    CONN_CLOSING /* nothing more is read or written */
};

/* Why nothing is read from the peer. */
enum conn_pause { CONN_PAUSE_OWN = 1, CONN_PAUSE_COMMANDS = 2 };

struct conn {
    uint64_t number; /* c17 in logs */
    enum conn_state state;
    struct worker *worker;
    const struct transport_ops *transport;
    struct carrier *carrier;
    const struct session *session; /* a reference; NULL in CONN_AUTH */
    struct reader reader;          /* from the hello on; see reading */
    bool reading;                  /* reader is initialised */
    struct buf own;                /* the reader's own events, framed, not written yet; bounded.
                                      In a page: all that it has by now */
    bool choked;                   /* the carrier said -EAGAIN */
    struct fetch *fetch;           /* a page is being read from the store; NULL: none */
    unsigned paused;               /* enum conn_pause bits */
    bool reading_stopped;          /* what the carrier was told last */
    int64_t began_ms;              /* when this state began */
    int64_t heard_ms;              /* when the peer last gave a sign of life */
    int64_t beat_ms;               /* when the roster last looked at it */
    bool beat_due;                 /* the roster looks twice a heartbeat; every other look beats */

    /* a page's */
    bool from_head;        /* it began without a cursor: it gives no log event */
    bool due;              /* it is to be answered now */
    unsigned event_count;  /* that the page has */
    unsigned logged_count; /* of them the log's */

    /* the roster's, the waits' and the worker's lists */
    bool waits;
    int64_t wait_s; /* the waits' */
    TAILQ_ENTRY(conn) in_wait;
    TAILQ_ENTRY(conn) in_roster, in_seat, in_dirty;
    struct seat *seat;
    bool dirty;
};

/* What the peer gets is said by the transport's row. */
void conn_init(struct conn *conn, struct worker *worker, struct carrier *carrier,
               const struct transport_ops *transport);
/* The carrier is gone. */
void conn_fini(struct conn *conn);

/* Goes live, and says hello where the transport stays. session: a reference, taken. after: where
 * the reader stood; NULL: it begins now. */
void conn_start(struct conn *conn, const struct session *session, const struct cursor *after);

/* One of the reader's own events, in order after all that was said before. It leaves with the next
 * delivery, which is on its way. */
void conn_say(struct conn *conn, const struct event *event);
/* One that may be lost, and that ends no wait: where the reader is not up to date with what it was
 * told it is dropped. */
void conn_say_aside(struct conn *conn, const struct event *event);
void conn_say_pong(struct conn *conn, const char *nonce);
/* Whether another's pong is of use to it: one that does not read does not gather them. */
bool conn_takes_pong(const struct conn *conn);

/* The page is answered with what is there by now. */
void conn_time_up(struct conn *conn);

/* Delivers before the loop sleeps again. */
void conn_wake(struct conn *conn);
void conn_deliver(struct conn *conn); /* now; what is not choked is written */

/* What fetch_begin asked for: result is the store's. page is borrowed. */
void conn_take_page(struct conn *conn, int result, const struct store_page *page);

/* What the carrier tells. */
void conn_writable(struct conn *conn);
void conn_heard(struct conn *conn);

/* Sets or clears one reason for not reading from the peer. */
void conn_pause(struct conn *conn, enum conn_pause reason, bool paused);

/* A sign of life, or the end of a connection that gave none for 2.5 heartbeats. */
void conn_beat(struct conn *conn, int64_t now_ms);

/* Says bye and closes with code once that is out. delay_ms: how long the peer should wait before it
 * comes back. */
void conn_bye(struct conn *conn, const char *reason, int64_t delay_ms, unsigned code);
/* Closes without more words; code 0 cuts. Once closing, this does nothing. */
void conn_close(struct conn *conn, unsigned code, const char *reason);

/* What conn.c and deliver.c share. conn_end: nothing more is read, written or gathered.
 * conn_last_word: own leaves as well as it can, also for one that is choked: it waits behind what
 * is on its way. */
void conn_end(struct conn *conn);
void conn_say_trimmed(struct conn *conn, uint64_t from, uint64_t to);
void conn_last_word(struct conn *conn);
