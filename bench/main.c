/* rtchat-bench: reads its options, then does what the verb says. */
#include "bench/config.h"
#include "bench/verbs.h"
#include "common/log.h"
#include "common/near.h"
#include "common/util.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

enum { EXIT_GOOD, EXIT_FAILED, EXIT_USAGE };

static void
print_help(void)
{
    printf("Usage: rtchat-bench [OPTION]... VERB [OPERAND]...\n"
           "Measures what the transports of rtchat cost, on a server of its own or the one at "
           "URL.\n\n");
    for (size_t i = 0; i < bench_verb_count; i++)
        printf("  %-9s %-10s %s\n", bench_verbs[i].name, bench_verbs[i].operands,
               bench_verbs[i].help);
    printf("\n");
    options_print_help(bench_options, bench_option_count, stdout);
    printf("\nIn the configuration files /etc/rtchat/rtchat.conf and ~/.config/rtchat/rtchat.conf "
           "the\n"
           "options stand as name = value under [bench].\n");
}

static const struct verb *
find(const char *name)
{
    for (size_t i = 0; i < bench_verb_count; i++)
        if (str_equal(bench_verbs[i].name, name))
            return &bench_verbs[i];
    return NULL;
}

static void
print_verbs(void)
{
    for (size_t i = 0; i < bench_verb_count; i++)
        fprintf(stderr, "%s%s",
                i == 0                      ? ""
                : i + 1 == bench_verb_count ? " or "
                                            : ", ",
                bench_verbs[i].name);
    fprintf(stderr, "\n");
}

static int
count_operands(const struct bench_config *config)
{
    int count = 0;

    while (count + 1 < BENCH_OPERANDS_MAX && config->operands[count + 1] != NULL)
        count++;
    return count;
}

static int
run(const struct bench_config *config)
{
    const struct verb *verb = find(config->operands[0]);

    if (verb == NULL) {
        if (config->operands[0] == NULL)
            fprintf(stderr, "rtchat-bench: no verb; wanted ");
        else
            fprintf(stderr, "rtchat-bench: there is no verb \"%.40s\"; wanted ",
                    config->operands[0]);
        print_verbs();
        return EXIT_USAGE;
    }

    int count = count_operands(config);
    if (count >= verb->operands_min && count <= verb->operands_max)
        return verb->run(config);

    fprintf(stderr, "rtchat-bench: %d operands; wanted %s %s\n", count, verb->name, verb->operands);
    return EXIT_USAGE;
}

int
main(int argc, char **argv)
{
    struct bench_config config;
    struct option_error error;
    int code = EXIT_GOOD;

    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C"); /* files and tables of figures read alike everywhere */
    if (bench_config_load(&config, argc, argv, &error) < 0) {
        fprintf(stderr, "rtchat-bench: %s\n", error.message);
        code = EXIT_USAGE;
    } else if (config.help) {
        print_help();
    } else if (config.version) {
        printf("rtchat-bench %s\n", RTCHAT_VERSION);
    } else {
        log_set_level((enum log_level)config.log_level);
        code = run(&config);
    }

    bench_config_fini(&config);
    return code;
}
