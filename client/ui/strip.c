#include "client/ui/strip.h"

#include <inttypes.h>

#include "client/chat/model.h"
#include "client/link/link.h"
#include "client/ui/glyphs.h"
#include "common/buf.h"
#include "common/text.h"

static int64_t
seconds_up(int64_t ms)
{
    return ms > 0 ? (ms + 999) / 1000 : 0;
}

/* why comes from the network and the server. */
static void
add_why(struct buf *out, const char *why)
{
    struct buf raw = BUF_INIT;

    buf_add_str(&raw, why);
    text_visible(out, buf_text(&raw), raw.len, 0);
    buf_fini(&raw);
}

static void
add_waiting(struct buf *out, const struct link_status *status, int64_t now_ms)
{
    buf_addf(out, "RECONNECTING in %" PRId64 "s (try %u", seconds_up(status->retry_at_ms - now_ms),
             status->tries + 1);
    if (status->why[0] != '\0') {
        buf_add_str(out, ": ");
        add_why(out, status->why);
    }
    buf_add_byte(out, ')');
}

static void
add_failed(struct buf *out, const struct link_status *status)
{
    buf_add_str(out, "OFFLINE (/reconnect)");
    if (status->why[0] == '\0')
        return;
    buf_add_byte(out, ' ');
    add_why(out, status->why);
}

static void
add_live(struct buf *out, const struct strip *strip, int columns)
{
    int64_t us = strip->status->rtt_us;

    if (strip->came_back)
        buf_add_str(out, " RECONNECTED");
    if (columns < 72)
        return;
    if (us > 0 && us < 100)
        buf_add_str(out, " RTT <0.1ms");
    else if (us > 0 && us < 10000)
        buf_addf(out, " RTT %" PRId64 ".%" PRId64 "ms", us / 1000, us % 1000 / 100);
    else if (us > 0)
        buf_addf(out, " RTT %" PRId64 "ms", us / 1000);
    if (strip->status->reconnects > 0)
        buf_addf(out, "  rc %u", strip->status->reconnects);
}

void
strip_state(struct buf *out, const struct glyphs *glyphs, const struct strip *strip, int columns)
{
    const struct link_status *status = strip->status;
    bool is_there = status->state == LINK_LIVE || status->state == LINK_STALLED;

    buf_addf(out, "%s%s", is_there ? glyphs->dot : glyphs->ring,
             status->transport != NULL ? status->transport : "");
    if (!is_there)
        buf_add_byte(out, ' ');
    switch (status->state) {
    case LINK_IDLE: buf_add_str(out, "IDLE"); break;
    case LINK_LOGIN: buf_add_str(out, "LOGGING IN"); break;
    case LINK_CONNECTING: buf_add_str(out, "CONNECTING"); break;
    case LINK_LIVE: add_live(out, strip, columns); break;
    case LINK_STALLED:
        buf_addf(out, " STALLED %" PRId64 "s", (strip->now_ms - status->last_heard_ms) / 1000);
        break;
    case LINK_WAITING: add_waiting(out, status, strip->now_ms); break;
    case LINK_FAILED: add_failed(out, status); break;
    case LINK_ENDED: buf_add_str(out, "ENDED"); break;
    }
}

bool
strip_counts(const struct link_status *status)
{
    return status->state == LINK_STALLED || status->state == LINK_WAITING;
}

static void
add_window(struct buf *out, const struct model *model, size_t index)
{
    const struct window *window = model_window(model, index);
    bool is_current = window == model_current(model);

    if (out->len > 0)
        buf_add_byte(out, ' ');
    buf_addf(out, "%s%zu:%s", is_current ? "[" : "", index + 1, window->name);
    if (window->unread > 0)
        buf_addf(out, "(%zu%s)", window->unread, window->mention_count > 0 ? "!" : "");
    if (is_current)
        buf_add_byte(out, ']');
}

static void
add_new(struct buf *out, const struct model *model)
{
    for (size_t i = 0; i < model_window_count(model); i++)
        if (model_window(model, i)->unread > 0)
            add_window(out, model, i);
}

void
strip_windows(struct buf *out, const struct glyphs *glyphs, const struct model *model, int columns)
{
    struct buf all = BUF_INIT;

    for (size_t i = 0; i < model_window_count(model); i++)
        add_window(&all, model, i);
    if (text_columns(buf_text(&all), all.len) > columns) {
        buf_clear(&all);
        add_new(&all, model);
    }
    if (all.len == 0)
        add_window(&all, model, model_index(model, model_current(model)));
    buf_add(out, buf_text(&all), all.len);
    buf_fini(&all);
}

void
strip_activity(struct buf *out, const struct model *model)
{
    struct buf news = BUF_INIT;

    add_new(&news, model);
    if (news.len > 0)
        buf_addf(out, "[%s]", buf_text(&news));
    buf_fini(&news);
}
