/* Ways to a server that is not there, and questions that nobody answers: the test speaks for the
 * server. One question and one way of each row at a time, as tables of functions have no context.
 */
#pragma once

#include "client/link/ask.h"
#include "client/link/link_ops.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern const struct link_ops *const fake_rows[]; /* fake, ws, sse, longpoll, poll, NULL */
extern const struct ask_ops fake_ask;

void fake_way_reset(void); /* before each test */

/* Whom the test speaks for from now on: "fake" after the reset. */
void fake_way_on(const char *name);

bool fake_way_is_up(void);           /* started and neither stopped nor ended */
unsigned fake_way_starts(void);      /* so far */
const char *fake_way_after(void);    /* of the last start; "" none */
const char *fake_way_token(void);    /* of the last start */
void fake_way_fail_start(bool fail); /* start gives NULL */
void fake_way_choke(bool choked);    /* send gives -EAGAIN */
void fake_way_take(int64_t us);      /* send takes so long, at least */

void fake_way_open(void);
void fake_way_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
void fake_way_raw(const char *data, size_t len);
void fake_way_heard(void);
void fake_way_end(enum way_end end, int status, int64_t retry_after_ms, const char *why);

/* What was sent since the last call, a JSON line each, pings left out; "" when nothing was. */
const char *fake_way_sent(void);
const char *fake_way_ping(void); /* the nonce of the last ping; "" none */

/* The question that waits for an answer, without a guest's claim; NULL: none. "POST /v1/login {…}"
 */
const char *fake_ask_question(void);
const char *fake_ask_claim(void); /* the last; "" none */
const char *fake_ask_token(void); /* with which it was asked; "" none */
void fake_ask_answer(int status, int64_t retry_after_ms, const char *body);
void fake_ask_fail(enum ask_end end, const char *why);
