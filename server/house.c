#include "server/house.h"

#include "common/util.h"
#include "server/chat/accounts.h"
#include "server/chat/invites.h"
#include "server/chat/judge.h"
#include "server/chat/limits.h"
#include "server/chat/people.h"
#include "server/chat/pongs.h"
#include "server/chat/rooms.h"
#include "server/chat/sessions.h"
#include "server/config.h"
#include "server/log/appender.h"
#include "server/log/store.h"
#include "server/log/window.h"
#include "server/server.h"
#include "server/sink.h"
#include "server/web/listener.h"
#include "server/web/password_desk.h"
#include "server/web/worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW_ENTRIES 65536
#define WINDOW_BYTES   (8 * 1024 * 1024) /* about twice that where SSE readers have it framed */
#define DRAIN_MS       10000

struct house {
    struct server server;
    struct server_sink sink;
    struct rooms *rooms; /* the judge's */
    struct judge *judge;
};

static int
fail(char *why, size_t why_size, const char *what, int error)
{
    snprintf(why, why_size, "%s: %s", what, strerror(-error));
    return error;
}

static int
open_log(struct house *house, char *why, size_t why_size)
{
    struct server *server = &house->server;

    server->store = store_open(server->config->store, why, why_size);
    if (server->store == NULL)
        return -EIO;
    server->store->sink = &house->sink.sink;
    server->window = window_create(server->store->head, WINDOW_ENTRIES, WINDOW_BYTES);
    return 0;
}

static int
load_chat(struct house *house, char *why, size_t why_size)
{
    struct server *server = &house->server;
    struct limits_config limits = {
        .rate = server->config->rate,
        .burst = server->config->burst,
        .connections_per_address = server->config->connections_per_address,
    };
    int result;

    server->accounts = accounts_create();
    server->sessions = sessions_create();
    server->invites = invites_create();
    server->limits = limits_create(&limits);
    server->people = people_create(server->config->presence_grace_ms);
    server->pongs = pongs_create();
    house->rooms = rooms_create();
    if ((result = accounts_load(server->accounts, server->store)) < 0)
        return fail(why, why_size, "the log's accounts cannot be read", result);
    if ((result = sessions_load(server->sessions, server->store)) < 0)
        return fail(why, why_size, "the log's sessions cannot be read", result);
    if ((result = invites_load(server->invites, server->store)) < 0)
        return fail(why, why_size, "the log's invitations cannot be read", result);
    if ((result = rooms_load(house->rooms, server->store)) < 0)
        return fail(why, why_size, "the log's rooms cannot be read", result);

    house->judge = judge_create(house->rooms, server->accounts);
    server->appender = appender_create(server->store, house->judge);
    server->desk = password_desk_create();
    if (server->appender == NULL || server->desk == NULL)
        return fail(why, why_size, "threads cannot be started", -EAGAIN);
    return 0;
}

static int
make_worker(struct house *house, unsigned number, const struct listen_plan *plan, char *why,
            size_t why_size)
{
    struct server *server = &house->server;
    int *fds = xcalloc(plan->count, sizeof(*fds));
    int result = listen_plan_open(plan, fds);

    if (result < 0) {
        fail(why, why_size, "cannot listen", result);
    } else {
        server->workers[number] = worker_create(server, number, fds, plan->count);
        if (server->workers[number] == NULL) {
            snprintf(why, why_size, "worker %u cannot be set up; the log says why", number);
            result = -EIO;
        }
    }
    free(fds);
    return result;
}

static int
make_workers(struct house *house, const struct listen_plan *plan, char *why, size_t why_size)
{
    struct server *server = &house->server;
    size_t wanted = (size_t)server->config->workers;
    int result = 0;

    server->workers = xcalloc(wanted, sizeof(*server->workers));
    while (result == 0 && server->worker_count < wanted) {
        result = make_worker(house, (unsigned)server->worker_count, plan, why, why_size);
        if (result == 0)
            server->worker_count++;
    }
    return result;
}

struct house *
house_open_quiet(const struct server_config *config, char *why, size_t why_size)
{
    struct house *house = xcalloc(1, sizeof(*house));

    house->server.config = config;
    server_sink_init(&house->sink, &house->server);
    if (open_log(house, why, why_size) == 0 && load_chat(house, why, why_size) == 0)
        return house;
    house_close(house);
    return NULL;
}

struct house *
house_open(const struct server_config *config, const char *cert_path, const char *key_path,
           const struct listen_plan *plan, char *why, size_t why_size)
{
    struct house *house = house_open_quiet(config, why, why_size);

    if (house == NULL)
        return NULL;
    house->server.cert_path = cert_path;
    house->server.key_path = key_path;
    if (make_workers(house, plan, why, why_size) == 0)
        return house;
    house_close(house);
    return NULL;
}

const struct server *
house_server(const struct house *house)
{
    return &house->server;
}

int
house_start(struct house *house)
{
    for (size_t i = 0; i < house->server.worker_count; i++) {
        int result = worker_start(house->server.workers[i]);

        if (result < 0)
            return result;
    }
    return 0;
}

void
house_renew_certificate(struct house *house)
{
    for (size_t i = 0; i < house->server.worker_count; i++)
        worker_renew_certificate(house->server.workers[i]);
}

/* Workers end first, since only they submit; the appender next, which still speaks to the sink. */
void
house_close(struct house *house)
{
    struct server *server;

    if (house == NULL)
        return;
    server = &house->server;
    for (size_t i = 0; i < server->worker_count; i++)
        worker_drain(server->workers[i], DRAIN_MS);
    for (size_t i = 0; i < server->worker_count; i++)
        worker_join(server->workers[i]);
    password_desk_destroy(server->desk);
    if (server->appender != NULL)
        appender_destroy(server->appender);
    for (size_t i = 0; i < server->worker_count; i++)
        worker_destroy(server->workers[i]);
    free(server->workers);
    if (house->judge != NULL)
        judge_destroy(house->judge);
    if (house->rooms != NULL)
        rooms_destroy(house->rooms);
    if (server->limits != NULL)
        limits_destroy(server->limits);
    people_destroy(server->people);
    pongs_destroy(server->pongs);
    if (server->sessions != NULL)
        sessions_destroy(server->sessions);
    invites_destroy(server->invites);
    if (server->accounts != NULL)
        accounts_destroy(server->accounts);
    if (server->window != NULL)
        window_destroy(server->window);
    store_close(server->store);
    free(house);
}
