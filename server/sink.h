/* Where everything that was committed comes out: the replicas that all workers share are brought
 * true, then the entries are shown to the workers. */
#pragma once

#include "server/log/append.h"

struct server;

struct server_sink {
    struct sink sink;
    const struct server *server;
};

/* server's window, accounts, sessions and invites are set before the first append. */
void server_sink_init(struct server_sink *sink, const struct server *server);
