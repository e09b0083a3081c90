/* What rtchat-bench measures: one table of measures. A row says how a figure is called, in what it
 * is counted, which way is better, and which of the 11 statements about the transports it serves.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct buf;

/* Whose bytes. */
enum flow {
    FLOW_SEND, /* a message said: what that costs its sender, the receipt and its own requests too
                */
    FLOW_READ, /* a message delivered: what that costs one reader, polls that bring nothing too */
    FLOW_HOUR, /* an hour of one user at the row's rate */
    FLOWS,
};

enum direction { DIRECTION_UP, DIRECTION_DOWN, DIRECTIONS }; /* as the client sees it */

/* From the innermost; each is what it adds to those within. The same as the link's meter counts. */
enum layer {
    LAYER_TEXT,    /* the text of messages */
    LAYER_JSON,    /* of events and commands, without that text */
    LAYER_FRAMING, /* HTTP heads and frames, ws heads, lines of SSE */
    LAYER_TLS,     /* record heads, tags, handshakes */
    LAYER_TCPIP,   /* heads of segments, of acknowledgements too */
    LAYERS,
};

enum measure {
    MEASURE_DELIVERY_P50_MS,
    MEASURE_DELIVERY_P90_MS,
    MEASURE_DELIVERY_P99_MS,
    MEASURE_DELIVERY_MAX_MS,
    MEASURE_RECEIPT_P50_MS,
    MEASURE_RECEIPT_P90_MS,
    MEASURE_RECEIPT_P99_MS,
    MEASURE_RECEIPT_MAX_MS,
    MEASURE_RTT_MS,
    MEASURE_DELIVERED,
    MEASURE_LOST,
    MEASURE_REPEATED,
    MEASURE_REQUESTS,
    MEASURE_SEND_REQUESTS,
    MEASURE_READ_REQUESTS,
    MEASURE_EMPTY_SHARE,
    MEASURE_CONNECTIONS,
    MEASURE_HANDSHAKES,
    MEASURE_RESUMPTIONS,
    MEASURE_UP_WIRE_BYTES,
    MEASURE_DOWN_WIRE_BYTES,
    MEASURE_BYTES_FIRST, /* see measure_bytes */
    MEASURE_BYTES_LAST = MEASURE_BYTES_FIRST + FLOWS * DIRECTIONS * LAYERS - 1,
    MEASURE_HOUR_REQUESTS,
    MEASURE_HOUR_PINGS, /* of those who poll: the requests that ask for nothing but a proof */
    MEASURE_HOUR_BYTES,
    MEASURE_HOUR_SERVER_CPU_MS,
    MEASURE_HOUR_WAKES,
    MEASURE_SERVER_CPU_US,
    MEASURE_CLIENT_CPU_US,
    MEASURE_SEND_CPU_US,
    MEASURE_HANDSHAKE_CPU_US,
    MEASURE_BENCH_CPU_SHARE,
    MEASURE_SERVER_RSS_BYTES,
    MEASURE_KERNEL_BYTES,
    MEASURE_RECOVERY_MS,
    MEASURE_FOUND_AFTER_MS,
    MEASURE_COUNT,
};

/* Tables show a group together. */
enum measure_group {
    GROUP_DELIVERY,
    GROUP_RECEIPT,
    GROUP_REQUESTS,
    GROUP_SEND_UP, /* one for each flow and direction of bytes, in this order */
    GROUP_SEND_DOWN,
    GROUP_READ_UP,
    GROUP_READ_DOWN,
    GROUP_HOUR_UP,
    GROUP_HOUR_DOWN,
    GROUP_HOUR,
    GROUP_COST,
    GROUP_RECOVERY,
    MEASURE_GROUPS,
};

enum measure_better {
    BETTER_LESS,
    BETTER_MORE,
    BETTER_NEITHER, /* it only tells how large the run was */
};

struct measure_row {
    const char *key;     /* in files */
    const char *title;   /* by itself: "delivery, 99 of 100 within" */
    const char *heading; /* within its group: "p99" */
    const char *unit;    /* "" where it is a count */
    int decimals;        /* of what people are shown */
    enum measure_better better;
    enum measure_group group;
    unsigned claims; /* bit N: it serves statement N (1-11) */
};

extern const struct measure_row measure_rows[MEASURE_COUNT];

const char *measure_group_title(enum measure_group group);

/* MEASURE_COUNT where there is none of that key. */
enum measure measure_find(const char *key);

enum measure measure_bytes(enum flow flow, enum direction direction, enum layer layer);

/* How many decimals value is worth: those of the measure, but one from 100 and none from 1,000 on.
 */
int measure_decimals(enum measure measure, double value);

/* Appends value as people read it: with that many decimals and commas between thousands, without
 * the unit. */
void measure_add_value(enum measure measure, double value, struct buf *out);
/* The same with a number of decimals of one's own. */
void measure_add_number(double value, int decimals, struct buf *out);

/* What a run may vary, by its key in files: "rate_per_s", "readers", "interval_s", … The sentence
 * says it with its value and unit: "poll every 3 s". */
void measure_add_varied(const char *key, const char *value, struct buf *out);
