#include "client/link/link.h"

#include "client/link/https.h"
#include "client/link/link_internal.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/text.h"
#include "common/util.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_MODULE "link"
#include "common/log.h"

static const char *const state_names[] = {
    [LINK_IDLE] = "idle",     [LINK_LOGIN] = "login",     [LINK_CONNECTING] = "connecting",
    [LINK_LIVE] = "live",     [LINK_STALLED] = "stalled", [LINK_WAITING] = "waiting",
    [LINK_FAILED] = "failed", [LINK_ENDED] = "ended",
};

static void on_state_timer(uv_timer_t *timer);

/* A heartbeat and a half without a byte is a stall, two and a half are the end. Between two
 * questions of a row that paces there is nothing to hear. */
static int64_t
silence_ms(const struct link *link)
{
    return link_pacing_ms(link, link->leg->row) +
           link->heartbeat_ms * (link->status.state == LINK_STALLED ? 5 : 3) / 2;
}

/* When the state has lasted too long; -1: never. */
static int64_t
state_deadline_ms(const struct link *link)
{
    switch (link->status.state) {
    case LINK_CONNECTING: return clock_mono_ms() + link->seams.patience.open_ms;
    case LINK_LIVE:
    case LINK_STALLED: return link->status.last_heard_ms + silence_ms(link);
    case LINK_WAITING: return link->status.retry_at_ms;
    case LINK_IDLE:
    case LINK_LOGIN: /* the question has a time-out of its own */
    case LINK_FAILED:
    case LINK_ENDED: return -1;
    }

    return -1;
}

static void
arm(struct link *link)
{
    int64_t deadline_ms = state_deadline_ms(link);

    if (deadline_ms < 0) {
        uv_timer_stop(&link->timer);
        return;
    }

    uv_update_time(link->loop); /* a prompt or an fsync may have held the loop up */
    uv_timer_start(&link->timer, on_state_timer, (uint64_t)MAX(deadline_ms - clock_mono_ms(), 0),
                   0);
}

static void
note_service(struct link *link)
{
    switch (link->status.state) {
    case LINK_STALLED:
    case LINK_WAITING:
    case LINK_FAILED: meter_lost(link->meter); break;
    case LINK_LIVE:
    case LINK_IDLE:
    case LINK_ENDED: meter_back(link->meter); break;
    case LINK_LOGIN:
    case LINK_CONNECTING: break; /* as it was */
    }
}

void
link_enter(struct link *link, enum link_state state)
{
    struct link_status *status = &link->status;

    if (link->is_closing && state != LINK_IDLE && state != LINK_ENDED)
        return;

    log_info("%s -> %s%s%s", state_names[status->state], state_names[state],
             status->why[0] == '\0' ? "" : ": ", status->why);
    if (state == LINK_LIVE && status->state != LINK_STALLED)
        status->live_since_ms = clock_mono_ms();
    status->state = state;
    status->facts = &link->leg->facts;
    status->heartbeat_ms = link->heartbeat_ms;
    note_service(link);
    arm(link);
    link->listener.status(link->listener.context, status);
}

void
link_say_why(struct link *link, const char *format, ...)
{
    struct buf seen = BUF_INIT;
    char *why = link->status.why, *said;
    va_list args;

    va_start(args, format);
    int len = vasprintf(&said, format, args);
    va_end(args);
    if (len < 0)
        return;

    text_visible(&seen, said, (size_t)len, 0);
    size_t kept = text_fit(buf_text(&seen), seen.len, 120);
    snprintf(why, sizeof(link->status.why), "%.*s", (int)kept, buf_text(&seen));
    buf_fini(&seen);
    free(said);
}

void
link_go(struct link *link)
{
    if (link->is_closing)
        return;

    link->status.tries++;
    link->status.fault = LINK_FAULT_NONE;
    if (link->token.text[0] != '\0')
        link_connect(link);
    else
        link_login(link);
}

