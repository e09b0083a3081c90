#include "server/web/h2_inside.h"

#include "common/refusal.h"
#include "common/util.h"
#include "server/config.h"
#include "server/server.h"
#include "server/web/exchange.h"
#include "server/web/request.h"
#include "server/web/target.h"
#include "server/web/worker.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What is looked at. All else is counted and dropped. */
enum field {
    FIELD_METHOD,
    FIELD_PROTOCOL,
    FIELD_PATH,
    FIELD_AUTHORITY,
    FIELD_HOST,
    FIELD_AUTHORIZATION,
    FIELD_CONTENT_LENGTH,
    FIELD_FORWARDED_FOR,
    FIELD_LAST_EVENT_ID,
    FIELD_ORIGIN,
    FIELD_WS_PROTOCOL,
    FIELD_WS_VERSION,
    FIELD_COUNT
};

static const char *const names[FIELD_COUNT] = {
    [FIELD_METHOD] = ":method",
    [FIELD_PROTOCOL] = ":protocol",
    [FIELD_PATH] = ":path",
    [FIELD_AUTHORITY] = ":authority",
    [FIELD_HOST] = "host",
    [FIELD_AUTHORIZATION] = "authorization",
    [FIELD_CONTENT_LENGTH] = "content-length",
    [FIELD_FORWARDED_FOR] = "x-forwarded-for",
    [FIELD_LAST_EVENT_ID] = "last-event-id",
    [FIELD_ORIGIN] = "origin",
    [FIELD_WS_PROTOCOL] = "sec-websocket-protocol",
    [FIELD_WS_VERSION] = "sec-websocket-version",
};

struct h2_head {
    char *values[FIELD_COUNT]; /* NULL: not there, or empty; "": longer than is looked at */
    size_t len, count;
};

struct h2_head *
h2_head_create(void)
{
    return xcalloc(1, sizeof(struct h2_head));
}

static void
forget(char *value)
{
    if (value == NULL)
        return;
    explicit_bzero(value, strlen(value));
    free(value);
}

void
h2_head_destroy(struct h2_head *head)
{
    if (head == NULL)
        return;
    for (size_t i = 0; i < FIELD_COUNT; i++)
        forget(head->values[i]);
    free(head);
}

static size_t
max_len(size_t field)
{
    return field == FIELD_PATH ? H2_FIELDS_LEN_MAX : REQUEST_FIELD_MAX;
}

/* A field that comes again makes a list (RFC 9110 section 5.3). */
static void
keep(struct h2_head *head, size_t field, const char *value, size_t len)
{
    const char *before = head->values[field];
    size_t before_len = before == NULL ? 0 : strlen(before) + 2;
    char *joined = NULL;

    if (len == 0)
        return;
    if (before_len + len < max_len(field) && memchr(value, '\0', len) == NULL)
        joined = xasprintf("%s%s%.*s", before == NULL ? "" : before, before == NULL ? "" : ", ",
                           (int)len, value);
    forget(head->values[field]);
    head->values[field] = joined == NULL ? xstrdup("") : joined;
}

void
h2_head_add(struct h2_head *head, const uint8_t *name, size_t name_len, const uint8_t *value,
            size_t value_len)
{
    head->len += name_len + value_len + 32;
    head->count++;
    if (h2_head_too_large(head))
        return;
    for (size_t i = 0; i < FIELD_COUNT; i++)
        if (strlen(names[i]) == name_len && memcmp(names[i], name, name_len) == 0)
            keep(head, i, (const char *)value, value_len);
}

size_t
h2_head_len(const struct h2_head *head)
{
    return head->len;
}

bool
h2_head_too_large(const struct h2_head *head)
{
    return head->len > H2_FIELDS_LEN_MAX || head->count > H2_FIELDS_MAX;
}

static enum method
read_method(const char *name)
{
    static const struct {
        const char *name;
        enum method method;
    } methods[] = {
        {"GET", METHOD_GET},
        {"HEAD", METHOD_HEAD},
        {"POST", METHOD_POST},
        {"OPTIONS", METHOD_OPTIONS},
    };

    for (size_t i = 0; i < ARRAY_LEN(methods); i++)
        if (str_equal(name, methods[i].name))
            return methods[i].method;
    return METHOD_OTHER;
}

static int
read_target(const struct h2_head *head, struct exchange *exchange, struct refusal *refusal)
{
    const char *target = head->values[FIELD_PATH];
    char path[EXCHANGE_PATH_SIZE];

    if (target == NULL)
        return refuse(refusal, REFUSAL_BAD_REQUEST, "there is no path");
    if (target_parse(target, strlen(target), path, sizeof(path), &exchange->query) < 0)
        return refuse(
            refusal, REFUSAL_BAD_REQUEST,
            "the path or an argument is malformed or too long, or arguments are too many: "
            "wanted a path of at most %zu bytes, arguments of at most %d",
            sizeof(path) - 1, TARGET_ARGUMENT_MAX);
    exchange->path = xstrdup(path);
    return 0;
}

static int
check_length(const struct h2_head *head, const struct exchange *exchange, struct refusal *refusal)
{
    uint64_t max = (uint64_t)worker_server(exchange->worker)->config->max_body;
    const char *text = head->values[FIELD_CONTENT_LENGTH];
    uint64_t len;

    if (text == NULL)
        return 0;
    if (parse_u64(text, &len) < 0)
        return refuse(refusal, REFUSAL_BAD_REQUEST, "Content-Length is no number");
    if (len > max)
        return refuse(refusal, REFUSAL_TOO_LARGE, "the body: %" PRIu64 " bytes, at most %" PRIu64,
                      len, max);
    return 0;
}

int
h2_head_read(const struct h2_head *head, struct h2_stream *stream, struct refusal *refusal)
{
    struct exchange *exchange = stream->exchange;
    const char *host = head->values[FIELD_AUTHORITY];

    exchange->method = read_method(head->values[FIELD_METHOD]);
    request_set_address(exchange, stream->connection->address, head->values[FIELD_FORWARDED_FOR]);
    if (read_target(head, exchange, refusal) < 0)
        return -1;
    if (request_set_origin(exchange, head->values[FIELD_ORIGIN],
                           host == NULL ? head->values[FIELD_HOST] : host, refusal) < 0)
        return -1;
    request_set_token(exchange, head->values[FIELD_AUTHORIZATION]);
    request_set_last_event_id(exchange, head->values[FIELD_LAST_EVENT_ID]);
    return check_length(head, exchange, refusal);
}

bool
h2_head_is_connect(const struct h2_head *head)
{
    const char *method = head->values[FIELD_METHOD];

    return method != NULL && str_equal(method, "CONNECT");
}

bool
h2_head_offers_subprotocol(const struct h2_head *head)
{
    return head->values[FIELD_WS_PROTOCOL] != NULL;
}

int
h2_head_check_ws(const struct h2_head *head, struct refusal *refusal)
{
    const char *protocol = head->values[FIELD_PROTOCOL];

    if (protocol == NULL || !str_equal(protocol, "websocket"))
        return refuse(refusal, REFUSAL_BAD_REQUEST, ":protocol: wanted websocket");
    return request_check_ws(head->values[FIELD_WS_VERSION], head->values[FIELD_WS_PROTOCOL],
                            refusal);
}
