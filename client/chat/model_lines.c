/* The model's lines: those of the log, each in its place by seq. */
#include "client/chat/model.h"

#include "client/chat/model_parts.h"
#include "client/chat/note.h"
#include "common/buf.h"
#include "common/util.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX  20000 /* of a window; what is older can be loaded again */
#define LINES_KEPT 18000

struct line *
line_create(struct model *model, enum line_kind kind, int64_t at_ms, const char *text)
{
    struct line *line = xcalloc(1, sizeof(*line));

    line->kind = kind;
    line->at_ms = at_ms;
    line->text = xstrdup(text != NULL ? text : "");
    line->number = ++model->next_number;
    return line;
}

void
line_destroy(struct line *line)
{
    if (line == NULL)
        return;

    free(line->text);
    free(line);
}

bool
line_is_pending(const struct line *line)
{
    return line->seq == 0 && (line->mark == MARK_PENDING || line->mark == MARK_QUEUED);
}

size_t
window_settled_count(const struct window *window)
{
    size_t count = window->line_count;

    while (count > 0 && line_is_pending(window->lines[count - 1]))
        count--;
    return count;
}

static struct line **
find_room(struct window *window, size_t index)
{
    if (window->line_count == window->line_size) {
        window->line_size = window->line_size > 0 ? 2 * window->line_size : 64;
        window->lines = xrealloc(window->lines, window->line_size * sizeof(struct line *));
    }

    memmove(&window->lines[index + 1], &window->lines[index],
            (window->line_count - index) * sizeof(struct line *));
    window->line_count++;
    window->serial++;
    return &window->lines[index];
}

void
window_insert(struct window *window, size_t index, struct line *line)
{
    *find_room(window, index) = line;
}

struct line *
window_take(struct window *window, size_t index)
{
    struct line *line = window->lines[index];

    memmove(&window->lines[index], &window->lines[index + 1],
            (window->line_count - index - 1) * sizeof(struct line *));
    window->line_count--;
    window->serial++;
    return line;
}

void
window_remove(struct window *window, size_t first, size_t count)
{
    if (count == 0)
        return;

    for (size_t i = first; i < first + count; i++)
        line_destroy(window->lines[i]);
    memmove(&window->lines[first], &window->lines[first + count],
            (window->line_count - first - count) * sizeof(struct line *));
    window->line_count -= count;
    window->serial++;
}

uint64_t
window_newest_seq(const struct window *window)
{
    for (size_t i = window->line_count; i > 0; i--)
        if (window->lines[i - 1]->seq != 0)
            return window->lines[i - 1]->seq;

    return 0;
}

struct line *
model_line(const struct window *window, uint64_t seq)
{
    for (size_t i = window->line_count; i > 0 && seq > 0; i--) {
        struct line *line = window->lines[i - 1];
        if (line->seq == seq)
            return line;
        if (line->seq != 0 && line->seq < seq)
            return NULL;
    }

    return NULL;
}

/* Where a line with this seq goes: before the first of the log that is newer. */
static size_t
place_of(const struct window *window, uint64_t seq)
{
    size_t place = window_settled_count(window);

    for (size_t i = place; i > 0; i--) {
        uint64_t other = window->lines[i - 1]->seq;
        if (other > seq)
            place = i - 1;
        else if (other != 0)
            break;
    }

    return place;
}

/* Whether the log's lines on both sides of index follow on each other. */
static bool
follows_on(const struct window *window, size_t index)
{
    const struct line *line = window->lines[index];
    size_t before = index;
    size_t after = index + 1;

    while (before > 0 && window->lines[before - 1]->seq == 0)
        before--;
    while (after < window->line_count && window->lines[after]->seq == 0)
        after++;

    return (before == 0 || window->lines[before - 1]->rseq + 1 == line->rseq) &&
           (after == window->line_count || window->lines[after]->rseq == line->rseq + 1);
}

void
window_settle(struct window *window, struct line *line)
{
    size_t place = place_of(window, line->seq);

    window_insert(window, place, line);
    if (!follows_on(window, place))
        window->holed = true;
    if (window->oldest_seq == 0 || line->seq < window->oldest_seq)
        window->oldest_seq = line->seq;
}

static enum line_kind
kind_of(const struct event *event)
{
    if (event->type != EVENT_MESSAGE)
        return LINE_NOTE;

    return event->action ? LINE_ACTION : LINE_MESSAGE;
}

