/* One connection to an SQLite database: opened as the log wants it, its statements prepared once,
 * its errors as -errno and as sentences. A connection is used by one thread at a time. */
#pragma once

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#define SQLITE_DB_STATEMENTS_MAX 16

struct sqlite_db {
    sqlite3 *handle;
    sqlite3_stmt *statements[SQLITE_DB_STATEMENTS_MAX]; /* by the index of their SQL */
};

/* flags as sqlite3_open_v2 takes them. 0 or -errno; sqlite_db_close in either case. */
int sqlite_db_open(struct sqlite_db *db, const char *path, int flags);
int sqlite_db_prepare(struct sqlite_db *db, const char *const *sql, size_t count);
void sqlite_db_close(struct sqlite_db *db);

/* One or more statements without answers. 0 or -errno. */
int sqlite_db_exec(struct sqlite_db *db, const char *sql);
/* The first column of the first row. 0, -ENOENT when there is none, or -errno. */
int sqlite_db_ask_number(struct sqlite_db *db, const char *sql, int64_t *ret_number);
int sqlite_db_ask_text(struct sqlite_db *db, const char *sql, char *ret_text, size_t size);

/* Steps to the end, resets and unbinds: for one that writes. 0 or -errno. */
int sqlite_db_run(struct sqlite_db *db, sqlite3_stmt *statement);
/* Resets and unbinds after a read: 0 when the last step (its result code) was a row or the end,
 * else -errno. */
int sqlite_db_finish(struct sqlite_db *db, sqlite3_stmt *statement, int step);

/* What the connection's last call met. */
int sqlite_db_error(const struct sqlite_db *db);
void sqlite_db_explain(const struct sqlite_db *db, const char *path, char *why, size_t why_size);
