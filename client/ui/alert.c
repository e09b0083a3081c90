/* What reaches the user who looks elsewhere: the bell and the terminal's title. */
#include "client/ui/ui_parts.h"

#include <stdio.h>
#include <string.h>

#include "common/text.h"

void
ui_alert(void *context, const struct window *window, const struct line *line)
{
    terminal_bell();
}

void
ui_title(struct ui *ui)
{
    const struct model *model = chat_model(ui->chat);
    const struct window *window = model_current(model);
    unsigned count = model_mention_count(model);
    struct buf title = BUF_INIT;

    buf_add_str(&title, "rtchat ");
    text_visible(&title, window->name, strlen(window->name), ui->theme.ascii ? TEXT_ASCII : 0);
    if (count > 0)
        buf_addf(&title, " (+%u!)", count);
    if (strcmp(ui->title, buf_text(&title)) != 0) {
        snprintf(ui->title, sizeof(ui->title), "%s", buf_text(&title));
        terminal_title(&ui->terminal, ui->title);
    }
    buf_fini(&title);
}
