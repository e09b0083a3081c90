#include "client/script.h"

#include "client/chat/note.h"
#include "client/chat/stats.h"
#include "client/config.h"
#include "client/lines.h"
#include "client/link/outbox.h"
#include "client/out.h"
#include "client/script_parts.h"
#include "common/buf.h"
#include "common/text.h"
#include "common/util.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GRACE_MS    2000 /* for what the last receipts were about to come down too */
#define FAREWELL_MS 3000 /* for a polite end */

struct chat *
script_chat(struct script *script)
{
    return script->chat;
}

const struct client_config *
script_config(const struct script *script)
{
    return script->config;
}

void
script_tell(struct script *script, const char *text)
{
    struct buf line = BUF_INIT;

    text_visible(&line, text, strlen(text), script->config->ascii ? TEXT_ASCII : 0);
    buf_add_byte(&line, '\n');
    out_write(STDERR_FILENO, line.data, line.len);
    buf_fini(&line);
}

static void
said_goodbye(void *context)
{
    struct script *script = context;

    uv_stop(&script->loop);
}

static void
heard_farewell(uv_timer_t *timer)
{
    said_goodbye(timer->data);
}

static size_t
count_unsent(const struct script *script)
{
    const struct outbox *outbox = link_outbox(chat_link(script->chat));

    return outbox == NULL ? 0 : outbox_unsent(outbox);
}

static void
tell_unsent(struct script *script)
{
    struct buf text = BUF_INIT;
    size_t count = count_unsent(script);

    if (count == 0)
        return;

    script->failed = true;
    note_count(&text, count, "line");
    buf_add_str(&text, " unsent: kept for the next start");
    script_tell(script, buf_text(&text));
    buf_fini(&text);
}

static void
quit(struct script *script)
{
    if (script->quitting)
        return;

    script->quitting = true;
    lines_destroy(script->lines);
    script->lines = NULL;
    tell_unsent(script);
    uv_timer_start(&script->farewell, heard_farewell, FAREWELL_MS, 0);
    chat_quit(script->chat, said_goodbye, script);
}

void
script_print(struct script *script, const char *data, size_t len)
{
    if (script->quitting)
        return;

    int result = out_write(STDOUT_FILENO, data, len);
    if (result == 0)
        return;
    if (result != -EPIPE) {
        script->failed = true;
        fprintf(stderr, "rtchat-client: cannot write to standard output: %s\n", strerror(-result));
    }
    quit(script);
}

void
script_fail(struct script *script, const char *format, ...)
{
    char *why = NULL;
    va_list args;

    va_start(args, format);
    int len = vasprintf(&why, format, args);
    va_end(args);
    script->failed = true;
    if (len < 0)
        return;

    char *text = xasprintf("rtchat-client: line %" PRIu64 ": %s", script->line_number, why);
    script_tell(script, text);
    free(text);
    free(why);
}

void
script_await_pong(struct script *script, const char *nonce)
{
    str_copy(script->nonce, sizeof(script->nonce), nonce);
}

/* Everything that was asked for at the end of input has come. */
static bool
is_settled(const struct script *script)
{
    const struct outbox *outbox = link_outbox(chat_link(script->chat));

    return chat_is_live(script->chat) && outbox != NULL && outbox_is_empty(outbox) &&
           chat_asking(script->chat) == 0 && script->nonce[0] == '\0';
}

/* What the last receipts were about does not come: it is not for us to see. */
static void
heard_grace(uv_timer_t *timer)
{
    struct script *script = timer->data;

    script->wanted_seq = script->seen_seq;
}

/* Settled, and what was receipted has come down. */
static bool
is_caught_up(struct script *script)
{
    bool settled = is_settled(script);

    if (!settled || script->seen_seq >= script->wanted_seq)
        uv_timer_stop(&script->grace);
    else if (!uv_is_active((uv_handle_t *)&script->grace))
        uv_timer_start(&script->grace, heard_grace, GRACE_MS, 0);

    return settled && script->seen_seq >= script->wanted_seq;
}

static void
heard_deadline(uv_timer_t *timer)
{
    struct script *script = timer->data;
    const struct link_status *status = link_status(chat_link(script->chat));
    char *text = status->state == LINK_LIVE
                     ? xstrdup("rtchat-client: time is up: the server did not answer")
                     : xasprintf("rtchat-client: time is up: not connected: %s",
                                 status->why[0] != '\0' ? status->why : "no answer yet");

    script->failed = true;
    script_tell(script, text);
    free(text);
    if (!script->input_ended)
        fprintf(stderr, "rtchat-client: line %" PRIu64 " and what follows it were not taken\n",
                script->line_number + 1);
    quit(script);
}

