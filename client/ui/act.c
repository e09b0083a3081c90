/* What keys do. */
#include "client/ui/ui_parts.h"

#include <stdlib.h>
#include <string.h>

#include "client/ui/edit.h"
#include "client/ui/rows.h"
#include "common/util.h"

#include <utf8proc.h>

static struct window *
current(struct ui *ui)
{
    return model_current(chat_model(ui->chat));
}

/* Windows. */

static void
show(struct ui *ui, struct window *window)
{
    if (window == NULL || window == current(ui))
        return;

    model_show(chat_model(ui->chat), window);
    if (window->oldest_seq == 0)
        chat_load_older(ui->chat, window);
}

static void
show_index(struct ui *ui, size_t index)
{
    struct model *model = chat_model(ui->chat);

    if (index < model_window_count(model))
        show(ui, model_window(model, index));
}

static void
step(struct ui *ui, int by)
{
    struct model *model = chat_model(ui->chat);
    size_t count = model_window_count(model), index = model_index(model, current(ui));

    show_index(ui, (index + count + (size_t)by) % count);
}

static void
move_view(struct ui *ui, enum scroll_move move)
{
    struct pane *pane = ui_pane(ui);
    struct view view = {&ui->theme, &ui->layout, ui->rows, current(ui), &pane->scroll};
    struct reach reach;

    view_reach(&view, &reach);
    if (scroll_move(&pane->scroll, &reach, MAX(ui->layout.view_rows, 1), move) &&
        (move == SCROLL_PAGE_UP || move == SCROLL_TOP))
        chat_load_older(ui->chat, current(ui));
}

/* The input. */

static void
edited(struct ui *ui, struct pane *pane, bool changed)
{
    if (!changed)
        return;

    ui_draft_changed(ui, pane);
    if (edit_len(pane->edit) > 0 && edit_text(pane->edit)[0] != '/')
        chat_typing(ui->chat, current(ui));
}

void
ui_sent(struct ui *ui, struct pane *pane, const char *text)
{
    edit_history_add(pane->edit, text);
    edit_clear(pane->edit);
    pane->scroll.away = false;
    ui_draft_changed(ui, pane);
}

void
ui_send(struct ui *ui)
{
    struct pane *pane = ui_pane(ui);

    if (edit_len(pane->edit) == 0)
        return;

    char *text = xstrdup(edit_text(pane->edit));
    if (input_line(ui->chat, text))
        ui_sent(ui, pane, text);
    free(text);
}

static void
insert_rune(struct ui *ui, wint_t rune)
{
    struct pane *pane = ui_pane(ui);
    uint8_t bytes[4];
    utf8proc_ssize_t len = utf8proc_encode_char((utf8proc_int32_t)rune, bytes);

    edited(ui, pane, edit_insert(pane->edit, (const char *)bytes, (size_t)len));
}

static void
end_completing(struct ui *ui)
{
    if (ui->completing.runs)
        completion_fini(&ui->completing.found);
    ui->completing = (struct completing){0};
}

static void
complete(struct ui *ui, int by)
{
    struct completing *completing = &ui->completing;
    struct pane *pane = ui_pane(ui);

    if (!completing->runs) {
        input_complete(ui->chat, edit_text(pane->edit), edit_cursor(pane->edit),
                       &completing->found);
        completing->runs = true;
        completing->index = by > 0 ? completing->found.count - 1 : 0;
    }
    size_t count = completing->found.count;
    if (count == 0) {
        end_completing(ui);
        return;
    }

    completing->index = (completing->index + count + (size_t)by) % count;
    edited(ui, pane,
           edit_replace(pane->edit, completing->found.start,
                        completing->found.items[completing->index]));
}

static void
interrupt(struct ui *ui)
{
    struct pane *pane = ui_pane(ui);
    bool was_interrupted = ui->interrupted;

    ui->interrupted = edit_len(pane->edit) == 0;
    if (was_interrupted) {
        ui_quit(ui);
    } else if (ui->interrupted) {
        ui_notice(ui, "Ctrl-c once more quits");
    } else {
        edit_clear(pane->edit);
        ui_draft_changed(ui, pane);
        ui_notice(ui, "emptied; Ctrl-c twice quits");
    }
}

static void
delete_or_quit(struct ui *ui)
{
    struct pane *pane = ui_pane(ui);

    if (edit_len(pane->edit) == 0)
        ui_quit(ui);
    else
        edited(ui, pane, edit_do(pane->edit, EDIT_DELETE));
}

