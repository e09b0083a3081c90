/* What the chat says. */
#include "client/ui/ui_parts.h"

#include <stdlib.h>
#include <string.h>

#include "client/ui/rows.h"
#include "client/ui/strip.h"
#include "common/util.h"

#define CAME_BACK_MS 8000 /* how long the strip says RECONNECTED */
#define TICK_MS      250

static void
mind_failure(struct ui *ui, const struct link_status *status)
{
    switch (status->fault) {
    case LINK_FAULT_LOGIN: ask_login(ui, status); break;
    case LINK_FAULT_CERTIFICATE: ask_certificate(ui); break;
    case LINK_FAULT_PROTOCOL: tell_stranger(ui, status); break;
    case LINK_FAULT_NONE: ui_notice(ui, status->why); break;
    }
}

/* The state. */

static void
tick(uv_timer_t *timer)
{
    ui_dirty(timer->data);
}

static void
forget_return(uv_timer_t *timer)
{
    struct ui *ui = timer->data;

    ui->came_back = false;
    ui_dirty(ui);
}

static void
mind_live(struct ui *ui, const struct link_status *status)
{
    /* The questions of a client that could not get through have answered themselves. */
    ask_no_more(ui);
    if (status->reconnects == 0 || ui->state == LINK_STALLED)
        return;

    ui->came_back = true;
    uv_timer_start(&ui->settled, forget_return, CAME_BACK_MS, 0);
}

static void
heard_status(void *context, const struct link_status *status)
{
    struct ui *ui = context;

    if (status->state != ui->state) {
        if (status->state == LINK_LIVE)
            mind_live(ui, status);
        else if (status->state == LINK_FAILED)
            mind_failure(ui, status);
        else if (status->state == LINK_WAITING)
            ask_where(ui, status);
        ui->state = status->state;
    }
    if (strip_counts(status))
        uv_timer_start(&ui->tick, tick, TICK_MS, TICK_MS);
    else
        uv_timer_stop(&ui->tick);
    ui_dirty(ui);
}

/* The last word of it is taken off again when it is old. */
static void
mind_typists(struct ui *ui)
{
    const char *names[TYPISTS_MAX];

    if (window_typists(model_current(chat_model(ui->chat)), names) > 0)
        uv_timer_start(&ui->typists, tick, TYPING_SHOWN_MS, 0);
}

static void
heard_change(void *context)
{
    struct ui *ui = context;

    mind_typists(ui);
    ui_follow(ui);
    ui_dirty(ui);
}

static void
heard_quit(void *context)
{
    ui_quit(context);
}

static void
heard_overlay(void *context, const char *title, const char *text)
{
    struct ui *ui = context;

    if (strcmp(title, "Commands") == 0)
        ui_help(ui);
    else
        overlay_open(&ui->overlay, OVERLAY_TEXT, &ui->theme, title, text);
    ui_dirty(ui);
}

int
ui_start_chat(struct ui *ui, const char *password, char *why, size_t why_size)
{
    const struct chat_face face = {
        .context = ui,
        .changed = heard_change,
        .status = heard_status,
        .alert = ui_alert,
        .quit = heard_quit,
        .overlay = heard_overlay,
    };
    struct chat *chat = chat_create(&ui->loop, &ui->config, password, &face, why, why_size);

    if (chat == NULL)
        return -1;

    ui->chat = chat;
    ui->state = LINK_IDLE;
    str_copy(ui->shown, sizeof(ui->shown), model_current(chat_model(chat))->name);
    return 0;
}

void
ui_restart_chat(struct ui *ui, const char *url, const char *user)
{
    struct chat *old = ui->chat;
    char *old_url = ui->url, *old_user = ui->user;
    char why[200];

    ui->url = xstrdup(url);
    ui->user = xstrdup(user);
    ui->config.url = ui->url;
    ui->config.user = ui->user;
    if (ui_start_chat(ui, NULL, why, sizeof(why)) != 0) {
        ui_notice(ui, why);
    } else {
        chat_destroy(old);
        panes_fini(&ui->panes);
        rows_destroy(ui->rows);
        ui->rows = rows_create(ui->theme.ascii);
        ui->is_watching = false;
        chat_start(ui->chat);
    }
    free(old_url);
    free(old_user);
}
