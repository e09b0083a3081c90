#include "server/log/store_sqlite_readers.h"

#define LOG_MODULE "store"
#include "common/log.h"
#include "common/util.h"
#include "server/log/entry.h"
#include "server/log/store_page.h"
#include "server/log/store_sqlite_db.h"
#include "server/log/store_sqlite_rooms.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define READERS_MAX 4
#define WHY_SIZE    256

enum { READ, HISTORY, SCAN, STATEMENT_COUNT };

static const char *const statements[STATEMENT_COUNT] = {
    [READ] = "SELECT body FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2",
    [HISTORY] = room_index_history_sql,
    [SCAN] = "SELECT key, value FROM records WHERE key >= ?1 ORDER BY key",
};

struct sqlite_readers {
    char *path;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t returned;
    struct sqlite_db *idle[READERS_MAX];
    size_t idle_count;
    size_t open_count; /* idle and taken */
};

static struct sqlite_db *
open_reader(const struct sqlite_readers *readers, int *ret_error)
{
    struct sqlite_db *db = xcalloc(1, sizeof(*db));
    int r = sqlite_db_open(db, readers->path, SQLITE_OPEN_READONLY);
    if (r == 0)
        r = sqlite_db_prepare(db, statements, STATEMENT_COUNT);
    if (r == 0)
        return db;

    char why[WHY_SIZE];
    sqlite_db_explain(db, readers->path, why, sizeof(why));
    log_error("cannot open for reading: %s", why);
    sqlite_db_close(db);
    free(db);
    *ret_error = r;
    return NULL;
}

/* db NULL: its opening failed. */
static void
give_back(struct sqlite_readers *readers, struct sqlite_db *db)
{
    pthread_mutex_lock(&readers->lock);
    if (db == NULL)
        readers->open_count--;
    else
        readers->idle[readers->idle_count++] = db;
    pthread_cond_signal(&readers->returned);
    pthread_mutex_unlock(&readers->lock);
}

/* NULL with ret_error when one had to be opened and could not. */
static struct sqlite_db *
take(struct sqlite_readers *readers, int *ret_error)
{
    struct sqlite_db *db = NULL;

    pthread_mutex_lock(&readers->lock);
    while (readers->idle_count == 0 && readers->open_count == READERS_MAX)
        pthread_cond_wait(&readers->returned, &readers->lock);
    if (readers->idle_count > 0)
        db = readers->idle[--readers->idle_count];
    else
        readers->open_count++;
    pthread_mutex_unlock(&readers->lock);

    if (db != NULL)
        return db;
    db = open_reader(readers, ret_error);
    if (db == NULL)
        give_back(readers, NULL);
    return db;
}

struct sqlite_readers *
sqlite_readers_create(const char *path)
{
    struct sqlite_readers *readers = xcalloc(1, sizeof(*readers));
    readers->path = xstrdup(path);
    pthread_mutex_init(&readers->lock, NULL);
    pthread_cond_init(&readers->returned, NULL);
    return readers;
}

void
sqlite_readers_destroy(struct sqlite_readers *readers)
{
    if (readers == NULL)
        return;
    for (size_t i = 0; i < readers->idle_count; i++) {
        sqlite_db_close(readers->idle[i]);
        free(readers->idle[i]);
    }
    pthread_cond_destroy(&readers->returned);
    pthread_mutex_destroy(&readers->lock);
    free(readers->path);
    free(readers);
}

/* An event of the log that cannot be read is a damaged log. */
static int
add_body(struct store_page *page, sqlite3_stmt *statement)
{
    const char *body = (const char *)sqlite3_column_text(statement, 0);
    size_t len = (size_t)sqlite3_column_bytes(statement, 0);
    struct event event;
    char why[WHY_SIZE];

    int r = body == NULL ? -ENOMEM : event_decode(body, len, &event, why, sizeof(why));
    if (r == -EINVAL) {
        log_error("an event of the log cannot be read: %s", why);
        return -EBADMSG;
    }
    if (r < 0)
        return r;
    if (!event_type_is_logged(event.type)) {
        log_error("an event of the log has an unknown type seq=%llu",
                  (unsigned long long)event.seq);
        event_fini(&event);
        return -EBADMSG;
    }
    store_page_add(page, entry_create(&event));
    return 0;
}

