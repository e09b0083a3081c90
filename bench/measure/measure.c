/* rtchat-measure: how fast and how large rtchat is on this machine. Figures, not a test: a slow
 * machine fails nothing, a lost message does. */
#include "bench/measure/measure.h"

#include "bench/open_files.h"
#include "common/option.h"
#include "common/util.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE = 2 };

struct measurement {
    const char *name;
    int (*run)(const struct settings *settings);
    const char *help;
};

/* clang-format off */
static const struct measurement measurements[] = {
    {"fanout",     measure_fanout,     "one room, many readers, against one SSL_write a message"},
    {"scale",      measure_scale,      "what a delivery costs with 100 to 5,000 readers"},
    {"transports", measure_transports, "one room, many readers: ws, sse and long poll"},
    {"rooms",      measure_rooms,      "what a line costs in 1,000 rooms of 5, against one room of 5"},
    {"post",       measure_post,       "durable posts a second, against one fsync a message"},
    {"pair",       measure_pair,       "how soon a line is on the other screen"},
    {"start",      measure_start,      "the client's first screen, and its CPU when nothing happens"},
};

#define ROW(field) offsetof(struct settings, field)

static const struct option_row option_rows[] = {
    {.name = "server", .kind = OPTION_TEXT, .offset = ROW(server), .value = "FILE",
     .fallback = "./rtchat-server", .help = "the server's program"},
    {.name = "client", .kind = OPTION_TEXT, .offset = ROW(client), .value = "FILE",
     .fallback = "./rtchat-client", .help = "the client's program"},
    {.name = "limit", .kind = OPTION_TEXT, .offset = ROW(limit), .value = "FILE",
     .fallback = "./limit", .help = "the program that does one SSL_write a message"},
    {.name = "dir", .kind = OPTION_TEXT, .offset = ROW(dir), .value = "DIR",
     .fallback = "/var/tmp", .help = "where data directories are made, on the disk that counts"},
    {.name = "slow-disk", .kind = OPTION_TEXT, .offset = ROW(slow_disk), .value = "FILE",
     .fallback = "./libslow_disk.so", .help = "the library that makes the disk slow"},
    {.name = "workers", .kind = OPTION_NUMBER, .offset = ROW(workers), .min = 1, .max = 256,
     .value = "N", .fallback = "1", .help = "the server's threads for connections"},
    {.name = "readers", .kind = OPTION_NUMBER, .offset = ROW(readers), .min = 1, .max = 15000,
     .value = "N", .fallback = "1000", .help = "readers of the fan-out"},
    {.name = "rate", .kind = OPTION_NUMBER, .offset = ROW(rate), .min = 1, .max = 10000,
     .value = "N", .fallback = "50", .help = "lines a second of the fan-out's moderate run"},
    {.name = "rounds", .kind = OPTION_NUMBER, .offset = ROW(rounds), .min = 1, .max = 30,
     .value = "N", .fallback = "3", .help = "how often a run is repeated; the median counts"},
    {.name = "seconds", .kind = OPTION_SECONDS, .offset = ROW(run_ms), .min = 100, .max = 600000,
     .value = "SECONDS", .fallback = "1.5", .help = "how long one run lasts"},
    {.name = "help", .kind = OPTION_FLAG, .offset = ROW(help), .argv_only = true,
     .help = "show this and exit"},
};
/* clang-format on */

static const struct measurement *
find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(measurements); i++)
        if (strcmp(measurements[i].name, name) == 0)
            return &measurements[i];
    fprintf(stderr, "rtchat-measure: there is no measurement %s\n", name);
    return NULL;
}

static void
print_help(void)
{
    printf("Usage: rtchat-measure [OPTION]... MEASUREMENT...\n");
    for (size_t i = 0; i < ARRAY_LEN(measurements); i++)
        printf("  %-10s %s\n", measurements[i].name, measurements[i].help);
    options_print_help(option_rows, ARRAY_LEN(option_rows), stdout);
}

static int
run_all(const struct settings *settings, char *const names[], int count)
{
    int code = 0;

    for (int i = 0; i < count && code == 0; i++) {
        const struct measurement *measurement = find(names[i]);

        code = measurement == NULL ? EXIT_USAGE : measurement->run(settings);
    }
    return code;
}

int
main(int argc, char **argv)
{
    struct settings settings = {0};
    struct option_error error;
    char **names = xcalloc((size_t)argc + 1, sizeof(*names));
    int count = 0, code = EXIT_USAGE;

    signal(SIGPIPE, SIG_IGN);
    open_files_raise();
    options_init(option_rows, ARRAY_LEN(option_rows), &settings);
    if (options_parse_argv(option_rows, ARRAY_LEN(option_rows), &settings, argc, argv, names,
                           &count, &error) < 0)
        fprintf(stderr, "rtchat-measure: %s\n", error.message);
    else if (settings.help)
        code = 0;
    else if (count == 0)
        fprintf(stderr, "rtchat-measure: which measurement? --help lists them\n");
    else
        code = run_all(&settings, names, count);
    if (settings.help && code == 0)
        print_help();
    options_fini(option_rows, ARRAY_LEN(option_rows), &settings);
    free(names);
    return code;
}
