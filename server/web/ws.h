/* The way up of a WebSocket: frames in, commands to the appender, answers in the order of the
 * commands. The way down is its conn. */
#pragma once

#include "common/cursor.h"

#include <stdbool.h>
#include <stddef.h>

struct carrier;
struct conn;
struct session;
struct worker;
struct ws;

/* session: a reference, taken; NULL: the first frame must bring a token. after: copied, NULL: none
 * was given. */
struct ws *ws_open(struct worker *worker, struct carrier *carrier, const struct session *session,
                   const struct cursor *after);
struct conn *ws_conn(struct ws *ws);
/* The carrier is gone. Frees it; commands that are under way are committed all the same. */
void ws_closed(struct ws *ws);

/* A piece of a message; remaining: bytes of its frame that are still to come. last: the message
 * ends with this piece. */
struct ws_piece {
    const char *bytes;
    size_t len;
    size_t remaining;
    bool last;
    bool binary;
};
void ws_receive(struct ws *ws, const struct ws_piece *piece);
