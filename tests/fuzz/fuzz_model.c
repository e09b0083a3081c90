/* libFuzzer target: what the client makes of a server that says anything. Events, pages of history,
 * the outbox's news and the user's own doings come in any order; after each the model's windows
 * keep what model.h says of them.
 *
 * Input is a run of steps. '{' begins an event as JSON that ends with its line; any other byte is
 * looked up in steps[], and the three bytes behind it are its arguments. */
#include "client/chat/model.h"

#include "client/link/outbox.h"
#include "common/util.h"
#include "tests/fuzz/must.h"

#define USER       "ann"
#define EVENTS_MAX 32 /* of the latest ones, for pages of history */
#define ITEMS      8

struct world {
    struct model *model;
    struct event events[EVENTS_MAX];
    size_t event_count;
    struct outbox_item items[ITEMS];
    unsigned item_count; /* so that each has an id of its own */
};

static void
must_be_log(const struct window *window)
{
    uint64_t newest = 0;

    for (size_t i = 0; i < window->line_count; i++) {
        const struct line *line = window->lines[i];
        MUST(line->text != NULL);
        if (line->seq == 0)
            continue;
        MUST(line->seq > newest);
        MUST(model_line(window, line->seq) == line);
        newest = line->seq;
    }
}

/* Own lines that wait are the last of their window. */
static void
must_end_with_pending(const struct window *window)
{
    bool has_begun = false;

    for (size_t i = 0; i < window->line_count; i++) {
        const struct line *line = window->lines[i];
        bool is_pending =
            line->seq == 0 && (line->mark == MARK_PENDING || line->mark == MARK_QUEUED);
        MUST(is_pending || !has_begun);
        has_begun = is_pending;
    }
}

static void
must_be_people(const struct window *window)
{
    for (size_t i = 0; i < window->person_count; i++) {
        MUST(user_name_fault(window->people[i].name) == NULL);
        MUST(i == 0 || strcmp(window->people[i - 1].name, window->people[i].name) < 0);
    }
}

static void
must_be_window(struct window *window)
{
    uint64_t missing = 0, before = 0;

    MUST(window->line_count <= window->line_size);
    MUST(window->mention_count <= window->unread);
    MUST(window->unread == 0 || window->activity >= ACTIVITY_MESSAGES);
    must_be_log(window);
    must_end_with_pending(window);
    must_be_people(window);
    if (model_hole(window, &missing, &before)) {
        MUST(missing > 0);
        MUST(model_line(window, before) != NULL);
    }
}

static void
must_be_model(struct model *model)
{
    unsigned mentions = 0;
    bool has_current = false;

    MUST(strcmp(model_window(model, 0)->name, "home") == 0);
    for (size_t i = 0; i < model_window_count(model); i++) {
        struct window *window = model_window(model, i);
        MUST(model_find(model, window->name) == window && model_index(model, window) == i);
        must_be_window(window);
        mentions += (unsigned)window->mention_count;
        has_current = has_current || window == model_current(model);
    }
    MUST(has_current);
    MUST(model_mention_count(model) == mentions);
}

/* The same event a second time. */
static void
must_change_nothing(struct world *world, const struct event *event)
{
    struct window *window = model_find(world->model, event->room);

    if (window == NULL || event->seq == 0 || model_line(window, event->seq) == NULL)
        return;

    struct window before = *window;
    model_event(world->model, event);
    MUST(window->serial == before.serial && window->line_count == before.line_count);
    MUST(window->unread == before.unread && window->person_count == before.person_count);
    MUST(window->topic == before.topic && window->joined == before.joined);
}

static void
keep_event(struct world *world, struct event *event)
{
    struct event *slot = &world->events[world->event_count++ % EVENTS_MAX];

    event_fini(slot);
    *slot = *event;
}

static void
take_event(struct world *world, struct event *event)
{
    model_event(world->model, event);
    must_change_nothing(world, event);
    keep_event(world, event);
}

static void
take_json(struct world *world, const char *text, size_t len)
{
    struct event event;
    char why[100];

    if (event_decode(text, len, &event, why, sizeof(why)) == 0)
        take_event(world, &event);
}

static const char *const rooms[] = {"#lobby", "#ops", "@bob", "@ann"};
static const char *const users[] = {USER, "bob", "cy"};

static struct window *
choose_window(struct world *world, uint8_t byte)
{
    return model_window(world->model, byte % model_window_count(world->model));
}

/* Made where there is none. */
static struct outbox_item *
choose_item(struct world *world, uint8_t byte)
{
    struct outbox_item *item = &world->items[byte % ITEMS];
    struct command *command = &item->command;

    if (command->text != NULL)
        return item;

    command->type = byte & 0x80 ? COMMAND_JOIN : COMMAND_SAY;
    command->text = xstrdup("mine");
    str_copy(command->room, sizeof(command->room), rooms[(byte >> 3) % 2]);
    snprintf(command->id, sizeof(command->id), "i%u", world->item_count++);
    return item;
}

/* It has left the outbox; the next one in its place is another. */
static void
leave(struct world *world, struct outbox_item *item)
{
    command_fini(&item->command);
    item->state = OUTBOX_QUEUED;
}

/* The steps. */

