#include "client/chat/chat.h"

#include "client/chat/chat_parts.h"
#include "client/chat/note.h"
#include "client/config.h"
#include "client/link/link_ops.h"
#include "client/link/outbox.h"
#include "client/measure/contest.h"
#include "common/clock.h"
#include "common/util.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *
chat_why(struct chat *chat, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(chat->scratch, sizeof(chat->scratch), format, args);
    va_end(args);
    return chat->scratch;
}

void
chat_changed(struct chat *chat)
{
    if (chat->face.changed != NULL)
        chat->face.changed(chat->face.context);
}

void
chat_overlay(struct chat *chat, const char *title, const char *text)
{
    if (chat->face.overlay != NULL)
        chat->face.overlay(chat->face.context, title, text);
}

static const struct line *
newest_local(const struct window *window)
{
    for (size_t i = window->line_count; i > 0; i--)
        if (window->lines[i - 1]->kind == LINE_LOCAL)
            return window->lines[i - 1];

    return NULL;
}

void
chat_note(struct chat *chat, struct window *window, bool error, const char *format, ...)
{
    char *text = NULL;
    va_list args;

    va_start(args, format);
    int len = vasprintf(&text, format, args);
    va_end(args);
    if (len < 0)
        return;

    if (window == NULL)
        window = model_current(chat->model);
    model_note(chat->model, window, error, clock_wall_ms(), "%s", text);
    free(text);
    if (chat->face.note != NULL)
        chat->face.note(chat->face.context, window, newest_local(window));
    chat_changed(chat);
}

/* The lines of an earlier session, once their file is open. */
static void
restore_outbox(struct chat *chat)
{
    struct outbox *outbox = link_outbox(chat->link);

    if (chat->restored || outbox == NULL)
        return;

    chat->restored = true;
    model_set_user(chat->model, link_user(chat->link));
    for (struct outbox_item *item = outbox_first(outbox); item != NULL; item = item->next)
        model_outbox(chat->model, item);
}

static void
heard_status(void *context, const struct link_status *status)
{
    struct chat *chat = context;

    if (chat->link == NULL)
        return;

    restore_outbox(chat);
    if (status->state == LINK_LIVE)
        model_set_user(chat->model, link_user(chat->link));
    if (chat->face.status != NULL)
        chat->face.status(chat->face.context, status);
    chat_changed(chat);
    if (status->state == LINK_ENDED && chat->quit_done != NULL)
        chat->quit_done(chat->quit_context);
}

static void
heard_event(void *context, const struct event *event, const char *json, size_t len)
{
    chat_take_event(context, event, json, len);
}

static void
note_refusal(struct chat *chat, const struct outbox_item *item)
{
    struct buf text = BUF_INIT;

    note_refused(&text, item);
    chat_note(chat, model_find(chat->model, item->command.room), true, "%s", buf_text(&text));
    buf_fini(&text);
}

static void
heard_outbox(void *context, const struct outbox_item *item)
{
    struct chat *chat = context;

    model_outbox(chat->model, item);
    if (item->state == OUTBOX_REFUSED) {
        note_refusal(chat, item);
        if (chat->face.refused != NULL)
            chat->face.refused(chat->face.context, item);
    }
    chat_changed(chat);
}

static void
heard_receipt(void *context, const struct outbox_item *item, uint64_t seq, const char *json,
              size_t len)
{
    struct chat *chat = context;

    model_receipt(chat->model, item, seq);
    if (chat->face.receipt != NULL)
        chat->face.receipt(chat->face.context, item->command.id, seq, json, len);
    chat_changed(chat);
}

static void
heard_note(void *context, const char *text)
{
    struct chat *chat = context;

    if (chat->link != NULL)
        chat_note(chat, NULL, false, "%s", text);
}

static const char *
transport_name(const struct client_config *config)
{
    return config->transport == 0 ? LINK_AUTO : link_rows[config->transport - 1]->name;
}

