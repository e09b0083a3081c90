#include "server/log/store_sqlite_db.h"

#include "common/util.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* For programs beside the server, such as a backup, which may hold the database for a moment. */
#define BUSY_TIMEOUT_MS 5000

struct fault {
    int code; /* SQLite's primary result code */
    int error;
    const char *sentence; /* stands between the path and SQLite's or the system's own words */
};

static const struct fault faults[] = {
    {SQLITE_FULL, ENOSPC, "has no room left"},
    {SQLITE_READONLY, EROFS, "can only be read"},
    {SQLITE_CANTOPEN, EACCES, "cannot be opened"},
    {SQLITE_PERM, EACCES, "cannot be opened"},
    {SQLITE_NOTADB, EBADMSG, "is not an rtchat log"},
    {SQLITE_CORRUPT, EBADMSG, "is damaged"},
    {SQLITE_BUSY, EAGAIN, "is held by another program"},
    {SQLITE_LOCKED, EAGAIN, "is held by another program"},
    {SQLITE_NOMEM, ENOMEM, "needs more memory"},
    {SQLITE_IOERR, EIO, "cannot be read or written"},
    {SQLITE_ERROR, EIO, "is not as it should be"},
};

static const struct fault *
find_fault(const struct sqlite_db *db)
{
    int code = db->handle == NULL ? SQLITE_NOMEM : sqlite3_errcode(db->handle) & 0xff;
    for (size_t i = 0; i < ARRAY_LEN(faults); i++)
        if (faults[i].code == code)
            return &faults[i];
    return &faults[ARRAY_LEN(faults) - 1];
}

int
sqlite_db_error(const struct sqlite_db *db)
{
    return -find_fault(db)->error;
}

/* SQLite keeps the system's errno apart; where it has one it says more than SQLite's sentence. */
void
sqlite_db_explain(const struct sqlite_db *db, const char *path, char *why, size_t why_size)
{
    const struct fault *fault = find_fault(db);
    int error = db->handle == NULL ? ENOMEM : sqlite3_system_errno(db->handle);
    bool has_error = error != 0 && (fault->code == SQLITE_CANTOPEN || fault->code == SQLITE_IOERR);
    const char *words = has_error ? strerror(error) : sqlite3_errmsg(db->handle);
    snprintf(why, why_size, "%s %s: %s", path, fault->sentence, words);
}

int
sqlite_db_open(struct sqlite_db *db, const char *path, int flags)
{
    *db = (struct sqlite_db){0};
    int rc = sqlite3_open_v2(path, &db->handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc != SQLITE_OK)
        return sqlite_db_error(db);
    sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS);
    return 0;
}

int
sqlite_db_prepare(struct sqlite_db *db, const char *const *sql, size_t count)
{
    assert(count <= SQLITE_DB_STATEMENTS_MAX);
    for (size_t i = 0; i < count; i++)
        if (sqlite3_prepare_v3(db->handle, sql[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &db->statements[i], NULL) != SQLITE_OK)
            return sqlite_db_error(db);
    return 0;
}

void
sqlite_db_close(struct sqlite_db *db)
{
    for (size_t i = 0; i < SQLITE_DB_STATEMENTS_MAX; i++)
        sqlite3_finalize(db->statements[i]);
    sqlite3_close(db->handle);
    *db = (struct sqlite_db){0};
}

int
sqlite_db_exec(struct sqlite_db *db, const char *sql)
{
    return sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : sqlite_db_error(db);
}

/* Prepares and steps to the first row; the caller finalizes in either case. */
static int
ask(struct sqlite_db *db, const char *sql, sqlite3_stmt **ret_statement)
{
    *ret_statement = NULL;
    if (sqlite3_prepare_v2(db->handle, sql, -1, ret_statement, NULL) != SQLITE_OK)
        return sqlite_db_error(db);
    int rc = sqlite3_step(*ret_statement);
    return rc == SQLITE_ROW ? 0 : rc == SQLITE_DONE ? -ENOENT : sqlite_db_error(db);
}

int
sqlite_db_ask_number(struct sqlite_db *db, const char *sql, int64_t *ret_number)
{
    sqlite3_stmt *statement;
    int r = ask(db, sql, &statement);
    if (r == 0)
        *ret_number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return r;
}

int
sqlite_db_ask_text(struct sqlite_db *db, const char *sql, char *ret_text, size_t size)
{
    sqlite3_stmt *statement;
    int r = ask(db, sql, &statement);
    if (r == 0) {
        const char *text = (const char *)sqlite3_column_text(statement, 0);
        r = text == NULL ? -ENOENT : str_copy(ret_text, size, text);
    }
    sqlite3_finalize(statement);
    return r;
}

int
sqlite_db_finish(struct sqlite_db *db, sqlite3_stmt *statement, int step)
{
    int r = step == SQLITE_ROW || step == SQLITE_DONE ? 0 : sqlite_db_error(db);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return r;
}

int
sqlite_db_run(struct sqlite_db *db, sqlite3_stmt *statement)
{
    int step;
    do
        step = sqlite3_step(statement);
    while (step == SQLITE_ROW);
    return sqlite_db_finish(db, statement, step);
}
