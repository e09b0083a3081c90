#include "server/log/store_sqlite_schema.h"

#include "common/util.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Row N brings a database of version N to N + 1. A row that was released is never changed: a new
 * version is a new row. */
static const char *const migrations[] = {
    /* The log and what stands beside it. body is the event's JSON with the room's key. ids go on
     * being known when their events are trimmed. */
    "CREATE TABLE meta (name TEXT PRIMARY KEY NOT NULL, value NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE events ("
    " seq INTEGER PRIMARY KEY, room TEXT NOT NULL, rseq INTEGER NOT NULL, user TEXT NOT NULL,"
    " type TEXT NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL);"
    "CREATE TABLE ids ("
    " owner TEXT NOT NULL, id TEXT NOT NULL, digest INTEGER NOT NULL, seq INTEGER NOT NULL,"
    " at INTEGER NOT NULL, PRIMARY KEY (owner, id)) WITHOUT ROWID;"
    "CREATE TABLE records (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) WITHOUT ROWID;",

    /* A room's history by pages. */
    "CREATE INDEX events_by_room ON events (room, seq);",

    /* The id comes first: ids that begin with the time (ULIDs) lie together whoever made them, so a
     * batch of many people touches the pages at the end and not one of each person. */
    "CREATE TABLE ids_of_all ("
    " id TEXT NOT NULL, owner TEXT NOT NULL, digest INTEGER NOT NULL, seq INTEGER NOT NULL,"
    " at INTEGER NOT NULL, PRIMARY KEY (id, owner)) WITHOUT ROWID;"
    "INSERT INTO ids_of_all SELECT id, owner, digest, seq, at FROM ids ORDER BY id, owner;"
    "DROP TABLE ids;"
    "ALTER TABLE ids_of_all RENAME TO ids;",

    /* A room's history, by a table that lags behind (see store_sqlite_rooms.h): events up to
     * room_events_to's seq are in it. An event that is trimmed leaves it too. */
    "CREATE TABLE room_events ("
    " room TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (room, seq)) WITHOUT ROWID;"
    "INSERT INTO room_events SELECT room, seq FROM events ORDER BY room, seq;"
    "CREATE TABLE room_events_to (seq INTEGER NOT NULL);"
    "INSERT INTO room_events_to SELECT coalesce(max(seq), 0) FROM events;"
    "CREATE TRIGGER room_events_trim AFTER DELETE ON events BEGIN"
    " DELETE FROM room_events WHERE room = old.room AND seq = old.seq; END;"
    "DROP INDEX events_by_room;",
};

#define VERSION ((int64_t)ARRAY_LEN(migrations))

/* What the file says it is. */
struct identity {
    int64_t application_id;
    int64_t version;
    int64_t table_count;
};

static int
ask_identity(struct sqlite_db *db, struct identity *ret_identity)
{
    int r = sqlite_db_ask_number(db, "PRAGMA application_id", &ret_identity->application_id);
    if (r == 0)
        r = sqlite_db_ask_number(db, "PRAGMA user_version", &ret_identity->version);
    if (r == 0)
        r = sqlite_db_ask_number(db, "SELECT count(*) FROM sqlite_master",
                                 &ret_identity->table_count);
    return r;
}

static bool
is_empty(const struct identity *identity)
{
    return identity->application_id == 0 && identity->version == 0 && identity->table_count == 0;
}

static int
check_identity(const struct identity *identity, const char *path, char *why, size_t why_size)
{
    if (!is_empty(identity) && identity->application_id != SCHEMA_APPLICATION_ID) {
        snprintf(why, why_size, "%s is a database of another program: wanted an rtchat log", path);
        return -EPROTO;
    }
    if (identity->version < 0 || identity->version > VERSION) {
        snprintf(why, why_size,
                 "%s has schema version %" PRId64 ", this rtchat-server knows 0 to %" PRId64
                 ": wanted the newer rtchat-server that wrote it",
                 path, identity->version, VERSION);
        return -EPROTO;
    }
    return 0;
}

static int
run_migrations(struct sqlite_db *db, int64_t version)
{
    char stamp[96];
    int r = 0;

    for (; r == 0 && version < VERSION; version++)
        r = sqlite_db_exec(db, migrations[version]);
    if (r < 0)
        return r;
    snprintf(stamp, sizeof(stamp), "PRAGMA application_id = %d; PRAGMA user_version = %" PRId64,
             SCHEMA_APPLICATION_ID, VERSION);
    return sqlite_db_exec(db, stamp);
}

/* An epoch that an administrator took out (after a restore) is made anew. */
static int
ensure_epoch(struct sqlite_db *db, char ret_epoch[EPOCH_SIZE])
{
    static const char ask[] = "SELECT value FROM meta WHERE name = 'epoch'";
    char insert[96];

    int r = sqlite_db_ask_text(db, ask, ret_epoch, EPOCH_SIZE);
    if (r == 0 || r == -ENAMETOOLONG)
        return r == 0 && epoch_is_valid(ret_epoch) ? 0 : -EILSEQ;
    if (r != -ENOENT)
        return r;

    epoch_make(ret_epoch); /* letters and digits: nothing to quote */
    snprintf(insert, sizeof(insert), "INSERT INTO meta VALUES ('epoch', '%s')", ret_epoch);
    return sqlite_db_exec(db, insert);
}

static int
migrate(struct sqlite_db *db, int64_t version, char ret_epoch[EPOCH_SIZE])
{
    int r = sqlite_db_exec(db, "BEGIN IMMEDIATE");
    if (r == 0 && version < VERSION)
        r = run_migrations(db, version);
    if (r == 0)
        r = ensure_epoch(db, ret_epoch);
    if (r == 0)
        r = sqlite_db_exec(db, "COMMIT");
    return r;
}

/* Some file systems cannot share memory between processes, and then SQLite stays in another mode,
 * where readers and the writer shut each other out. */
static int
use_wal(struct sqlite_db *db, const char *path, char *why, size_t why_size)
{
    char mode[16] = "";
    int r = sqlite_db_ask_text(db, "PRAGMA journal_mode = WAL", mode, sizeof(mode));
    if (r < 0) {
        sqlite_db_explain(db, path, why, why_size);
        return r;
    }
    if (strcmp(mode, "wal") == 0)
        return 0;
    snprintf(why, why_size, "%s lies where there is no write-ahead log: wanted a local disk", path);
    return -ENOTSUP;
}

int
schema_prepare(struct sqlite_db *db, const char *path, char ret_epoch[EPOCH_SIZE], char *why,
               size_t why_size)
{
    struct identity identity;

    int r = ask_identity(db, &identity);
    if (r < 0) {
        sqlite_db_explain(db, path, why, why_size);
        return r;
    }
    r = check_identity(&identity, path, why, why_size);
    if (r == 0)
        r = use_wal(db, path, why, why_size);
    if (r < 0)
        return r;

    r = migrate(db, identity.version, ret_epoch);
    if (r == -EILSEQ) {
        snprintf(why, why_size, "%s is damaged: its epoch is not 1-%d of a-z 0-9", path, EPOCH_MAX);
        return -EBADMSG;
    }
    if (r < 0)
        sqlite_db_explain(db, path, why, why_size);
    return r;
}