void
chat_link_config(const struct chat *chat, const char *state_dir, struct link_config *ret_config)
{
    const struct client_config *config = chat->config;

    *ret_config = (struct link_config){
        .url = config->url != NULL ? config->url : CLIENT_DEFAULT_URL,
        .user = config->user,
        .http = (enum http_wish)config->http,
        .poll_interval_ms = config->poll_interval_ms,
        .state_dir = state_dir,
        .ca_file = config->ca_file,
        .fingerprint = config->fingerprint,
        .proxy = config->proxy,
    };
}

static struct link *
create_link(struct chat *chat, uv_loop_t *loop, const char *password, char *why, size_t why_size)
{
    const struct client_config *config = chat->config;
    const struct link_listener listener = {
        .context = chat,
        .status = heard_status,
        .event = heard_event,
        .outbox = heard_outbox,
        .receipt = heard_receipt,
        .note = heard_note,
    };
    char *state_dir = client_state_dir();

    if (state_dir == NULL) {
        snprintf(why, why_size, "no place to keep what is unsent: HOME is not set");
        return NULL;
    }

    struct link_config wanted;
    chat_link_config(chat, state_dir, &wanted);
    wanted.password = password;
    wanted.register_account = config->register_account;
    wanted.invite = config->invite;
    wanted.transport = transport_name(config);
    wanted.reads_only = config->follow;
    wanted.after = config->after;
    struct link *link = link_create(loop, &wanted, &listener, why, why_size);
    free(state_dir);
    return link;
}

struct chat *
chat_create(uv_loop_t *loop, const struct client_config *config, const char *password,
            const struct chat_face *face, char *why, size_t why_size)
{
    struct chat *chat = xcalloc(1, sizeof(*chat));

    chat->loop = loop;
    chat->config = config;
    chat->face = *face;
    chat->reads_history = !config->plain && !config->json;
    chat->model = model_create(config->user);
    chat->link = create_link(chat, loop, password, why, why_size);
    if (chat->link == NULL) {
        chat_destroy(chat);
        return NULL;
    }

    return chat;
}

void
chat_destroy(struct chat *chat)
{
    if (chat == NULL)
        return;

    if (chat->contest != NULL)
        contest_mute(chat->contest);
    link_destroy(chat->link);
    chat_loads_forget(chat);
    model_destroy(chat->model);
    free(chat);
}

void
chat_start(struct chat *chat)
{
    const struct option_list *rooms = &chat->config->rooms;

    for (size_t i = 0; i < rooms->count; i++)
        model_open(chat->model, rooms->items[i]);
    if (rooms->count > 0)
        model_show(chat->model, model_find(chat->model, rooms->items[0]));

    link_start(chat->link);
    restore_outbox(chat);
}

/* What was refused and is no line of the screen has been told; nobody can do anything about it. A
 * script cannot about its lines either. */
static void
drop_refused(struct chat *chat)
{
    struct outbox *outbox = link_outbox(chat->link);
    struct outbox_item *next;

    if (outbox == NULL)
        return;

    for (struct outbox_item *item = outbox_first(outbox); item != NULL; item = next) {
        next = item->next;
        if (item->state == OUTBOX_REFUSED &&
            (item->command.type != COMMAND_SAY || !chat->reads_history))
            outbox_remove(outbox, item);
    }
}

void
chat_quit(struct chat *chat, void (*done)(void *context), void *context)
{
    const struct outbox *outbox = link_outbox(chat->link);

    if (link_status(chat->link)->state == LINK_ENDED) {
        done(context);
        return;
    }

    chat->quit_done = done;
    chat->quit_context = context;
    drop_refused(chat);
    if (chat->contest != NULL)
        contest_cancel(chat->contest);
    link_close(chat->link, chat->guest && outbox != NULL && outbox_unsent(outbox) == 0);
}

bool
chat_is_live(const struct chat *chat)
{
    return chat->greeted && link_status(chat->link)->state == LINK_LIVE;
}

size_t
chat_asking(const struct chat *chat)
{
    return chat->load_count + (chat->contest != NULL ? 1 : 0);
}

struct model *
chat_model(struct chat *chat)
{
    return chat->model;
}

struct link *
chat_link(struct chat *chat)
{
    return chat->link;
}

const char *
chat_outbox_fault(struct chat *chat)
{
    return link_outbox(chat->link) == NULL ? "no outbox yet: the server does not know who you are"
                                           : NULL;
}
