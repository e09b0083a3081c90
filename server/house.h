/* Building a server from its options and taking it down again, in the order that this needs. */
#pragma once

#include <stddef.h>

struct house;
struct listen_plan;
struct server;
struct server_config;

/* Opens the log, reads what it holds, and makes the workers; nobody is served yet. config, the
 * paths and plan are borrowed until house_close, plan only for the call. NULL with why filled. */
struct house *house_open(const struct server_config *config, const char *cert_path,
                         const char *key_path, const struct listen_plan *plan, char *why,
                         size_t why_size);
/* The same without workers: nobody can come in, but what is appended is as in any server. */
struct house *house_open_quiet(const struct server_config *config, char *why, size_t why_size);
const struct server *house_server(const struct house *house);
/* Serves. 0 or -errno. */
int house_start(struct house *house);
void house_renew_certificate(struct house *house);
/* Says bye, waits until everybody has gone, commits what was submitted, and closes the log. NULL is
 * fine. */
void house_close(struct house *house);
