/* Commands about the client itself. */
#include "client/chat/chat_parts.h"
#include "client/chat/commands.h"
#include "client/chat/note.h"
#include "client/chat/stats.h"
#include "client/link/link_ops.h"
#include "common/clock.h"

#include <inttypes.h>
#include <string.h>

static void
add_row(struct buf *out, const struct input_command *row)
{
    buf_addf(out, "%-24s  %s", row->usage, row->help);
    if (row->alias != NULL)
        buf_addf(out, " (also /%s)", row->alias);
    buf_add_byte(out, '\n');
}

static const char *
check_help(struct chat *chat, char **args, int count)
{
    const char *word = count > 0 ? args[0] + (args[0][0] == '/') : NULL;

    if (word != NULL && input_find(word, chat->scratch, sizeof(chat->scratch)) == NULL)
        return chat->scratch;

    return NULL;
}

static const char *
run_help(struct chat *chat, char **args, int count)
{
    struct buf text = BUF_INIT;

    if (count > 0)
        add_row(&text,
                input_find(args[0] + (args[0][0] == '/'), chat->scratch, sizeof(chat->scratch)));
    for (size_t i = 0; count == 0 && input_commands[i] != NULL; i++)
        add_row(&text, input_commands[i]);
    if (count == 0)
        buf_add_str(&text, "\nAny unique beginning of a name will do; //x says /x.\n");
    chat_overlay(chat, count > 0 ? "Help" : "Commands", buf_text(&text));
    buf_fini(&text);
    return NULL;
}

static const char *
run_quit(struct chat *chat, char **args, int count)
{
    if (chat->face.quit != NULL)
        chat->face.quit(chat->face.context);
    return NULL;
}

static const char *
run_reconnect(struct chat *chat, char **args, int count)
{
    link_reconnect(chat->link);
    return NULL;
}

static const char *
run_stats(struct chat *chat, char **args, int count)
{
    struct buf text = BUF_INIT;

    stats_table(&text, chat->link);
    chat_overlay(chat, "What the connection has cost", buf_text(&text));
    buf_fini(&text);
    return NULL;
}

static const char *
check_transport(struct chat *chat, char **args, int count)
{
    if (count == 0 || strcmp(args[0], LINK_AUTO) == 0)
        return NULL;

    for (size_t i = 0; link_rows[i] != NULL; i++)
        if (strcmp(args[0], link_rows[i]->name) == 0)
            return NULL;

    return chat_why(chat, "transport \"%.20s\" unknown: wanted " LINK_CHOICES, args[0]);
}

static void
show_transport(struct chat *chat)
{
    const struct link_status *status = link_status(chat->link);
    struct buf text = BUF_INIT;

    note_status(&text, status, clock_mono_ms());
    if (status->rtt_us > 0)
        buf_addf(&text, ", round trip %" PRId64 ".%03" PRId64 " ms", status->rtt_us / 1000,
                 status->rtt_us % 1000);
    buf_addf(&text, ", reconnected %u times, switched %u times", status->reconnects,
             status->switches);
    if (status->facts->http[0] != '\0')
        buf_addf(&text, "; HTTP %s, %s; %s", status->facts->http, status->facts->http_why,
                 status->facts->tls);
    if (status->why_transport[0] != '\0')
        buf_addf(&text, "; why %s: %s", status->transport, status->why_transport);
    chat_note(chat, NULL, false, "%s", buf_text(&text));
    buf_fini(&text);
}

static const char *
run_transport(struct chat *chat, char **args, int count)
{
    if (count == 0)
        show_transport(chat);
    else if (link_set_transport(chat->link, args[0], chat->scratch, sizeof(chat->scratch)) < 0)
        return chat->scratch;

    return NULL;
}

const struct input_command command_help = {
    .name = "help",
    .max = 1,
    .usage = "/help [COMMAND]",
    .help = "Lists the commands or says what one does",
    .completes = COMPLETES_COMMANDS,
    .check = check_help,
    .run = run_help,
};

const struct input_command command_quit = {
    .name = "quit",
    .alias = "exit",
    .usage = "/quit",
    .help = "Ends the program; what is unsent goes out at the next start",
    .run = run_quit,
};

const struct input_command command_reconnect = {
    .name = "reconnect",
    .usage = "/reconnect",
    .help = "Tries again now, without waiting for the countdown",
    .run = run_reconnect,
};

const struct input_command command_stats = {
    .name = "stats",
    .usage = "/stats",
    .help = "Shows what the connection has cost so far, and how quick it is",
    .run = run_stats,
};

const struct input_command command_transport = {
    .name = "transport",
    .max = 1,
    .usage = "/transport [WAY]",
    .help = "Shows how the client is connected, or goes over to " LINK_CHOICES
            " once that has proved itself",
    .completes = COMPLETES_TRANSPORTS,
    .check = check_transport,
    .run = run_transport,
};
