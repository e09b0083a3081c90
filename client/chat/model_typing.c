/* Who is typing. */
#include "client/chat/model_parts.h"
#include "common/clock.h"
#include "common/util.h"

#include <string.h>

static bool
is_typing(const struct typist *typist)
{
    return typist->name[0] != '\0' && clock_mono_ms() - typist->at_ms < TYPING_SHOWN_MS;
}

/* His place, or a free one; NULL where many type already. */
static struct typist *
place_of(struct window *window, const char *user)
{
    struct typist *place = NULL;

    for (size_t i = 0; i < TYPISTS_MAX; i++) {
        struct typist *typist = &window->typists[i];
        if (is_typing(typist) && str_equal(typist->name, user))
            return typist;
        if (place == NULL && !is_typing(typist))
            place = typist;
    }

    return place;
}

void
model_typing(struct model *model, const char *room, const char *user)
{
    struct window *window = model_find(model, room);
    struct typist *place = window == NULL ? NULL : place_of(window, user);

    if (place == NULL || str_equal(user, model->user) ||
        str_copy(place->name, sizeof(place->name), user) < 0)
        return;

    place->at_ms = clock_mono_ms();
}

void
window_typed(struct window *window, const char *user)
{
    for (size_t i = 0; i < TYPISTS_MAX; i++)
        if (str_equal(window->typists[i].name, user))
            window->typists[i].name[0] = '\0';
}

size_t
window_typists(const struct window *window, const char *ret_names[TYPISTS_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < TYPISTS_MAX; i++)
        if (is_typing(&window->typists[i]))
            ret_names[count++] = window->typists[i].name;
    return count;
}
