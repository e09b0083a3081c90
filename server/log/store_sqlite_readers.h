/* A few connections that only read, so that any thread reads while the log is appended to. */
#pragma once

#include "server/log/store.h"

#include <stddef.h>
#include <stdint.h>

struct sqlite_readers;

/* The database is there and its writer open as long as this is. Connections are opened when they
 * are first wanted; who comes when all are taken waits for one. */
struct sqlite_readers *sqlite_readers_create(const char *path);
void sqlite_readers_destroy(struct sqlite_readers *readers); /* none is reading; NULL is fine */

/* The members of store_ops of those names. */
int sqlite_readers_read(struct sqlite_readers *readers, uint64_t after, size_t limit,
                        struct store_page *ret_page);
int sqlite_readers_history(struct sqlite_readers *readers, const char *room, uint64_t before,
                           uint64_t since, size_t limit, struct store_page *ret_page);
int sqlite_readers_scan(struct sqlite_readers *readers, const char *prefix,
                        void (*each)(void *context, const char *key, const char *value),
                        void *context);
