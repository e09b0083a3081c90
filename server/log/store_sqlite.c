#include "common/util.h"
#include "server/log/batch.h"
#include "server/log/entry.h"
#include "server/log/lock_file.h"
#include "server/log/store.h"
#include "server/log/store_sqlite_backup.h"
#include "server/log/store_sqlite_readers.h"
#include "server/log/store_sqlite_rooms.h"
#include "server/log/store_sqlite_schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    BEGIN,
    COMMIT,
    ROLLBACK,
    FIND_ID,
    FIND_RECORD,
    PUT_ID,
    PUT_EVENT,
    PUT_RECORD,
    DELETE_RECORD,
    STATEMENT_COUNT,
};

static const char *const statements[STATEMENT_COUNT] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [FIND_ID] = "SELECT digest, seq FROM ids WHERE id = ?1 AND owner = ?2",
    [FIND_RECORD] = "SELECT 1 FROM records WHERE key = ?1",
    [PUT_ID] = "INSERT INTO ids (id, owner, digest, seq, at) VALUES (?1, ?2, ?3, ?4, ?5)",
    [PUT_EVENT] = ("INSERT INTO events (seq, room, rseq, user, type, at, body)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"),
    [PUT_RECORD] = ("INSERT INTO records (key, value) VALUES (?1, ?2)"
                    " ON CONFLICT (key) DO UPDATE SET value = excluded.value"),
    [DELETE_RECORD] = "DELETE FROM records WHERE key = ?1",
};

struct sqlite_store {
    char *path;
    int lock_fd;
    uint64_t head;           /* of what is committed */
    struct sqlite_db writer; /* the appending thread's */
    struct room_index rooms; /* the same thread's */
    struct sqlite_readers *readers;
};

static sqlite3_stmt *
statement_of(const struct sqlite_store *state, int index)
{
    return state->writer.statements[index];
}

static void
bind_text(sqlite3_stmt *statement, int index, const char *text)
{
    sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC);
}

static int
writer_begin(struct store *store, uint64_t *ret_head)
{
    struct sqlite_store *state = store->state;
    *ret_head = state->head;
    return sqlite_db_run(&state->writer, statement_of(state, BEGIN));
}

static int
writer_find_id(struct store *store, const char *owner, const char *id, struct batch_id *ret_first)
{
    struct sqlite_store *state = store->state;
    sqlite3_stmt *statement = statement_of(state, FIND_ID);

    bind_text(statement, 1, id);
    bind_text(statement, 2, owner);
    int step = sqlite3_step(statement);
    if (step == SQLITE_ROW) {
        ret_first->digest = (uint64_t)sqlite3_column_int64(statement, 0);
        ret_first->seq = (uint64_t)sqlite3_column_int64(statement, 1);
    }
    int r = sqlite_db_finish(&state->writer, statement, step);
    return r == 0 && step == SQLITE_DONE ? -ENOENT : r;
}

static int
writer_find_record(struct store *store, const char *key)
{
    struct sqlite_store *state = store->state;
    sqlite3_stmt *statement = statement_of(state, FIND_RECORD);

    bind_text(statement, 1, key);
    int step = sqlite3_step(statement);
    int r = sqlite_db_finish(&state->writer, statement, step);
    return r == 0 && step == SQLITE_DONE ? -ENOENT : r;
}

static int
put_id(struct sqlite_store *state, const struct append_item *item, uint64_t digest,
       const struct event *event)
{
    sqlite3_stmt *statement = statement_of(state, PUT_ID);

    bind_text(statement, 1, item->command.id);
    bind_text(statement, 2, item->owner);
    sqlite3_bind_int64(statement, 3, (int64_t)digest);
    sqlite3_bind_int64(statement, 4, (int64_t)event->seq);
    sqlite3_bind_int64(statement, 5, event->at_ms);
    return sqlite_db_run(&state->writer, statement);
}

static int
writer_put_event(struct store *store, const struct append_item *item, uint64_t digest,
                 struct entry *entry, const char *body, size_t body_len)
{
    struct sqlite_store *state = store->state;
    sqlite3_stmt *statement = statement_of(state, PUT_EVENT);
    const struct event *event = entry_event(entry);

    sqlite3_bind_int64(statement, 1, (int64_t)event->seq);
    bind_text(statement, 2, event->room);
    sqlite3_bind_int64(statement, 3, (int64_t)event->rseq);
    bind_text(statement, 4, event->from);
    bind_text(statement, 5, event_type_name(event->type));
    sqlite3_bind_int64(statement, 6, event->at_ms);
    sqlite3_bind_text64(statement, 7, body, body_len, SQLITE_STATIC, SQLITE_UTF8);
    int r = sqlite_db_run(&state->writer, statement);
    return r < 0 ? r : put_id(state, item, digest, event);
}

static int
writer_put_record(struct store *store, const struct record *record)
{
    struct sqlite_store *state = store->state;
    sqlite3_stmt *statement =
        statement_of(state, record->value == NULL ? DELETE_RECORD : PUT_RECORD);

    bind_text(statement, 1, record->key);
    if (record->value != NULL)
        bind_text(statement, 2, record->value);
    return sqlite_db_run(&state->writer, statement);
}

static int
writer_commit(struct store *store, uint64_t head)
{
    struct sqlite_store *state = store->state;
    int r = room_index_follow(&state->rooms, &state->writer, head);
    if (r == 0)
        r = sqlite_db_run(&state->writer, statement_of(state, COMMIT));
    if (r < 0)
        return r;

    room_index_committed(&state->rooms);
    state->head = head;
    return 0;
}

