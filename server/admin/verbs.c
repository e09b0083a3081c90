#include "server/admin/verbs.h"

#include "common/buf.h"
#include "common/names.h"
#include "common/util.h"
#include "server/admin/admin_call.h"
#include "server/admin/order.h"
#include "server/admin/password_source.h"
#include "server/config.h"
#include "server/log/store.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAYS_DEFAULT 7

static int
say_failure(const char *why)
{
    fprintf(stderr, "rtchat-server: %s\n", why);
    return EXIT_FAILURE;
}

/* Takes the order, and prints what comes of it. */
static int
call(const struct server_config *config, const struct verb_ops *verb, struct order *order)
{
    struct buf said = BUF_INIT;
    char why[300];
    int result;

    str_copy(order->deed, sizeof(order->deed), verb->deed);
    result = admin_call(config, order, &said, why, sizeof(why));
    if (result == 0 && (fputs(buf_text(&said), stdout) == EOF || fflush(stdout) == EOF)) {
        snprintf(why, sizeof(why), "standard output: %s", strerror(errno));
        result = -EIO;
    }
    buf_fini(&said);
    return result < 0 ? say_failure(why) : EXIT_SUCCESS;
}

static int
run_plain(const struct server_config *config, const struct verb_ops *verb, const char *operand)
{
    struct order order = {0};

    return call(config, verb, &order);
}

static int
run_named(const struct server_config *config, const struct verb_ops *verb, const char *operand)
{
    struct order order = {0};

    name_lower(order.name, sizeof(order.name), operand);
    return call(config, verb, &order);
}

static int
find_password(const struct server_config *config, const char *name, char dst[PASSWORD_MAX + 1],
              char *why, size_t why_size)
{
    if (config->password_file != NULL)
        return password_read(config->password_file, dst, why, why_size);
    if (!config->generate)
        return password_ask(name, dst, why, why_size);
    password_generate(dst);
    return 0;
}

/* It is hashed here: what travels is the hash. A made one is shown when it is true. */
static int
run_password(const struct server_config *config, const struct verb_ops *verb, const char *operand)
{
    struct order order = {0};
    char password[PASSWORD_MAX + 1] = "", why[300];
    int status = EXIT_FAILURE;

    name_lower(order.name, sizeof(order.name), operand);
    if (find_password(config, order.name, password, why, sizeof(why)) < 0)
        say_failure(why);
    else if (password_hash(order.hash, password) < 0)
        say_failure("the password cannot be hashed");
    else
        status = call(config, verb, &order);
    if (status == EXIT_SUCCESS && config->generate)
        printf("%s\n", password);
    explicit_bzero(password, sizeof(password));
    return status;
}

static int
run_invite(const struct server_config *config, const struct verb_ops *verb, const char *operand)
{
    struct order order = {.days = config->days != 0 ? config->days : DAYS_DEFAULT};

    return call(config, verb, &order);
}

static int
run_revoke(const struct server_config *config, const struct verb_ops *verb, const char *operand)
{
    struct order order = {0};

    str_copy(order.invite, sizeof(order.invite), operand);
    return call(config, verb, &order);
}

/* By this process, whether a server runs or not. */
static int
run_backup(const struct server_config *config, const struct verb_ops *verb, const char *operand)
{
    const char *store = config->store, *path = strchr(store, ':');
    char why[300];

    if (store_backup(store, operand, why, sizeof(why)) < 0)
        return say_failure(why);
    printf("%s is a copy of %s\n"
           "To restore it: stop the server, remove %s-wal and %s-shm, put a copy of it in the "
           "place of %s, start the server.\n"
           "A restored log has a new epoch: clients are told of a gap and read on at its end.\n",
           operand, store, path + 1, path + 1, path + 1);
    return EXIT_SUCCESS;
}

/* clang-format off */
const struct verb_ops verb_rows[] = {
    {"user add",      "NAME", VERB_PASSWORD_FILE | VERB_GENERATE, "user_add",
     "make an account", run_password},
    {"user password", "NAME", VERB_PASSWORD_FILE | VERB_GENERATE, "user_password",
     "give an account a new password and end its sessions", run_password},
    {"user list",     NULL,   0, "user_list",
     "list who has a name, and who is banned", run_plain},
    {"user ban",      "NAME", 0, "user_ban",
     "end the sessions of a name and let nobody in by it", run_named},
    {"user unban",    "NAME", 0, "user_unban",
     "lift a ban", run_named},
    {"invite",        NULL,   VERB_DAYS, "invite",
     "print a code by which one account can be registered", run_invite},
    {"invite list",   NULL,   0, "invite_list",
     "list the invitations that nobody has used", run_plain},
    {"invite revoke", "CODE", 0, "invite_revoke",
     "take back the invitation whose code begins so", run_revoke},
    {"backup",        "FILE", 0, NULL,
     "copy the log, also while the server runs", run_backup},
};
/* clang-format on */
const size_t verb_count = ARRAY_LEN(verb_rows);

static int __attribute__((format(printf, 2, 3)))
fail(struct option_error *error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(error->message, sizeof(error->message), format, args);
    va_end(args);
    return -EINVAL;
}

