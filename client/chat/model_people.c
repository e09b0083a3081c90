/* Who is in a window. */
#include "client/chat/model.h"

#include "client/chat/model_parts.h"
#include "common/util.h"

#include <stdlib.h>
#include <string.h>

static int
compare_people(const void *a, const void *b)
{
    return strcmp(((const struct person *)a)->name, ((const struct person *)b)->name);
}

static struct person *
find_person(const struct window *window, const char *name)
{
    struct person key;

    if (window->person_count == 0 || str_copy(key.name, sizeof(key.name), name) < 0)
        return NULL;

    return bsearch(&key, window->people, window->person_count, sizeof(key), compare_people);
}

void
person_add(struct window *window, const char *name)
{
    struct person person = {.presence = PRESENCE_ONLINE}; /* he has just come in */

    if (str_copy(person.name, sizeof(person.name), name) < 0 || find_person(window, name) != NULL)
        return;

    size_t at = window->person_count;
    window->people = xrealloc(window->people, (at + 1) * sizeof(person));
    while (at > 0 && strcmp(window->people[at - 1].name, name) > 0) {
        window->people[at] = window->people[at - 1];
        at--;
    }
    window->people[at] = person;
    window->person_count++;
}

void
person_remove(struct window *window, const char *name)
{
    struct person *person = find_person(window, name);

    if (person == NULL)
        return;

    size_t after = (size_t)(window->people + window->person_count - (person + 1));
    memmove(person, person + 1, after * sizeof(*person));
    window->person_count--;
}

void
person_spoke(struct window *window, const char *name, int64_t at_ms)
{
    struct person *person = find_person(window, name);

    if (person != NULL)
        person->spoke_ms = MAX(person->spoke_ms, at_ms);
}

/* Who looks is here, even where an answer was made before the first poll came. */
static void
set_presence(struct model *model, const char *name, enum presence presence)
{
    if (presence == PRESENCE_OFFLINE && str_equal(name, model->user))
        presence = PRESENCE_ONLINE;
    for (size_t i = 0; i < model->window_count; i++) {
        struct person *person = find_person(model->windows[i], name);
        if (person != NULL)
            person->presence = presence;
    }
}

void
model_presence(struct model *model, const char *name, enum presence presence)
{
    struct told *told = &model->told[model->told_count++ % TOLD_MAX];

    str_copy(told->name, sizeof(told->name), name);
    told->presence = presence;
    set_presence(model, name, presence);
}

uint64_t
model_presence_turn(const struct model *model)
{
    return model->told_count;
}

void
model_presence_answer(struct model *model, const char *name, enum presence presence, uint64_t turn)
{
    uint64_t oldest = model->told_count > TOLD_MAX ? model->told_count - TOLD_MAX : 0;

    for (uint64_t i = MAX(turn, oldest); i < model->told_count; i++)
        if (str_equal(model->told[i % TOLD_MAX].name, name))
            presence = model->told[i % TOLD_MAX].presence;
    set_presence(model, name, presence);
}

static void
fill_person(struct person *person, const struct window *before, const char *name, bool owner)
{
    const struct person *known = find_person(before, name);

    *person = (struct person){
        .owner = owner,
        .spoke_ms = known != NULL ? known->spoke_ms : 0,
        .presence = known != NULL ? known->presence : PRESENCE_ONLINE,
    };
    str_copy(person->name, sizeof(person->name), name);
}

static bool
has_spoken(const struct line *line)
{
    return line->seq != 0 && (line->kind == LINE_MESSAGE || line->kind == LINE_ACTION);
}

void
model_members(struct model *model, struct window *window, const char *const *names,
              const bool *owners, size_t count)
{
    struct window before = {.people = window->people, .person_count = window->person_count};

    window->people = xcalloc(count + 1, sizeof(struct person));
    window->person_count = count;
    for (size_t i = 0; i < count; i++)
        fill_person(&window->people[i], &before, names[i], owners[i]);
    if (count > 0)
        qsort(window->people, count, sizeof(struct person), compare_people);
    free(before.people);

    for (size_t i = 0; i < window->line_count; i++)
        if (has_spoken(window->lines[i]))
            person_spoke(window, window->lines[i]->from, window->lines[i]->at_ms);
}
