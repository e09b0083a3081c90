#include "client/link/https_way.h"

#include "client/link/denial.h"
#include "client/link/uplink.h"
#include "common/util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX      (16 << 20)
#define POST_TIMEOUT_MS 15000
#define POST_REPEAT_MS  250

struct way_base {
    struct https *https;
};

struct way_base *
https_base_create(uv_loop_t *loop, struct trust *trust, struct https *https, char *why,
                  size_t why_size)
{
    struct way_base *base = xcalloc(1, sizeof(*base));

    base->https = https;
    return base;
}

void
https_base_destroy(struct way_base *base)
{
    free(base);
}

static void
on_line(void *context, const char *json, size_t len)
{
    struct https_way *way = context;

    way->listener.line(way->listener.context, json, len);
}

static void
on_open(void *context)
{
    struct https_way *way = context;

    way->listener.open(way->listener.context);
}

static void
on_sent(void *context)
{
    struct https_way *way = context;

    if (way->sent != NULL)
        way->sent(way);
}

static void
on_uplink_ended(void *context, enum way_end end, int status, int64_t retry_after_ms,
                const char *why)
{
    https_way_end(context, end, status, retry_after_ms, why);
}

static struct uplink *
new_uplink(struct https_way *way)
{
    const struct uplink_config config = {
        .loop = way->config.loop,
        .https = way->config.base->https,
        .host = way->host,
        .token = way->token,
        .port = way->config.port,
        .http = way->config.http,
        .proxy = way->config.proxy,
        .timeout_ms = POST_TIMEOUT_MS,
        .repeat_ms = POST_REPEAT_MS,
        .listener = {way, on_line, on_open, on_sent, on_uplink_ended},
    };

    return uplink_create(&config);
}

void
https_way_init(struct https_way *way, const struct way_config *config,
               void (*release)(struct https_way *way))
{
    way->config = *config;
    way->config.after = NULL;
    way->listener = *config->listener;
    way->release = release;
    str_copy(way->host, sizeof(way->host), config->host);
    way->token = xstrdup(config->token);
    way->config.host = way->host;
    way->config.token = way->token;
    uv_timer_init(config->loop, &way->timer);
    way->uplink = new_uplink(way);
}

void
https_way_get(struct https_way *way, enum meter_event kind, const char *path, const char *accept,
              int64_t timeout_ms, void (*data)(void *context, const struct https_answer *answer),
              void (*done)(void *context, const struct https_answer *answer))
{
    const struct https_listener listener = {way, data, done};
    const struct https_question question = {
        .host = way->host,
        .port = way->config.port,
        .http = way->config.http,
        .proxy = way->config.proxy,
        .path = path,
        .token = way->token,
        .facts = way->config.facts,
        .accept = accept,
        .timeout_ms = timeout_ms,
        .answer_max = ANSWER_MAX,
        .kind = kind,
    };

    way->down = https_send(way->config.base->https, &question, &listener);
}

static void
on_timer_closed(uv_handle_t *handle)
{
    struct https_way *way = container_of(handle, struct https_way, timer);

    explicit_bzero(way->token, strlen(way->token));
    free(way->token);
    way->release(way);
}

void
https_way_stop(struct https_way *way)
{
    way->is_over = true;
    if (way->down != NULL)
        https_cancel(way->down);
    way->down = NULL;
    uplink_destroy(way->uplink);
    uv_close((uv_handle_t *)&way->timer, on_timer_closed);
}

void
https_way_end(struct https_way *way, enum way_end end, int status, int64_t retry_after_ms,
              const char *why)
{
    struct way_listener listener = way->listener;
    char *kept = xstrdup(why); /* it may stand in what is let go of */

    https_way_stop(way);
    listener.ended(listener.context, end, status, retry_after_ms, kept);
    free(kept);
}

enum way_end
https_way_failed(const struct https_answer *answer)
{
    if (answer->is_wrong_http)
        return WAY_WRONG_HTTP;

    return answer->is_unreached ? WAY_UNREACHED : WAY_CLOSED;
}

void
https_way_refused(struct https_way *way, const struct https_answer *answer, const char *what)
{
    char why[300];

    denial_say(answer->status, answer->body, answer->len, what, why, sizeof(why));
    https_way_end(way, denial_end(answer->status, answer->body, answer->len), answer->status,
                  answer->retry_after_ms, why);
}

int
https_way_send(struct https_way *way, const char *json, size_t len)
{
    return uplink_send(way->uplink, json, len);
}
