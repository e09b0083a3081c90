#include "server/web/exchange.h"

#include "common/json.h"
#include "common/text.h"
#include "common/util.h"
#include "server/web/carrier.h"
#include "server/web/conn.h"
#include "server/web/stream.h"

#include <stdlib.h>
#include <string.h>

#define JSON_TYPE "application/json"

struct exchange *
exchange_create(struct worker *worker, struct carrier *carrier, uint64_t number)
{
    struct exchange *exchange = xcalloc(1, sizeof(*exchange));

    exchange->number = number;
    exchange->worker = worker;
    exchange->carrier = carrier;
    exchange->references = 1;
    query_init(&exchange->query);
    buf_init(&exchange->body);
    return exchange;
}

struct exchange *
exchange_ref(struct exchange *exchange)
{
    exchange->references++;
    return exchange;
}

void
exchange_unref(struct exchange *exchange)
{
    if (exchange == NULL || --exchange->references > 0)
        return;
    if (exchange->session != NULL)
        session_unref(exchange->session);
    query_fini(&exchange->query);
    buf_fini(&exchange->body);
    free(exchange->path);
    free(exchange->part);
    free(exchange->origin);
    explicit_bzero(exchange->token, sizeof(exchange->token));
    free(exchange);
}

void
exchange_gone(struct exchange *exchange)
{
    exchange->carrier = NULL;
    if (exchange->conn != NULL)
        stream_gone(exchange->conn);
    exchange->conn = NULL;
}

void
exchange_writable(struct exchange *exchange)
{
    if (exchange->conn != NULL)
        conn_writable(exchange->conn);
}

bool
exchange_is_open(const struct exchange *exchange)
{
    return exchange->carrier != NULL;
}

/* Who answers is done with the carrier. NULL: the peer has gone. */
static struct carrier *
take_carrier(struct exchange *exchange, struct answer *answer)
{
    struct carrier *carrier = exchange->carrier;

    answer->without_body = exchange->method == METHOD_HEAD;
    answer->origin = exchange->origin;
    exchange->carrier = NULL;
    return carrier;
}

static void
send_answer(struct exchange *exchange, struct answer *answer)
{
    struct carrier *carrier = take_carrier(exchange, answer);

    if (carrier != NULL)
        carrier->ops->answer(carrier, answer);
}

void
exchange_begin(struct exchange *exchange, const char *content_type)
{
    struct answer head = {.status = 200, .content_type = content_type, .flows = true};
    struct carrier *carrier = take_carrier(exchange, &head);

    if (carrier != NULL)
        carrier->ops->begin(carrier, &head);
}

void
exchange_answer_text(struct exchange *exchange, unsigned status, const char *content_type,
                     const char *body, size_t len)
{
    struct answer answer = {
        .status = status, .content_type = content_type, .body = body, .body_len = len};

    send_answer(exchange, &answer);
}

void
exchange_answer_json(struct exchange *exchange, unsigned status, json_t *body)
{
    char *text = json_dumps(body, JSON_COMPACT);

    json_decref(body);
    if (text == NULL)
        abort(); /* memory has run out, or one of our strings is not UTF-8 */
    exchange_answer_text(exchange, status, JSON_TYPE, text, strlen(text));
    free(text);
}

static void
add_refusal(struct buf *out, const struct refusal *refusal)
{
    buf_add_str(out, "{\"error\":{\"code\":");
    buf_add_json(out, refusal_name(refusal->code));
    buf_add_str(out, ",\"message\":");
    buf_add_json(out, refusal->message);
    buf_add_str(out, "}}");
}

static void
send_refusal(struct exchange *exchange, const struct refusal *refusal, struct answer *answer)
{
    answer->status = (unsigned)refusal_status(refusal->code);
    answer->content_type = JSON_TYPE;
    answer->retry_after_s = (refusal->retry_after_ms + 999) / 1000;
    send_answer(exchange, answer);
}

void
exchange_refuse_with(struct exchange *exchange, const struct refusal *refusal, const char *body,
                     size_t len)
{
    struct answer answer = {.body = body, .body_len = len};

    send_refusal(exchange, refusal, &answer);
}

static void
refuse_allowing(struct exchange *exchange, const struct refusal *refusal, const char *allow)
{
    struct buf body = BUF_INIT;
    struct answer answer = {.allow = allow};

    add_refusal(&body, refusal);
    answer.body = body.data;
    answer.body_len = body.len;
    send_refusal(exchange, refusal, &answer);
    buf_fini(&body);
}

void
exchange_refuse(struct exchange *exchange, const struct refusal *refusal)
{
    refuse_allowing(exchange, refusal, NULL);
}

void
exchange_allow(struct exchange *exchange, unsigned status, const char *allow)
{
    struct answer answer = {.status = status, .allow = allow};
    struct refusal refusal;

    if (status == 204) {
        send_answer(exchange, &answer);
        return;
    }
    refuse(&refusal, REFUSAL_METHOD, "this path does not take that method; it takes %s", allow);
    refuse_allowing(exchange, &refusal, allow);
}

json_t *
exchange_read_json(struct exchange *exchange)
{
    struct refusal refusal;
    char why[120];
    json_t *json = NULL;

    if (!text_is_utf8(buf_text(&exchange->body), exchange->body.len))
        refuse(&refusal, REFUSAL_BAD_REQUEST, "the body is not UTF-8; JSON is wanted");
    else if ((json = json_parse(buf_text(&exchange->body), exchange->body.len, why, sizeof(why))) ==
             NULL)
        refuse(&refusal, REFUSAL_BAD_REQUEST, "the body is not JSON: %s", why);
    else
        return json;
    exchange_refuse(exchange, &refusal);
    return NULL;
}

json_t *
exchange_read_object(struct exchange *exchange)
{
    struct refusal refusal;
    json_t *object = exchange_read_json(exchange);

    if (object == NULL || json_is_object(object))
        return object;
    json_decref(object);
    refuse(&refusal, REFUSAL_BAD_REQUEST, "the body is no JSON object");
    exchange_refuse(exchange, &refusal);
    return NULL;
}
