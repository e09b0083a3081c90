#include "server/sink.h"

#include "common/util.h"
#include "server/chat/accounts.h"
#include "server/chat/invites.h"
#include "server/chat/sessions.h"
#include "server/log/entry.h"
#include "server/log/window.h"
#include "server/server.h"
#include "server/web/worker.h"

static void
publish(struct sink *base, const struct record *records, size_t record_count,
        struct entry *const *entries, size_t entry_count)
{
    const struct server *server = container_of(base, struct server_sink, sink)->server;

    for (size_t i = 0; i < record_count; i++) {
        accounts_apply(server->accounts, &records[i]);
        sessions_apply(server->sessions, &records[i]);
        invites_apply(server->invites, &records[i]);
    }
    for (size_t i = 0; i < entry_count; i++)
        entry_ref(entries[i]); /* ours are lent; the window takes its own */
    if (entry_count > 0)
        window_publish(server->window, entries, entry_count);
}

static void
settle(struct sink *base)
{
    const struct server *server = container_of(base, struct server_sink, sink)->server;

    for (size_t i = 0; i < server->worker_count; i++)
        worker_rouse(server->workers[i]);
}

void
server_sink_init(struct server_sink *sink, const struct server *server)
{
    sink->sink.publish = publish;
    sink->sink.settle = settle;
    sink->server = server;
}