static void
step_event(struct world *world, const uint8_t *args)
{
    static const enum event_type types[] = {EVENT_MESSAGE, EVENT_MESSAGE, EVENT_JOIN, EVENT_PART,
                                            EVENT_TOPIC,   EVENT_GAP,     EVENT_HELLO};
    struct event event = {
        .type = types[args[0] % ARRAY_LEN(types)],
        .seq = args[1],
        .rseq = 1 + args[1] / 2 + args[2] % 2,
        .at_ms = args[1] * 1000,
        .text = xstrdup(args[2] & 0x40 ? "hi ann." : "hi"),
        .gap_reason = GAP_EPOCH,
    };

    str_copy(event.room, sizeof(event.room), rooms[args[0] / 7 % ARRAY_LEN(rooms)]);
    str_copy(event.from, sizeof(event.from), users[args[2] % ARRAY_LEN(users)]);
    snprintf(event.id, sizeof(event.id), "i%d", args[2] / 8 % ITEMS);
    take_event(world, &event);
}

/* A page for a window from what was heard lately: its own events, oldest first. */
static void
step_history(struct world *world, const uint8_t *args)
{
    struct window *window = choose_window(world, args[0]);
    struct event page[EVENTS_MAX];
    size_t count = 0;

    for (uint64_t seq = 0; seq < 256 && count < EVENTS_MAX; seq++)
        for (size_t i = 0; i < EVENTS_MAX; i++)
            if (world->events[i].seq == seq && strcmp(world->events[i].room, window->name) == 0 &&
                seq > 0) {
                page[count++] = world->events[i];
                break;
            }
    if (window_is_room(window) || window_is_direct(window))
        model_history(world->model, window, page, count, args[1] & 1);
}

static void
step_show(struct world *world, const uint8_t *args)
{
    struct window *window = choose_window(world, args[0]);

    model_show(world->model, window);
    MUST(model_current(world->model) == window);
}

static void
step_close(struct world *world, const uint8_t *args)
{
    struct window *window = choose_window(world, args[0]);

    if (model_index(world->model, window) > 0)
        model_close(world->model, window);
}

static void
step_jump(struct world *world, const uint8_t *args)
{
    struct window *next = model_next_active(world->model);

    if (next != NULL)
        model_show(world->model, next);
}

static void
step_watch(struct world *world, const uint8_t *args)
{
    model_set_watching(world->model, args[0] & 1);
    if (args[0] & 1)
        MUST(model_current(world->model)->unread == 0);
}

static void
step_outbox(struct world *world, const uint8_t *args)
{
    struct outbox_item *item = choose_item(world, args[0]);

    /* What was refused is never sent again by its id. */
    if (item->state != OUTBOX_REFUSED)
        item->state = (enum outbox_state)(args[1] % (OUTBOX_REFUSED + 1));
    model_outbox(world->model, item);
}

static void
step_receipt(struct world *world, const uint8_t *args)
{
    struct outbox_item *item = choose_item(world, args[0]);

    model_receipt(world->model, item, args[1]);
    leave(world, item);
}

static void
step_drop(struct world *world, const uint8_t *args)
{
    struct outbox_item *item = choose_item(world, args[0]);

    model_drop(world->model, item);
    leave(world, item);
}

static void
step_members(struct world *world, const uint8_t *args)
{
    static const bool owners[ARRAY_LEN(users)] = {true};
    struct window *window = choose_window(world, args[0]);

    model_members(world->model, window, users, owners, args[1] % (ARRAY_LEN(users) + 1));
}

static void
step_note(struct world *world, const uint8_t *args)
{
    model_note(world->model, args[0] & 1 ? NULL : choose_window(world, args[1]), args[0] & 2, 1,
               "it is %s", "so");
}

static void
step_clear(struct world *world, const uint8_t *args)
{
    model_clear(world->model, choose_window(world, args[0]));
}

static void
step_hole(struct world *world, const uint8_t *args)
{
    struct window *window = choose_window(world, args[0]);

    if (args[1] & 1)
        model_hole_lost(world->model, window, 1);
    else
        model_hole_cut(world->model, window);
}

static void (*const steps[])(struct world *world, const uint8_t *args) = {
    step_event, step_event,   step_event, step_history, step_show,
    step_close, step_jump,    step_watch, step_outbox,  step_receipt,
    step_drop,  step_members, step_note,  step_clear,   step_hole,
};

/* How many bytes it took. */
static size_t
take_step(struct world *world, const uint8_t *data, size_t size)
{
    if (*data == '{') {
        const uint8_t *newline = memchr(data, '\n', size);
        size_t len = newline != NULL ? (size_t)(newline - data) : size;
        take_json(world, (const char *)data, len);
        return MIN(len + 1, size);
    }
    if (size < 4)
        return size;

    steps[*data % ARRAY_LEN(steps)](world, data + 1);
    return 4;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world world = {.model = model_create(USER)};

    while (size > 0) {
        size_t len = take_step(&world, data, size);
        must_be_model(world.model);
        data += len;
        size -= len;
    }

    model_destroy(world.model);
    for (size_t i = 0; i < EVENTS_MAX; i++)
        event_fini(&world.events[i]);
    for (size_t i = 0; i < ITEMS; i++)
        command_fini(&world.items[i].command);
    return 0;
}
