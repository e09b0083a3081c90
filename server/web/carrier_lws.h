/* A libwebsockets connection (HTTP/1.1, then perhaps WebSocket) as a carrier. Inside web/: the
 * adaptor calls the peer_ functions, one a callback reason, and the listener makes peers.
 *
 * A peer lives from accept to the end of its socket, over all its requests; libwebsockets' own data
 * for a session would live for one request only. */
#pragma once

#include "common/buf.h"
#include "common/cursor.h"
#include "server/web/address.h"
#include "server/web/carrier.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct exchange;
struct lws;
struct lws_vhost;
struct peers;
struct watch;
struct worker;
struct ws;

struct peer {
    struct carrier carrier;
    struct peers *peers;
    struct lws *wsi; /* NULL once libwebsockets has closed it */
    char address[ADDRESS_SIZE];

    struct exchange *exchange; /* the request that is being read or served; NULL: none */
    unsigned body_ends;        /* how often its end was told */
    bool reading_body;         /* stands in peers->bodies since body_began_ms */
    int64_t body_began_ms;
    bool ends_connection; /* after the answer */
    bool chunked;         /* how a body of unknown length is framed; else to the connection's end */
    struct buf out;       /* of the answer: what the socket has not taken yet */
    bool choked;          /* the socket took no more; out waits for it */
    bool whole;           /* all of the answer is in out */
    bool over;            /* the library ends the connection when it next says writable */
    bool in_turn;         /* stands in peers->turn */
    bool watched;         /* the watch knows its socket */
    struct cursor after;  /* what an upgrade asked for */
    bool has_after;
    struct ws *ws; /* from the upgrade on */
    bool closing;  /* nothing more is written */

    TAILQ_ENTRY(peer) in_all, in_bodies, in_turn_list;
};

/* A worker's peers. */
TAILQ_HEAD(peer_list, peer);
struct peers {
    struct worker *worker;
    struct lws_vhost *vhost;
    struct watch *watch;
    struct buf scratch;                 /* where a piece is framed; for the length of one call */
    struct peer_list all, bodies, turn; /* bodies: in the order they began */
    size_t count;
    bool draining; /* answers end their connections */
};
void peers_init(struct peers *peers, struct worker *worker, struct lws_vhost *vhost);
void peers_fini(struct peers *peers); /* none is left */
/* Once a turn of the loop, before it sleeps: answers leave. */
void peers_turn(struct peers *peers);

/* Takes the socket, which is counted in limits, and gives it to libwebsockets. */
void peer_accept(struct peers *peers, int fd, const char *address);
/* Ends connections whose body does not come within its time. */
void peers_tick(struct peers *peers, int64_t now_ms);
/* From now on a connection that has no request is closed; ws connections are their owners'. */
void peers_drain(struct peers *peers);
void peers_cut(struct peers *peers); /* all that is left */

/* What the files about peers share. peer_kill_soon cuts the connection when nobody uses it.
 * peer_free is for the last callback alone. */
void peer_kill_soon(struct peer *peer);
void peer_drop_exchange(struct peer *peer);
void peer_end_body(struct peer *peer); /* its body is no longer waited for */
void peer_free(struct peer *peer);

/* answer_lws.c: the carrier's operations while the peer speaks HTTP. */
void peer_answer(struct peer *peer, const struct answer *answer);
void peer_answer_begin(struct peer *peer, const struct answer *head);
int peer_answer_write(struct peer *peer, const void *bytes, size_t len);
void peer_answer_end(struct peer *peer);
/* It is in the next turn: something of its answer may leave, or it is held from now on. */
void peer_answer_soon(struct peer *peer);
void peer_answer_now(struct peer *peer);    /* what the socket takes of it */
void peer_answer_forget(struct peer *peer); /* its socket is about to be closed */
/* What the watch tells of its socket. */
void peer_watched(void *peer, bool gone, bool writable);

/* By callback reason; what they return is the callback's. peer NULL: a socket that is none of ours;
 * nothing is done. */
int peer_request(struct peer *peer);
int peer_body(struct peer *peer, const void *bytes, size_t len);
int peer_body_end(struct peer *peer);
int peer_answer_writable(struct peer *peer);
int peer_upgrade(struct peer *peer, const char *protocol);
int peer_established(struct peer *peer);
int peer_received(struct peer *peer, const void *bytes, size_t len);
int peer_ponged(struct peer *peer);
int peer_writable(struct peer *peer);
int peer_says_close(struct peer *peer);
int peer_closed(struct peer *peer);
int peer_destroyed(struct peer *peer);
