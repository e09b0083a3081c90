/* The client's options: one table for argv, the file, --help, completions and the manual's test. */
#pragma once

#include "common/option.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLIENT_DEFAULT_URL "https://localhost:8443"

struct client_config {
    char *url;     /* the operand; NULL: the default https://localhost:8443 */
    int transport; /* 0: auto, else one more than the index into link_rows */
    int http;      /* an enum http_wish */
    int64_t poll_interval_ms;
    char *user; /* lower-cased; default: the login name */
    char *password_file;
    bool register_account;
    char *invite; /* with register_account; or NULL */
    struct option_list rooms;
    char *after;
    char *ca_file;
    char *fingerprint;
    char *proxy;        /* a URL or "none"; NULL: as the environment says */
    int64_t timeout_ms; /* --timeout */
    int typing;         /* 0: not told to others */
    bool plain, json, follow, ascii, doctor, stats;
    char *log_file;
    int log_level;
    char *config;
    bool help, version;
};

extern const struct option_row client_options[];
extern const size_t client_option_count;

/* Fills config (any memory) from the defaults, the files and argv, later ones winning, and checks
 * what the table cannot. Where help or version was asked for, argv alone is read. 0, or -EINVAL
 * with error filled: one line of what was wrong and wanted. Either way client_config_fini ends it.
 */
int client_config_load(struct client_config *config, int argc, char **argv,
                       struct option_error *error);
void client_config_fini(struct client_config *config);
/* The room, where none was given. */
void client_config_add_room(struct client_config *config, const char *room);

/* Where tokens, pins and outboxes are kept: $XDG_STATE_HOME/rtchat or ~/.local/state/rtchat. NULL
 * where there is no home. The caller frees it. */
char *client_state_dir(void);
