/* The row "sse": an event stream down (GET /v1/events), POSTs up. */
#include "client/link/event_stream.h"
#include "client/link/https_way.h"
#include "client/link/link_ops.h"
#include "common/buf.h"
#include "common/util.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define LOG_MODULE "sse"
#include "common/log.h"

#define STREAM_TYPE "text/event-stream"
#define REFUSAL_MAX 16384 /* bytes */

struct link_way {
    struct https_way https;
    struct event_stream stream;
    struct buf refusal; /* the body of an answer that is no stream, as far as it came */
    bool is_open;
};

static void
release(struct https_way *https)
{
    struct link_way *way = container_of(https, struct link_way, https);

    event_stream_fini(&way->stream);
    buf_fini(&way->refusal);
    free(way);
}

/* Other types of event are for other programs. */
static bool
on_event(void *context, const char *type, const char *data, size_t len)
{
    struct link_way *way = context;
    const struct way_listener *listener = &way->https.listener;

    if (str_equal(type, "message"))
        listener->line(listener->context, data, len);
    return !way->https.is_over;
}

static bool
on_comment(void *context)
{
    struct link_way *way = context;
    const struct way_listener *listener = &way->https.listener;

    listener->heard(listener->context);
    return !way->https.is_over;
}

/* A page of a proxy's, or of a server that is no rtchat. */
static void
refuse_type(struct link_way *way, const struct https_answer *answer)
{
    char why[200];

    snprintf(why, sizeof(why), "the event stream came as %s: wanted " STREAM_TYPE,
             answer->type[0] != '\0' ? answer->type : "nothing that has a type");
    https_way_end(&way->https, WAY_REFUSED, answer->status, 0, why);
}

/* It may come in parts, and all of it tells whose refusal it is. */
static bool
gather_refusal(struct link_way *way, const struct https_answer *answer)
{
    if (answer->status == 200 || way->refusal.len + answer->len > REFUSAL_MAX)
        return false;

    buf_add(&way->refusal, answer->body, answer->len);
    return true;
}

static void
refuse(struct link_way *way, const struct https_answer *answer)
{
    struct https_answer whole = *answer;

    whole.body = buf_text(&way->refusal);
    whole.len = way->refusal.len;
    https_way_refused(&way->https, &whole, "the event stream");
}

/* False when the answer is no stream and the way has ended. */
static bool
look_at_head(struct link_way *way, const struct https_answer *answer)
{
    if (answer->status != 200)
        refuse(way, answer);
    else if (!str_equal(answer->type, STREAM_TYPE))
        refuse_type(way, answer);
    return !way->https.is_over;
}

static void
open_once(struct link_way *way)
{
    const struct way_listener *listener = &way->https.listener;

    if (way->is_open)
        return;

    way->is_open = true;
    listener->open(listener->context);
}

static void
on_data(void *context, const struct https_answer *answer)
{
    struct link_way *way = context;

    if (gather_refusal(way, answer) || !look_at_head(way, answer))
        return;

    open_once(way);
    if (!way->https.is_over && event_stream_feed(&way->stream, answer->body, answer->len) < 0)
        https_way_end(&way->https, WAY_REFUSED, 1009, 0,
                      "the server spoke an event of more than 1 MiB");
}

static void
on_done(void *context, const struct https_answer *answer)
{
    struct link_way *way = context;

    way->https.down = NULL;
    if (answer->end == HTTPS_CERTIFICATE)
        https_way_end(&way->https, WAY_CERTIFICATE, 0, 0, answer->why);
    else if (answer->end == HTTPS_FAILED)
        https_way_end(&way->https, https_way_failed(answer), 0, 0, answer->why);
    else if (look_at_head(way, answer))
        https_way_end(&way->https, WAY_CLOSED, 0, 0, "the event stream ended");
}

static struct link_way *
start(const struct way_config *config)
{
    struct link_way *way = xcalloc(1, sizeof(*way));
    const struct event_stream_listener listener = {way, on_event, on_comment};
    char cursor[CURSOR_SIZE], path[sizeof("/v1/events?after=") + CURSOR_SIZE] = "/v1/events";

    if (config->after != NULL) {
        cursor_format(cursor, config->after);
        snprintf(path, sizeof(path), "/v1/events?after=%s", cursor);
    }

    https_way_init(&way->https, config, release);
    event_stream_init(&way->stream, &listener);
    https_way_get(&way->https, METER_REQUEST, path, STREAM_TYPE, 0, on_data, on_done);
    return way;
}

static int
send_line(struct link_way *way, const char *json, size_t len)
{
    return way->is_open ? https_way_send(&way->https, json, len) : -EPIPE;
}

static void
stop(struct link_way *way)
{
    https_way_stop(&way->https);
}

const struct link_ops link_sse = {
    .name = "sse",
    .base_create = https_base_create,
    .base_destroy = https_base_destroy,
    .start = start,
    .send = send_line,
    .stop = stop,
};