void
link_drop_legs(struct link *link)
{
    leg_stop(link->leg);
    link_end_trial(link);
    link_forget_owed(link);
    uv_timer_stop(&link->ping_timer);
    uv_timer_stop(&link->choose_timer);
    uv_timer_stop(&link->resend_timer);
    link->is_held = false;
    link->is_recovering = false;
    link_requeue_sent(link);
}

void
link_wait(struct link *link, int64_t delay_ms)
{
    if (link->trial != NULL && link->is_wish)
        link_note(link, "%s was not tried to the end: %s", link->trial->row->name,
                  link->status.why);
    link_drop_legs(link);
    link->status.retry_at_ms = clock_mono_ms() + delay_ms;
    link_enter(link, LINK_WAITING);
}

void
link_back_off(struct link *link)
{
    link_wait(link, backoff_next(&link->backoff, clock_mono_ms(), random_below));
}

void
link_fail(struct link *link, enum link_fault fault)
{
    link_drop_legs(link);
    link->status.fault = fault;
    link_enter(link, LINK_FAILED);
}

void
link_fail_protocol(struct link *link)
{
    if (link->was_live)
        link_back_off(link);
    else
        link_fail(link, LINK_FAULT_PROTOCOL);
}

static int
whole_seconds(int64_t ms)
{
    return (int)((ms + 999) / 1000);
}

/* Whether the last byte is new enough; the timer is set by the one before. */
static bool
is_silent(const struct link *link)
{
    return clock_mono_ms() - link->status.last_heard_ms >= silence_ms(link);
}

static void
on_silence(struct link *link)
{
    if (!is_silent(link)) {
        arm(link);
    } else if (link->status.state == LINK_LIVE) {
        link_say_why(link, "nothing heard for %d s", whole_seconds(silence_ms(link)));
        link_enter(link, LINK_STALLED);
    } else {
        link_say_why(link, "no answer for %d s", whole_seconds(silence_ms(link)));
        https_renew(link->https);
        link_lost(link, VERDICT_STRIKE, 0);
    }
}

static void
on_state_timer(uv_timer_t *timer)
{
    struct link *link = container_of(timer, struct link, timer);

    switch (link->status.state) {
    case LINK_CONNECTING:
        link_say_why(link, "no answer in %d s", whole_seconds(link->seams.patience.open_ms));
        https_renew(link->https);
        link_lost(link, VERDICT_STRIKE, 0);
        break;
    case LINK_LIVE:
    case LINK_STALLED: on_silence(link); break;
    case LINK_WAITING:
        choose_again(&link->choose);
        link_go(link);
        break;
    case LINK_IDLE:
    case LINK_LOGIN:
    case LINK_FAILED:
    case LINK_ENDED: break;
    }
}

void
link_start(struct link *link)
{
    if (link->status.state != LINK_IDLE)
        return;

    const char *fault = user_name_fault(link->user);
    if (fault != NULL) {
        link_say_why(link, "%s", fault);
        link_fail(link, LINK_FAULT_LOGIN);
        return;
    }

    link_load_token(link);
    link_go(link);
}

/* Everything that is under way is given up, and a new try begins. */
static void
start_over(struct link *link)
{
    if (link->request != NULL)
        link->seams.asks->cancel(link->request);
    link->request = NULL;
    link_drop_legs(link);
    https_renew(link->https);
    choose_again(&link->choose);
    link_go(link);
}

/* Another row may do where this one did not. */
static bool
is_worth_a_try(const struct link *link)
{
    const struct link_status *status = &link->status;

    return status->state == LINK_CONNECTING || status->state == LINK_WAITING ||
           (status->state == LINK_FAILED && status->fault == LINK_FAULT_PROTOCOL);
}

/* Nothing carries: the next connection takes it, and that is now where one was to come. */
static void
take_row(struct link *link, const struct link_ops *row)
{
    enum link_state state = link->status.state;

    link->is_auto = false;
    link->row = row;
    link->status.transport = row->name;
    snprintf(link->status.why_transport, sizeof(link->status.why_transport), "asked for");
    if (is_worth_a_try(link))
        start_over(link);
    else if (state != LINK_ENDED)
        link->listener.status(link->listener.context, &link->status);
}

