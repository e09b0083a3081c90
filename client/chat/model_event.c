/* What an event does to the model. */
#include "client/chat/model.h"

#include "client/chat/model_parts.h"
#include "common/json.h"
#include "common/util.h"

#include <stdlib.h>
#include <string.h>

static void
set_topic(struct window *window, const char *topic)
{
    free(window->topic);
    window->topic = topic != NULL && *topic != '\0' ? xstrdup(topic) : NULL;
}

/* What a logged event changes besides the lines. */
static void
apply(struct model *model, struct window *window, const struct event *event)
{
    bool mine = strcmp(event->from, model->user) == 0;

    if (event->type == EVENT_JOIN || (event->type == EVENT_MESSAGE && window_is_direct(window)))
        person_add(window, event->from);
    if (event->type == EVENT_PART)
        person_remove(window, event->from);
    if (event->type == EVENT_TOPIC)
        set_topic(window, event->text);
    if (event->type == EVENT_JOIN && mine)
        window->joined = true;
    if (event->type == EVENT_PART && mine)
        window->joined = false;
}

static void
take_logged(struct model *model, const struct event *event)
{
    struct window *window = model_find(model, event->room);
    bool mine = strcmp(event->from, model->user) == 0;

    if (event->seq == 0 || event->room[0] == '\0')
        return;
    /* A room that one leaves by closing its window does not open it again. */
    if (window == NULL && mine && event->type == EVENT_PART)
        return;
    if (window == NULL)
        window = model_open(model, event->room);

    const struct line *line = window_add_event(model, window, event);
    if (line == NULL)
        return;

    apply(model, window, event);
    window_typed(window, event->from);
    window_count_line(model, window, line);
    window_bound(window);
}

static void
take_room(struct model *model, const json_t *room)
{
    const char *name = json_member_string(room, "room");
    char key[ROOM_KEY_SIZE];

    if (name == NULL || target_name_fault(name) != NULL || str_copy(key, sizeof(key), name) < 0)
        return;

    struct window *window = model_open(model, key);
    window->joined = true;
    set_topic(window, json_member_string(room, "topic"));
}

static void
take_hello(struct model *model, const struct event *event)
{
    const json_t *rooms = json_object_get(event->json, "rooms");
    const json_t *room;
    size_t index;

    for (size_t i = 0; i < model->window_count; i++)
        model->windows[i]->joined = window_is_direct(model->windows[i]);

    json_array_foreach(rooms, index, room) take_room(model, room);
}

static void
take_gap(struct model *model, const struct event *event)
{
    if (event->gap_reason != GAP_EPOCH)
        return;

    for (size_t i = 0; i < model->window_count; i++)
        window_forget_log(model->windows[i]);
}

void
model_event(struct model *model, const struct event *event)
{
    switch (event->type) {
    case EVENT_MESSAGE:
    case EVENT_JOIN:
    case EVENT_PART:
    case EVENT_TOPIC:
    case EVENT_UNKNOWN: take_logged(model, event); return;
    case EVENT_HELLO: take_hello(model, event); return;
    case EVENT_GAP: take_gap(model, event); return;
    case EVENT_PRESENCE: model_presence(model, event->user, event->presence); return;
    case EVENT_TYPING: model_typing(model, event->room, event->user); return;
    case EVENT_PONG:
    case EVENT_BYE:
    case EVENT_RECEIPT:
    case EVENT_ERROR:
    case EVENT_TYPE_COUNT: return;
    }
}
