/* What one server is made of: everything that lives as long as the process and is shared by its
 * workers. main.c fills it; each member's own header says what threads may do with it. */
#pragma once

#include <stddef.h>

struct accounts;
struct appender;
struct invites;
struct limits;
struct password_desk;
struct people;
struct pongs;
struct server_config;
struct sessions;
struct store;
struct window;
struct worker;

struct server {
    const struct server_config *config;
    struct store *store;
    struct window *window;
    struct appender *appender;
    struct accounts *accounts;
    struct sessions *sessions;
    struct invites *invites;
    struct limits *limits;
    struct people *people;
    struct pongs *pongs;
    struct password_desk *desk;
    const char *cert_path; /* what the workers serve */
    const char *key_path;
    struct worker **workers; /* all of them are made before the first is started */
    size_t worker_count;
};
