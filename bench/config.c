#include "bench/config.h"

#include "client/link/link_ops.h"
#include "client/measure/rally.h"
#include "client/measure/tally.h"
#include "common/option_quantity.h"
#include "common/text.h"
#include "common/util.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT(member)      offsetof(struct bench_config, member)
#define AN_HOUR_MS      3600000
#define INTERVAL_MIN    100
#define RATE_MAX_MILLI  1000000
#define PRICE_MAX_MILLI INT64_C(1000000000)

/* clang-format off */
const struct option_row bench_options[] = {
    {.name = "transport", .kind = OPTION_LIST, .offset = AT(transports), .value = "NAME",
     .help = "Measures this transport, and no other that is not named too; without it all"},
    {.name = "http", .kind = OPTION_CHOICE, .offset = AT(http), .choices = "both|1.1|2",
     .fallback = "both",
     .help = "Which HTTP the requests go by; 2 is measured where the server has it, and ws is "
             "HTTP/1.1"},
    {.name = "poll-interval", .kind = OPTION_LIST, .offset = AT(intervals), .value = "SECONDS",
     .help = "How long the transport poll waits between two questions; may be given again for a row "
             "each; without it 1 and 3"},
    {.name = "messages", .kind = OPTION_NUMBER, .offset = AT(messages), .value = "N",
     .min = 1, .max = RALLY_MESSAGES_MAX, .fallback = "20",
     .help = "How many messages are said in one run"},
    {.name = "rate", .kind = OPTION_DECIMAL, .offset = AT(rate_milli), .value = "N",
     .min = 1, .max = RATE_MAX_MILLI, .fallback = "20",
     .help = "How many messages are said in a second; a fraction will do"},
    {.name = "readers", .kind = OPTION_NUMBER, .offset = AT(readers), .value = "N",
     .min = 1, .max = RALLY_READERS_MAX, .fallback = "5",
     .help = "How many read what one says"},
    {.name = "text-bytes", .kind = OPTION_NUMBER, .offset = AT(text_len), .value = "N",
     .min = TALLY_TEXT_MIN, .max = TEXT_MAX, .fallback = "64",
     .help = "The length of a message"},
    {.name = "rounds", .kind = OPTION_NUMBER, .offset = AT(rounds), .value = "N",
     .min = 1, .max = 100, .fallback = "3",
     .help = "How often each run is repeated, all rows taking turns; the median counts"},
    {.name = "seconds", .kind = OPTION_SECONDS, .offset = AT(seconds_ms), .value = "SECONDS",
     .min = 500, .max = AN_HOUR_MS, .fallback = "30",
     .help = "How long idle watches, and sweep at each rate"},
    {.name = "over", .kind = OPTION_CHOICE, .offset = AT(over),
     .choices = "rate|readers|poll-interval|rtt|loss", .fallback = "rate", .argv_only = true,
     .help = "What sweep varies: messages a minute, readers, seconds between two polls, "
             "milliseconds of a round trip, or packets lost of a hundred"},
    {.name = "values", .kind = OPTION_TEXT, .offset = AT(values), .value = "N,N,...",
     .argv_only = true,
     .help = "The values that it takes"},
    {.name = "seed", .kind = OPTION_NUMBER, .offset = AT(seed), .value = "N",
     .min = 0, .max = INT32_MAX, .fallback = "1",
     .help = "Where the times of the messages come from: the same gives the same"},
    {.name = "user", .kind = OPTION_TEXT, .offset = AT(user), .value = "NAME",
     .help = "The account on the server at URL"},
    {.name = "password-file", .kind = OPTION_TEXT, .offset = AT(password_file), .value = "FILE",
     .help = "Reads the account's password from the first line of FILE; without it you are asked"},
    {.name = "ca-file", .kind = OPTION_TEXT, .offset = AT(ca_file), .value = "FILE",
     .help = "Believes the authorities in this PEM file"},
    {.name = "fingerprint", .kind = OPTION_TEXT, .offset = AT(fingerprint), .value = "SHA256",
     .help = "Believes the certificate with this SHA-256: 64 hex digits, colons allowed"},
    {.name = "proxy", .kind = OPTION_TEXT, .offset = AT(proxy), .value = "URL",
     .help = "Goes to the server at URL through this HTTP proxy, or none; without it the "
             "environment's counts"},
    {.name = "server", .kind = OPTION_TEXT, .offset = AT(server), .value = "FILE",
     .help = "The rtchat-server to start where there is no URL; without it the one beside this "
             "program, or on the PATH"},
    {.name = "badproxy", .kind = OPTION_TEXT, .offset = AT(badproxy), .value = "FILE",
     .argv_only = true,
     .help = "The proxy of matrix: tests/support/badproxy.py of rtchat's sources; it needs python3"},
    {.name = "fault", .kind = OPTION_LIST, .offset = AT(faults), .value = "FAULT",
     .argv_only = true,
     .help = "A fault of that proxy for matrix, and no other that is not named too; none is one"},
    {.name = "dir", .kind = OPTION_TEXT, .offset = AT(dir), .value = "DIR",
     .fallback = "/var/tmp",
     .help = "Where its log is kept while it runs: on the disk that counts"},
    {.name = "json", .kind = OPTION_FLAG, .offset = AT(json), .argv_only = true,
     .help = "Prints the result as one JSON object"},
    {.name = "csv", .kind = OPTION_FLAG, .offset = AT(csv), .argv_only = true,
     .help = "Prints it as comma-separated values"},
    {.name = "markdown", .kind = OPTION_FLAG, .offset = AT(markdown), .argv_only = true,
     .help = "Prints it as tables in Markdown"},
    {.name = "plot", .kind = OPTION_FLAG, .offset = AT(plot), .argv_only = true,
     .help = "Prints plots in text behind the table"},
    {.name = "html", .kind = OPTION_TEXT, .offset = AT(html), .value = "FILE", .argv_only = true,
     .help = "Writes the result as one page with pictures to FILE, besides"},
    {.name = "ascii", .kind = OPTION_FLAG, .offset = AT(ascii), .argv_only = true,
     .help = "Prints nothing but ASCII, whatever the terminal can show"},
    {.name = "all", .kind = OPTION_FLAG, .offset = AT(all), .argv_only = true,
     .help = "Lets diff show what stayed the same too"},
    {.name = "profile", .kind = OPTION_LIST, .offset = AT(profiles), .value = "FILE",
     .help = "Advises by this result, as compare and idle print it with --json; without it by the "
             "one that is installed"},
    {.name = "users", .kind = OPTION_NUMBER, .offset = AT(users), .value = "N",
     .min = 1, .max = 1000000000, .fallback = "1000", .argv_only = true,
     .help = "Advises for so many users; --rate is then the messages that reach each in a minute"},
    {.name = "said", .kind = OPTION_DECIMAL, .offset = AT(said_milli), .value = "N",
     .min = 1, .max = RATE_MAX_MILLI, .argv_only = true,
     .help = "How many messages each of them says in a minute; without it a tenth of --rate"},
    {.name = "read-only", .kind = OPTION_FLAG, .offset = AT(read_only), .argv_only = true,
     .help = "They say nothing"},
    {.name = "delay", .kind = OPTION_SECONDS, .offset = AT(delay_ms), .value = "SECONDS",
     .min = 1, .max = 24 * AN_HOUR_MS, .fallback = "1", .argv_only = true,
     .help = "How late a message may reach them"},
    {.name = "rtt", .kind = OPTION_NUMBER, .offset = AT(rtt_ms), .value = "MILLISECONDS",
     .min = 0, .max = 60000, .fallback = "50", .argv_only = true,
     .help = "The round trip between them and the server"},
    {.name = "network", .kind = OPTION_CHOICE, .offset = AT(network),
     .choices = "open|proxied|hostile", .fallback = "open", .argv_only = true,
     .help = "What stands between them and the server"},
    {.name = "mobile", .kind = OPTION_FLAG, .offset = AT(mobile), .argv_only = true,
     .help = "They are on phones: the time that the radio is on counts too"},
    {.name = "margin", .kind = OPTION_NUMBER, .offset = AT(margin_percent), .value = "PERCENT",
     .min = 0, .max = 1000, .fallback = "25", .argv_only = true,
     .help = "What a simpler way may cost more than the cheapest"},
    {.name = "explain", .kind = OPTION_FLAG, .offset = AT(explain), .argv_only = true,
     .help = "Shows the formulas behind the advice with their numbers"},
    {.name = "price-core", .kind = OPTION_DECIMAL, .offset = AT(price_core), .value = "PRICE",
     .min = 0, .max = PRICE_MAX_MILLI, .fallback = "20",
     .help = "Of a processor core that is busy for a month"},
    {.name = "price-memory", .kind = OPTION_DECIMAL, .offset = AT(price_memory), .value = "PRICE",
     .min = 0, .max = PRICE_MAX_MILLI, .fallback = "3",
     .help = "Of a GiB of memory for a month"},
    {.name = "price-traffic", .kind = OPTION_DECIMAL, .offset = AT(price_traffic),
     .value = "PRICE", .min = 0, .max = PRICE_MAX_MILLI, .fallback = "0.05",
     .help = "Of a GiB that the server sends"},
    {.name = "price-requests", .kind = OPTION_DECIMAL, .offset = AT(price_requests),
     .value = "PRICE", .min = 0, .max = PRICE_MAX_MILLI, .fallback = "0",
     .help = "Of a million HTTP requests"},
    {.name = "price-radio", .kind = OPTION_DECIMAL, .offset = AT(price_radio), .value = "PRICE",
     .min = 0, .max = PRICE_MAX_MILLI, .fallback = "0.001",
     .help = "Of an hour that a phone's radio is on, with --mobile"},
    {.name = "log-level", .kind = OPTION_CHOICE, .offset = AT(log_level),
     .choices = "error|warn|info|debug", .fallback = "error",
     .help = "How much is logged to standard error"},
    {.name = "config", .kind = OPTION_TEXT, .offset = AT(config), .value = "FILE",
     .argv_only = true,
     .help = "Reads FILE in place of the usual configuration files"},
    {.name = "help", .kind = OPTION_FLAG, .offset = AT(help), .argv_only = true,
     .help = "Prints this and exits"},
    {.name = "version", .kind = OPTION_FLAG, .offset = AT(version), .argv_only = true,
     .help = "Prints the version and exits"},
};
/* clang-format on */

