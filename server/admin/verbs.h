/* What `rtchat-server VERB …` does in place of serving. */
#pragma once

#include "common/option.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct server_config;

/* Options that belong to some verbs only. */
enum verb_option {
    VERB_PASSWORD_FILE = 1,
    VERB_GENERATE = 2,
    VERB_DAYS = 4,
};

struct verb_ops {
    const char *words;   /* "user add" */
    const char *operand; /* the one that it wants, as --help calls it, or NULL */
    unsigned options;    /* enum verb_option bits */
    const char *deed;    /* which order it is; NULL: it does its work by itself */
    const char *help;    /* one sentence without a full stop */
    /* operand: "" where it wants none. The exit code. */
    int (*run)(const struct server_config *config, const struct verb_ops *verb,
               const char *operand);
};

extern const struct verb_ops verb_rows[];
extern const size_t verb_count;

/* The verb and operand that the words of config ask for; *ret_verb NULL where there are no words,
 * that is, where the server shall serve. 0, or -EINVAL with error: an unknown verb, a word too few
 * or too many, a malformed name, an option that is not for this. */
int verb_find(const struct server_config *config, const struct verb_ops **ret_verb,
              const char **ret_operand, struct option_error *error);

/* A line a verb, as --help shows them. */
void verbs_print_help(FILE *out);
