/* What the main thread does while the workers serve: it waits for signals and for administrators.
 */
#pragma once

struct attendant;
struct house;

struct attendant_config {
    struct house *house;           /* borrowed until attendant_destroy */
    const char *data_dir;          /* where the administrators' socket is */
    void (*hangup)(void *context); /* on SIGHUP */
    void *context;
};

/* SIGTERM, SIGINT and SIGHUP must be blocked in every thread. A socket that cannot be made is
 * logged and is no reason not to serve. */
struct attendant *attendant_create(const struct attendant_config *config);
/* Until SIGTERM or SIGINT, whose number it returns. The next one ends the process at once. */
int attendant_run(struct attendant *attendant);
void attendant_destroy(struct attendant *attendant);
