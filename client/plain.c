#include "client/plain.h"

#include "client/chat/input.h"
#include "client/chat/note.h"
#include "client/config.h"
#include "client/script.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/text.h"

#include <string.h>

#define SECONDS_LEN 19 /* "2026-01-31T12:00:00" */

static void
add_what(struct buf *out, const struct event *event)
{
    if (event->type != EVENT_MESSAGE) {
        buf_add_str(out, "-- ");
        note_event(out, event);
    } else if (event->action) {
        buf_addf(out, "* %s %s", event->from, event->text);
    } else {
        buf_addf(out, "<%s> %s", event->from, event->text);
    }
}

void
plain_add_event(struct buf *out, const struct event *event, unsigned flags)
{
    struct buf line = BUF_INIT;
    char stamp[CLOCK_STAMP_SIZE];

    if (event->seq == 0 || event->room[0] == '\0')
        return;

    clock_format(stamp, event->at_ms);
    buf_addf(&line, "%.*sZ %s ", SECONDS_LEN, stamp, event->room);
    add_what(&line, event);
    text_visible(out, line.data, line.len, flags);
    buf_add_byte(out, '\n');
    buf_fini(&line);
}

static unsigned
text_flags(const struct script *script)
{
    return script_config(script)->ascii ? TEXT_ASCII : 0;
}

static void
print_event(struct script *script, const struct event *event, const char *json, size_t len)
{
    struct buf line = BUF_INIT;

    plain_add_event(&line, event, text_flags(script));
    script_print(script, line.data, line.len);
    buf_fini(&line);
}

static void
print_history(struct script *script, const struct event *events, size_t count)
{
    for (size_t i = 0; i < count; i++)
        print_event(script, &events[i], NULL, 0);
}

static void
print_answer(struct script *script, const char *text)
{
    struct buf visible = BUF_INIT;

    text_visible(&visible, text, strlen(text), TEXT_KEEP_NEWLINES | text_flags(script));
    script_print(script, visible.data, visible.len);
    buf_fini(&visible);
}

static void
take_line(struct script *script, const char *line, size_t len)
{
    if (len == 0)
        return;
    if (strlen(line) != len)
        script_fail(script, "a NUL byte in it: wanted text; it was not sent");
    else if (!input_line(script_chat(script), line))
        script_fail(script, "not sent");
}

int
plain_run(const struct client_config *config, const char *password)
{
    static const struct script_ops plain = {
        .take = take_line,
        .waits = input_asks,
        .event = print_event,
        .answer = print_answer,
        .history = print_history,
    };

    return script_run(config, password, &plain);
}
