/* Questions to the server, a few at once, and history by pages. */
#include "client/chat/chat_parts.h"

#include "common/clock.h"
#include "common/json.h"
#include "common/text.h"
#include "common/util.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LOADS_AT_ONCE 4
#define PAGE          50   /* events of history */
#define HOLE_PAGE     200  /* the server's bound */
#define HOLE_MAX      1000 /* events: more are not loaded in one go */

void
chat_path_room(struct buf *out, const char *room)
{
    buf_addf(out, "%%%02X%s", (unsigned char)room[0], room + 1);
}

static void
path_history(struct buf *out, const struct load *load)
{
    buf_add_str(out, "/v1/history?room=");
    chat_path_room(out, load->room);
    if (load->before != 0)
        buf_addf(out, "&before=%" PRIu64, load->before);
    buf_addf(out, "&limit=%u", load->limit);
}

/* A page of history. What cannot be read is passed over. */
struct page {
    struct event *events;
    size_t count;
};

static void
page_init(struct page *page, const json_t *answer)
{
    const json_t *list = json_object_get(answer, "events");
    const json_t *item;
    size_t index;
    char why[200];

    *page = (struct page){.events = xcalloc(json_array_size(list) + 1, sizeof(struct event))};
    json_array_foreach(list, index, item)
    {
        char *text = json_dumps(item, JSON_COMPACT);
        struct event *event = &page->events[page->count];
        if (text != NULL && event_decode(text, strlen(text), event, why, sizeof(why)) == 0)
            page->count++;
        free(text);
    }
}

static void
page_fini(struct page *page)
{
    for (size_t i = 0; i < page->count; i++)
        event_fini(&page->events[i]);
    free(page->events);
}

static void
take_history(struct chat *chat, const struct load *load, struct window *window,
             const json_t *answer)
{
    struct page page;

    if (window == NULL)
        return;

    page_init(&page, answer);
    model_history(chat->model, window, page.events, page.count,
                  json_member_bool(answer, "more", false));
    if (chat->face.history != NULL)
        chat->face.history(chat->face.context, page.events, page.count);
    page_fini(&page);
    if (chat->reads_history)
        chat_fill_hole(chat, window);
}

static void
take_hole(struct chat *chat, const struct load *load, struct window *window, const json_t *answer)
{
    uint64_t missing, left, before;

    if (window == NULL || !model_hole(window, &missing, &before))
        return;

    struct page page;
    page_init(&page, answer);
    model_history(chat->model, window, page.events, page.count,
                  json_member_bool(answer, "more", false));
    page_fini(&page);

    /* The server has no more of it than it gave. */
    uint64_t still_before;
    if (model_hole(window, &left, &still_before) && left == missing && still_before == before)
        model_hole_lost(chat->model, window, clock_wall_ms());
    chat_fill_hole(chat, window);
}

const struct load_kind load_history = {"history of", path_history, take_history};
const struct load_kind load_hole = {"history of", path_history, take_hole};

static struct load *
unlink_load(struct chat *chat, const struct load *load)
{
    struct load **at = &chat->loads;

    while (*at != load)
        at = &(*at)->next;
    struct load *found = *at;
    *at = found->next;
    chat->load_count--;
    return found;
}

static void
note_failure(struct chat *chat, const struct load *load, struct window *window, int status,
             const char *body, size_t len)
{
    char why[200] = "";
    json_t *answer = status != 0 ? json_parse(body, len, why, sizeof(why)) : NULL;
    const char *sentence = json_member_string(json_object_get(answer, "error"), "message");

    if (status == 0 && len > 0)
        chat_note(chat, window, true, "%s %s: %.*s", load->kind->what, load->room,
                  (int)MIN(len, (size_t)200), body);
    else
        chat_note(chat, window, true, "%s %s: %s (status %d)", load->kind->what, load->room,
                  sentence != NULL ? sentence : "the server did not answer the question", status);
    json_decref(answer);
}

static void send_loads(struct chat *chat);

static void
answered(void *context, int status, const char *body, size_t len)
{
    struct load *load = context;
    struct chat *chat = load->chat;
    struct window *window = model_find(chat->model, load->room);
    char why[200];

    unlink_load(chat, load);
    if (window != NULL && load->limit != 0)
        window->loading = false;

    json_t *answer = status == 200 ? json_parse(body, len, why, sizeof(why)) : NULL;
    if (answer != NULL)
        load->kind->take(chat, load, window, answer);
    else
        note_failure(chat, load, window, status, body, len);
    json_decref(answer);
    free(load);

    chat_changed(chat);
    send_loads(chat);
}

static struct load *
first_waiting(struct chat *chat)
{
    struct load *load = chat->loads;

    for (size_t sent = 0; load != NULL && load->sent; load = load->next)
        if (++sent == LOADS_AT_ONCE)
            return NULL;

    return load;
}

static void
send_loads(struct chat *chat)
{
    struct load *load;

    while ((load = first_waiting(chat)) != NULL) {
        struct buf path = BUF_INIT;
        load->kind->path(&path, load);
        load->sent = true;
        load->turn = model_presence_turn(chat->model);
        link_ask(chat->link, buf_text(&path), answered, load);
        buf_fini(&path);
    }
}

void
chat_load(struct chat *chat, const struct load *wanted)
{
    struct load *load = xmalloc(sizeof(*load));
    struct load **end = &chat->loads;

    *load = *wanted;
    load->chat = chat;
    load->next = NULL;
    while (*end != NULL)
        end = &(*end)->next;
    *end = load;
    chat->load_count++;
    send_loads(chat);
}

void
chat_loads_forget(struct chat *chat)
{
    while (chat->loads != NULL)
        free(unlink_load(chat, chat->loads));
}

static void
load_page(struct chat *chat, struct window *window, const struct load_kind *kind, uint64_t before,
          unsigned limit)
{
    struct load load = {.kind = kind, .before = before, .limit = limit};

    str_copy(load.room, sizeof(load.room), window->name);
    window->loading = true;
    chat_load(chat, &load);
}

void
chat_load_newest(struct chat *chat, struct window *window)
{
    if (window->loading)
        return;

    load_page(chat, window, &load_history, 0, PAGE);
}

void
chat_load_older(struct chat *chat, struct window *window)
{
    if (window->loading || window->complete || !window->joined || !chat_is_live(chat))
        return;

    load_page(chat, window, &load_history, window->oldest_seq, PAGE);
}

void
chat_fill_hole(struct chat *chat, struct window *window)
{
    uint64_t missing, before;

    if (window->loading || !model_hole(window, &missing, &before))
        return;
    if (missing > HOLE_MAX) {
        model_hole_cut(chat->model, window);
        return;
    }

    load_page(chat, window, &load_hole, before, (unsigned)MIN(missing, (uint64_t)HOLE_PAGE));
}

void
chat_load_members(struct chat *chat, struct window *window)
{
    struct load load = {.kind = &load_members};

    if (!window_is_room(window))
        return;

    str_copy(load.room, sizeof(load.room), window->name);
    chat_load(chat, &load);
}
