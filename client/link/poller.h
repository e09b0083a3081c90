/* The way down by asking: GET /v1/poll again and again, for the rows that wait at the server
 * (longpoll) and those that wait here (poll). An answer that was cut is asked for again with the
 * same cursor, so it loses nothing. */
#pragma once

#include "client/link/link_ops.h"

struct poll_kind {
    bool holds; /* the server may wait for something new */
};

struct link_way *poller_start(const struct way_config *config, const struct poll_kind *kind);
int poller_send(struct link_way *way, const char *json, size_t len);
void poller_stop(struct link_way *way);
