#include "client/config.h"

#include "client/link/link_ops.h"
#include "client/link/proxy.h"
#include "client/link/url.h"
#include "common/cursor.h"
#include "common/id.h"
#include "common/log.h"
#include "common/names.h"
#include "common/util.h"

#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AT(member) offsetof(struct client_config, member)

/* clang-format off */
const struct option_row client_options[] = {
    {.name = "transport", .kind = OPTION_CHOICE, .offset = AT(transport),
     .choices = LINK_CHOICES, .fallback = "auto",
     .help = "The way to the server; auto finds the best that works"},
    {.name = "http", .kind = OPTION_CHOICE, .offset = AT(http), .choices = HTTP_CHOICES,
     .fallback = "auto",
     .help = "The HTTP of logins, questions, sse, longpoll and poll; auto takes 2 where the server "
             "has it, 2 goes nowhere else; ws is HTTP/1.1"},
    {.name = "proxy", .kind = OPTION_TEXT, .offset = AT(proxy), .value = "URL",
     .help = "Goes through this HTTP proxy, http://[user:password@]host:port, or none; without it "
             "https_proxy, all_proxy and no_proxy of the environment count"},
    {.name = "poll-interval", .kind = OPTION_SECONDS, .offset = AT(poll_interval_ms),
     .value = "SECONDS", .min = 100, .max = 3600 * INT64_C(1000), .fallback = "3",
     .help = "How long the transport poll waits between two questions"},
    {.name = "user", .kind = OPTION_TEXT, .offset = AT(user), .value = "NAME",
     .help = "Who you are; without it your login name in lower case"},
    {.name = "password-file", .kind = OPTION_TEXT, .offset = AT(password_file), .value = "FILE",
     .help = "Reads the password from the first line of FILE; without it you are asked when the "
             "name is registered, and a guest when it is not"},
    {.name = "register", .kind = OPTION_FLAG, .offset = AT(register_account),
     .argv_only = true,
     .help = "Registers the name with the password before logging in"},
    {.name = "invite", .kind = OPTION_TEXT, .offset = AT(invite), .value = "CODE",
     .argv_only = true,
     .help = "With --register, where the server takes accounts by invitation only"},
    {.name = "room", .kind = OPTION_LIST, .offset = AT(rooms), .value = "ROOM",
     .help = "A room (#ops) or person (@bob) to begin with, joined when you are not in it; lines "
             "of standard input are said in the first; without it #lobby"},
    {.name = "after", .kind = OPTION_TEXT, .offset = AT(after), .value = "CURSOR",
     .argv_only = true,
     .help = "Begins behind this position of the log; 0 is the oldest you may see"},
    {.name = "ca-file", .kind = OPTION_TEXT, .offset = AT(ca_file), .value = "FILE",
     .help = "Believes the authorities in this PEM file, and no pins"},
    {.name = "fingerprint", .kind = OPTION_TEXT, .offset = AT(fingerprint), .value = "SHA256",
     .help = "Believes the certificate with this SHA-256: 64 hex digits, colons allowed"},
    {.name = "plain", .kind = OPTION_FLAG, .offset = AT(plain),
     .help = "Lines in, lines out, also on a terminal"},
    {.name = "json", .kind = OPTION_FLAG, .offset = AT(json),
     .help = "The protocol's commands in and its events out, one a line"},
    {.name = "doctor", .kind = OPTION_FLAG, .offset = AT(doctor), .argv_only = true,
     .help = "Tries each transport, both ways, says what works and what to change, and exits; with "
             "--json for machines"},
    {.name = "follow", .kind = OPTION_FLAG, .offset = AT(follow),
     .help = "Stays after the end of standard input"},
    {.name = "timeout", .kind = OPTION_SECONDS, .offset = AT(timeout_ms), .value = "SECONDS",
     .max = 86400 * INT64_C(1000), .fallback = "60",
     .help = "How long to wait for receipts after the end of standard input"},
    {.name = "typing", .kind = OPTION_CHOICE, .offset = AT(typing), .choices = "no|yes",
     .fallback = "yes",
     .help = "Whether others are told that you are typing, on the screen"},
    {.name = "stats", .kind = OPTION_FLAG, .offset = AT(stats),
     .help = "Prints on standard error, at the end, what the connection has cost; with --json as "
             "one line of JSON"},
    {.name = "ascii", .kind = OPTION_FLAG, .offset = AT(ascii),
     .help = "Shows nothing but ASCII"},
    {.name = "log-file", .kind = OPTION_TEXT, .offset = AT(log_file), .value = "FILE",
     .help = "Appends the program's own log to FILE; without it the screen has none, and the "
             "others write it to standard error"},
    {.name = "log-level", .kind = OPTION_CHOICE, .offset = AT(log_level),
     .choices = "error|warn|info|debug", .fallback = "warn",
     .help = "How much is logged"},
    {.name = "config", .kind = OPTION_TEXT, .offset = AT(config), .value = "FILE",
     .argv_only = true,
     .help = "Reads FILE in place of the usual configuration files"},
    {.name = "help", .kind = OPTION_FLAG, .offset = AT(help), .argv_only = true,
     .help = "Prints this and exits"},
    {.name = "version", .kind = OPTION_FLAG, .offset = AT(version), .argv_only = true,
     .help = "Prints the version and exits"},
};
/* clang-format on */

