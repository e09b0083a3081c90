#include "client/ui/ui.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/chat/stats.h"
#include "client/ui/edit.h"
#include "client/ui/rows.h"
#include "client/ui/ui_parts.h"
#include "common/clock.h"
#include "common/text.h"
#include "common/util.h"

enum {
    FRAME_MS = 33,      /* 30 a second */
    SAVE_MS = 200,      /* a draft is on disk this long after a key */
    PATIENCE_MS = 3000, /* with the server at the end */
};

struct pane *
ui_pane(struct ui *ui)
{
    struct pane *pane = panes_get(&ui->panes, model_current(chat_model(ui->chat))->name);

    pane_restore_draft(pane, link_outbox(chat_link(ui->chat)));
    return pane;
}

static void
draw_frame(uv_timer_t *timer)
{
    struct ui *ui = timer->data;

    if (ui->is_resized) {
        ui->is_resized = false;
        terminal_resize();
        reader_drain(&ui->reader, clock_mono_ms());
    }
    ui_watch(ui);
    ui_draw(ui);
    ui->drawn_ms = clock_mono_ms();
}

void
ui_dirty(struct ui *ui)
{
    int64_t since = clock_mono_ms() - ui->drawn_ms;

    if (!uv_is_active((uv_handle_t *)&ui->frame))
        uv_timer_start(&ui->frame, draw_frame, since >= FRAME_MS ? 0 : (uint64_t)(FRAME_MS - since),
                       0);
}

void
ui_notice(struct ui *ui, const char *text)
{
    struct buf seen = BUF_INIT;

    text_visible(&seen, text, strlen(text), ui->theme.ascii ? TEXT_ASCII : 0);
    snprintf(ui->notice, sizeof(ui->notice), "%s", buf_text(&seen));
    buf_fini(&seen);
    ui_dirty(ui);
}

static void
save_drafts(uv_timer_t *timer)
{
    struct ui *ui = timer->data;

    panes_save_drafts(&ui->panes, link_outbox(chat_link(ui->chat)));
}

void
ui_draft_changed(struct ui *ui, struct pane *pane)
{
    pane->draft_changed = true;
    if (!uv_is_active((uv_handle_t *)&ui->save))
        uv_timer_start(&ui->save, save_drafts, SAVE_MS, 0);
}

void
ui_follow(struct ui *ui)
{
    struct pane *pane = ui_pane(ui), *left = panes_get(&ui->panes, ui->shown);
    bool is_moved = pane != left && !ui->in_key;

    if (is_moved && edit_len(left->edit) > 0 && edit_len(pane->edit) == 0) {
        edit_set(pane->edit, edit_text(left->edit), edit_cursor(left->edit));
        edit_clear(left->edit);
        ui_draft_changed(ui, left);
        ui_draft_changed(ui, pane);
    }
    str_copy(ui->shown, sizeof(ui->shown), pane->name);
}

void
ui_watch(struct ui *ui)
{
    bool watching = ui->is_focused && !ui_pane(ui)->scroll.away;

    if (watching == ui->is_watching)
        return;
    ui->is_watching = watching;
    model_set_watching(chat_model(ui->chat), watching);
}

/* Ending. */

static void
stop(struct ui *ui)
{
    uv_stop(&ui->loop);
}

static void
said_goodbye(void *context)
{
    stop(context);
}

static void
lost_patience(uv_timer_t *timer)
{
    stop(timer->data);
}

void
ui_quit(struct ui *ui)
{
    if (ui->is_quitting) {
        stop(ui);
        return;
    }

    ui->is_quitting = true;
    save_drafts(&ui->save);
    ui_notice(ui, "saying good-bye; Ctrl-c leaves at once");
    uv_timer_start(&ui->patience, lost_patience, PATIENCE_MS, 0);
    chat_quit(ui->chat, said_goodbye, ui);
}

/* Keys and signals. */

static void
let_go_of_held(uv_timer_t *timer)
{
    struct ui *ui = timer->data;

    if (reader_expire(&ui->reader, clock_mono_ms()))
        uv_timer_start(timer, let_go_of_held, READER_HOLD_MS, 0);
}

static void
woken(uv_poll_t *wake, int status, int events)
{
    struct ui *ui = wake->data;

    reader_drain(&ui->reader, clock_mono_ms());
    if (ui->reader.held_len > 0)
        uv_timer_start(&ui->held, let_go_of_held, READER_HOLD_MS, 0);
    if (status < 0 || terminal_is_gone(&ui->terminal)) {
        ui->exit_code = 1;
        uv_poll_stop(wake);
        stop(ui);
    }
}

