/* What a script hears of its chat. */
#include "client/script_parts.h"

#include "client/chat/note.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/util.h"

#include <stdlib.h>
#include <string.h>

static bool
is_news(const struct script *script, const struct link_status *status)
{
    if (status->state == LINK_LOGIN || status->state == LINK_CONNECTING)
        return false;

    return status->state != script->told_state ||
           (status->state == LINK_WAITING && status->retry_at_ms != script->told_retry_ms);
}

static void
heard_status(void *context, const struct link_status *status)
{
    struct script *script = context;
    struct buf text = BUF_INIT;

    if (script->quitting || !is_news(script, status))
        return;

    script->told_state = status->state;
    script->told_retry_ms = status->retry_at_ms;
    note_status(&text, status, clock_mono_ms());
    if (text.len > 0)
        script_tell(script, text.data);
    buf_fini(&text);
}

static void
heard_event(void *context, const struct event *event, const char *json, size_t len)
{
    struct script *script = context;

    if (event->type == EVENT_HELLO)
        script->wanted_seq = event->head.seq;
    if (event->type == EVENT_HELLO)
        script->seen_seq = event->cursor.seq;
    if (event->type == EVENT_PONG)
        script->seen_seq = MAX(script->seen_seq, event->cursor.seq);
    if (event->type == EVENT_PONG && strcmp(event->nonce, script->nonce) == 0)
        script->nonce[0] = '\0';
    if (event->seq != 0 && event_type_is_logged(event->type))
        script->seen_seq = MAX(script->seen_seq, event->seq);
    if (script->ops->event != NULL)
        script->ops->event(script, event, json, len);
}

static void
heard_receipt(void *context, const char *id, uint64_t seq, const char *json, size_t len)
{
    struct script *script = context;

    script->wanted_seq = MAX(script->wanted_seq, seq);
    if (script->ops->receipt != NULL)
        script->ops->receipt(script, json, len);
}

static void
heard_refused(void *context, const struct outbox_item *item)
{
    struct script *script = context;

    script->failed = true;
    if (script->ops->refused != NULL)
        script->ops->refused(script, item);
}

static void
heard_note(void *context, const struct window *window, const struct line *line)
{
    struct script *script = context;
    char *text = line->error ? xasprintf("rtchat-client: %s", line->text) : xstrdup(line->text);

    script_tell(script, text);
    free(text);
}

static void
heard_overlay(void *context, const char *title, const char *text)
{
    struct script *script = context;

    if (script->ops->answer != NULL)
        script->ops->answer(script, text);
}

static void
heard_history(void *context, const struct event *events, size_t count)
{
    struct script *script = context;

    if (script->ops->history != NULL)
        script->ops->history(script, events, count);
}

const struct chat_face script_face = {
    .status = heard_status,
    .event = heard_event,
    .receipt = heard_receipt,
    .refused = heard_refused,
    .overlay = heard_overlay,
    .note = heard_note,
    .history = heard_history,
};