/* Keys. */

void
ui_help(struct ui *ui)
{
    struct buf text = BUF_INIT;

    buf_add_str(&text, "Keys\n\n");
    keys_help(&text);
    buf_add_str(&text, "\nCommands\n\n");
    for (size_t i = 0; input_commands[i] != NULL; i++)
        buf_addf(&text, "%-19s  %s\n", input_commands[i]->usage, input_commands[i]->help);
    buf_add_str(&text, "\nAny unique beginning of a command will do; //x says /x.");
    overlay_open(&ui->overlay, OVERLAY_TEXT, &ui->theme, "Help", buf_text(&text));
    buf_fini(&text);
}

/* What works whatever is open. */
static bool
take_always(struct ui *ui, const struct key *key)
{
    switch ((int)key->action) {
    case ACTION_PASTE_BEGIN: pasted_begin(ui); return true;
    case ACTION_FOCUS: ui->is_focused = key->argument == 1; return true;
    case ACTION_REDRAW: terminal_refresh(&ui->terminal); return true;
    case ACTION_SUSPEND:
        terminal_suspend(&ui->terminal);
        ui->title[0] = '\0';
        return true;
    default: return false;
    }
}

static void
act(struct ui *ui, const struct key *key)
{
    struct pane *pane = ui_pane(ui);
    struct model *model = chat_model(ui->chat);

    switch (key->action) {
    case ACTION_NONE:
        if (key->rune >= ' ')
            insert_rune(ui, key->rune);
        break;
    case ACTION_SEND: ui_send(ui); break;
    case ACTION_NEWLINE: insert_rune(ui, '\n'); break;
    case ACTION_EDIT: edited(ui, pane, edit_do(pane->edit, (enum edit_op)key->argument)); break;
    case ACTION_COMPLETE: complete(ui, key->argument); break;
    case ACTION_ESCAPE: pane->scroll.away = false; break;
    case ACTION_INTERRUPT: interrupt(ui); break;
    case ACTION_DELETE_OR_QUIT: delete_or_quit(ui); break;
    case ACTION_WINDOW: show_index(ui, (size_t)key->argument); break;
    case ACTION_WINDOW_STEP: step(ui, key->argument); break;
    case ACTION_WINDOW_ACTIVE: show(ui, model_next_active(model)); break;
    case ACTION_WINDOW_LAST: show(ui, model_previous(model)); break;
    case ACTION_SCROLL: move_view(ui, (enum scroll_move)key->argument); break;
    case ACTION_END:
        if (!pane->scroll.away)
            edit_do(pane->edit, EDIT_END);
        pane->scroll.away = false;
        break;
    case ACTION_HELP: ui_help(ui); break;
    case ACTION_TOGGLE_ROOMS: ui->show_rooms = !ui->show_rooms; break;
    case ACTION_TOGGLE_PANEL: ui_toggle_panel(ui); break;
    case ACTION_TOGGLE_MEMBERS: ui->show_members = !ui->show_members; break;
    case ACTION_REDRAW:
    case ACTION_SUSPEND:
    case ACTION_PASTE_BEGIN:
    case ACTION_PASTE_END:
    case ACTION_FOCUS: break;
    }
}

static void
dispatch(struct ui *ui, const struct key *key)
{
    bool is_form = ui->overlay.kind == OVERLAY_FORM;

    if (take_always(ui, key))
        return;
    if ((is_form || ui->is_quitting) && key->action == ACTION_INTERRUPT) {
        ui_quit(ui);
        return;
    }
    if (ui->overlay.kind != OVERLAY_NONE) {
        overlay_key(&ui->overlay, key);
        return;
    }
    if (ui->paste.asks) {
        enum paste_answer answer = paste_answer(key->rune);
        if (answer != PASTE_NOT_ANSWERED)
            pasted_answer(ui, answer);
        return;
    }

    if (key->action != ACTION_COMPLETE)
        end_completing(ui);
    if (key->action != ACTION_INTERRUPT)
        ui->interrupted = false;
    ui_notice(ui, "");
    act(ui, key);
}

void
ui_key(void *context, const struct key *key)
{
    struct ui *ui = context;

    ui->in_key = true;
    if (ui->paste.runs)
        pasted_key(ui, key);
    else
        dispatch(ui, key);
    ui_follow(ui);
    ui->in_key = false;
    ui_watch(ui);
    ui_dirty(ui);
}
