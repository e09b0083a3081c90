/* A connection from its start to its end: what its row says, and what follows from how it ended. */
#include "client/link/link_internal.h"
#include "common/clock.h"
#include "common/util.h"

#include <string.h>

#define LOG_MODULE "link"
#include "common/log.h"

#define CLOSE_CODE_MIN 1000 /* below are HTTP statuses */

static void
heard(struct link *link)
{
    link->status.last_heard_ms = clock_mono_ms();
    if (link->status.state != LINK_STALLED)
        return;

    link->status.why[0] = '\0';
    link_enter(link, LINK_LIVE);
}

static void
on_open(void *context)
{
    struct link *link = context;

    if (link->status.state == LINK_CONNECTING)
        link_met_need(link, LINK_NEED_OPEN);
    else
        link_flush(link);
}

static void
on_line(void *context, const char *json, size_t len)
{
    struct link *link = context;

    heard(link);
    if (link->way != NULL) /* whoever heard of it may have closed it */
        link_receive(link, json, len);
}

static void
on_heard(void *context)
{
    heard(context);
}

/* A close code that says that one of us does not speak the protocol (RFC 6455 section 7.4.1). 1002
 * is none of them here: libwebsockets makes it of a server's 1012, "service restart", too. */
static bool
is_protocol_code(int status)
{
    return status == 1003 || status == 1007 || status == 1009;
}

void
link_refused(struct link *link, int status, int64_t retry_after_ms)
{
    if (status == 403)
        link_fail(link, LINK_FAULT_LOGIN);
    else if ((status == 429 || status == 503) && retry_after_ms > 0)
        link_wait(link, retry_after_ms);
    else if (status == 429 || (status >= 500 && !is_protocol_code(status) && status != 501))
        link_back_off(link);
    else
        link_fail_protocol(link);
}

/* The server goes down and has said when to come back. */
static void
come_back(struct link *link)
{
    backoff_next(&link->backoff, clock_mono_ms(), random_below); /* that service is over */
    if (link->bye_why[0] != '\0')
        link_say_why(link, "%s", link->bye_why);
    link_wait(link, link->bye_ms);
}

static void
on_ended(void *context, enum way_end end, int status, int64_t retry_after_ms, const char *why)
{
    struct link *link = context;

    link->way = NULL;
    link_say_why(link, "%s", why);
    if (end == WAY_CERTIFICATE)
        link_fail(link, LINK_FAULT_CERTIFICATE);
    else if (link->bye_ms >= 0)
        come_back(link);
    else if (end == WAY_CLOSED)
        link_back_off(link);
    else if (status == 401)
        link_login_again(link);
    else
        link_refused(link, status, retry_after_ms);
}

void
link_connect(struct link *link)
{
    const struct way_config config = {
        .loop = link->loop,
        .base = link->base,
        .host = link->url.host,
        .port = link->url.port,
        .token = link->token.text,
        .after = link->has_position ? &link->position : NULL,
        .trust = link->trust,
        .listener = &link->way_listener,
    };

    link->way_listener = (struct way_listener){link, on_open, on_line, on_heard, on_ended};
    link->needs = LINK_NEED_OPEN | LINK_NEED_HELLO;
    link->bye_ms = -1;
    link->bye_why[0] = '\0';
    link->way = link->seams.row->start(&config);
    if (link->way == NULL) {
        link_say_why(link, "out of memory or files");
        link_back_off(link);
        return;
    }

    link_enter(link, LINK_CONNECTING);
}

static void
on_ping_timer(uv_timer_t *timer)
{
    link_ping(container_of(timer, struct link, ping_timer));
}

void
link_met_need(struct link *link, enum link_need need)
{
    link->needs &= ~(unsigned)need;
    if (link->needs != 0 || link->status.state != LINK_CONNECTING)
        return;

    link->status.tries = 0;
    link->status.why[0] = '\0';
    if (link->was_live)
        link->status.reconnects++;
    link->was_live = true;
    link->is_second_login = false;
    link->is_paced = false;
    backoff_live(&link->backoff, clock_mono_ms());
    uv_timer_start(&link->ping_timer, on_ping_timer, (uint64_t)link->heartbeat_ms,
                   (uint64_t)link->heartbeat_ms);
    link_enter(link, LINK_LIVE);
}
