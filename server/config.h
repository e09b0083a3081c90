/* The server's options: one table for argv, the file, --help and the manual's test. */
#pragma once

#include "common/option.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum registration {
    REGISTRATION_AUTO, /* open on loopback only, else invite */
    REGISTRATION_OPEN,
    REGISTRATION_INVITE,
    REGISTRATION_CLOSED,
};

struct server_config {
    int64_t port; /* 0: any free one */
    struct option_list bind;
    char *data_dir;
    char *cert, *key;
    char *store;      /* "sqlite:PATH", "memory:" */
    int64_t workers;  /* 0: one a core; at least 1 after config_complete */
    int guests;       /* yes, no, -1: when bound to loopback only */
    int registration; /* enum registration; never AUTO after config_complete */
    struct option_list trusted_proxy;
    struct option_list allow_origin;
    int64_t heartbeat_ms; /* 0: none */
    int64_t presence_grace_ms;
    int64_t rate, burst;
    int64_t connections_per_address;
    int64_t max_body;
    int http2;     /* yes or no */
    int log_level; /* enum log_level */
    bool check_config;
    char *config;
    bool help, version;

    /* of the verbs of administration, see server/admin/verbs.h */
    char *password_file;
    bool generate;
    int64_t days; /* 0: not given */
    char **words; /* argv's operands: owned array of borrowed words */
    int word_count;
};

extern const struct option_row server_options[];
extern const size_t server_option_count;

/* Defaults, files, then argv, which config goes on pointing into. 0; or -EINVAL with error filled.
 * --help and --version are only noted. Either way config_fini ends it. */
int config_read(struct server_config *config, int argc, char **argv, struct option_error *error);

/* Makes true what an option's default leaves open (data_dir, store, workers, guests, registration),
 * and checks what one row cannot (--cert without --key, a malformed --trusted-proxy
 * or --allow-origin). 0, or -EINVAL
 * with error. */
int config_complete(struct server_config *config, struct option_error *error);
void config_fini(struct server_config *config);

/* True when nobody but this machine can connect. */
bool config_is_loopback(const struct server_config *config);
