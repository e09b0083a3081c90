/* rtchat-client: reads its options, then picks a face. */
#include "client/config.h"
#include "client/doctor.h"
#include "client/json.h"
#include "client/plain.h"
#include "client/ui/ui.h"
#include "common/log.h"
#include "common/question.h"
#include "common/secret.h"
#include "common/util.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PASSWORD_SIZE 1025

enum { EXIT_GOOD, EXIT_FAILED, EXIT_USAGE };

static void
print_help(void)
{
    printf("Usage: rtchat-client [OPTION]... [URL]\n"
           "Chats on the rtchat server at URL (default %s): on a terminal with a screen,\n"
           "otherwise lines of standard input are said and events are lines of standard output.\n"
           "\n",
           CLIENT_DEFAULT_URL);
    options_print_help(client_options, client_option_count, stdout);
    printf("\nIn the configuration files /etc/rtchat/rtchat.conf and ~/.config/rtchat/rtchat.conf "
           "the\n"
           "options stand as name = value under [client].\n");
}

/* Where the locale knows no UTF-8, the screen keeps to ASCII; what is read and written is UTF-8 all
 * the same, as the protocol is. */
static bool
set_locale(void)
{
    setlocale(LC_ALL, "");
    if (strcmp(nl_langinfo(CODESET), "UTF-8") == 0)
        return true;

    setlocale(LC_CTYPE, "C.UTF-8");
    return false;
}

static int
read_password(const char *path, char dst[PASSWORD_SIZE])
{
    int result = secret_read(path, dst, PASSWORD_SIZE);

    if (result == -EINVAL)
        fprintf(stderr,
                "rtchat-client: --password-file=%s: wanted a password of 1-%d bytes in its first "
                "line\n",
                path, PASSWORD_SIZE - 2);
    else if (result < 0)
        fprintf(stderr, "rtchat-client: --password-file=%s: %s\n", path, strerror(-result));
    return result;
}

/* A new password is asked for twice. */
static int
ask_new_password(char dst[PASSWORD_SIZE])
{
    char again[PASSWORD_SIZE];
    int result = question_secret("New password: ", dst, PASSWORD_SIZE);

    if (result == 0)
        result = question_secret("And again: ", again, sizeof(again));
    if (result == 0 && strcmp(dst, again) != 0) {
        fprintf(stderr, "rtchat-client: the two passwords differ\n");
        result = -EINVAL;
    } else if (result < 0) {
        fprintf(stderr, "rtchat-client: --register wants a password: --password-file=FILE\n");
    }

    explicit_bzero(again, sizeof(again));
    return result;
}

/* *ret_given: dst has one. */
static int
find_password(const struct client_config *config, char dst[PASSWORD_SIZE], bool *ret_given)
{
    *ret_given = config->password_file != NULL || config->register_account;
    if (config->password_file != NULL)
        return read_password(config->password_file, dst);

    return config->register_account ? ask_new_password(dst) : 0;
}

static bool
wants_screen(const struct client_config *config)
{
    return !config->plain && !config->json && !config->doctor && isatty(STDIN_FILENO) &&
           isatty(STDOUT_FILENO);
}

static int
run_plain(struct client_config *config, const char *password)
{
    config->plain = true;
    client_config_add_room(config, "#lobby");
    return plain_run(config, password);
}

static int
run_face(struct client_config *config, const char *password)
{
    if (config->doctor)
        return doctor_run(config, password);
    if (config->json)
        return json_run(config, password);
    if (!wants_screen(config))
        return run_plain(config, password);

    int code = ui_run(config, password);
    return code >= 0 ? code : run_plain(config, password);
}

static int
open_log(const struct client_config *config)
{
    const char *path = config->log_file;

    log_set_level((enum log_level)config->log_level);
    /* Nothing may scribble on the screen. */
    if (path == NULL && wants_screen(config))
        path = "/dev/null";

    int result = path != NULL ? log_open(path) : 0;
    if (result < 0)
        fprintf(stderr, "rtchat-client: --log-file=%s: %s\n", path, strerror(-result));
    return result;
}

static int
run(struct client_config *config, bool utf8)
{
    char password[PASSWORD_SIZE] = "";
    bool given;

    if (open_log(config) < 0 || find_password(config, password, &given) < 0)
        return EXIT_FAILED;

    if (!utf8 && wants_screen(config))
        config->ascii = true;
    int code = run_face(config, given ? password : NULL);
    explicit_bzero(password, sizeof(password));
    return code;
}

/* A standard stream that is closed would be taken by the next file that is opened. */
static void
fill_standard_streams(void)
{
    int fd = open("/dev/null", O_RDWR);

    while (fd >= 0 && fd <= STDERR_FILENO)
        fd = open("/dev/null", O_RDWR);
    if (fd >= 0)
        close(fd);
}

int
main(int argc, char **argv)
{
    struct client_config config;
    struct option_error error;
    int code = EXIT_GOOD;

    fill_standard_streams();
    bool utf8 = set_locale();

    if (client_config_load(&config, argc, argv, &error) < 0) {
        fprintf(stderr, "rtchat-client: %s\n", error.message);
        code = EXIT_USAGE;
    } else if (config.help) {
        print_help();
    } else if (config.version) {
        printf("rtchat-client %s\n", RTCHAT_VERSION);
    } else {
        code = run(&config, utf8);
    }

    client_config_fini(&config);
    return code;
}
