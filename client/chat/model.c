/* The model's windows: their order, which one is shown, which one was. */
#include "client/chat/model.h"

#include "client/chat/model_parts.h"
#include "common/util.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define HOME "home"

static struct window *
add_window(struct model *model, const char *name)
{
    struct window *window = xcalloc(1, sizeof(*window));

    str_copy(window->name, sizeof(window->name), name);
    window->joined = window_is_direct(window);
    model->windows = xrealloc(model->windows, (model->window_count + 1) * sizeof(struct window *));
    model->windows[model->window_count++] = window;
    return window;
}

static void
destroy_window(struct window *window)
{
    window_remove(window, 0, window->line_count);
    free(window->lines);
    free(window->people);
    free(window->topic);
    free(window);
}

struct model *
model_create(const char *user)
{
    struct model *model = xcalloc(1, sizeof(*model));

    model->watching = true;
    model_set_user(model, user);
    model->current = add_window(model, HOME);
    model->current->complete = true;
    return model;
}

void
model_destroy(struct model *model)
{
    if (model == NULL)
        return;

    for (size_t i = 0; i < model->window_count; i++)
        destroy_window(model->windows[i]);
    free(model->windows);
    free(model);
}

void
model_set_user(struct model *model, const char *user)
{
    if (str_copy(model->user, sizeof(model->user), user) < 0)
        model->user[0] = '\0';
}

const char *
model_user(const struct model *model)
{
    return model->user;
}

bool
window_is_direct(const struct window *window)
{
    return window->name[0] == '@';
}

bool
window_is_room(const struct window *window)
{
    return window->name[0] == '#';
}

size_t
model_window_count(const struct model *model)
{
    return model->window_count;
}

struct window *
model_window(const struct model *model, size_t index)
{
    assert(index < model->window_count);
    return model->windows[index];
}

struct window *
model_find(const struct model *model, const char *name)
{
    for (size_t i = 0; i < model->window_count; i++)
        if (strcmp(model->windows[i]->name, name) == 0)
            return model->windows[i];

    return NULL;
}

struct window *
model_open(struct model *model, const char *name)
{
    struct window *window = model_find(model, name);

    return window != NULL ? window : add_window(model, name);
}

size_t
model_index(const struct model *model, const struct window *window)
{
    size_t index = 0;

    while (model->windows[index] != window)
        index++;
    return index;
}

static void
forget_window(struct model *model, const struct window *window)
{
    if (model->previous == window)
        model->previous = NULL;
    if (model->jump_from == window)
        model->jump_from = NULL;
    if (model->jumped_to == window)
        model->jumped_to = NULL;
}

void
model_close(struct model *model, struct window *window)
{
    size_t index = model_index(model, window);

    assert(index > 0);
    if (window == model->current)
        model_show(model, model->previous != NULL ? model->previous : model->windows[index - 1]);
    forget_window(model, window);

    memmove(&model->windows[index], &model->windows[index + 1],
            (model->window_count - index - 1) * sizeof(struct window *));
    model->window_count--;
    destroy_window(window);
}

struct window *
model_current(const struct model *model)
{
    return model->current;
}

struct window *
model_previous(const struct model *model)
{
    return model->previous;
}

void
model_show(struct model *model, struct window *window)
{
    if (window != model->current) {
        model->current->marker_seq = 0;
        model->current->marker_count = 0;
        model->previous = model->current;
        model->current = window;
    }
    if (model->watching)
        window_read(window);
}