static void
start_deadline(struct script *script)
{
    if (!script->config->follow && !uv_is_active((uv_handle_t *)&script->deadline))
        uv_timer_start(&script->deadline, heard_deadline, (uint64_t)script->config->timeout_ms, 0);
}

static bool
heard_line(void *context, char *line, size_t len)
{
    struct script *script = context;

    if (script->ops->waits(line) && !is_caught_up(script)) {
        start_deadline(script);
        return false;
    }

    uv_timer_stop(&script->deadline);
    script->line_number++;
    script->ops->take(script, line, len);
    return true;
}

static void
heard_too_long(void *context)
{
    struct script *script = context;

    script->line_number++;
    script_fail(script, "too long: at most %d bytes; it was not sent", LINES_MAX_LEN);
}

static void
heard_input_end(void *context)
{
    struct script *script = context;

    script->input_ended = true;
    start_deadline(script);
}

/* Lines are read as soon as they can be kept. */
static void
read_lines(struct script *script)
{
    const struct lines_listener listener = {
        .context = script,
        .line = heard_line,
        .too_long = heard_too_long,
        .end = heard_input_end,
    };

    if (script->lines == NULL && link_outbox(chat_link(script->chat)) != NULL)
        script->lines = lines_create(&script->loop, STDIN_FILENO, &listener);
}

/* What needs a person is asked for here, where the link may be told: not within its own call. */
static void
mind_failure(struct script *script)
{
    if (link_status(chat_link(script->chat))->state != LINK_FAILED)
        return;
    if (script_person_helps(&script->person, script->chat))
        return;

    script->failed = true;
    quit(script);
}

static void
heard_turn(uv_prepare_t *prepare)
{
    struct script *script = prepare->data;

    if (script->quitting)
        return;

    read_lines(script);
    mind_failure(script);
    if (script->quitting || !is_caught_up(script))
        return;
    if (script->lines != NULL)
        lines_resume(script->lines);
    if (script->input_ended && !script->config->follow)
        quit(script);
}

static void
heard_quit(void *context)
{
    quit(context);
}

static void
heard_signal(uv_signal_t *handle, int number)
{
    struct script *script = handle->data;

    /* Once more: without waiting. */
    if (script->quitting)
        uv_stop(&script->loop);
    else
        quit(script);
}

static void
start_signals(struct script *script)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};

    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        uv_signal_init(&script->loop, &script->signals[i]);
        script->signals[i].data = script;
        uv_signal_start(&script->signals[i], heard_signal, numbers[i]);
    }
}

static void
start_timers(struct script *script)
{
    uv_timer_t *timers[] = {&script->deadline, &script->grace, &script->farewell};

    for (size_t i = 0; i < ARRAY_LEN(timers); i++) {
        uv_timer_init(&script->loop, timers[i]);
        timers[i]->data = script;
    }
    uv_prepare_init(&script->loop, &script->turn);
    script->turn.data = script;
    uv_prepare_start(&script->turn, heard_turn);
}

static struct chat *
create_chat(struct script *script, const char *password)
{
    struct chat_face face = script_face;
    char why[300] = "";

    face.context = script;
    face.quit = heard_quit;
    struct chat *chat =
        chat_create(&script->loop, script->config, password, &face, why, sizeof(why));
    if (chat == NULL)
        fprintf(stderr, "rtchat-client: %s\n", why);
    return chat;
}

static void
close_handles(struct script *script)
{
    lines_destroy(script->lines);
    uv_close((uv_handle_t *)&script->turn, NULL);
    uv_close((uv_handle_t *)&script->deadline, NULL);
    uv_close((uv_handle_t *)&script->grace, NULL);
    uv_close((uv_handle_t *)&script->farewell, NULL);
    for (size_t i = 0; i < ARRAY_LEN(script->signals); i++)
        uv_close((uv_handle_t *)&script->signals[i], NULL);
    uv_run(&script->loop, UV_RUN_DEFAULT);
    uv_loop_close(&script->loop);
}

int
script_run(const struct client_config *config, const char *password, const struct script_ops *ops)
{
    struct script script = {.config = config, .ops = ops, .told_state = LINK_IDLE};
    struct stats *stats = NULL;

    uv_loop_init(&script.loop);
    start_signals(&script);
    start_timers(&script);
    script.chat = create_chat(&script, password);
    script.failed = script.chat == NULL;
    if (script.chat != NULL) {
        chat_start(script.chat);
        uv_run(&script.loop, UV_RUN_DEFAULT);
    }

    if (script.chat != NULL && config->stats)
        stats = stats_keep(chat_link(script.chat));
    chat_destroy(script.chat);
    close_handles(&script);
    stats_print(stats, config->json);
    return script.failed ? 1 : 0;
}
