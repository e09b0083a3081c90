/* What comes down: the position in the log, and what each type of event means to the link. */
#include "client/link/link_internal.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/util.h"

#include <stdio.h>
#include <string.h>

#define LOG_MODULE "link"
#include "common/log.h"

#define BYE_MAX_MS       3600000 /* a server may hold us off so long */
#define HEARTBEAT_MIN_MS 50
#define HEARTBEAT_MAX_MS 600000

struct line {
    const struct event *event;
    const char *json;
    size_t len;
};

static void
pass_on(struct link *link, const struct line *line)
{
    link->listener.event(link->listener.context, line->event, line->json, line->len);
}

static void
fault(struct leg *leg, const char *what)
{
    struct link *link = leg->link;

    if (leg == link->trial) {
        link_trial_ended(link, VERDICT_PROTOCOL, 0, what);
        return;
    }

    link_say_why(link, "%s", what);
    link_lost(link, VERDICT_PROTOCOL, 0);
}

/* Forward only, and only within the epoch: hello alone says where a new connection begins. */
static void
move_position(struct link *link, const struct cursor *cursor)
{
    if (str_equal(cursor->epoch, link->position.epoch))
        link->position.seq = MAX(link->position.seq, cursor->seq);
}

static void
look_whether_recovered(struct link *link)
{
    if (link->is_recovering && link->position.seq >= link->resume_head.seq) {
        link->is_recovering = false;
        log_info("recovered events=%llu", (unsigned long long)link->status.recovered);
    }
}

/* A server that resumes begins where we asked it to. Only with `epoch` may it be behind us: the log
 * was cut, and what it has from now on is new. */
static void
take_position(struct link *link, const struct event *hello)
{
    bool is_resumed = link->has_position && hello->result == HELLO_RESUMED &&
                      str_equal(hello->cursor.epoch, link->position.epoch);

    if (is_resumed)
        move_position(link, &hello->cursor);
    else
        link->position = hello->cursor;
    link->has_position = true;

    link->status.recovered = 0;
    link->resume_head = hello->head;
    link->is_recovering = hello->result != HELLO_NEW && hello->head.seq > link->position.seq;
}

static void
take_heartbeat(struct link *link, const struct event *hello)
{
    double seconds = json_number_value(json_object_get(hello->json, "heartbeat"));
    double ms = seconds * 1000;

    if (ms < HEARTBEAT_MIN_MS)
        link->heartbeat_ms = link->seams.patience.heartbeat_ms;
    else
        link->heartbeat_ms = (int64_t)MIN(ms, HEARTBEAT_MAX_MS);
}

static void
take_limits(struct link *link, const struct event *hello)
{
    const json_t *limits = json_object_get(hello->json, "limits");
    uint64_t rate, burst;

    if (json_member_u64(limits, "rate", &rate) && json_member_u64(limits, "burst", &burst))
        pace_set(&link->pace, (int64_t)MIN(rate, INT64_MAX), (int64_t)MIN(burst, INT64_MAX),
                 clock_mono_ms());
}

static void
on_hello(struct leg *leg, const struct line *line)
{
    struct link *link = leg->link;
    const char *user = json_member_string(line->event->json, "user");
    unsigned life = leg->life;

    if (user != NULL && !str_equal(user, link->user)) {
        fault(leg, "the session is another user's");
        return;
    }

    take_position(link, line->event);
    take_heartbeat(link, line->event);
    take_limits(link, line->event);
    link_met_need(leg, LEG_NEED_HELLO);
    if (leg->way == NULL || leg->life != life) /* whoever heard of it closed it */
        return;

    pass_on(link, line);
    if (leg->way == NULL || leg->life != life)
        return;

    leg_ping(leg);
    link_auto_look(link);
    link_flush(link);
}

/* Our own line of which the receipt has not come, or NULL. */
static struct outbox_item *
find_own(const struct link *link, const struct event *event)
{
    if (link->outbox == NULL || !str_equal(event->from, link->user) || event->id[0] == '\0')
        return NULL;

    return outbox_find(link->outbox, event->id);
}

/* When it was sent, where it is our own and lately; else 0. */
static int64_t
sent_us(const struct link *link, const struct event *event, const struct outbox_item *item)
{
    if (item != NULL)
        return item->sent_us;

    return str_equal(event->from, link->user) && str_equal(event->id, link->settled)
               ? link->settled_us
               : 0;
}

/* A log event: one that we have was sent again. */
static void
on_logged(struct leg *leg, const struct line *line)
{
    struct link *link = leg->link;
    uint64_t seq = line->event->seq;

    if (seq <= link->position.seq) {
        log_debug("repeat dropped seq=%llu", (unsigned long long)seq);
        meter_count(link->meter, METER_REPEAT);
        return;
    }

    struct outbox_item *item = find_own(link, line->event);
    int64_t began_us = sent_us(link, line->event, item);
    if (item != NULL && item->state != OUTBOX_REFUSED)
        outbox_logged(link->outbox, item);

    link->position.seq = seq;
    if (link->is_recovering && seq <= link->resume_head.seq) {
        link->status.recovered++;
        meter_count(link->meter, METER_RECOVERED);
    } else if (line->event->type == EVENT_MESSAGE) {
        meter_lag(link->meter, line->event->at_ms, began_us);
    }
    pass_on(link, line);
    look_whether_recovered(link);
}

