/* Inside of the meter: what meter*.c share. */
#pragma once

#include "client/link/meter.h"

/* What TCP carried, as payload, and what that took in headers and in repeats. */
struct meter_load {
    uint64_t payload[METER_DIRECTIONS], headers[METER_DIRECTIONS];
};

struct meter_socket {
    int fd;
    bool is_connected;
    struct meter_load load; /* when it was looked at last */
    size_t end_len;         /* what its end will take in headers, each way */
};

struct meter {
    unsigned refs;
    bool is_tunnelled;
    struct meter_counts counts; /* bytes are counted below, and the connections of sockets too */
    uint64_t records[METER_DIRECTIONS], plain[METER_DIRECTIONS];
    uint64_t json[METER_DIRECTIONS]; /* with the text of messages in it */
    uint64_t text[METER_DIRECTIONS];

    struct meter_socket *sockets; /* that are open */
    size_t socket_count, socket_max;
    struct meter_load gone; /* of those that are not */
    uint64_t gone_connections;

    struct meter_times times;
    int64_t lost_ms;      /* monotonic; since when nothing gets through; -1: it does */
    int64_t ahead_min_ms; /* the server's clock is ahead of ours by so much at least */
    int64_t ahead_max_ms; /* and by no more than this, where has_ahead_max */
    bool has_ahead_min, has_ahead_max;
};

/* meter_socket.c: of all sockets, now. */
void meter_read_sockets(struct meter *meter, struct meter_load *ret_load,
                        uint64_t *ret_connections);

/* meter_times.c */
void meter_times_init(struct meter_times *times);
