/* The program's own log: one line a fact, to standard error or a file.
 *
 *   2026-11-24T09:12:03.120Z info  conn: c17 ws open user=ann after=k3-4120
 *
 * A file that logs defines LOG_MODULE before it includes this. Lines begin with the id of what they
 * speak of; values follow as key=value. Never a message's text, a token or a password. Control
 * characters in a line are made visible, so no value can forge a line. Safe from any thread. */
#pragma once

#include <stdbool.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Sets what is written; the default is LOG_INFO. */
void log_set_level(enum log_level level);
bool log_level_parse(const char *text, enum log_level *ret_level); /* error|warn|info|debug */
bool log_enabled(enum log_level level);

/* Where lines go: a file that is appended to (0600), or NULL for standard error. 0 or -errno. */
int log_open(const char *path);

void log_write(enum log_level level, const char *module, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define LOG_AT(level, ...)                                                                         \
    do {                                                                                           \
        if (log_enabled(level))                                                                    \
            log_write(level, LOG_MODULE, __VA_ARGS__);                                             \
    } while (0)
#define log_error(...) LOG_AT(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  LOG_AT(LOG_WARN, __VA_ARGS__)
#define log_info(...)  LOG_AT(LOG_INFO, __VA_ARGS__)
#define log_debug(...) LOG_AT(LOG_DEBUG, __VA_ARGS__)
