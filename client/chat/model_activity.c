/* What is unread where, and where to look next. */
#include "client/chat/model.h"

#include "client/chat/model_parts.h"
#include "common/util.h"

#include <ctype.h>
#include <string.h>

/* What a name is made of; a point only where a name goes on behind it, else it ends a sentence. */
static bool
goes_on(const char *at)
{
    unsigned char byte = (unsigned char)*at;

    if (byte == '.')
        return at[1] != '.' && goes_on(at + 1);

    return isalnum(byte) || byte == '-' || byte == '_';
}

static bool
stands_alone(const char *text, const char *at, size_t len)
{
    bool begins = at == text || !(isalnum((unsigned char)at[-1]) || strchr("-_.", at[-1]) != NULL);

    return begins && !goes_on(at + len);
}

bool
text_mentions(const char *text, const char *user)
{
    size_t len = strlen(user);

    if (len == 0)
        return false;

    for (const char *at = text; (at = strcasestr(at, user)) != NULL; at++)
        if (stands_alone(text, at, len))
            return true;

    return false;
}

static enum activity
activity_of(const struct window *window, const struct line *line)
{
    if (line->kind == LINE_NOTE || line->kind == LINE_LOCAL)
        return ACTIVITY_NOTES;
    if (line->mentions)
        return ACTIVITY_MENTION;

    return window_is_direct(window) ? ACTIVITY_DIRECT : ACTIVITY_MESSAGES;
}

void
window_count_line(struct model *model, struct window *window, const struct line *line)
{
    bool watched = window == model->current && model->watching;

    if (watched || (line->mine && window->unread == 0)) {
        window->read_seq = MAX(window->read_seq, line->seq);
        return;
    }
    if (line->mine)
        return;

    enum activity activity = activity_of(window, line);
    window->activity = MAX(window->activity, activity);
    if (activity < ACTIVITY_MESSAGES)
        return;
    if (window->unread == 0 && window->read_seq == 0)
        window->read_seq = line->seq - 1;
    window->unread++;
    if (activity >= ACTIVITY_DIRECT)
        window->mention_count++;
}

void
window_read(struct window *window)
{
    if (window->unread > 0) {
        window->marker_seq = window->read_seq;
        window->marker_count = window->unread;
    }
    window->read_seq = MAX(window->read_seq, window_newest_seq(window));
    window->unread = 0;
    window->mention_count = 0;
    window->activity = ACTIVITY_NONE;
}

void
model_set_watching(struct model *model, bool watching)
{
    model->watching = watching;
    if (watching)
        window_read(model->current);
}

static struct window *
most_active(const struct model *model)
{
    struct window *best = NULL;

    for (size_t i = 0; i < model->window_count; i++) {
        struct window *window = model->windows[i];
        if (window == model->current || window->activity < ACTIVITY_MESSAGES)
            continue;
        if (best == NULL || window->activity > best->activity)
            best = window;
    }

    return best;
}

struct window *
model_next_active(struct model *model)
{
    if (model->current != model->jumped_to)
        model->jump_from = model->current;

    struct window *next = most_active(model);
    if (next == NULL) {
        next = model->jump_from != model->current ? model->jump_from : NULL;
        model->jumped_to = NULL;
        return next;
    }

    model->jumped_to = next;
    return next;
}

unsigned
model_mention_count(const struct model *model)
{
    size_t count = 0;

    for (size_t i = 0; i < model->window_count; i++)
        count += model->windows[i]->mention_count;

    return (unsigned)count;
}
