/* The lines that one typed oneself, from the outbox to their place in the log. */
#include "client/chat/model.h"

#include "client/chat/model_parts.h"
#include "client/link/outbox.h"
#include "common/util.h"

#include <string.h>

/* Own lines that are not the log's yet: from the newest, since that is where they are. */
static size_t
find_own(const struct window *window, const char *id)
{
    for (size_t i = window->line_count; i > 0; i--)
        if (window->lines[i - 1]->mine && strcmp(window->lines[i - 1]->id, id) == 0)
            return i - 1;

    return window->line_count;
}

static enum line_mark
mark_of(const struct outbox_item *item)
{
    switch (item->state) {
    case OUTBOX_QUEUED: return MARK_QUEUED;
    case OUTBOX_SENT: return MARK_PENDING;
    case OUTBOX_REFUSED: return MARK_REFUSED;
    }

    return MARK_QUEUED;
}

static struct line *
line_of_item(struct model *model, const struct outbox_item *item)
{
    struct line *line = line_create(model, item->command.action ? LINE_ACTION : LINE_MESSAGE,
                                    item->at_ms, item->command.text);

    str_copy(line->from, sizeof(line->from), model->user);
    str_copy(line->id, sizeof(line->id), item->command.id);
    line->mine = true;
    return line;
}

/* Pending ones stay where they are, in the order they were typed; others go before them. */
static void
place_own(struct window *window, struct line *line)
{
    window_insert(window, line_is_pending(line) ? window->line_count : window_settled_count(window),
                  line);
}

void
model_outbox(struct model *model, const struct outbox_item *item)
{
    if (item->command.type != COMMAND_SAY)
        return;

    struct window *window = model_open(model, item->command.room);
    size_t index = find_own(window, item->command.id);
    if (index == window->line_count) {
        struct line *line = line_of_item(model, item);
        line->mark = mark_of(item);
        place_own(window, line);
        return;
    }

    struct line *line = window->lines[index];
    if (line->seq != 0 || line->mark == mark_of(item))
        return;
    if (item->state == OUTBOX_REFUSED) {
        line = window_take(window, index);
        line->mark = MARK_REFUSED;
        place_own(window, line);
        return;
    }
    line->mark = mark_of(item);
    window->serial++;
}

void
model_receipt(struct model *model, const struct outbox_item *item, uint64_t seq)
{
    struct window *window =
        item->command.type == COMMAND_SAY ? model_find(model, item->command.room) : NULL;
    size_t index = window != NULL ? find_own(window, item->command.id) : 0;

    if (window == NULL || index == window->line_count)
        return;

    struct line *line = window->lines[index];
    line->mark = MARK_DONE;
    window->serial++;
    if (line->seq != 0)
        return;

    line = window_take(window, index);
    if (seq == 0 || model_line(window, seq) != NULL) { /* no honest server says so of a message */
        window_insert(window, window_settled_count(window), line);
        return;
    }
    line->seq = seq;
    window_settle(window, line);
}

void
model_drop(struct model *model, const struct outbox_item *item)
{
    struct window *window = model_find(model, item->command.room);
    size_t index = window != NULL ? find_own(window, item->command.id) : 0;

    if (window != NULL && index < window->line_count && window->lines[index]->seq == 0)
        window_remove(window, index, 1);
}
