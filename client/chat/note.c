#include "client/chat/note.h"

#include "client/chat/model.h"

#include "client/link/link.h"
#include "client/link/outbox.h"
#include "common/buf.h"
#include "common/event.h"
#include "common/json.h"

#include <inttypes.h>

static void
add_topic(struct buf *out, const struct event *event)
{
    if (event->text == NULL || *event->text == '\0')
        buf_addf(out, "%s cleared the topic", event->from);
    else
        buf_addf(out, "%s set the topic: %s", event->from, event->text);
}

static void
add_unknown(struct buf *out, const struct event *event)
{
    const char *type = json_member_string(event->json, "type");

    buf_addf(out, "%s: %s (this version does not know more of it)", event->from,
             type != NULL ? type : "?");
}

void
note_event(struct buf *out, const struct event *event)
{
    switch (event->type) {
    case EVENT_JOIN: buf_addf(out, "%s joined", event->from); return;
    case EVENT_PART: buf_addf(out, "%s left", event->from); return;
    case EVENT_TOPIC: add_topic(out, event); return;
    case EVENT_MESSAGE:
    case EVENT_HELLO:
    case EVENT_GAP:
    case EVENT_PONG:
    case EVENT_BYE:
    case EVENT_RECEIPT:
    case EVENT_ERROR:
    case EVENT_PRESENCE:
    case EVENT_TYPING:
    case EVENT_UNKNOWN:
    case EVENT_TYPE_COUNT: add_unknown(out, event); return;
    }
}

static void
add_waiting(struct buf *out, const struct link_status *status, int64_t mono_ms)
{
    int64_t wait_ms = status->retry_at_ms - mono_ms;

    buf_addf(out, "reconnecting in %" PRId64 "s", wait_ms > 0 ? (wait_ms + 999) / 1000 : 0);
    if (status->why[0] != '\0')
        buf_addf(out, ": %s", status->why);
}

static void
add_failed(struct buf *out, const struct link_status *status)
{
    switch (status->fault) {
    case LINK_FAULT_LOGIN: buf_add_str(out, "login failed: "); break;
    case LINK_FAULT_CERTIFICATE: buf_add_str(out, "server not trusted: "); break;
    case LINK_FAULT_PROTOCOL: buf_add_str(out, "this is no rtchat server: "); break;
    case LINK_FAULT_NONE: buf_add_str(out, "failed: "); break;
    }
    buf_add_str(out, status->why[0] != '\0' ? status->why : "the server gave no reason");
}

void
note_status(struct buf *out, const struct link_status *status, int64_t mono_ms)
{
    switch (status->state) {
    case LINK_IDLE:
    case LINK_ENDED: return;
    case LINK_LOGIN: buf_add_str(out, "logging in"); return;
    case LINK_CONNECTING: buf_addf(out, "connecting %s", status->transport); return;
    case LINK_LIVE: buf_addf(out, "connected %s", status->transport); return;
    case LINK_STALLED: buf_addf(out, "stalled %s: %s", status->transport, status->why); return;
    case LINK_WAITING: add_waiting(out, status, mono_ms); return;
    case LINK_FAILED: add_failed(out, status); return;
    }
}

static const char *
undone(enum command_type type)
{
    switch (type) {
    case COMMAND_SAY: return "not said in";
    case COMMAND_JOIN: return "cannot join";
    case COMMAND_PART: return "cannot leave";
    case COMMAND_TOPIC: return "topic not set in";
    case COMMAND_AWAY: return "not told that you are away";
    case COMMAND_PING:
    case COMMAND_TYPING:
    case COMMAND_TYPE_COUNT: return "refused";
    }

    return "refused";
}

void
note_refused(struct buf *out, const struct outbox_item *item)
{
    buf_addf(out, "%s%s%s: %s", undone(item->command.type),
             item->command.room[0] == '\0' ? "" : " ", item->command.room,
             item->refusal.message[0] != '\0' ? item->refusal.message
                                              : refusal_name(item->refusal.code));
}

void
note_typing(struct buf *out, const struct window *window)
{
    const char *names[TYPISTS_MAX];
    size_t count = window_typists(window, names);

    if (count == 1)
        buf_addf(out, "%s is typing", names[0]);
    else if (count == 2)
        buf_addf(out, "%s and %s are typing", names[0], names[1]);
    else if (count > 2)
        buf_add_str(out, "several are typing");
}

void
note_count(struct buf *out, uint64_t count, const char *thing)
{
    buf_addf(out, "%" PRIu64 " %s%s", count, thing, count == 1 ? "" : "s");
}
