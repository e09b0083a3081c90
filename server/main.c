/* rtchat-server: options in; a verb of administration, or one server. */
#define LOG_MODULE "main"
#include "common/log.h"
#include "common/util.h"
#include "server/admin/verbs.h"
#include "server/attendant.h"
#include "server/config.h"
#include "server/datadir.h"
#include "server/house.h"
#include "server/web/context_lws.h"
#include "server/web/listener.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { EXIT_GOOD = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

static int
say_fault(const char *why, int status)
{
    fprintf(stderr, "rtchat-server: %s\n", why);
    return status;
}

/* A connection is a descriptor, so all that the system allows are wanted. */
static void
raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* All threads inherit the block: signals come to the main thread's attendant alone. */
static void
block_signals(void)
{
    sigset_t set;

    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file at its limit is a failed write, as on a full disk */
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

struct serving {
    struct house *house;
    struct certificate *certificate;
};

static void
renew_certificate(void *context)
{
    struct serving *serving = context;
    char why[300];

    if (certificate_check(serving->certificate, why, sizeof(why)) < 0) {
        log_error("the certificate stays as it was: %s", why);
        return;
    }
    house_renew_certificate(serving->house);
    log_info("certificate read again SHA-256 %s", serving->certificate->fingerprint);
}

static void
serve_until_told(struct serving *serving, const char *data_dir, const struct listen_plan *plan)
{
    const struct attendant_config config = {
        .house = serving->house,
        .data_dir = data_dir,
        .hangup = renew_certificate,
        .context = serving,
    };
    struct attendant *attendant = attendant_create(&config);

    printf("rtchat-server: certificate SHA-256 %s\n", serving->certificate->fingerprint);
    printf("rtchat-server: listening on https://%s\n", plan->shown);
    fflush(stdout);
    int signum =
        attendant_run(attendant); /* not within log_info, which may leave out its arguments */
    log_info("ends on %s", signum == SIGTERM ? "SIGTERM" : "SIGINT");
    attendant_destroy(attendant);
}

static int
serve(const struct server_config *config, struct certificate *certificate,
      const struct listen_plan *plan)
{
    struct serving serving = {.certificate = certificate};
    char why[300];

    raise_descriptor_limit();
    block_signals();
    context_log_start();
    serving.house =
        house_open(config, certificate->cert_path, certificate->key_path, plan, why, sizeof(why));
    if (serving.house == NULL)
        return say_fault(why, EXIT_FAILED);
    context_log_serving();
    if (house_start(serving.house) < 0) {
        house_close(serving.house);
        return say_fault("threads cannot be started", EXIT_FAILED);
    }
    serve_until_told(&serving, config->data_dir, plan);
    house_close(serving.house);
    return EXIT_GOOD;
}

static int
prepare_and_serve(const struct server_config *config)
{
    char why[300];
    struct certificate certificate = {0};
    struct listen_plan plan = {0};
    int status = EXIT_FAILED;

    if (datadir_prepare(config->data_dir, why, sizeof(why)) < 0 ||
        certificate_find(&certificate, config, true, why, sizeof(why)) < 0 ||
        listen_plan_make(&plan, &config->bind, (uint16_t)config->port, why, sizeof(why)) < 0)
        say_fault(why, status);
    else
        status = serve(config, &certificate, &plan);
    listen_plan_fini(&plan);
    certificate_fini(&certificate);
    return status;
}

/* Makes nothing: a certificate that the first start would make is no fault. */
static int
check_config(const struct server_config *config)
{
    char why[300];
    struct certificate certificate = {0};
    int result = 0;

    if (config->cert != NULL)
        result = certificate_find(&certificate, config, false, why, sizeof(why));
    certificate_fini(&certificate);
    if (result < 0)
        return say_fault(why, EXIT_FAILED);
    printf("rtchat-server: the configuration is good\n");
    return EXIT_GOOD;
}

static void
print_help(void)
{
    printf("Usage: rtchat-server [OPTION]...\n"
           "       rtchat-server [OPTION]... COMMAND\n"
           "Serve a chat over TLS, or administer one on its machine. See rtchat-server(8).\n\n");
    verbs_print_help(stdout);
    printf("\n");
    options_print_help(server_options, server_option_count, stdout);
}

static int
run(struct server_config *config, int argc, char **argv)
{
    const struct verb_ops *verb = NULL;
    const char *operand = "";
    struct option_error error;

    if (config_read(config, argc, argv, &error) < 0)
        return say_fault(error.message, EXIT_USAGE);
    if (config->help || config->version) {
        if (config->help)
            print_help();
        else
            printf("rtchat-server %s\n", RTCHAT_VERSION);
        return EXIT_GOOD;
    }
    if (verb_find(config, &verb, &operand, &error) < 0 || config_complete(config, &error) < 0)
        return say_fault(error.message, EXIT_USAGE);
    log_set_level((enum log_level)config->log_level);
    if (verb != NULL)
        return verb->run(config, verb, operand);
    return config->check_config ? check_config(config) : prepare_and_serve(config);
}

int
main(int argc, char **argv)
{
    struct server_config config;
    int status = run(&config, argc, argv);

    config_fini(&config);
    return status;
}
