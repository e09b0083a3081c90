#include "server/config.h"

#include "common/log.h"
#include "common/util.h"
#include "server/web/address.h"
#include "server/web/origin.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROW(field) offsetof(struct server_config, field)

/* clang-format off */
const struct option_row server_options[] = {
    {.name = "port", .kind = OPTION_NUMBER, .offset = ROW(port), .min = 0, .max = 65535,
     .value = "PORT", .fallback = "8443",
     .help = "TCP port to listen on; 0 takes any free one"},
    {.name = "bind", .kind = OPTION_LIST, .offset = ROW(bind), .value = "ADDR",
     .help = "address to listen on, * for all; may be given again "
             "(default: 127.0.0.1, and ::1 where there is one)"},
    {.name = "data-dir", .kind = OPTION_TEXT, .offset = ROW(data_dir), .value = "DIR",
     .help = "where the log, the key and the self-made certificate are kept "
             "(default: rtchat in the XDG state directory)"},
    {.name = "cert", .kind = OPTION_TEXT, .offset = ROW(cert), .value = "FILE",
     .help = "certificate chain in PEM (default: a self-signed one, made once)"},
    {.name = "key", .kind = OPTION_TEXT, .offset = ROW(key), .value = "FILE",
     .help = "the certificate's private key in PEM"},
    {.name = "store", .kind = OPTION_TEXT, .offset = ROW(store), .value = "STORE",
     .help = "where the log is kept: sqlite:PATH or memory: "
             "(default: sqlite:rtchat.db in the data directory)"},
    {.name = "workers", .kind = OPTION_NUMBER, .offset = ROW(workers), .min = 0, .max = 256,
     .value = "N", .fallback = "0",
     .help = "threads that serve connections; 0 is one a core"},
    {.name = "guests", .kind = OPTION_YESNO, .offset = ROW(guests), .value = "YES|NO",
     .help = "let people in without a password "
             "(default: yes when bound to loopback only)"},
    {.name = "registration", .kind = OPTION_CHOICE, .offset = ROW(registration),
     .choices = "auto|open|invite|closed", .value = "WHO", .fallback = "auto",
     .help = "who may register an account; auto is open when bound to loopback only, else invite"},
    {.name = "trusted-proxy", .kind = OPTION_LIST, .offset = ROW(trusted_proxy),
     .value = "ADDR[/BITS]",
     .help = "believe X-Forwarded-For from here; may be given again"},
    {.name = "allow-origin", .kind = OPTION_LIST, .offset = ROW(allow_origin), .value = "ORIGIN",
     .help = "let web pages of this origin, SCHEME://HOST[:PORT], use the server; "
             "may be given again"},
    {.name = "heartbeat", .kind = OPTION_SECONDS, .offset = ROW(heartbeat_ms), .min = 0,
     .max = 3600000, .value = "SECONDS", .fallback = "15",
     .help = "seconds between signs of life on a connection; 0 sends none"},
    {.name = "presence-grace", .kind = OPTION_SECONDS, .offset = ROW(presence_grace_ms), .min = 0,
     .max = 3600000, .value = "SECONDS", .fallback = "45",
     .help = "seconds for which somebody whose connection ended is still shown as online"},
    {.name = "rate", .kind = OPTION_NUMBER, .offset = ROW(rate), .min = 0, .max = 1000000,
     .value = "N", .fallback = "20",
     .help = "commands a second that a user may send; 0 is no limit"},
    {.name = "burst", .kind = OPTION_NUMBER, .offset = ROW(burst), .min = 0, .max = 1000000,
     .value = "N", .fallback = "200",
     .help = "commands that a user may send at once before --rate holds"},
    {.name = "connections-per-address", .kind = OPTION_NUMBER,
     .offset = ROW(connections_per_address), .min = 0, .max = 1000000, .value = "N",
     .fallback = "256",
     .help = "connections that one address may have; 0 is no limit"},
    {.name = "max-body", .kind = OPTION_SIZE, .offset = ROW(max_body), .min = 1024,
     .max = 64 * 1024 * 1024, .value = "SIZE", .fallback = "1M",
     .help = "largest body of a request"},
    {.name = "http2", .kind = OPTION_YESNO, .offset = ROW(http2), .value = "YES|NO",
     .fallback = "yes",
     .help = "speak HTTP/2 with clients that offer it"},
    {.name = "log-level", .kind = OPTION_CHOICE, .offset = ROW(log_level),
     .choices = "error|warn|info|debug", .value = "LEVEL", .fallback = "info",
     .help = "what is written to standard error"},
    {.name = "password-file", .kind = OPTION_TEXT, .offset = ROW(password_file), .value = "FILE",
     .argv_only = true,
     .help = "with user add and user password: read the password from the first line of this file"},
    {.name = "generate", .kind = OPTION_FLAG, .offset = ROW(generate), .argv_only = true,
     .help = "with user add and user password: make the password and print it"},
    {.name = "days", .kind = OPTION_NUMBER, .offset = ROW(days), .min = 1, .max = 3650,
     .value = "N", .argv_only = true,
     .help = "with invite: how long the code is good (default: 7)"},
    {.name = "config", .kind = OPTION_TEXT, .offset = ROW(config), .value = "FILE",
     .argv_only = true,
     .help = "read this file in place of the usual ones"},
    {.name = "check-config", .kind = OPTION_FLAG, .offset = ROW(check_config), .argv_only = true,
     .help = "check the options and the certificate, then exit"},
    {.name = "help", .kind = OPTION_FLAG, .offset = ROW(help), .argv_only = true,
     .help = "show this and exit"},
    {.name = "version", .kind = OPTION_FLAG, .offset = ROW(version), .argv_only = true,
     .help = "show the version and exit"},
};
/* clang-format on */
const size_t server_option_count = ARRAY_LEN(server_options);