/* Up to limit rows into a page; the statement asks for one more, which says whether there is. */
static int
fill_page(struct sqlite_db *db, sqlite3_stmt *statement, size_t limit, struct store_page *ret_page)
{
    struct store_page page = {0};
    int r = 0, step = SQLITE_DONE;

    while (r == 0 && (step = sqlite3_step(statement)) == SQLITE_ROW && page.count < limit)
        r = add_body(&page, statement);
    page.more = r == 0 && step == SQLITE_ROW;

    int finished = sqlite_db_finish(db, statement, step);
    r = r < 0 ? r : finished;
    if (r < 0)
        store_page_fini(&page);
    else
        *ret_page = page;
    return r;
}

/* SQLite's numbers have a sign. */
static int64_t
number(uint64_t value)
{
    return value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

static int64_t
one_more(size_t limit)
{
    return limit >= INT64_MAX ? INT64_MAX : (int64_t)limit + 1;
}

/* The store gives seqs without a jump, so one that is missing at the front was trimmed. */
static void
note_trimmed(struct store_page *page, uint64_t after)
{
    if (page->count == 0)
        return;
    uint64_t first = entry_event(page->entries[0])->seq;
    if (first > after + 1) {
        page->trimmed_from = after + 1;
        page->trimmed_to = first - 1;
    }
}

int
sqlite_readers_read(struct sqlite_readers *readers, uint64_t after, size_t limit,
                    struct store_page *ret_page)
{
    int r = 0;
    struct sqlite_db *db = take(readers, &r);
    if (db == NULL)
        return r;

    sqlite3_stmt *statement = db->statements[READ];
    sqlite3_bind_int64(statement, 1, number(after));
    sqlite3_bind_int64(statement, 2, one_more(limit));
    r = fill_page(db, statement, limit, ret_page);
    give_back(readers, db);
    if (r == 0)
        note_trimmed(ret_page, after);
    return r;
}

int
sqlite_readers_history(struct sqlite_readers *readers, const char *room, uint64_t before,
                       uint64_t since, size_t limit, struct store_page *ret_page)
{
    int r = 0;
    struct sqlite_db *db = take(readers, &r);
    if (db == NULL)
        return r;

    sqlite3_stmt *statement = db->statements[HISTORY];
    sqlite3_bind_text(statement, 1, room, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, number(before));
    sqlite3_bind_int64(statement, 3, number(since));
    sqlite3_bind_int64(statement, 4, one_more(limit));
    r = fill_page(db, statement, limit, ret_page);
    give_back(readers, db);
    if (r == 0)
        store_page_reverse(ret_page);
    return r;
}

int
sqlite_readers_scan(struct sqlite_readers *readers, const char *prefix,
                    void (*each)(void *context, const char *key, const char *value), void *context)
{
    size_t prefix_len = strlen(prefix);
    int r = 0, step;
    struct sqlite_db *db = take(readers, &r);
    if (db == NULL)
        return r;

    sqlite3_stmt *statement = db->statements[SCAN];
    sqlite3_bind_text(statement, 1, prefix, -1, SQLITE_STATIC);
    while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *key = (const char *)sqlite3_column_text(statement, 0);
        const char *value = (const char *)sqlite3_column_text(statement, 1);
        if (key == NULL || value == NULL || strncmp(key, prefix, prefix_len) != 0)
            break;
        each(context, key, value);
    }
    r = sqlite_db_finish(db, statement, step);
    give_back(readers, db);
    return r;
}
