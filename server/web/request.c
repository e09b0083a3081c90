#include "server/web/request.h"

#include "common/cursor.h"
#include "common/refusal.h"
#include "common/util.h"
#include "server/config.h"
#include "server/server.h"
#include "server/web/exchange.h"
#include "server/web/worker.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* Stands for what was there and could not be used: it is nobody's token, and no cursor. */
#define UNREAD "-"

void
request_set_token(struct exchange *exchange, const char *authorization)
{
    static const char scheme[] = "Bearer ";
    size_t len = sizeof(scheme) - 1;

    if (authorization == NULL)
        return;
    if (strncasecmp(authorization, scheme, len) != 0 || authorization[len] == '\0' ||
        str_copy(exchange->token, sizeof(exchange->token), authorization + len) < 0)
        str_copy(exchange->token, sizeof(exchange->token), UNREAD);
}

void
request_set_last_event_id(struct exchange *exchange, const char *value)
{
    if (value == NULL)
        return;
    if (value[0] == '\0' ||
        str_copy(exchange->last_event_id, sizeof(exchange->last_event_id), value) < 0)
        str_copy(exchange->last_event_id, sizeof(exchange->last_event_id), UNREAD);
}

void
request_set_address(struct exchange *exchange, const char *peer, const char *forwarded_for)
{
    const struct server_config *config = worker_server(exchange->worker)->config;

    address_behind(exchange->address, peer, forwarded_for == NULL ? "" : forwarded_for,
                   config->trusted_proxy.items, config->trusted_proxy.count);
}

int
request_set_origin(struct exchange *exchange, const char *origin, const char *host,
                   struct refusal *refusal)
{
    const struct server_config *config = worker_server(exchange->worker)->config;

    if (origin == NULL)
        return 0;
    if (origin[0] == '\0' || strlen(origin) >= ORIGIN_SIZE ||
        !origin_is_allowed(origin, host == NULL ? "" : host, config->allow_origin.items,
                           config->allow_origin.count))
        return refuse(refusal, REFUSAL_FORBIDDEN,
                      "pages of this origin may not speak to this server; its --allow-origin says "
                      "which may");
    exchange->origin = xstrdup(origin);
    return 0;
}

/* True when one member of the comma separated list is wanted. */
static bool
list_has(const char *list, const char *wanted)
{
    size_t wanted_len = strlen(wanted);

    for (const char *at = list; *at != '\0';) {
        size_t len;

        at += strspn(at, ", \t");
        len = strcspn(at, ", \t");
        if (len == wanted_len && memcmp(at, wanted, len) == 0)
            return true;
        at += len;
    }
    return false;
}

int
request_check_ws(const char *version, const char *subprotocols, struct refusal *refusal)
{
    if (version == NULL || strcmp(version, "13") != 0)
        return refuse(refusal, REFUSAL_BAD_REQUEST, "Sec-WebSocket-Version: wanted 13");
    if (subprotocols != NULL && !list_has(subprotocols, REQUEST_SUBPROTOCOL))
        return refuse(refusal, REFUSAL_BAD_REQUEST,
                      "Sec-WebSocket-Protocol: wanted " REQUEST_SUBPROTOCOL " or none");
    return 0;
}

int
request_read_after(const struct exchange *exchange, struct cursor *cursor,
                   const struct cursor **ret_after, struct refusal *refusal)
{
    const char *text = query_get(&exchange->query, "after");

    if (text != NULL && cursor_parse(text, cursor) < 0)
        return refuse(refusal, REFUSAL_BAD_REQUEST, "after: wanted a cursor, EPOCH-SEQ or 0");
    *ret_after = text == NULL ? NULL : cursor;
    return 0;
}