static int
fail(struct option_error *error, const char *what, const char *value)
{
    snprintf(error->message, sizeof(error->message), "%s%.200s", what, value);
    return -EINVAL;
}

static int
parse_argv(struct server_config *config, int argc, char **argv, struct option_error *error)
{
    free(config->words);
    config->words = xcalloc((size_t)argc + 1, sizeof(*config->words));
    config->word_count = 0;
    return options_parse_argv(server_options, server_option_count, config, argc, argv,
                              config->words, &config->word_count, error);
}

void
config_fini(struct server_config *config)
{
    free(config->words);
    options_fini(server_options, server_option_count, config);
}

int
config_read(struct server_config *config, int argc, char **argv, struct option_error *error)
{
    struct server_config scratch = {0};
    int result;

    memset(config, 0, sizeof(*config));
    options_init(server_options, server_option_count, config);
    options_init(server_options, server_option_count, &scratch);

    /* Flags win over files, but which file is said by a flag. */
    result = parse_argv(&scratch, argc, argv, error);
    if (result == 0 && !scratch.help && !scratch.version)
        result = options_parse_files(server_options, server_option_count, config, scratch.config,
                                     "server", error);
    if (result == 0) {
        options_next_source(server_options, server_option_count, config);
        result = parse_argv(config, argc, argv, error);
    }
    config_fini(&scratch);
    return result < 0 ? -EINVAL : 0;
}

bool
config_is_loopback(const struct server_config *config)
{
    for (size_t i = 0; i < config->bind.count; i++)
        if (!address_is_loopback(config->bind.items[i]))
            return false;
    return true;
}

static int64_t
core_count(void)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof(set), &set) < 0)
        return 1;
    return MAX(1, CPU_COUNT(&set));
}

static int
complete_data_dir(struct server_config *config, struct option_error *error)
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");

    if (config->data_dir != NULL)
        return 0;
    if (state != NULL && state[0] == '/')
        config->data_dir = xasprintf("%s/rtchat", state);
    else if (home != NULL && home[0] == '/')
        config->data_dir = xasprintf("%s/.local/state/rtchat", home);
    else
        return fail(error, "no place for the data: neither XDG_STATE_HOME nor HOME is set; ",
                    "give --data-dir");
    return 0;
}

static int
check_origin(const char *origin, struct option_error *error)
{
    const char *fault = origin_fault(origin);

    if (fault == NULL)
        return 0;
    snprintf(error->message, sizeof(error->message), "--allow-origin=%.100s: %s", origin, fault);
    return -EINVAL;
}

int
config_complete(struct server_config *config, struct option_error *error)
{
    struct network network;
    bool loopback = config_is_loopback(config);

    if ((config->cert == NULL) != (config->key == NULL))
        return fail(error, "--cert and --key go together; missing: ",
                    config->cert == NULL ? "--cert" : "--key");
    for (size_t i = 0; i < config->trusted_proxy.count; i++)
        if (network_parse(config->trusted_proxy.items[i], &network) < 0)
            return fail(error, "--trusted-proxy wants an address or ADDR/BITS, not ",
                        config->trusted_proxy.items[i]);
    for (size_t i = 0; i < config->allow_origin.count; i++)
        if (check_origin(config->allow_origin.items[i], error) < 0)
            return -EINVAL;
    if (complete_data_dir(config, error) < 0)
        return -EINVAL;

    if (config->store == NULL)
        config->store = xasprintf("sqlite:%s/rtchat.db", config->data_dir);
    if (config->workers == 0)
        config->workers = core_count();
    if (config->guests < 0)
        config->guests = loopback;
    if (config->registration == REGISTRATION_AUTO)
        config->registration = loopback ? REGISTRATION_OPEN : REGISTRATION_INVITE;
    return 0;
}
