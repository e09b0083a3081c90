/* A connection from its start to its end: what its row says, and what follows from how it ended. */
#include "client/link/link_internal.h"
#include "common/clock.h"
#include "common/util.h"

#include <string.h>

#define LOG_MODULE "link"
#include "common/log.h"

#define CLOSE_CODE_MIN 1000 /* below are HTTP statuses */

static void
heard(struct leg *leg)
{
    struct link *link = leg->link;

    if (leg != link->leg)
        return;

    link->status.last_heard_ms = clock_mono_ms();
    if (link->status.state != LINK_STALLED)
        return;

    link->status.why[0] = '\0';
    link_enter(link, LINK_LIVE);
}

static void
on_open(void *context)
{
    struct leg *leg = context;
    struct link *link = leg->link;

    if (leg == link->trial)
        link_trial_open(link);
    else if (link->status.state == LINK_CONNECTING)
        link_met_need(leg, LEG_NEED_OPEN);
    else
        link_flush(link);
}

static void
on_line(void *context, const char *json, size_t len)
{
    struct leg *leg = context;
    unsigned life = leg->life;

    meter_json(leg->link->meter, METER_DOWN, len);
    heard(leg);
    if (leg->way != NULL && leg->life == life) /* whoever heard of it may have closed it */
        link_receive(leg, json, len);
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

static enum link_verdict
judge(enum way_end end, int status)
{
    if (end == WAY_UNREACHED)
        return VERDICT_NETWORK;
    if (end == WAY_FOREIGN)
        return VERDICT_OFF;
    if (end == WAY_CERTIFICATE || end == WAY_WRONG_HTTP || status == 401 || status == 403)
        return VERDICT_NONE;
    if (end == WAY_CLOSED)
        return VERDICT_STRIKE;
    if (status == 404 || status == 405 || status == 426 || status == 501)
        return VERDICT_OFF;
    if (status == 429 || status == 503 || status == 1002 || status == 1012)
        return VERDICT_LATER;
    if (is_protocol_code(status) || status < 500)
        return VERDICT_PROTOCOL;

    return VERDICT_STRIKE;
}

/* One row alone: it is tried again, unless it never was what we look for. */
static void
row_lost(struct link *link, enum link_verdict verdict, int64_t retry_after_ms)
{
    if (verdict == VERDICT_LATER && retry_after_ms > 0)
        link_wait(link, retry_after_ms);
    else if (verdict == VERDICT_OFF || verdict == VERDICT_PROTOCOL)
        link_fail_protocol(link);
    else
        link_back_off(link);
}

void
link_lost(struct link *link, enum link_verdict verdict, int64_t retry_after_ms)
{
    leg_stop(link->leg);
    if (link->is_auto)
        link_auto_lost(link, verdict, retry_after_ms);
    else if (link->trial != NULL && verdict != VERDICT_LATER)
        link_take_over(link, link->status.why);
    else
        row_lost(link, verdict, retry_after_ms);
}

int64_t
link_pacing_ms(const struct link *link, const struct link_ops *row)
{
    return row->paces ? link->poll_interval_ms : 0;
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
come_back(struct leg *leg)
{
    struct link *link = leg->link;

    backoff_next(&link->backoff, clock_mono_ms(), random_below); /* that service is over */
    if (leg->bye_why[0] != '\0')
        link_say_why(link, "%s", leg->bye_why);
    link_wait(link, leg->bye_ms);
}

static void
renew_session(struct link *link)
{
    link_drop_legs(link);
    link_login_again(link);
}

static void
on_ended(void *context, enum way_end end, int status, int64_t retry_after_ms, const char *why)
{
    struct leg *leg = context;
    struct link *link = leg->link;

    leg->way = NULL;
    if (leg == link->trial) {
        link_trial_ended(link, judge(end, status), retry_after_ms, why);
        return;
    }

    link_say_why(link, "%s", why);
    if (end == WAY_CERTIFICATE)
        link_fail(link, LINK_FAULT_CERTIFICATE);
    else if (end == WAY_WRONG_HTTP)
        link_fail_protocol(link);
    else if (leg->bye_ms >= 0)
        come_back(leg);
    else if (end == WAY_REFUSED && status == 401)
        renew_session(link);
    else if (end == WAY_REFUSED && status == 403)
        link_fail(link, LINK_FAULT_LOGIN);
    else
        link_lost(link, judge(end, status), retry_after_ms);
}

struct way_listener
link_way_listener(struct leg *leg)
{
    return (struct way_listener){leg, on_open, on_line, on_heard, on_ended};
}

void
link_connect(struct link *link)
{
    char why[200];

    if (link->is_closing)
        return;

    link->status.transport = link->row->name;
    if (leg_start(link->leg, link->row, why, sizeof(why)) < 0) {
        link_say_why(link, "%s", why);
        link_back_off(link);
        return;
    }

    link_enter(link, LINK_CONNECTING);
}

static void
on_ping_timer(uv_timer_t *timer)
{
    leg_ping(container_of(timer, struct link, ping_timer)->leg);
}

void
link_met_need(struct leg *leg, enum leg_need need)
{
    struct link *link = leg->link;

    if (!leg_met(leg, need) || link->status.state != LINK_CONNECTING)
        return;

    link->status.tries = 0;
    link->status.why[0] = '\0';
    if (link->was_live) {
        link->status.reconnects++;
        meter_count(link->meter, METER_RECONNECT);
    }
    link->was_live = true;
    link->is_second_login = false;
    link->is_paced = false;
    backoff_live(&link->backoff, clock_mono_ms());
    uv_timer_start(&link->ping_timer, on_ping_timer, (uint64_t)link->heartbeat_ms,
                   (uint64_t)link->heartbeat_ms);
    link_enter(link, LINK_LIVE);
}