static void
on_unknown(struct leg *leg, const struct line *line)
{
    struct link *link = leg->link;
    if (line->event->seq > 0)
        on_logged(leg, line);
    else
        pass_on(link, line);
}

static void
on_gap(struct leg *leg, const struct line *line)
{
    struct link *link = leg->link;
    const struct event *gap = line->event;

    meter_count(link->meter, METER_GAP);
    if (!cursor_is_oldest(&gap->cursor) && gap->gap_reason == GAP_EPOCH)
        link->position = gap->cursor;
    else if (!cursor_is_oldest(&gap->cursor))
        move_position(link, &gap->cursor);

    pass_on(link, line);
    look_whether_recovered(link);
}

/* Of two ways that ask, one hears the pong of the other where its question was the next. */
static bool
share_pongs(const struct link *link)
{
    return link->trial != NULL && link->trial->row->asks && link->leg->row->asks;
}

static bool
is_pong_of_trial(const struct link *link, const struct event *pong)
{
    return link->trial != NULL && link->trial->is_asked &&
           str_equal(pong->nonce, link->trial->nonce);
}

static void
on_pong(struct leg *leg, const struct line *line)
{
    struct link *link = leg->link;
    const struct event *pong = line->event;

    move_position(link, &pong->cursor);
    if (leg_answered(leg, pong->nonce) && link->is_auto)
        link_auto_proven(link);
    if (str_equal(pong->nonce, link->asked))
        link->asked[0] = '\0';
    pass_on(link, line);
    look_whether_recovered(link);
    if (share_pongs(link) && is_pong_of_trial(link, pong))
        link_trial_receive(link, pong);
}

static void
on_aside(struct leg *leg, const struct line *line)
{
    pass_on(leg->link, line);
}

static void
on_bye(struct leg *leg, const struct line *line)
{
    struct link *link = leg->link;
    const struct event *bye = line->event;

    leg->bye_ms = MIN(bye->delay_ms, BYE_MAX_MS);
    snprintf(leg->bye_why, sizeof(leg->bye_why), "%s", bye->text != NULL ? bye->text : "");
    pass_on(link, line);
}

static void
on_receipt(struct leg *leg, const struct line *line)
{
    struct link *link = leg->link;
    const char *id = line->event->id;
    struct outbox_item *item = id[0] == '\0' ? NULL : outbox_find(link->outbox, id);

    if (item != NULL)
        link_settle_receipt(link, item, line->event, line->json, line->len);
    else if (leg->nonce[0] == '\0' || !str_equal(line->event->nonce, leg->nonce))
        pass_on(link, line);
}

static void
on_error(struct leg *leg, const struct line *line)
{
    struct link *link = leg->link;
    if (!link_settle_error(link, line->event))
        pass_on(link, line);
}

static const struct {
    void (*take)(struct leg *leg, const struct line *line);
    bool may_be_first; /* before hello */
} kinds[EVENT_TYPE_COUNT] = {
    [EVENT_MESSAGE] = {on_logged, false},  [EVENT_JOIN] = {on_logged, false},
    [EVENT_PART] = {on_logged, false},     [EVENT_TOPIC] = {on_logged, false},
    [EVENT_HELLO] = {on_hello, true},      [EVENT_GAP] = {on_gap, false},
    [EVENT_PONG] = {on_pong, false},       [EVENT_BYE] = {on_bye, true},
    [EVENT_RECEIPT] = {on_receipt, false}, [EVENT_ERROR] = {on_error, true},
    [EVENT_PRESENCE] = {on_aside, false},  [EVENT_TYPING] = {on_aside, false},
    [EVENT_UNKNOWN] = {on_unknown, false},
};

/* A trial's pong moves the position too, before it may make the trial the leg that carries. */
static void
receive_on_trial(struct link *link, const struct line *line)
{
    const struct event *event = line->event;

    if (event->type == EVENT_PONG && share_pongs(link) && !is_pong_of_trial(link, event)) {
        on_pong(link->leg, line);
        return;
    }

    if (event->type == EVENT_PONG)
        move_position(link, &event->cursor);
    link_trial_receive(link, event);
}

void
link_receive(struct leg *leg, const char *json, size_t len)
{
    struct link *link = leg->link;
    struct event event;
    char why[160];

    if (event_decode(json, len, &event, why, sizeof(why)) < 0) {
        fault(leg, why);
        return;
    }

    const struct line line = {&event, json, len};
    if (event.type == EVENT_MESSAGE)
        meter_text(link->meter, METER_DOWN, strlen(event.text));
    if ((leg->needs & LEG_NEED_HELLO) != 0 && !kinds[event.type].may_be_first)
        fault(leg, "the server spoke before its hello");
    else if (leg == link->trial && event.seq == 0)
        receive_on_trial(link, &line);
    else
        kinds[event.type].take(leg, &line);
    event_fini(&event);
}
