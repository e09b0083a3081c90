#include "client/link/whatif.h"

/* In bytes. The heads of requests and answers, opening and event lines are those that tests/e2e's
 * test_wire.py measures between this client and this server. */
enum {
    SEGMENT = 20 + 20 + 12, /* IPv4, TCP, its timestamps */
    RECORD = 5 + 1 + 16,    /* TLS 1.3 */
    PACKET = SEGMENT + RECORD,
    ACK = SEGMENT,

    /* Three segments that open, four that close, and a handshake of TLS with its tickets. */
    CONNECTION = 7 * SEGMENT + 16 + 2250 + 4 * SEGMENT,
    UPGRADE = 250 + 190 + 2 * PACKET,
    STREAM = 2300, /* the head of an event stream, and what is sent in front so that it flows */

    HEADS_1 = 211 + 147, /* a request's and its answer's */
    HEADS_2 = 103 + 71,  /* with HPACK and the heads of frames */
    EVENT_LINES = 27,    /* id: and data: */
    FRAME_UP = 7,        /* 6, or 8 for what is longer than 125 bytes */
    FRAME_DOWN = 3,      /* 2, or 4 */
};

static uint64_t
exchange(const struct whatif *talk)
{
    return (uint64_t)(talk->is_http2 ? HEADS_2 : HEADS_1) + 2 * PACKET + ACK;
}

static uint64_t
times(int64_t ms, int64_t interval_ms)
{
    return interval_ms > 0 ? (uint64_t)(ms / interval_ms) : 0;
}

/* The login, and what a connection beside it takes. */
static uint64_t
opening(const struct whatif *talk, bool has_own_connection, uint64_t more)
{
    uint64_t login = CONNECTION + exchange(talk);
    uint64_t own = (has_own_connection ? CONNECTION : 0) + more;

    return login + own * (1 + talk->reconnects);
}

/* Each heartbeat both ends ping: a frame up and one down each, and an event that is a pong. */
static uint64_t
overhead_ws(const struct whatif *talk)
{
    uint64_t up = PACKET + FRAME_UP, down = PACKET + FRAME_DOWN;

    return opening(talk, true, UPGRADE) + talk->said * (up + down + ACK) +
           talk->heard * (down + ACK) +
           times(talk->ms, talk->heartbeat_ms) * (2 * up + 3 * down + ACK);
}

/* Each heartbeat a ping goes up by POST, and a pong and a comment come down. */
static uint64_t
overhead_sse(const struct whatif *talk)
{
    uint64_t down = PACKET + EVENT_LINES + ACK;

    return opening(talk, !talk->is_http2, exchange(talk) + STREAM) + talk->said * exchange(talk) +
           talk->heard * down + times(talk->ms, talk->heartbeat_ms) * (exchange(talk) + 2 * down);
}

/* Each message ends a poll, and so does the pong that each heartbeat asks for. */
static uint64_t
overhead_longpoll(const struct whatif *talk)
{
    return opening(talk, !talk->is_http2, exchange(talk)) +
           (talk->said + talk->heard) * exchange(talk) +
           times(talk->ms, talk->heartbeat_ms) * 2 * exchange(talk);
}

/* What is heard comes with the questions, of which one more follows each message that is said. */
static uint64_t
overhead_poll(const struct whatif *talk)
{
    return opening(talk, !talk->is_http2, exchange(talk)) + talk->said * 2 * exchange(talk) +
           times(talk->ms, talk->poll_interval_ms) * exchange(talk) +
           times(talk->ms, talk->heartbeat_ms) * 2 * exchange(talk);
}

const struct whatif_row whatif_rows[WHATIF_COUNT] = {
    {"ws", overhead_ws},
    {"sse", overhead_sse},
    {"longpoll", overhead_longpoll},
    {"poll", overhead_poll},
};
