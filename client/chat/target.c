#include "client/chat/target.h"

#include "client/chat/chat_parts.h"
#include "common/util.h"

#include <stdio.h>

/* With mark in front and in lower case. */
static const char *
mark_name(struct chat *chat, char mark, const char *typed, char dst[ROOM_KEY_SIZE])
{
    char name[ROOM_KEY_SIZE];
    const char *bare = typed[0] == mark ? typed + 1 : typed;

    if (snprintf(name, sizeof(name), "%c%s", mark, bare) >= (int)sizeof(name))
        return chat_why(chat, "name too long: at most %d bytes", ROOM_MAX);

    name_lower(name, sizeof(name), name);
    const char *fault = target_name_fault(name);
    if (fault != NULL)
        return fault;

    str_copy(dst, ROOM_KEY_SIZE, name);
    return NULL;
}

const char *
target_room(struct chat *chat, const char *typed, char dst[ROOM_KEY_SIZE])
{
    return mark_name(chat, '#', typed, dst);
}

const char *
target_user(struct chat *chat, const char *typed, char dst[ROOM_KEY_SIZE])
{
    return mark_name(chat, '@', typed, dst);
}

const char *
target_any(struct chat *chat, const char *typed, char dst[ROOM_KEY_SIZE])
{
    return mark_name(chat, typed[0] == '#' ? '#' : '@', typed, dst);
}

const char *
target_this_room(struct chat *chat, const char *typed, char dst[ROOM_KEY_SIZE])
{
    const struct window *window = model_current(chat->model);

    if (typed != NULL)
        return target_room(chat, typed, dst);
    if (!window_is_room(window))
        return "this window is no room: name one";

    str_copy(dst, ROOM_KEY_SIZE, window->name);
    return NULL;
}