static void
set_auto(struct link *link)
{
    enum link_state state = link->status.state;

    link->is_auto = true;
    if (state == LINK_LIVE || state == LINK_STALLED) {
        if (link->is_wish) /* it is taken back */
            link_end_trial(link);
        link_note(link, "%s is used until something better proves itself", link->row->name);
        link_auto_look(link);
        return;
    }

    link_auto_begin(link);
    if (is_worth_a_try(link))
        start_over(link);
}

/* What is in use stays so, for good. */
static void
keep_row(struct link *link)
{
    link->is_auto = false;
    link_end_trial(link);
    snprintf(link->status.why_transport, sizeof(link->status.why_transport), "asked for");
    link_note(link, "staying on %s", link->row->name);
}

int
link_set_transport(struct link *link, const char *name, char *why, size_t why_size)
{
    enum link_state state = link->status.state;
    const struct link_ops *row;

    if (str_equal(name, LINK_AUTO)) {
        set_auto(link);
        return 0;
    }
    if (link_find_row(link, name, &row, why, why_size) < 0)
        return -EINVAL;

    if (state != LINK_LIVE && state != LINK_STALLED)
        take_row(link, row);
    else if (row == link->leg->row)
        keep_row(link);
    else if (link->trial != NULL && link->trial->row == row)
        link->is_wish = true;
    else
        link_try(link, row, true);
    return 0;
}

void
link_trust_yes(struct link *link)
{
    if (link->status.state != LINK_FAILED || link->status.fault != LINK_FAULT_CERTIFICATE)
        return;

    int error = trust_pin(link->trust);
    if (error < 0) {
        link_say_why(link, error == -EPERM ? "certificate refused: %s" : "pin not kept: %s",
                     error == -EPERM ? trust_report(link->trust)->why : strerror(-error));
        link_enter(link, LINK_FAILED);
        return;
    }

    start_over(link);
}

void
link_reconnect(struct link *link)
{
    enum link_state state = link->status.state;

    if (state == LINK_WAITING || state == LINK_LIVE || state == LINK_STALLED ||
        state == LINK_FAILED)
        start_over(link);
}

void
link_pause(struct link *link)
{
    if (link->request != NULL)
        link->seams.asks->cancel(link->request);
    link->request = NULL;
    link_drop_legs(link);
    link->status.why[0] = '\0';
    link_enter(link, LINK_IDLE);
}

bool
link_has_session(const struct link *link)
{
    return link->token.text[0] != '\0';
}

void
link_retry_login(struct link *link, const char *user, const char *password)
{
    char why[sizeof(link->status.why)];

    if (link_set_user(link, user, why, sizeof(why)) < 0) {
        link_say_why(link, "%s", why);
        link_fail(link, LINK_FAULT_LOGIN);
        return;
    }

    link_set_password(link, password);
    link->is_second_login = false;
    link_load_token(link);
    start_over(link);
}

void
link_close(struct link *link, bool logout)
{
    if (link->status.state == LINK_ENDED)
        return;

    link->is_closing = true;
    if (link->request != NULL)
        link->seams.asks->cancel(link->request);
    link->request = NULL;
    link_drop_legs(link);
    link->status.why[0] = '\0';
    if (logout && link->token.text[0] != '\0')
        link_logout(link);
    else
        link_enter(link, LINK_ENDED);
}

const struct link_status *
link_status(const struct link *link)
{
    return &link->status;
}

const struct trust_report *
link_trust_report(const struct link *link)
{
    return trust_report(link->trust);
}

void
link_count(const struct link *link, struct meter_counts *ret_counts)
{
    meter_read(link->meter, ret_counts);
}

const struct meter_times *
link_times(const struct link *link)
{
    return meter_times(link->meter);
}

struct meter *
link_meter(const struct link *link)
{
    return link->meter;
}

struct outbox *
link_outbox(struct link *link)
{
    return link->outbox;
}

const char *
link_user(const struct link *link)
{
    return link->user;
}
