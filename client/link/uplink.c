#include "client/link/uplink.h"

#include "client/link/denial.h"
#include "client/link/https.h"
#include "client/link/https_way.h"
#include "common/buf.h"
#include "common/event.h"
#include "common/json.h"
#include "common/util.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_MODULE "uplink"
#include "common/log.h"

#define PATH        "/v1/send"
#define REPEATS_MAX 3
#define ANSWER_MAX  (1 << 20)

struct item {
    struct item *next;
    size_t len;
    char json[];
};

struct uplink {
    struct uplink_config config;
    struct item *first, **end; /* those of the POST under way, then those that wait */
    size_t count, bytes;
    size_t batch;     /* how many are under way, 0: none */
    size_t batch_max; /* less after a 413 */
    unsigned repeats; /* of this batch, so far */
    bool is_full;     /* -EAGAIN was said */
    bool is_over;
    struct https_request *request;
    uv_timer_t timer; /* the next POST: in the next turn of the loop, or a repeat */
};

static void on_timer(uv_timer_t *timer);

static void
drop_first(struct uplink *uplink)
{
    struct item *item = uplink->first;

    uplink->first = item->next;
    if (uplink->first == NULL)
        uplink->end = &uplink->first;
    uplink->count--;
    uplink->bytes -= item->len;
    free(item);
}

/* What is said in one turn of the loop leaves together. */
static void
post_in(struct uplink *uplink, int64_t delay_ms)
{
    uv_update_time(uplink->config.loop);
    uv_timer_start(&uplink->timer, on_timer, (uint64_t)delay_ms, 0);
}

static void
end(struct uplink *uplink, enum way_end how, int status, int64_t retry_after_ms, const char *why)
{
    const struct uplink_listener *listener = &uplink->config.listener;

    uplink->is_over = true;
    uv_timer_stop(&uplink->timer);
    listener->ended(listener->context, how, status, retry_after_ms, why);
}

/* A network that is down for a moment, or a proxy whose server is: the same again. */
static void
repeat(struct uplink *uplink, enum way_end how, int status, const char *why)
{
    if (uplink->repeats == REPEATS_MAX) {
        end(uplink, how, status, 0, why);
        return;
    }

    log_debug("repeat=%u: %s", uplink->repeats + 1, why);
    post_in(uplink, uplink->config.repeat_ms << uplink->repeats);
    uplink->repeats++;
}

/* What became of a ping comes down as its pong, as on every other way; and on no other way is
 * there an answer to what nothing keeps, as that somebody types. */
static bool
is_for_an_aside(const json_t *answer)
{
    return json_object_get(answer, "id") == NULL;
}

static void
tell_line(struct uplink *uplink, const json_t *answer)
{
    const struct uplink_listener *listener = &uplink->config.listener;
    char *line = json_dumps(answer, JSON_COMPACT | JSON_ENCODE_ANY);

    drop_first(uplink);
    uplink->batch--;
    if (!is_for_an_aside(answer))
        listener->line(listener->context, line, strlen(line));
    free(line);
}

/* After the answers: what waits goes on, and who had to wait is told. */
static void
go_on(struct uplink *uplink)
{
    const struct uplink_listener *listener = &uplink->config.listener;

    uplink->repeats = 0;
    if (uplink->count > 0)
        post_in(uplink, 0);
    listener->sent(listener->context);
    if (uplink->is_over || !uplink->is_full || uplink->count > UPLINK_QUEUE_MAX / 2 ||
        uplink->bytes > UPLINK_QUEUE_BYTES_MAX / 2)
        return;

    uplink->is_full = false;
    listener->open(listener->context);
}

static void
take_answers(struct uplink *uplink, const struct https_answer *answer)
{
    char why[200];
    json_t *answers = json_parse(answer->body, answer->len, why, sizeof(why));

    if (!json_is_array(answers) || json_array_size(answers) != uplink->batch) {
        snprintf(why, sizeof(why), "the answer to commands is %s: wanted an array of %zu",
                 answer->type[0] != '\0' ? answer->type : "of no type", uplink->batch);
        end(uplink, WAY_REFUSED, answer->status, 0, why);
    }
    for (size_t i = 0; !uplink->is_over && i < json_array_size(answers); i++)
        tell_line(uplink, json_array_get(answers, i));
    json_decref(answers);
    if (!uplink->is_over)
        go_on(uplink);
}

/* One command that is too large for the server, or for something before it. */
static void
refuse_first(struct uplink *uplink)
{
    struct event event = {.type = EVENT_ERROR};
    struct buf line = BUF_INIT;
    char why[100];
    json_t *command = json_parse(uplink->first->json, uplink->first->len, why, sizeof(why));
    const char *id = json_member_string(command, "id");
    const struct uplink_listener *listener = &uplink->config.listener;

    if (id != NULL)
        str_copy(event.id, sizeof(event.id), id);
    refuse(&event.refusal, REFUSAL_TOO_LARGE, "the server takes no command of %zu bytes",
           uplink->first->len);
    json_decref(command);
    event_encode(&line, &event);
    drop_first(uplink);
    uplink->batch = 0;
    listener->line(listener->context, line.data, line.len);
    buf_fini(&line);
    if (!uplink->is_over)
        go_on(uplink);
}