/* Some failures make SQLite roll back by itself. */
static void
writer_rollback(struct store *store)
{
    struct sqlite_store *state = store->state;
    if (sqlite3_get_autocommit(state->writer.handle) == 0)
        sqlite_db_run(&state->writer, statement_of(state, ROLLBACK));
}

static void
writer_explain(struct store *store, int error, char *why, size_t why_size)
{
    const struct sqlite_store *state = store->state;
    sqlite_db_explain(&state->writer, state->path, why, why_size);
}

static const struct batch_ops writer_ops = {
    .begin = writer_begin,
    .find_id = writer_find_id,
    .find_record = writer_find_record,
    .put_event = writer_put_event,
    .put_record = writer_put_record,
    .commit = writer_commit,
    .rollback = writer_rollback,
    .explain = writer_explain,
};

/* SQLite makes a database that everybody may read, and gives the files beside it the mode of the
 * database: so it is made here. One that is there is not touched, since closing a descriptor of it
 * would drop the locks that another open of this process holds. */
static int
make_private_file(const char *path, char *why, size_t why_size)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0) {
        close(fd);
        return 0;
    }
    if (errno == EEXIST)
        return 0;

    int r = -errno;
    snprintf(why, why_size, "cannot open %s: %s", path, strerror(-r));
    return r;
}

/* FULL: the write-ahead log is synced at every commit, before it returns. What SQLite keeps to take
 * back one statement of many rows stays in memory, not in a file. */
static int
open_writer(struct sqlite_store *state)
{
    struct sqlite_db *writer = &state->writer;
    int64_t head = 0;
    int r = sqlite_db_exec(writer, "PRAGMA synchronous = FULL;"
                                   "PRAGMA temp_store = MEMORY;"
                                   "PRAGMA journal_size_limit = 67108864");
    if (r == 0)
        r = sqlite_db_prepare(writer, statements, STATEMENT_COUNT);
    if (r == 0)
        r = sqlite_db_ask_number(writer, "SELECT coalesce(max(seq), 0) FROM events", &head);
    if (r == 0)
        r = room_index_open(&state->rooms, writer);
    if (r == 0)
        state->head = (uint64_t)head;
    return r;
}

static int
open_database(struct sqlite_store *state, char epoch[EPOCH_SIZE], char *why, size_t why_size)
{
    int r = make_private_file(state->path, why, why_size);
    if (r < 0)
        return r;

    r = state->lock_fd = lock_file_take(state->path, why, why_size);
    if (r < 0)
        return r;

    r = sqlite_db_open(&state->writer, state->path, SQLITE_OPEN_READWRITE);
    if (r < 0) {
        sqlite_db_explain(&state->writer, state->path, why, why_size);
        return r;
    }
    r = schema_prepare(&state->writer, state->path, epoch, why, why_size);
    if (r < 0)
        return r;

    r = open_writer(state);
    if (r < 0)
        sqlite_db_explain(&state->writer, state->path, why, why_size);
    return r;
}

static void
state_destroy(struct sqlite_store *state)
{
    sqlite_readers_destroy(state->readers);
    sqlite_db_close(&state->writer); /* the last one: it empties the write-ahead log */
    if (state->lock_fd >= 0)
        close(state->lock_fd);
    free(state->path);
    free(state);
}

static int
sqlite_open(struct store *store, const char *where, char *why, size_t why_size)
{
    if (*where == '\0') {
        snprintf(why, why_size, "sqlite: has no path, wanted sqlite:PATH");
        return -EINVAL;
    }

    struct sqlite_store *state = xcalloc(1, sizeof(*state));
    state->path = xstrdup(where);
    state->lock_fd = -1;
    int r = open_database(state, store->epoch, why, why_size);
    if (r < 0) {
        state_destroy(state);
        return r;
    }
    state->readers = sqlite_readers_create(where);
    store->head = state->head;
    store->state = state;
    return 0;
}

static int
sqlite_append(struct store *store, struct append_item *const *items, size_t count,
              struct judge *judge, char *why, size_t why_size)
{
    return batch_append(store, &writer_ops, items, count, judge, why, why_size);
}

static int
sqlite_read(struct store *store, uint64_t after, size_t limit, struct store_page *ret_page)
{
    const struct sqlite_store *state = store->state;
    return sqlite_readers_read(state->readers, after, limit, ret_page);
}

static int
sqlite_history(struct store *store, const char *room, uint64_t before, uint64_t since, size_t limit,
               struct store_page *ret_page)
{
    const struct sqlite_store *state = store->state;
    return sqlite_readers_history(state->readers, room, before, since, limit, ret_page);
}

static int
sqlite_scan(struct store *store, const char *prefix,
            void (*each)(void *context, const char *key, const char *value), void *context)
{
    const struct sqlite_store *state = store->state;
    return sqlite_readers_scan(state->readers, prefix, each, context);
}

static void
sqlite_close(struct store *store)
{
    state_destroy(store->state);
}

const struct store_ops store_sqlite = {
    .name = "sqlite",
    .open = sqlite_open,
    .append = sqlite_append,
    .read = sqlite_read,
    .history = sqlite_history,
    .scan = sqlite_scan,
    .backup = sqlite_backup,
    .close = sqlite_close,
};