const size_t client_option_count = ARRAY_LEN(client_options);

static int __attribute__((format(printf, 2, 3)))
fail(struct option_error *error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(error->message, sizeof(error->message), format, args);
    va_end(args);
    return -EINVAL;
}

static int
read_argv(struct client_config *config, int argc, char **argv, struct option_error *error)
{
    char **operands = xcalloc((size_t)argc + 1, sizeof(*operands));
    int count = 0;
    int result = options_parse_argv(client_options, client_option_count, config, argc, argv,
                                    operands, &count, error);

    if (result == 0 && count > 1)
        result =
            fail(error, "one operand too many: \"%.80s\"; wanted at most one URL", operands[1]);
    if (result == 0 && count == 1)
        config->url = xstrdup(operands[0]);
    free(operands);
    return result;
}

static char *
login_name(void)
{
    const struct passwd *entry = getpwuid(getuid());
    const char *name = entry != NULL ? entry->pw_name : getenv("USER");

    return xstrdup(name != NULL ? name : "");
}

static int
check_user(struct client_config *config, struct option_error *error)
{
    bool given = config->user != NULL;

    if (!given)
        config->user = login_name();
    name_lower(config->user, strlen(config->user) + 1, config->user);

    const char *fault = user_name_fault(config->user);
    if (fault == NULL)
        return 0;
    if (given)
        return fail(error, "--user=%.40s: %s", config->user, fault);

    return fail(error, "your login name \"%.40s\" will not do: %s; give --user=NAME", config->user,
                fault);
}

static int
check_rooms(struct client_config *config, struct option_error *error)
{
    for (size_t i = 0; i < config->rooms.count; i++) {
        char *room = config->rooms.items[i];
        name_lower(room, strlen(room) + 1, room);
        const char *fault = target_name_fault(room);
        if (fault != NULL)
            return fail(error, "--room=%.80s: %s", room, fault);
    }

    return 0;
}

static int
check_proxy(const struct client_config *config, struct option_error *error)
{
    struct proxy proxy;
    char why[200];

    if (config->proxy == NULL || proxy_parse(config->proxy, &proxy, why, sizeof(why)) == 0)
        return 0;

    return fail(error, "--proxy: %s", why); /* without its value, which may have a password */
}

static int
check_rest(const struct client_config *config, struct option_error *error)
{
    struct cursor cursor;
    struct url url;
    unsigned char fingerprint[32];

    if (config->url != NULL &&
        url_parse(config->url, &url, error->message, sizeof(error->message)) < 0)
        return -EINVAL;

    if (config->invite != NULL && !config->register_account)
        return fail(error, "--invite=CODE registers an account; wanted --register with it");
    if (config->after != NULL && cursor_parse(config->after, &cursor) < 0)
        return fail(error, "--after=%.60s: no cursor; wanted EPOCH-SEQ as hello gives it, or 0",
                    config->after);
    if (config->fingerprint != NULL &&
        hex_decode(fingerprint, sizeof(fingerprint), config->fingerprint) < 0)
        return fail(error, "--fingerprint=%.100s: no SHA-256; wanted 64 hex digits, colons allowed",
                    config->fingerprint);

    return check_proxy(config, error);
}

/* What was put into argv to be read before anything else. */
static int
read_first(struct client_config *config, int argc, char **argv, struct option_error *error)
{
    *config = (struct client_config){0};
    options_init(client_options, client_option_count, config);
    return read_argv(config, argc, argv, error);
}

int
client_config_load(struct client_config *config, int argc, char **argv, struct option_error *error)
{
    int result = read_first(config, argc, argv, error);

    if (result < 0 || config->help || config->version)
        return result;

    char *path = config->config;
    config->config = NULL;
    client_config_fini(config);
    options_init(client_options, client_option_count, config);

    result =
        options_parse_files(client_options, client_option_count, config, path, "client", error);
    free(path);
    if (result < 0)
        return -EINVAL;

    options_next_source(client_options, client_option_count, config);
    result = read_argv(config, argc, argv, error);
    if (result == 0)
        result = check_user(config, error);
    if (result == 0)
        result = check_rooms(config, error);

    return result == 0 ? check_rest(config, error) : result;
}

void
client_config_fini(struct client_config *config)
{
    free(config->url);
    options_fini(client_options, client_option_count, config);
    *config = (struct client_config){0};
}

void
client_config_add_room(struct client_config *config, const char *room)
{
    struct option_list *rooms = &config->rooms;

    if (rooms->count > 0)
        return;

    rooms->items = xrealloc(rooms->items, sizeof(*rooms->items));
    rooms->items[rooms->count++] = xstrdup(room);
}

char *
client_state_dir(void)
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");

    if (state != NULL && state[0] == '/')
        return xasprintf("%s/rtchat", state);
    if (home == NULL || home[0] != '/')
        return NULL;

    return xasprintf("%s/.local/state/rtchat", home);
}
