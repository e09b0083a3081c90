/* What becomes of one command that came up, by whichever way: the WebSocket and POST share this.
 * Worker's thread only. */
#pragma once

#include "common/event.h"
#include "server/log/append.h"

#include <jansson.h>

struct conn;
struct hold;
struct session;
struct worker;

/* Where it comes from. */
struct intake_source {
    struct worker *worker;
    const struct session *session;
    const struct conn *reader; /* who says pings' pongs itself, in its answers' order; NULL: none */
    struct hold *hold;         /* the order of its connection; NULL: none is kept */
};

enum intake_kind {
    INTAKE_REFUSED, /* answer is the error */
    INTAKE_PING,    /* the pongs are on their way; answer is the receipt, with its nonce */
    INTAKE_DONE,    /* it is no matter of the log, and done; answer is the receipt */
    INTAKE_APPEND,  /* item is for the appender: the caller's */
};

struct intake {
    enum intake_kind kind;
    struct event answer;
    struct append_item item;
};

void intake_take(const json_t *value, const struct intake_source *source,
                 struct intake *ret_intake);

/* The receipt or error that an item has when it is back from the appender. */
void intake_answer(const struct append_item *item, struct event *ret_answer);
void intake_refuse(const char *id, const struct refusal *refusal, struct event *ret_answer);