/* How many words of the row stand at the front of config's; 0 where not all of them do. */
static int
count_matching(const struct verb_ops *row, const struct server_config *config)
{
    char words[64], *rest = words, *word;
    int count = 0;

    snprintf(words, sizeof(words), "%s", row->words);
    for (; (word = strsep(&rest, " ")) != NULL; count++)
        if (count == config->word_count || strcmp(config->words[count], word) != 0)
            return 0;
    return count;
}

/* The row with the most words. */
static const struct verb_ops *
find_row(const struct server_config *config, int *ret_count)
{
    const struct verb_ops *found = NULL;

    *ret_count = 0;
    for (size_t i = 0; i < verb_count; i++) {
        int count = count_matching(&verb_rows[i], config);

        if (count > *ret_count) {
            found = &verb_rows[i];
            *ret_count = count;
        }
    }
    return found;
}

/* Those verbs that begin with the first word, or else all. */
static int
fail_unknown(const struct server_config *config, struct option_error *error)
{
    const char *first = config->words[0], *second = config->word_count > 1 ? config->words[1] : "";
    struct buf known = BUF_INIT;
    size_t len = strlen(first);
    bool is_family = false;
    int result;

    for (size_t i = 0; i < verb_count; i++)
        is_family |= strncmp(verb_rows[i].words, first, len) == 0 && verb_rows[i].words[len] == ' ';
    for (size_t i = 0; i < verb_count; i++)
        if (!is_family || strncmp(verb_rows[i].words, first, len) == 0)
            buf_addf(&known, "%s%s", known.len > 0 ? ", " : "", verb_rows[i].words);
    result =
        fail(error, "unknown command \"%.40s%s%.40s\"; wanted one of: %s", first,
             is_family && *second != '\0' ? " " : "", is_family ? second : "", buf_text(&known));
    buf_fini(&known);
    return result;
}

static int
check_operand(const struct verb_ops *verb, const char *operand, struct option_error *error)
{
    char name[USER_SIZE];
    const char *fault = NULL;

    if (verb->operand == NULL)
        return 0;
    if (strcmp(verb->operand, "NAME") == 0) {
        if (strlen(operand) > USER_MAX)
            return fail(error, "%s: a name of %zu bytes; wanted at most %d", verb->words,
                        strlen(operand), USER_MAX);
        name_lower(name, sizeof(name), operand);
        fault = user_name_fault(name);
    }
    if (fault != NULL)
        return fail(error, "%s: \"%s\": %s", verb->words, operand, fault);
    if (strcmp(verb->operand, "CODE") == 0 && strlen(operand) > INVITE_GIVEN_MAX)
        return fail(error, "%s: a code of %zu bytes; wanted at most %d", verb->words,
                    strlen(operand), INVITE_GIVEN_MAX);
    return *operand != '\0' ? 0 : fail(error, "%s: wanted %s", verb->words, verb->operand);
}

/* verb NULL: serving. */
static int
check_options(const struct server_config *config, const struct verb_ops *verb,
              struct option_error *error)
{
    const struct {
        unsigned option;
        bool is_given;
        const char *name;
    } given[] = {
        {VERB_PASSWORD_FILE, config->password_file != NULL, "password-file"},
        {VERB_GENERATE, config->generate, "generate"},
        {VERB_DAYS, config->days != 0, "days"},
    };
    unsigned wanted = verb == NULL ? 0 : verb->options;

    for (size_t i = 0; i < ARRAY_LEN(given); i++)
        if (given[i].is_given && (wanted & given[i].option) == 0)
            return fail(error, "--%s is not for %s; wanted with %s", given[i].name,
                        verb == NULL ? "serving" : verb->words,
                        given[i].option == VERB_DAYS ? "invite" : "user add or user password");
    if (config->generate && config->password_file != NULL)
        return fail(error, "--generate and --password-file: wanted one of the two");
    return 0;
}

int
verb_find(const struct server_config *config, const struct verb_ops **ret_verb,
          const char **ret_operand, struct option_error *error)
{
    const struct verb_ops *verb = NULL;
    int count = 0, wanted;

    if (config->word_count > 0) {
        verb = find_row(config, &count);
        if (verb == NULL)
            return fail_unknown(config, error);
    }

    wanted = count + (verb != NULL && verb->operand != NULL);
    if (config->word_count < wanted)
        return fail(error, "%s: wanted %s", verb->words, verb->operand);
    if (config->word_count > wanted)
        return fail(error, "%s: not wanted: \"%.80s\"", verb->words, config->words[wanted]);
    *ret_operand = wanted > count ? config->words[count] : "";
    if (verb != NULL && check_operand(verb, *ret_operand, error) < 0)
        return -EINVAL;
    *ret_verb = verb;
    return check_options(config, verb, error);
}

void
verbs_print_help(FILE *out)
{
    for (size_t i = 0; i < verb_count; i++) {
        const struct verb_ops *verb = &verb_rows[i];
        char *usage = xasprintf("%s%s%s", verb->words, verb->operand != NULL ? " " : "",
                                verb->operand != NULL ? verb->operand : "");

        fprintf(out, "  %-20s  %s\n", usage, verb->help);
        free(usage);
    }
}