static void
signalled(uv_signal_t *handle, int number)
{
    struct ui *ui = handle->data;

    if (number == SIGWINCH)
        ui->is_resized = true;
    else if (number == SIGTSTP)
        terminal_suspend(&ui->terminal);
    else
        terminal_refresh(&ui->terminal);
    ui->title[0] = '\0';
    ui_dirty(ui);
}

/* Life. */

static void
start_handles(struct ui *ui)
{
    uv_timer_t *timers[] = {&ui->frame,   &ui->tick, &ui->typists, &ui->second,  &ui->held,
                            &ui->silence, &ui->save, &ui->settled, &ui->patience};
    struct {
        uv_signal_t *handle;
        int number;
    } signals[] = {{&ui->resized, SIGWINCH}, {&ui->stopped, SIGTSTP}, {&ui->continued, SIGCONT}};

    for (size_t i = 0; i < ARRAY_LEN(timers); i++) {
        uv_timer_init(&ui->loop, timers[i]);
        timers[i]->data = ui;
    }
    for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
        uv_signal_init(&ui->loop, signals[i].handle);
        signals[i].handle->data = ui;
        uv_signal_start(signals[i].handle, signalled, signals[i].number);
    }
    uv_poll_init(&ui->loop, &ui->wake, ui->terminal.wake_fd);
    ui->wake.data = ui;
    uv_poll_start(&ui->wake, UV_READABLE, woken);
}

static void
stop_handles(struct ui *ui)
{
    uv_handle_t *handles[] = {
        (uv_handle_t *)&ui->frame,   (uv_handle_t *)&ui->tick,    (uv_handle_t *)&ui->second,
        (uv_handle_t *)&ui->typists, (uv_handle_t *)&ui->held,    (uv_handle_t *)&ui->silence,
        (uv_handle_t *)&ui->save,    (uv_handle_t *)&ui->settled, (uv_handle_t *)&ui->patience,
        (uv_handle_t *)&ui->resized, (uv_handle_t *)&ui->stopped, (uv_handle_t *)&ui->continued,
        (uv_handle_t *)&ui->wake};

    for (size_t i = 0; i < ARRAY_LEN(handles); i++)
        uv_close(handles[i], NULL);
}

static void
ui_init(struct ui *ui, const struct client_config *config)
{
    bool ascii = config->ascii || !ui->terminal.is_utf8;

    ui->config = *config;
    ui->given_url = config->url != NULL;
    ui->show_rooms = true;
    ui->show_members = true;
    ui->is_focused = true;
    theme_init(&ui->theme, ascii);
    keys_define();
    ui->rows = rows_create(ascii);
    ui->reader = (struct reader){.window = ui->terminal.keys, .take = ui_key, .context = ui};
    uv_loop_init(&ui->loop);
}

static void
ui_fini(struct ui *ui)
{
    if (ui->completing.runs)
        completion_fini(&ui->completing.found);
    overlay_fini(&ui->overlay);
    paste_fini(&ui->paste);
    panes_fini(&ui->panes);
    rows_destroy(ui->rows);
    free(ui->url);
    free(ui->user);
}

static int
run_loop(struct ui *ui, const char *password, char *why, size_t why_size)
{
    start_handles(ui);
    if (ui_start_chat(ui, password, why, why_size) != 0) {
        stop_handles(ui);
        return 1;
    }

    chat_start(ui->chat);
    draw_frame(&ui->frame);
    uv_run(&ui->loop, UV_RUN_DEFAULT);

    save_drafts(&ui->save);
    stop_handles(ui);
    return ui->exit_code;
}

int
ui_run(const struct client_config *config, const char *password)
{
    struct ui ui = {0};
    struct stats *stats = NULL;
    char why[200] = "";

    if (terminal_open(&ui.terminal, config->log_file, why, sizeof(why)) != 0) {
        fprintf(stderr, "rtchat-client: %s\n", why);
        return -1;
    }

    ui_init(&ui, config);
    int code = run_loop(&ui, password, why, sizeof(why));
    terminal_close(&ui.terminal);
    if (ui.chat != NULL && config->stats)
        stats = stats_keep(chat_link(ui.chat));
    chat_destroy(ui.chat);
    uv_run(&ui.loop, UV_RUN_DEFAULT);
    uv_loop_close(&ui.loop);
    stats_print(stats, false);
    ui_fini(&ui);
    if (why[0] != '\0')
        fprintf(stderr, "rtchat-client: %s\n", why);
    return code;
}
