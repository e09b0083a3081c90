/* What becomes of a paste. */
#include "client/ui/ui_parts.h"

#include <stdlib.h>
#include <string.h>

#include "client/ui/edit.h"
#include "common/util.h"

/* What is pasted is said, never obeyed: a line of it that begins with a slash is text. The rest is
 * left in the input where one is refused. */
static void
say_lines(struct ui *ui, struct pane *pane)
{
    char *text = xstrdup(edit_text(pane->edit)), *rest = text;
    const char *fault = NULL;

    while (rest != NULL && fault == NULL) {
        char *line = rest, *end = strchr(line, '\n');
        size_t len = end != NULL ? (size_t)(end - line) : strlen(line);
        char *said = xstrndup(line, len);
        fault = len > 0 ? chat_say(ui->chat, pane->name, said, false) : NULL;
        rest = fault != NULL ? line : end != NULL ? end + 1 : NULL;
        free(said);
    }
    if (fault != NULL) {
        edit_set(pane->edit, rest, strlen(rest));
        ui_notice(ui, fault);
    } else {
        ui_sent(ui, pane, text);
    }
    ui_draft_changed(ui, pane);
    free(text);
}

static void
say_whole(struct ui *ui, struct pane *pane)
{
    const char *fault = chat_say(ui->chat, pane->name, edit_text(pane->edit), false);

    if (fault != NULL) {
        ui_notice(ui, fault);
        return;
    }
    char *text = xstrdup(edit_text(pane->edit));
    ui_sent(ui, pane, text);
    free(text);
}

void
pasted_answer(struct ui *ui, enum paste_answer answer)
{
    struct pane *pane = ui_pane(ui);
    bool is_whole = edit_cursor(pane->edit) == 0;

    ui->paste.asks = false;
    if (answer == PASTE_DROP || ui->paste.text.len == 0)
        return;
    if (!edit_insert(pane->edit, buf_text(&ui->paste.text), ui->paste.text.len)) {
        ui_notice(ui, "the paste is too long: at most 64 KiB");
        return;
    }

    ui_draft_changed(ui, pane);
    if (answer == PASTE_LINES)
        say_lines(ui, pane);
    else if (answer == PASTE_ONE && is_whole)
        say_whole(ui, pane);
    else if (answer == PASTE_ONE)
        ui_send(ui);
}

static void
end_paste(struct ui *ui)
{
    uv_timer_stop(&ui->silence);
    paste_end(&ui->paste);
    if (ui->overlay.kind != OVERLAY_NONE) {
        ui->paste.asks = false;
        overlay_paste(&ui->overlay, buf_text(&ui->paste.text));
    } else if (!ui->paste.asks) {
        pasted_answer(ui, PASTE_EDIT);
    }
    ui_dirty(ui);
}

static void
paste_is_silent(uv_timer_t *timer)
{
    end_paste(timer->data);
}

void
pasted_begin(struct ui *ui)
{
    paste_begin(&ui->paste);
    uv_timer_start(&ui->silence, paste_is_silent, PASTE_SILENCE_MS, 0);
}

void
pasted_key(struct ui *ui, const struct key *key)
{
    if (key->action == ACTION_PASTE_END) {
        end_paste(ui);
        return;
    }
    if (key->rune != 0)
        paste_add(&ui->paste, key->rune);
    uv_timer_start(&ui->silence, paste_is_silent, PASTE_SILENCE_MS, 0);
}