static struct line *
line_of_event(struct model *model, const struct event *event)
{
    struct buf sentence = BUF_INIT;

    if (event->type != EVENT_MESSAGE)
        note_event(&sentence, event);
    struct line *line =
        line_create(model, kind_of(event), event->at_ms,
                    event->type == EVENT_MESSAGE ? event->text : buf_text(&sentence));
    buf_fini(&sentence);

    str_copy(line->from, sizeof(line->from), event->from);
    str_copy(line->id, sizeof(line->id), event->id);
    line->mine = strcmp(event->from, model->user) == 0;
    line->mentions =
        event->type == EVENT_MESSAGE && !line->mine && text_mentions(line->text, model->user);
    return line;
}

/* The pending line that this event is the receipt of in the log, out of its place; or NULL. */
static struct line *
take_pending(struct model *model, struct window *window, const struct event *event)
{
    if (event->type != EVENT_MESSAGE || strcmp(event->from, model->user) != 0)
        return NULL;

    for (size_t i = window_settled_count(window); i < window->line_count; i++)
        if (strcmp(window->lines[i]->id, event->id) == 0)
            return window_take(window, i);

    return NULL;
}

struct line *
window_add_event(struct model *model, struct window *window, const struct event *event)
{
    struct line *line = model_line(window, event->seq);

    if (line != NULL) {
        /* A receipt tells the seq and no more. */
        if (line->rseq == 0 && event->rseq != 0) {
            line->rseq = event->rseq;
            line->at_ms = event->at_ms;
            window->serial++;
        }
        return NULL;
    }

    line = take_pending(model, window, event);
    if (line == NULL)
        line = line_of_event(model, event);
    line->mark = line->mine && event->type == EVENT_MESSAGE ? MARK_DONE : MARK_NONE;
    line->seq = event->seq;
    line->rseq = event->rseq;
    line->at_ms = event->at_ms;
    window_settle(window, line);
    if (event->type == EVENT_MESSAGE)
        person_spoke(window, event->from, event->at_ms);
    return line;
}

void
window_reset_oldest(struct window *window)
{
    window->complete = false;
    for (size_t i = 0; i < window->line_count; i++)
        if (window->lines[i]->seq != 0) {
            window->oldest_seq = window->lines[i]->seq;
            return;
        }
}

void
window_bound(struct window *window)
{
    size_t settled = window_settled_count(window);

    if (settled <= LINES_MAX)
        return;

    window_remove(window, 0, settled - LINES_KEPT);
    window_reset_oldest(window);
}

void
model_clear(struct model *model, struct window *window)
{
    uint64_t newest = window_newest_seq(window);

    window_remove(window, 0, window_settled_count(window));
    window->marker_seq = 0;
    window->marker_count = 0;
    window->holed = false;
    if (newest == 0)
        return;

    window->oldest_seq = newest + 1;
    window->complete = false;
}

void
window_forget_log(struct window *window)
{
    for (size_t i = window->line_count; i > 0; i--)
        if (window->lines[i - 1]->seq != 0)
            window_remove(window, i - 1, 1);

    window->oldest_seq = 0;
    window->read_seq = 0;
    window->marker_seq = 0;
    window->marker_count = 0;
    window->holed = false;
    window->complete = !window_is_room(window) && !window_is_direct(window);
}

/* The lines at the front change places with those behind them: what the client said before the
 * first page came is newer than that. */
static void
turn_around(struct window *window, size_t front, size_t count)
{
    struct line **copy = xcalloc(count + 1, sizeof(*copy));

    memcpy(copy, window->lines + front, (count - front) * sizeof(*copy));
    memcpy(copy + count - front, window->lines, front * sizeof(*copy));
    memcpy(window->lines, copy, count * sizeof(*copy));
    free(copy);
}

void
model_history(struct model *model, struct window *window, const struct event *events, size_t count,
              bool more)
{
    uint64_t oldest = window->oldest_seq;
    bool caught_up = window->unread == 0;
    size_t local = window_newest_seq(window) == 0 ? window_settled_count(window) : 0;

    for (size_t i = 0; i < count; i++)
        if (events[i].seq != 0)
            window_add_event(model, window, &events[i]);
    if (local > 0)
        turn_around(window, local, window_settled_count(window));

    if (!more)
        window->complete = true;
    else if (oldest == 0 || (count > 0 && events[0].seq < oldest))
        window->complete = false;
    /* What was there before the client came counts as read. */
    if (caught_up)
        window->read_seq = MAX(window->read_seq, window_newest_seq(window));
}

void
model_note(struct model *model, struct window *window, bool error, int64_t at_ms,
           const char *format, ...)
{
    char *text = NULL;
    va_list args;

    va_start(args, format);
    int len = vasprintf(&text, format, args);
    va_end(args);
    if (len < 0)
        return;

    if (window == NULL)
        window = model->current;
    struct line *line = line_create(model, LINE_LOCAL, at_ms, text);
    line->error = error;
    window_insert(window, window_settled_count(window), line);
    free(text);
}
