#include "server/web/routes.h"

#include "common/util.h"
#include "server/server.h"
#include "server/web/ask.h"
#include "server/web/exchange.h"
#include "server/web/login.h"
#include "server/web/send.h"
#include "server/web/stream.h"
#include "server/web/transport.h"
#include "server/web/worker.h"

#include <stdlib.h>
#include <string.h>

static void
serve_without_upgrade(struct exchange *exchange)
{
    struct refusal refusal;

    refuse(&refusal, REFUSAL_BAD_REQUEST,
           "this path is a WebSocket's; wanted: Upgrade: websocket and its headers");
    exchange_refuse(exchange, &refusal);
}

/* clang-format off */
static const struct route routes[] = {
    {.method = METHOD_GET,  .path = "/healthz",            .session = false, .serve = ask_health},
    {.method = METHOD_POST, .path = "/v1/login",           .session = false, .serve = login_serve},
    {.method = METHOD_POST, .path = "/v1/register",        .session = false, .serve = login_serve_register},
    {.method = METHOD_POST, .path = "/v1/logout",          .session = true,  .serve = login_serve_logout},
    {.method = METHOD_POST, .path = "/v1/send",            .session = true,  .serve = send_serve},
    {.method = METHOD_GET,  .path = "/v1/hello",           .session = true,  .serve = ask_hello},
    {.method = METHOD_GET,  .path = "/v1/history",         .session = true,  .serve = ask_history},
    {.method = METHOD_GET,  .path = "/v1/rooms",           .session = true,  .serve = ask_rooms},
    {.method = METHOD_GET,  .path = "/v1/rooms/*/members", .session = true,  .serve = ask_members},
    {.method = METHOD_GET,  .path = "/v1/events",          .session = true,  .serve = stream_serve_events},
    {.method = METHOD_GET,  .path = "/v1/poll",            .session = true,  .serve = stream_serve_poll},
    {.method = METHOD_GET,  .path = "/v1/ws",              .session = false, .serve = serve_without_upgrade},
};
/* clang-format on */

/* What stands for the * becomes the exchange's part. */
static bool
path_matches(const char *pattern, struct exchange *exchange)
{
    const char *path = exchange->path;
    const char *star = strchr(pattern, '*');
    size_t before, after, len = strlen(path);

    if (star == NULL)
        return strcmp(pattern, path) == 0;
    before = (size_t)(star - pattern);
    after = strlen(star + 1);
    if (len <= before + after || strncmp(pattern, path, before) != 0 ||
        strcmp(star + 1, path + len - after) != 0 ||
        memchr(path + before, '/', len - before - after) != NULL)
        return false;
    free(exchange->part);
    exchange->part = xasprintf("%.*s", (int)(len - before - after), path + before);
    return true;
}

static bool
method_matches(int wanted, enum method method)
{
    return (int)method == wanted || (wanted == METHOD_GET && method == METHOD_HEAD);
}

static void
refuse_method(struct exchange *exchange, const struct route *route)
{
    const char *allow = route->method == METHOD_GET ? "GET, HEAD, OPTIONS" : "POST, OPTIONS";

    exchange_allow(exchange, exchange->method == METHOD_OPTIONS ? 204 : 405, allow);
}

/* Sets the session. -1 with 401 answered when the token is nobody's. */
static int
find_session(struct exchange *exchange)
{
    struct refusal refusal;

    exchange->session = sessions_find(worker_server(exchange->worker)->sessions, exchange->token);
    if (exchange->session != NULL)
        return 0;
    refuse(&refusal, REFUSAL_UNAUTHORIZED,
           exchange->token[0] == '\0'
               ? "no token; wanted: Authorization: Bearer TOKEN, as the login gave it"
               : "this token is nobody's, or has lapsed; log in again");
    exchange_refuse(exchange, &refusal);
    return -1;
}

void
routes_serve(struct exchange *exchange)
{
    const struct route *other = NULL;
    struct refusal refusal;

    for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
        const struct route *route = &routes[i];

        if (!path_matches(route->path, exchange))
            continue;
        other = route;
        if (!method_matches(route->method, exchange->method))
            continue;
        if (route->session && find_session(exchange) < 0)
            return;
        worker_catch_up(exchange->worker);
        route->serve(exchange);
        return;
    }
    if (other != NULL) {
        refuse_method(exchange, other);
        return;
    }
    refuse(&refusal, REFUSAL_NOT_FOUND, "there is nothing at this path");
    exchange_refuse(exchange, &refusal);
}

int
routes_open(struct exchange *exchange)
{
    struct refusal refusal;

    if (strcmp(transport_ws.path, exchange->path) == 0)
        return exchange->token[0] == '\0' ? 0 : find_session(exchange);
    refuse(&refusal, REFUSAL_NOT_FOUND, "there is no WebSocket at this path");
    exchange_refuse(exchange, &refusal);
    return -1;
}
