/* Make before break: another leg is tried while one carries, and takes over when it has proved
 * itself.
 *
 * Why events may be taken from both: a stream is complete and in order from the cursor it began at.
 * The trial begins at the link's position, so neither stream began ahead of it, and the position
 * moves only to what one of them has given. Whatever comes down either with a seq above the
 * position is therefore the next one that may be seen: what is between them has come down the same
 * leg before, and moved the position. What is not above it was seen. This holds for the log's
 * events and for the cursors of pongs, which are never ahead of what that reader was given. Events
 * that have no seq are taken from the leg that carries alone.
 *
 * A trial that does not begin where it was asked to is of no use and ends. */
#include "client/link/link_internal.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/util.h"

#include <stdio.h>
#include <string.h>

#define LOG_MODULE "link"
#include "common/log.h"

static void
on_timer(uv_timer_t *timer)
{
    struct leg *leg = container_of(timer, struct leg, timer);
    struct link *link = leg->link;
    char why[100];

    snprintf(why, sizeof(why), "no answer in %d s",
             (int)((link->seams.patience.open_ms + 999) / 1000));
    link_trial_ended(link, VERDICT_STRIKE, 0, why);
}

void
link_try(struct link *link, const struct link_ops *row, bool is_wish)
{
    struct leg *trial = link->leg == &link->legs[0] ? &link->legs[1] : &link->legs[0];
    char why[200];

    link_end_trial(link);
    link->trial = trial;
    link->is_wish = is_wish;
    log_info("trial of %s while %s carries", row->name, link->leg->row->name);
    if (leg_start(trial, row, why, sizeof(why)) < 0) {
        link_trial_ended(link, VERDICT_NONE, 0, why);
        return;
    }

    uv_update_time(link->loop);
    uv_timer_start(&trial->timer, on_timer, (uint64_t)link->seams.patience.open_ms, 0);
}

void
link_end_trial(struct link *link)
{
    if (link->trial != NULL)
        leg_stop(link->trial);
    link->trial = NULL;
}

/* It can carry; whether it does is to be seen. The ping waits where the way is choked. */
static void
prove(struct leg *trial)
{
    if (trial->needs == 0 && !trial->is_asked)
        leg_ping(trial);
}

void
link_trial_open(struct link *link)
{
    leg_met(link->trial, LEG_NEED_OPEN);
    prove(link->trial);
}

static void
take_hello(struct link *link, const struct event *hello)
{
    const char *user = json_string_value(json_object_get(hello->json, "user"));

    if (user != NULL && !str_equal(user, link->user)) {
        link_trial_ended(link, VERDICT_PROTOCOL, 0, "the session is another user's");
    } else if (hello->result != HELLO_RESUMED || hello->cursor.seq > link->position.seq ||
               !str_equal(hello->cursor.epoch, link->position.epoch)) {
        link_trial_ended(link, VERDICT_LATER, 0, "it did not go on where we are");
    } else {
        leg_met(link->trial, LEG_NEED_HELLO);
        prove(link->trial);
    }
}

/* Who says hardly anything has no use for more than one plain response. */
static const char *
reading(const struct link *link)
{
    bool is_for_it = link->reads_only && str_equal(link->trial->row->name, "sse");

    return is_for_it ? "only reading, and one response is enough for that; " : "";
}

/* Why it is the better one. */
static void
say_proven(const struct link *link, char *why, size_t why_size)
{
    int64_t us = link->status.rtt_us;

    if (link->is_wish)
        snprintf(why, why_size, "asked for");
    else if (link->leg->is_late)
        snprintf(why, why_size, "%.150s", link->doubt);
    else
        snprintf(why, why_size, "%sproven, round trip %d.%d ms%s%.90s", reading(link),
                 (int)(us / 1000), (int)(us % 1000 / 100), link->fell[0] != '\0' ? "; " : "",
                 link->fell);
}

static void
take_pong(struct link *link, const struct event *pong)
{
    char why[sizeof(link->status.why_transport)];

    if (!leg_answered(link->trial, pong->nonce))
        return;

    if (link->is_auto && link->leg->is_late && !link->leg->is_struck)
        choose_strike(&link->choose, link_row_index(link, link->leg->row), clock_mono_ms());
    say_proven(link, why, sizeof(why));
    link_take_over(link, why);
}