static void
split(struct uplink *uplink)
{
    if (uplink->batch == 1) {
        refuse_first(uplink);
        return;
    }

    uplink->batch_max = uplink->batch / 2;
    uplink->batch = 0;
    post_in(uplink, 0);
}

/* A refusal of the whole POST. */
static void
end_refused(struct uplink *uplink, const struct https_answer *answer)
{
    char why[300];

    denial_say(answer->status, answer->body, answer->len, "commands", why, sizeof(why));
    end(uplink, denial_end(answer->status, answer->body, answer->len), answer->status,
        answer->retry_after_ms, why);
}

/* What is not the server's own word about the commands: something between us and it failed. */
static bool
is_passing(int status)
{
    return status == 500 || status == 502 || status == 504;
}

static void
on_done(void *context, const struct https_answer *answer)
{
    struct uplink *uplink = context;
    char why[100];

    uplink->request = NULL;
    if (answer->end == HTTPS_CERTIFICATE) {
        end(uplink, WAY_CERTIFICATE, 0, 0, answer->why);
    } else if (answer->end == HTTPS_FAILED) {
        repeat(uplink, https_way_failed(answer), 0, answer->why);
    } else if (answer->status == 200 || answer->status == 207) {
        take_answers(uplink, answer);
    } else if (answer->status == 413) {
        split(uplink);
    } else if (is_passing(answer->status)) {
        snprintf(why, sizeof(why), "the server answered %d to commands", answer->status);
        repeat(uplink, WAY_REFUSED, answer->status, why);
    } else {
        end_refused(uplink, answer);
    }
}

/* A repeat has what it had, so that its order is the same. */
static void
fill_body(struct uplink *uplink, struct buf *body)
{
    size_t count = 0, max = uplink->batch > 0 ? uplink->batch : uplink->batch_max;

    buf_add_byte(body, '[');
    for (struct item *item = uplink->first; item != NULL && count < max; item = item->next) {
        if (count > 0 && body->len + item->len + 2 > UPLINK_BODY_MAX)
            break;
        if (count > 0)
            buf_add_byte(body, ',');
        buf_add(body, item->json, item->len);
        count++;
    }
    buf_add_byte(body, ']');
    uplink->batch = count;
}

static void
on_timer(uv_timer_t *timer)
{
    struct uplink *uplink = container_of(timer, struct uplink, timer);
    const struct https_listener listener = {.context = uplink, .done = on_done};
    struct buf body = BUF_INIT;

    fill_body(uplink, &body);
    const struct https_question question = {
        .host = uplink->config.host,
        .port = uplink->config.port,
        .http = uplink->config.http,
        .proxy = uplink->config.proxy,
        .path = PATH,
        .token = uplink->config.token,
        .accept = "application/json",
        .body = body.data,
        .body_len = body.len,
        .timeout_ms = uplink->config.timeout_ms,
        .answer_max = ANSWER_MAX,
        .kind = METER_POST,
    };
    uplink->request = https_send(uplink->config.https, &question, &listener);
    buf_fini(&body);
}

struct uplink *
uplink_create(const struct uplink_config *config)
{
    struct uplink *uplink = xcalloc(1, sizeof(*uplink));

    uplink->config = *config;
    uplink->end = &uplink->first;
    uplink->batch_max = UPLINK_BATCH_MAX;
    uv_timer_init(config->loop, &uplink->timer);
    return uplink;
}

int
uplink_send(struct uplink *uplink, const char *json, size_t len)
{
    if (uplink->is_over)
        return -EPIPE;
    if (uplink->count >= UPLINK_QUEUE_MAX ||
        (uplink->count > 0 && uplink->bytes + len > UPLINK_QUEUE_BYTES_MAX)) {
        uplink->is_full = true;
        return -EAGAIN;
    }

    struct item *item = xmalloc(sizeof(*item) + len + 1);
    item->next = NULL;
    item->len = len;
    memcpy(item->json, json, len);
    item->json[len] = '\0';
    *uplink->end = item;
    uplink->end = &item->next;
    uplink->count++;
    uplink->bytes += len;
    if (uplink->batch == 0 && !uv_is_active((uv_handle_t *)&uplink->timer))
        post_in(uplink, 0);
    return 0;
}

static void
free_uplink(uv_handle_t *handle)
{
    struct uplink *uplink = container_of(handle, struct uplink, timer);

    while (uplink->first != NULL)
        drop_first(uplink);
    free(uplink);
}

void
uplink_destroy(struct uplink *uplink)
{
    uplink->is_over = true;
    if (uplink->request != NULL)
        https_cancel(uplink->request);
    uplink->request = NULL;
    uv_close((uv_handle_t *)&uplink->timer, free_uplink);
}
