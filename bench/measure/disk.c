#include "bench/measure/disk.h"

#include "common/clock.h"
#include "common/util.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MESSAGE_MAX 4096

/* Calls write_one until time is up. Calls a second, or -1 when one failed. */
static double
rate_of(int (*write_one)(void *context), void *context, int64_t duration_ms)
{
    int64_t began_us = clock_mono_us(), now_us = began_us;
    unsigned count = 0;

    while (now_us - began_us < duration_ms * 1000) {
        if (write_one(context) < 0)
            return -1;
        count++;
        now_us = clock_mono_us();
    }
    return count * 1e6 / (double)(now_us - began_us);
}

struct plain_file {
    int fd;
    unsigned len;
    int64_t slower_us;
};

static int
write_and_sync(void *context)
{
    static const char message[MESSAGE_MAX];
    const struct plain_file *file = context;
    int result = write_all(file->fd, message, MIN(file->len, MESSAGE_MAX));

    if (file->slower_us > 0)
        usleep((useconds_t)file->slower_us);
    if (result == 0 && fsync(file->fd) < 0)
        result = -errno;
    if (result < 0)
        fprintf(stderr, "rtchat-measure: cannot write: %s\n", strerror(-result));
    return result;
}

double
disk_fsync_rate(const char *dir, unsigned len, int64_t slower_us, int64_t duration_ms)
{
    char *path = xasprintf("%s/plain", dir);
    struct plain_file file = {.fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600),
                              .len = len,
                              .slower_us = slower_us};
    double rate = rate_of(write_and_sync, &file, duration_ms);

    if (file.fd >= 0)
        close(file.fd);
    free(path);
    return rate;
}

static int
insert(void *context)
{
    sqlite3_stmt *statement = context;
    int result = sqlite3_step(statement);

    sqlite3_reset(statement);
    if (result == SQLITE_DONE)
        return 0;
    fprintf(stderr, "rtchat-measure: cannot insert: %s\n", sqlite3_errstr(result));
    return -EIO;
}

static sqlite3 *
open_database(const char *path)
{
    sqlite3 *database = NULL;

    if (sqlite3_open(path, &database) == SQLITE_OK &&
        sqlite3_exec(database,
                     "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                     "CREATE TABLE IF NOT EXISTS event (seq INTEGER PRIMARY KEY, body BLOB)",
                     NULL, NULL, NULL) == SQLITE_OK)
        return database;
    fprintf(stderr, "rtchat-measure: %s: %s\n", path, sqlite3_errmsg(database));
    sqlite3_close(database);
    return NULL;
}

double
disk_sqlite_rate(const char *dir, unsigned len, int64_t duration_ms)
{
    char *path = xasprintf("%s/one-by-one.db", dir);
    sqlite3 *database = open_database(path);
    sqlite3_stmt *statement = NULL;
    double rate = -1;

    if (database != NULL &&
        sqlite3_prepare_v2(database, "INSERT INTO event (body) VALUES (zeroblob(?))", -1,
                           &statement, NULL) == SQLITE_OK) {
        sqlite3_bind_int(statement, 1, (int)len);
        rate = rate_of(insert, statement, duration_ms);
    }
    sqlite3_finalize(statement);
    sqlite3_close(database);
    free(path);
    return rate;
}