static void
take_bye(struct link *link, const struct event *bye)
{
    link_trial_ended(link, VERDICT_LATER, bye->delay_ms,
                     bye->text != NULL && bye->text[0] != '\0' ? bye->text : "the server says bye");
}

/* What has no seq and is not about the trial itself comes down the other leg too. */
void
link_trial_receive(struct link *link, const struct event *event)
{
    if (event->type == EVENT_HELLO)
        take_hello(link, event);
    else if (event->type == EVENT_PONG)
        take_pong(link, event);
    else if (event->type == EVENT_BYE)
        take_bye(link, event);
    else if (event->type == EVENT_GAP)
        link_trial_ended(link, VERDICT_LATER, 0, "it had a gap");
}

/* Why it came to nothing is kept for whoever takes over, and told where the user waits for it or
 * something new is known. */
static void
record(struct link *link, int way, enum link_verdict verdict, int64_t retry_after_ms)
{
    struct choose *choose = &link->choose;
    int64_t now_ms = clock_mono_ms();

    switch (verdict) {
    case VERDICT_STRIKE:
    case VERDICT_PROTOCOL: choose_strike(choose, way, now_ms); break;
    case VERDICT_OFF: choose_off(choose, way, now_ms); break;
    case VERDICT_NETWORK:
    case VERDICT_LATER:
    case VERDICT_NONE:
        choose_put_off(choose, way, now_ms + MAX(retry_after_ms, choose->times.second_ms));
        break;
    }
}

static void
tell_ended(struct link *link, int way, bool is_news, const char *why)
{
    const char *name = link->choose.ways[way].name;
    struct buf next = BUF_INIT;

    snprintf(link->fell, sizeof(link->fell), "%s: %.150s", name, why);
    log_info("trial of %s: %s", name, why);
    if (link->is_wish) {
        link_note(link, "%s does not work: %s; staying on %s", name, why, link->leg->row->name);
    } else if (is_news) {
        choose_say(&next, &link->choose, way, clock_mono_ms());
        link_note(link, "%s does not work: %s; %s", name, why, buf_text(&next));
    }
    buf_fini(&next);
}

void
link_trial_ended(struct link *link, enum link_verdict verdict, int64_t retry_after_ms,
                 const char *why)
{
    int way = link_row_index(link, link->trial->row);
    const struct choose_way *row = &link->choose.ways[way];
    bool was_known = row->is_demoted || row->is_off;

    link_end_trial(link);
    record(link, way, verdict, retry_after_ms);
    if (link->is_auto)
        link_auto_save(link);
    tell_ended(link, way, !was_known && (verdict == VERDICT_OFF || row->is_demoted), why);
    link_auto_look(link);
}

/* The old leg is stopped politely; what was sent on it and has no receipt goes again, with the same
 * ids, on the new one. */
void
link_take_over(struct link *link, const char *why)
{
    struct leg *old = link->leg, *fresh = link->trial;
    unsigned life = fresh->life;
    char reason[sizeof(link->status.why_transport)];

    snprintf(reason, sizeof(reason), "%s", why);
    leg_stop(old);
    if (!fresh->is_asked)
        uv_timer_stop(&fresh->timer); /* its opening is the link's now */
    link->leg = fresh;
    link->trial = NULL;
    link->row = fresh->row;
    link->is_auto = link->is_auto && !link->is_wish;
    link_forget_owed(link);
    link->status.transport = fresh->row->name;
    link->status.switches++;
    link->status.last_heard_ms = clock_mono_ms();
    link->status.why[0] = '\0';
    str_copy(link->status.why_transport, sizeof(link->status.why_transport), reason);
    link_requeue_sent(link);
    if (fresh->way == NULL || fresh->life != life) /* whoever heard of it closed it */
        return;

    link_enter(link, fresh->needs == 0 ? LINK_LIVE : LINK_CONNECTING);
    link_note(link, "switched %s→%s: %s", old->row->name, fresh->row->name, reason);
    if (fresh->way == NULL || fresh->life != life)
        return;
    if (fresh->is_proven && link->is_auto)
        link_auto_proven(link);
    link_ping_again(link);
    link_flush(link);
    link_auto_look(link);
}
