/* Commands about what is not said yet: the outbox. */
#include "client/chat/chat_parts.h"
#include "client/chat/commands.h"
#include "client/link/outbox.h"
#include "common/text.h"
#include "common/util.h"

#include <string.h>

#define SHOWN_TEXT 60 /* bytes of a line in the list */

/* By its number in /outbox or by its id. NULL: none. */
static struct outbox_item *
find_item(struct chat *chat, const char *typed)
{
    struct outbox *outbox = link_outbox(chat->link);
    struct outbox_item *item = outbox_first(outbox);
    int64_t number;

    if (parse_i64(typed, 1, 1000000, &number) < 0)
        return outbox_find(outbox, typed);

    while (item != NULL && --number > 0)
        item = item->next;
    return item;
}

static const char *
state_name(const struct outbox_item *item)
{
    switch (item->state) {
    case OUTBOX_QUEUED: return "queued";
    case OUTBOX_SENT: return "on its way";
    case OUTBOX_REFUSED: return "refused";
    }

    return "queued";
}

static void
add_item(struct buf *out, int number, const struct outbox_item *item)
{
    const char *text = item->command.text != NULL ? item->command.text : "";
    size_t len = strlen(text);
    size_t shown = len > SHOWN_TEXT ? text_previous(text, len, SHOWN_TEXT) : len;

    buf_addf(out, "%3d  %-10s  %-16s  ", number, state_name(item), item->command.room);
    if (item->command.type != COMMAND_SAY)
        buf_addf(out, "/%s ", command_type_name(item->command.type));
    text_visible(out, text, shown, 0);
    if (shown < len)
        buf_add_str(out, "…");
    if (item->state == OUTBOX_REFUSED)
        buf_addf(out, "  (%s)", item->refusal.message);
    buf_add_byte(out, '\n');
}

static const char *
check_outbox(struct chat *chat, char **args, int count)
{
    return chat_outbox_fault(chat);
}

static const char *
run_outbox(struct chat *chat, char **args, int count)
{
    struct buf text = BUF_INIT;
    const struct outbox_item *item = outbox_first(link_outbox(chat->link));

    for (int number = 1; item != NULL; item = item->next)
        add_item(&text, number++, item);
    if (text.len == 0)
        buf_add_str(&text, "Nothing is waiting: all that was said has arrived.\n");
    else
        buf_add_str(&text,
                    "\n/drop NUMBER forgets a line, /retry NUMBER says a refused one again.\n");
    chat_overlay(chat, "Outbox", buf_text(&text));
    buf_fini(&text);
    return NULL;
}

static const char *
check_item(struct chat *chat, const char *typed)
{
    const char *fault = chat_outbox_fault(chat);

    if (fault == NULL && find_item(chat, typed) == NULL)
        fault = chat_why(chat, "no line %.40s in the outbox: /outbox lists them", typed);
    return fault;
}

static const char *
check_drop(struct chat *chat, char **args, int count)
{
    const char *fault = check_item(chat, args[0]);

    if (fault == NULL && find_item(chat, args[0])->state == OUTBOX_SENT)
        fault = "it is on its way and may have arrived: it cannot be dropped now";
    return fault;
}

static const char *
run_drop(struct chat *chat, char **args, int count)
{
    struct outbox_item *item = find_item(chat, args[0]);

    model_drop(chat->model, item);
    outbox_remove(link_outbox(chat->link), item);
    chat_changed(chat);
    return NULL;
}

static const char *
check_retry(struct chat *chat, char **args, int count)
{
    const char *fault = check_item(chat, args[0]);

    if (fault == NULL && find_item(chat, args[0])->state != OUTBOX_REFUSED)
        fault = "it was not refused: it goes out by itself";
    return fault;
}

/* With a fresh id: under the old one the server would repeat its answer. */
static const char *
run_retry(struct chat *chat, char **args, int count)
{
    struct outbox_item *item = find_item(chat, args[0]);
    struct command again = item->command;

    again.id[0] = '\0';
    again.text = item->command.text != NULL ? xstrdup(item->command.text) : NULL;
    const char *fault = chat_command(chat, &again);
    return fault != NULL ? fault : run_drop(chat, args, count);
}

const struct input_command command_outbox = {
    .name = "outbox",
    .usage = "/outbox",
    .help = "Lists what is queued, on its way or refused",
    .check = check_outbox,
    .run = run_outbox,
};

const struct input_command command_drop = {
    .name = "drop",
    .min = 1,
    .max = 1,
    .usage = "/drop NUMBER",
    .help = "Forgets a queued or refused line of the outbox",
    .check = check_drop,
    .run = run_drop,
};

const struct input_command command_retry = {
    .name = "retry",
    .min = 1,
    .max = 1,
    .usage = "/retry NUMBER",
    .help = "Says a refused line of the outbox again",
    .check = check_retry,
    .run = run_retry,
};
