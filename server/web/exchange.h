/* One HTTP request and its answer, whatever carried it. It is read whole before it is served. Who
 * serves it answers once, now or later; whether the peer is still there then is not his matter.
 * Worker's thread only. */
#pragma once

#include "common/buf.h"
#include "common/cursor.h"
#include "common/refusal.h"
#include "server/chat/sessions.h"
#include "server/web/address.h"
#include "server/web/origin.h"
#include "server/web/query.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXCHANGE_PATH_SIZE 512

struct carrier;
struct conn;
struct worker;

enum method { METHOD_GET, METHOD_HEAD, METHOD_POST, METHOD_OPTIONS, METHOD_OTHER };

struct exchange {
    uint64_t number; /* x17 in logs */
    struct worker *worker;
    struct carrier *carrier; /* NULL from the answer on, or when the peer has gone */
    struct conn *conn;       /* the reader it has become (stream.h); NULL: none */
    enum method method;
    char *path; /* of less than EXCHANGE_PATH_SIZE bytes */
    char *part; /* what stood for the route's *; NULL: it has none */
    struct query query;
    char token[TOKEN_SIZE];          /* of Authorization: Bearer; "" where none of that form came */
    char *origin;                    /* of the page that asks, and may; NULL where none asks */
    char last_event_id[CURSOR_SIZE]; /* "": none; what is too long is no cursor here either */
    char address[ADDRESS_SIZE];      /* who asks, behind trusted proxies */
    const struct session *session;   /* a reference; set by routes where the route needs one */
    struct buf body;
    unsigned references;
};

/* One reference, the caller's. */
struct exchange *exchange_create(struct worker *worker, struct carrier *carrier, uint64_t number);
struct exchange *exchange_ref(struct exchange *exchange); /* returns it */
void exchange_unref(struct exchange *exchange);           /* NULL is fine */

/* The carrier tells: the answer is out, or the peer has gone: one that comes later is dropped. */
void exchange_gone(struct exchange *exchange);
void exchange_writable(struct exchange *exchange);      /* after a write that said -EAGAIN */
bool exchange_is_open(const struct exchange *exchange); /* an answer still has somewhere to go */

/* The answers. body: its reference is taken. */
void exchange_answer_json(struct exchange *exchange, unsigned status, json_t *body);
void exchange_answer_text(struct exchange *exchange, unsigned status, const char *content_type,
                          const char *body, size_t len);
/* 200 with a body that comes bit by bit; the conn writes it. */
void exchange_begin(struct exchange *exchange, const char *content_type);
void exchange_refuse(struct exchange *exchange, const struct refusal *refusal);
/* The refusal's status and Retry-After over a body of the caller's, which is JSON. */
void exchange_refuse_with(struct exchange *exchange, const struct refusal *refusal,
                          const char *body, size_t len);
void exchange_allow(struct exchange *exchange, unsigned status, const char *allow);

/* The body as JSON, or as one JSON object; or NULL with bad_request answered. */
json_t *exchange_read_json(struct exchange *exchange);
json_t *exchange_read_object(struct exchange *exchange);
