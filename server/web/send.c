#include "server/web/send.h"

#include "common/util.h"
#include "server/web/exchange.h"
#include "server/web/intake.h"
#include "server/web/posting.h"

#include <stdlib.h>

struct member {
    struct event answer;
    bool is_appended; /* its answer is the job's next item's */
};

/* One request under way. */
struct sending {
    struct posting posting;
    struct exchange *exchange;
    bool is_array;
    size_t count;
    struct member members[];
};

static struct sending *
sending_create(struct exchange *exchange, bool is_array, size_t count)
{
    struct sending *sending = xcalloc(1, sizeof(*sending) + count * sizeof(sending->members[0]));

    sending->exchange = exchange_ref(exchange);
    sending->is_array = is_array;
    sending->count = count;
    sending->posting.job = append_job_create(count);
    sending->posting.job->count = 0;
    return sending;
}

static void
sending_free(struct sending *sending)
{
    for (size_t i = 0; i < sending->count; i++)
        event_fini(&sending->members[i].answer);
    append_job_destroy(sending->posting.job);
    exchange_unref(sending->exchange);
    free(sending);
}

/* Every refusal of a request has the member "error"; this one is an event besides. */
static void
answer_error(struct exchange *exchange, const struct event *error)
{
    struct buf body = BUF_INIT;

    event_encode(&body, error);
    body.len--; /* the closing brace */
    buf_add_str(&body, ",\"error\":{\"code\":");
    buf_add_json(&body, refusal_name(error->refusal.code));
    buf_add_str(&body, ",\"message\":");
    buf_add_json(&body, error->refusal.message);
    buf_add_str(&body, "}}");
    exchange_refuse_with(exchange, &error->refusal, body.data, body.len);
    buf_fini(&body);
}

static void
answer_one(struct exchange *exchange, const struct event *answer)
{
    struct buf body = BUF_INIT;

    if (answer->type == EVENT_ERROR) {
        answer_error(exchange, answer);
        return;
    }
    event_encode(&body, answer);
    exchange_answer_text(exchange, 200, "application/json", body.data, body.len);
    buf_fini(&body);
}

static void
answer_array(const struct sending *sending)
{
    struct buf body = BUF_INIT;
    unsigned status = 200;

    buf_add_byte(&body, '[');
    for (size_t i = 0; i < sending->count; i++) {
        if (i > 0)
            buf_add_byte(&body, ',');
        event_encode(&body, &sending->members[i].answer);
        if (sending->members[i].answer.type == EVENT_ERROR)
            status = 207;
    }
    buf_add_byte(&body, ']');
    exchange_answer_text(sending->exchange, status, "application/json", body.data, body.len);
    buf_fini(&body);
}

static void
answer(struct sending *sending)
{
    if (sending->is_array)
        answer_array(sending);
    else
        answer_one(sending->exchange, &sending->members[0].answer);
    sending_free(sending);
}

static void
on_appended(struct posting *posting)
{
    struct sending *sending = container_of(posting, struct sending, posting);
    const struct append_item *item = posting->job->items;

    for (size_t i = 0; i < sending->count; i++)
        if (sending->members[i].is_appended)
            intake_answer(item++, &sending->members[i].answer);
    answer(sending);
}

static void
take_member(struct sending *sending, size_t at, const json_t *value)
{
    const struct intake_source source = {
        .worker = sending->exchange->worker,
        .session = sending->exchange->session,
    };
    struct append_job *job = sending->posting.job;
    struct intake intake;

    intake_take(value, &source, &intake);
    sending->members[at].answer = intake.answer;
    if (intake.kind != INTAKE_APPEND)
        return;
    sending->members[at].is_appended = true;
    job->items[job->count++] = intake.item;
}

/* What stands behind a rate-limited member must not overtake it, whatever the bucket has by then.
 */
static void
refuse_member(struct sending *sending, size_t at, const json_t *value,
              const struct refusal *refusal)
{
    const char *id = json_string_value(json_object_get(value, "id"));

    intake_refuse(id != NULL && id_is_valid(id) ? id : "", refusal, &sending->members[at].answer);
}

static void
take_members(struct sending *sending, const json_t *body)
{
    const struct refusal *limited = NULL;

    for (size_t i = 0; i < sending->count; i++) {
        const json_t *value = sending->is_array ? json_array_get(body, i) : body;
        const struct event *answer = &sending->members[i].answer;

        if (limited != NULL)
            refuse_member(sending, i, value, limited);
        else
            take_member(sending, i, value);
        if (answer->type == EVENT_ERROR && answer->refusal.code == REFUSAL_RATE_LIMITED)
            limited = &answer->refusal;
    }
}

static int
check_body(const json_t *body, struct refusal *refusal)
{
    if (!json_is_object(body) && !json_is_array(body))
        return refuse(refusal, REFUSAL_BAD_REQUEST,
                      "the body is neither an object nor an array; wanted a command or an array "
                      "of commands");
    if (json_is_array(body) && json_array_size(body) > SEND_COMMANDS_MAX)
        return refuse(refusal, REFUSAL_INVALID, "%zu commands in one request, at most %d",
                      json_array_size(body), SEND_COMMANDS_MAX);
    return 0;
}

void
send_serve(struct exchange *exchange)
{
    struct refusal refusal;
    struct sending *sending;
    json_t *body = exchange_read_json(exchange);

    if (body == NULL)
        return;
    if (check_body(body, &refusal) < 0) {
        exchange_refuse(exchange, &refusal);
        json_decref(body);
        return;
    }
    sending = sending_create(exchange, json_is_array(body),
                             json_is_array(body) ? json_array_size(body) : 1);
    take_members(sending, body);
    json_decref(body);
    if (sending->posting.job->count == 0) {
        answer(sending);
        return;
    }
    sending->posting.done = on_appended;
    posting_send(&sending->posting, exchange->worker);
}