const size_t bench_option_count = ARRAY_LEN(bench_options);

static int __attribute__((format(printf, 2, 3)))
fail(struct option_error *error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(error->message, sizeof(error->message), format, args);
    va_end(args);
    return -EINVAL;
}

static void
drop_operands(struct bench_config *config)
{
    for (size_t i = 0; i < BENCH_OPERANDS_MAX; i++) {
        free(config->operands[i]);
        config->operands[i] = NULL;
    }
}

static int
read_argv(struct bench_config *config, int argc, char **argv, struct option_error *error)
{
    char **operands = xcalloc((size_t)argc + 1, sizeof(*operands));
    int count = 0;
    int result = options_parse_argv(bench_options, bench_option_count, config, argc, argv, operands,
                                    &count, error);

    drop_operands(config);
    if (result == 0 && count > BENCH_OPERANDS_MAX)
        result = fail(error, "one operand too many: \"%.80s\"", operands[BENCH_OPERANDS_MAX]);
    for (int i = 0; result == 0 && i < count; i++)
        config->operands[i] = xstrdup(operands[i]);
    free(operands);
    return result;
}

static int
check_transport(const char *name, struct option_error *error)
{
    for (size_t i = 0; link_rows[i] != NULL; i++)
        if (str_equal(link_rows[i]->name, name))
            return 0;

    return fail(error,
                "--transport=%.40s: there is none of that name; wanted one of ws, sse, "
                "longpoll, poll",
                name);
}

