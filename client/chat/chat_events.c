/* What the events of the link mean for the chat as a whole. */
#include "client/chat/chat_parts.h"

#include "client/chat/note.h"
#include "client/config.h"
#include "common/json.h"
#include "common/util.h"

#include <string.h>

static void
load_window(struct chat *chat, struct window *window)
{
    if (!chat->reads_history || !window->joined)
        return;

    if (window->oldest_seq == 0)
        chat_load_newest(chat, window);
    chat_load_members(chat, window);
}

struct window *
chat_show(struct chat *chat, const char *name)
{
    struct window *window = model_open(chat->model, name);

    model_show(chat->model, window);
    if (chat->greeted && window->joined && window->oldest_seq == 0 && chat->reads_history)
        chat_load_newest(chat, window);
    chat_changed(chat);
    return window;
}

static void
load_all(struct chat *chat)
{
    load_window(chat, model_current(chat->model));
    for (size_t i = 0; i < model_window_count(chat->model); i++)
        if (model_window(chat->model, i) != model_current(chat->model))
            load_window(chat, model_window(chat->model, i));
}

static void
join_or_tell(struct chat *chat, const char *room)
{
    const char *fault = chat_join(chat, room);

    if (fault != NULL)
        chat_note(chat, NULL, true, "cannot join %s: %s", room, fault);
}

void
chat_join_wanted(struct chat *chat)
{
    const struct option_list *rooms = &chat->config->rooms;

    for (size_t i = 0; i < rooms->count; i++) {
        const struct window *window = model_find(chat->model, rooms->items[i]);
        if (rooms->items[i][0] == '#' && (window == NULL || !window->joined))
            join_or_tell(chat, rooms->items[i]);
    }
}

static void
show_first_room(struct chat *chat)
{
    if (model_index(chat->model, model_current(chat->model)) != 0)
        return;

    for (size_t i = 1; i < model_window_count(chat->model); i++)
        if (window_is_room(model_window(chat->model, i))) {
            model_show(chat->model, model_window(chat->model, i));
            return;
        }
}

static void
begin_catch_up(struct chat *chat, const struct event *hello)
{
    chat->catch_up = (struct catch_up){
        .runs =
            chat->greeted && hello->result == HELLO_RESUMED && hello->cursor.seq < hello->head.seq,
        .head = hello->head.seq,
    };
}

static void
greet(struct chat *chat, const struct event *hello)
{
    begin_catch_up(chat, hello);
    chat->guest = json_member_bool(hello->json, "guest", false);
    if (chat->greeted)
        return;

    chat->greeted = true;
    show_first_room(chat);
    chat_join_wanted(chat);
    load_all(chat);
}

static void
end_catch_up(struct chat *chat)
{
    struct buf text = BUF_INIT;

    chat->catch_up.runs = false;
    if (chat->catch_up.messages == 0)
        return;

    note_count(&text, chat->catch_up.messages, "message");
    chat_note(chat, NULL, false, "gap: %s recovered", buf_text(&text));
    buf_fini(&text);
}

static void
go_on_catching_up(struct chat *chat, const struct event *event)
{
    uint64_t seq = event->type == EVENT_PONG ? event->cursor.seq : event->seq;

    if (!chat->catch_up.runs)
        return;
    if (event->type == EVENT_MESSAGE && seq <= chat->catch_up.head &&
        strcmp(event->from, model_user(chat->model)) != 0)
        chat->catch_up.messages++;
    if (seq >= chat->catch_up.head)
        end_catch_up(chat);
}

static void
note_gap(struct chat *chat, const struct event *gap)
{
    struct buf text = BUF_INIT;

    switch (gap->gap_reason) {
    case GAP_TRIMMED:
        note_count(&text, gap->gap_to - gap->gap_from + 1, "event");
        chat_note(chat, NULL, true,
                  "gap: the server does not keep what was said a while ago (at most %s)",
                  buf_text(&text));
        break;
    case GAP_EPOCH:
        chat_note(chat, NULL, true,
                  "gap: the server's log was begun anew or restored; what is shown is what it has");
        break;
    case GAP_RIGHTS:
        chat_note(chat, NULL, true, "gap: some of what was said is not for you to read");
        break;
    }
    buf_fini(&text);
}

static void
mind_gap(struct chat *chat, const struct event *gap)
{
    note_gap(chat, gap);
    for (size_t i = 0; chat->reads_history && i < model_window_count(chat->model); i++) {
        struct window *window = model_window(chat->model, i);
        if (window->joined)
            chat_load_newest(chat, window);
    }
}

static void
mind_logged(struct chat *chat, const struct event *event, size_t unread_before)
{
    struct window *window = model_find(chat->model, event->room);
    const struct line *line = window != NULL ? model_line(window, event->seq) : NULL;

    if (line == NULL)
        return;

    bool news = window->unread > unread_before;
    if (news && (line->mentions || window_is_direct(window)) && chat->face.alert != NULL)
        chat->face.alert(chat->face.context, window, line);
    if (!chat->reads_history || !window->joined)
        return;
    if (event->type == EVENT_JOIN && line->mine)
        chat_load_members(chat, window);
    /* The first that comes of a window: what went before it is of interest too. */
    if (window->oldest_seq == event->seq && event->rseq > 1)
        chat_load_newest(chat, window);
    else
        chat_fill_hole(chat, window);
}

static size_t
unread_in(struct chat *chat, const char *room)
{
    const struct window *window = model_find(chat->model, room);

    return window != NULL ? window->unread : 0;
}

void
chat_take_event(struct chat *chat, const struct event *event, const char *json, size_t len)
{
    size_t unread_before = unread_in(chat, event->room);

    if (event->room[0] != '\0' && str_equal(event->room, chat->compare_room))
        return; /* what a comparison says to itself */

    model_event(chat->model, event);
    if (event->type == EVENT_HELLO)
        greet(chat, event);
    else if (event->type == EVENT_GAP)
        mind_gap(chat, event);
    else if (event->seq != 0 && event->room[0] != '\0')
        mind_logged(chat, event, unread_before);

    if (chat->face.event != NULL)
        chat->face.event(chat->face.context, event, json, len);
    go_on_catching_up(chat, event);
    chat_changed(chat);
}
