/* What goes up: the outbox in order, many commands under way, and what becomes of each. */
#include "client/link/link_internal.h"
#include "common/clock.h"
#include "common/util.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LOG_MODULE "link"
#include "common/log.h"

#define RETRY_MAX_MS 3600000 /* a server may hold us off so long */

static bool
is_carrying(const struct link *link)
{
    return link->leg->way != NULL &&
           (link->status.state == LINK_LIVE || link->status.state == LINK_STALLED);
}

static void
tell(struct link *link, const struct outbox_item *item)
{
    link->listener.outbox(link->listener.context, item);
}

static bool
has_room(struct link *link)
{
    size_t in_flight = outbox_count(link->outbox, OUTBOX_SENT);

    if (link->is_paced)
        return in_flight == 0;

    return pace_may_send(&link->pace, in_flight, clock_mono_ms());
}

void
link_flush(struct link *link)
{
    struct outbox_item *next;

    if (link->outbox == NULL)
        return;

    /* Each item is looked at again, since the listener may have closed the way or held us. */
    for (struct outbox_item *item = outbox_first(link->outbox); item != NULL; item = next) {
        next = item->next;
        if (item->state != OUTBOX_QUEUED)
            continue;
        if (!is_carrying(link) || link->is_held || !has_room(link))
            return;
        int64_t began_us = clock_mono_us();
        if (leg_send(link->leg, &item->command) < 0) /* the row tells when it goes on */
            return;

        pace_sent(&link->pace, clock_mono_ms());
        if (item->sent_us == 0)
            item->sent_us = began_us;
        outbox_sent(link->outbox, item);
        tell(link, item);
    }
}

void
link_requeue_sent(struct link *link)
{
    struct outbox_item *next;

    if (link->outbox == NULL || outbox_count(link->outbox, OUTBOX_SENT) == 0)
        return;

    for (struct outbox_item *item = outbox_first(link->outbox); item != NULL; item = next) {
        next = item->next;
        if (item->state != OUTBOX_SENT)
            continue;

        outbox_requeue(link->outbox, item);
        tell(link, item);
    }
}

void
link_settle_receipt(struct link *link, struct outbox_item *item, const struct event *event,
                    const char *json, size_t len)
{
    bool is_seen = item->command.type == COMMAND_SAY; /* by its sender too */

    meter_receipt(link->meter, item->sent_us);
    str_copy(link->settled, sizeof(link->settled), item->command.id);
    link->settled_us = item->sent_us;

    link->listener.receipt(link->listener.context, item, event->seq, json, len);
    outbox_remove(link->outbox, item);
    if (outbox_is_empty(link->outbox))
        link->is_paced = false;
    if (is_seen && is_carrying(link))
        link_owe(link, event->seq);
    link_flush(link);
}

static void
on_resend(uv_timer_t *timer)
{
    struct link *link = container_of(timer, struct link, resend_timer);

    link->is_held = false;
    link_flush(link);
}

/* Nothing is sent before the time is up, so that what waits keeps its order. */
static void
hold(struct link *link, int64_t retry_after_ms)
{
    uint64_t wait_ms = (uint64_t)(retry_after_ms > 0 ? MIN(retry_after_ms, RETRY_MAX_MS)
                                                     : link->seams.patience.retry_ms);

    uv_update_time(link->loop);
    if (link->is_held)
        wait_ms = MAX(wait_ms, uv_timer_get_due_in(&link->resend_timer));
    link->is_held = true;
    uv_timer_start(&link->resend_timer, on_resend, wait_ms, 0);
}

static void
retry_later(struct link *link, struct outbox_item *item, const struct refusal *refusal)
{
    if (refusal->code == REFUSAL_RATE_LIMITED)
        pace_refused(&link->pace, clock_mono_ms());
    link->is_paced = true;
    hold(link, refusal->retry_after_ms);
    outbox_requeue(link->outbox, item);
    tell(link, item);
}

/* The session is over while the connection stands: a new connection finds out and logs in. */
static void
end_session(struct link *link, const struct refusal *refusal)
{
    link_say_why(link, "%s", refusal->message);
    link_back_off(link);
}

static void
refuse_item(struct link *link, struct outbox_item *item, const struct refusal *refusal)
{
    if (item->is_logged) { /* what is said cannot be refused: it went again for its receipt alone */
        outbox_remove(link->outbox, item);
    } else {
        outbox_refuse(link->outbox, item, refusal);
        tell(link, item);
    }
    link_flush(link);
}

bool
link_settle_error(struct link *link, const struct event *event)
{
    const struct refusal *refusal = &event->refusal;
    struct outbox_item *item = event->id[0] == '\0' ? NULL : outbox_find(link->outbox, event->id);

    if (item == NULL || item->state == OUTBOX_REFUSED)
        return false;

    log_debug("not taken id=%s code=%s", event->id, refusal_name(refusal->code));
    if (refusal->code == REFUSAL_RATE_LIMITED || refusal->code == REFUSAL_UNAVAILABLE)
        retry_later(link, item, refusal);
    else if (refusal->code == REFUSAL_UNAUTHORIZED)
        end_session(link, refusal);
    else
        refuse_item(link, item, refusal);
    return true;
}

int
link_send_ping(struct link *link, const char *nonce)
{
    int error = is_carrying(link) ? leg_send_ping(link->leg, nonce) : -EAGAIN;

    if (error == 0)
        str_copy(link->asked, sizeof(link->asked), nonce);
    return error;
}

int
link_send_typing(struct link *link, const char *room)
{
    struct command typing = {.type = COMMAND_TYPING};

    if (!is_carrying(link) || str_copy(typing.room, sizeof(typing.room), room) < 0)
        return -EAGAIN;

    return leg_send(link->leg, &typing);
}

void
link_ping_again(struct link *link)
{
    if (!is_carrying(link))
        return;

    if (!link->leg->is_proven)
        leg_ping(link->leg);
    if (link->asked[0] != '\0')
        leg_send_ping(link->leg, link->asked);
}

struct outbox_item *
link_say(struct link *link, struct command *command, char *why, size_t why_size)
{
    const char *fault = NULL;

    if (command->type == COMMAND_PING)
        fault = "a ping is not kept: link_send_ping sends one";
    else if (command->type == COMMAND_TYPING)
        fault = "that somebody types is not kept: link_send_typing sends it";
    else if (link->outbox == NULL)
        fault = "no outbox: wanted a user's name first";
    if (fault != NULL) {
        snprintf(why, why_size, "%s", fault);
        command_fini(command);
        return NULL;
    }

    if (command->id[0] == '\0')
        ulid_make(command->id);
    struct outbox_item *item = outbox_add(link->outbox, command, why, why_size);
    if (item != NULL)
        link_flush(link);
    return item;
}