static int
check(const struct bench_config *config, struct option_error *error)
{
    int64_t interval_ms;
    int result = 0;

    for (size_t i = 0; result == 0 && i < config->transports.count; i++)
        result = check_transport(config->transports.items[i], error);
    for (size_t i = 0; result == 0 && i < config->intervals.count; i++) {
        const char *given = config->intervals.items[i];

        if (option_parse_seconds(given, &interval_ms) < 0 || interval_ms < INTERVAL_MIN ||
            interval_ms > AN_HOUR_MS)
            result = fail(error, "--poll-interval=%.40s: wanted seconds, 0.1-3600", given);
    }

    if (result == 0 && config->json + config->csv + config->markdown + config->plot > 1)
        result = fail(error, "--json, --csv, --markdown, --plot: wanted one of them");

    return result;
}

/* What was put into argv to be read before anything else. */
static int
read_first(struct bench_config *config, int argc, char **argv, struct option_error *error)
{
    *config = (struct bench_config){0};
    options_init(bench_options, bench_option_count, config);
    return read_argv(config, argc, argv, error);
}

int
bench_config_load(struct bench_config *config, int argc, char **argv, struct option_error *error)
{
    int result = read_first(config, argc, argv, error);

    if (result < 0 || config->help || config->version)
        return result;

    char *path = config->config;
    config->config = NULL;
    bench_config_fini(config);
    options_init(bench_options, bench_option_count, config);

    result = options_parse_files(bench_options, bench_option_count, config, path, "bench", error);
    free(path);
    if (result < 0)
        return -EINVAL;

    options_next_source(bench_options, bench_option_count, config);
    result = read_argv(config, argc, argv, error);
    return result == 0 ? check(config, error) : result;
}

void
bench_config_fini(struct bench_config *config)
{
    drop_operands(config);
    options_fini(bench_options, bench_option_count, config);
    *config = (struct bench_config){0};
}
