/* server/log/store_sqlite: what only a store on disk has: files, a lock, versions. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/util.h"
#include "server/log/entry.h"
#include "server/log/store.h"
#include "tests/support/store_case.h"

/* Stand before the C library's: how often SQLite had something put on the disk. */
static unsigned sync_count;

int
fdatasync(int fd)
{
    sync_count++;
    return (int)syscall(SYS_fdatasync, fd);
}

int
fsync(int fd)
{
    sync_count++;
    return (int)syscall(SYS_fsync, fd);
}

static struct store_case here;

static void
set_up(void)
{
    store_case_begin(&here);
}

static void
tear_down(void)
{
    store_case_end(&here);
}

static void
write_file(const char *name, const void *bytes, size_t len)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write_all(fd, bytes, len), 0);
    close(fd);
}

START_TEST(everything_is_there_after_reopening)
{
    struct append_item items[2] = {0}, *pointers[] = {&items[0], &items[1]};
    char epoch[EPOCH_SIZE], why[400];
    struct store_page page;

    store_case_open(&here, &store_sqlite);
    memcpy(epoch, here.store->epoch, sizeof(epoch));
    store_case_say(&here, "a", "hi", APPEND_ACCEPTED, 1);
    fake_topic(&items[0], "ann", "b", "#ops", "t");
    fake_record(&items[1], "user/ann", "{}");
    ck_assert_int_eq(
        here.store->ops->append(here.store, pointers, 2, &here.chat.judge, why, sizeof(why)), 0);
    fake_item_fini(&items[0]);
    fake_item_fini(&items[1]);
    store_case_close(&here);

    store_case_open(&here, &store_sqlite);
    ck_assert_str_eq(here.store->epoch, epoch);
    ck_assert_uint_eq(here.store->head, 2);
    ck_assert_int_eq(here.store->ops->read(here.store, 0, 10, &page), 0);
    ck_assert_uint_eq(page.count, 2);
    ck_assert_int_eq(entry_event(page.entries[1])->type, EVENT_TOPIC);
    ck_assert_str_eq(entry_event(page.entries[1])->text, "t");
    store_page_fini(&page);
    store_case_say(&here, "a", "hi", APPEND_REPEATED, 1);
    store_case_say(&here, "a", "ho", APPEND_REFUSED, 0);
    store_case_say(&here, "c", "new", APPEND_ACCEPTED, 3);
    store_case_close(&here);
    ck_assert_int_eq(store_case_ask_sql(&here, "SELECT count(*) FROM records"), 3);
}
END_TEST

START_TEST(database_is_private_synced_and_stamped)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};
    umask(0);
    store_case_open(&here, &store_sqlite);
    store_case_say(&here, "a", "hi", APPEND_ACCEPTED, 1);

    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
        char name[TEMP_PATH_SIZE + 8];
        struct stat stat_of;
        snprintf(name, sizeof(name), "%s%s", here.path, suffixes[i]);
        ck_assert_msg(stat(name, &stat_of) == 0, "%s", name);
        ck_assert_msg((stat_of.st_mode & 0777) == 0600, "%s: %o", name, stat_of.st_mode);
    }
    store_case_close(&here);
    ck_assert_int_eq(store_case_ask_sql(&here, "PRAGMA application_id"), 0x72744348);
    ck_assert_int_eq(store_case_ask_sql(&here, "PRAGMA user_version"), 4);
}
END_TEST

struct sync_sink {
    struct sink sink;
    unsigned synced_at_publish;
};

static void
note_syncs(struct sink *sink, const struct record *records, size_t record_count,
           struct entry *const *entries, size_t entry_count)
{
    container_of(sink, struct sync_sink, sink)->synced_at_publish = sync_count;
}

START_TEST(commit_is_on_the_disk_before_the_sink_hears_of_it)
{
    struct sync_sink syncs = {{note_syncs}, 0};
    store_case_open(&here, &store_sqlite);
    here.store->sink = &syncs.sink;

    for (uint64_t i = 1; i <= 10; i++) {
        char id[8];
        snprintf(id, sizeof(id), "%d", (int)i);
        unsigned before = sync_count;
        store_case_say(&here, id, "hi", APPEND_ACCEPTED, i);
        ck_assert_uint_gt(syncs.synced_at_publish, before);
    }
    store_case_close(&here);
}
END_TEST

START_TEST(second_open_is_refused_and_names_the_first)
{
    char wanted[TEMP_PATH_SIZE + 100], link[TEMP_PATH_SIZE];
    store_case_open(&here, &store_sqlite);

    snprintf(wanted, sizeof(wanted), "the store %s is in use by another rtchat-server (pid %d)",
             here.path, (int)getpid());
    store_case_refused(&here, wanted);
    store_case_refused(&here, wanted);

    temp_path(link, here.dir, "link.db");
    ck_assert_int_eq(symlink(here.path, link), 0);
    memcpy(here.path, link, sizeof(here.path));
    store_case_refused(&here, "in use by another rtchat-server");
    temp_path(here.path, here.dir, "log.db");

    store_case_say(&here, "a", "hi", APPEND_ACCEPTED, 1);
    store_case_close(&here);
    store_case_open(&here, &store_sqlite);
    store_case_close(&here);
}
END_TEST

START_TEST(second_process_is_refused)
{
    store_case_open(&here, &store_sqlite);

    pid_t child = fork();
    if (child == 0) {
        char why[400] = "";
        struct store other = {.ops = &store_sqlite};
        _exit(store_sqlite.open(&other, here.path, why, sizeof(why)) == -EBUSY ? 0 : 1);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    store_case_say(&here, "a", "hi", APPEND_ACCEPTED, 1);
    store_case_close(&here);
}
END_TEST

/* Version 1 as it was: ids by their owner first, no history by room. */
static const char version_1[] =
    "PRAGMA application_id = 1920222024; PRAGMA user_version = 1;"
    "CREATE TABLE meta (name TEXT PRIMARY KEY NOT NULL, value NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE events (seq INTEGER PRIMARY KEY, room TEXT NOT NULL, rseq INTEGER NOT NULL,"
    " user TEXT NOT NULL, type TEXT NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL);"
    "CREATE TABLE ids (owner TEXT NOT NULL, id TEXT NOT NULL, digest INTEGER NOT NULL,"
    " seq INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (owner, id)) WITHOUT ROWID;"
    "CREATE TABLE records (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) WITHOUT ROWID;"
    "INSERT INTO meta VALUES ('epoch', 'k3old');"
    "INSERT INTO events VALUES (7, '#ops', 1, 'ann', 'message', 1769860800123,"
    " '{\"type\":\"message\",\"seq\":7,\"rseq\":1,\"room\":\"#ops\",\"from\":\"ann\",\"id\":\"a\","
    "\"at\":\"2026-01-31T12:00:00.123Z\",\"text\":\"hi\",\"action\":false}');"
    "INSERT INTO ids VALUES ('ann', 'a', 5, 7, 1769860800123);"
    "INSERT INTO records VALUES ('user/ann', '{}');";

/* Version 2: history by an index that every event goes into. */
static const char to_version_2[] = "PRAGMA user_version = 2;"
                                   "CREATE INDEX events_by_room ON events (room, seq)";

/* What came of the event, the id and the record that stand there. */
static void
migrated(const char *what)
{
    struct store_page page;

    store_case_open(&here, &store_sqlite);
    ck_assert_str_eq(here.store->epoch, "k3old");
    ck_assert_uint_eq(here.store->head, 7);
    ck_assert_int_eq(here.store->ops->history(here.store, "#ops", UINT64_MAX, 0, 5, &page), 0);
    store_case_page(&page, 7, 1, 1, false, what);
    store_page_fini(&page);
    store_case_say(&here, "a", "another text", APPEND_REFUSED, 0);
    store_case_say(&here, "b", "hi", APPEND_ACCEPTED, 8);
    ck_assert_int_eq(here.store->ops->history(here.store, "#ops", UINT64_MAX, 0, 5, &page), 0);
    store_case_page(&page, 7, 1, 2, false, what);
    store_page_fini(&page);
    store_case_close(&here);

    ck_assert_int_eq(store_case_ask_sql(&here, "PRAGMA user_version"), 4);
    ck_assert_int_eq(store_case_ask_sql(&here,
                                        "SELECT count(*) FROM ids WHERE id = 'a' AND owner = 'ann'"
                                        " AND digest = 5 AND seq = 7 AND at = 1769860800123"),
                     1);
    ck_assert_int_eq(store_case_ask_sql(&here, "SELECT count(*) FROM records"), 1);
}

START_TEST(version_1_is_migrated_with_all_it_holds)
{
    store_case_run_sql(&here, version_1);
    migrated("version 1");
}
END_TEST

START_TEST(version_2_is_migrated_with_all_it_holds)
{
    store_case_run_sql(&here, version_1);
    store_case_run_sql(&here, to_version_2);
    migrated("version 2");
}
END_TEST

START_TEST(failed_migration_changes_nothing)
{
    store_case_run_sql(&here, version_1);
    store_case_run_sql(&here, "CREATE TABLE events_by_room (a)"); /* in the way of the new index */
    store_case_refused(&here, "events_by_room");
    ck_assert_int_eq(store_case_ask_sql(&here, "PRAGMA user_version"), 1);
    store_case_run_sql(&here, "DROP TABLE events_by_room");
    store_case_open(&here, &store_sqlite);
    store_case_close(&here);
    ck_assert_int_eq(store_case_ask_sql(&here, "PRAGMA user_version"), 4);
}
END_TEST

START_TEST(version_0_is_an_empty_database)
{
    write_file(here.path, "", 0);
    store_case_open(&here, &store_sqlite);
    store_case_close(&here);
    ck_assert_int_eq(store_case_ask_sql(&here, "PRAGMA user_version"), 4);

    ck_assert_int_eq(unlink(here.path), 0);
    store_case_run_sql(&here, "CREATE TABLE a (b); DROP TABLE a; VACUUM");
    store_case_open(&here, &store_sqlite);
    store_case_close(&here);
    ck_assert_int_eq(store_case_ask_sql(&here, "PRAGMA user_version"), 4);
}
END_TEST

START_TEST(newer_version_is_refused_and_left_alone)
{
    store_case_open(&here, &store_sqlite);
    store_case_close(&here);
    store_case_run_sql(&here, "PRAGMA user_version = 99");
    store_case_refused(&here, "has schema version 99, this rtchat-server knows 0 to 4");
    ck_assert_int_eq(store_case_ask_sql(&here, "PRAGMA user_version"), 99);
}
END_TEST

START_TEST(database_of_another_program_is_refused_and_left_alone)
{
    store_case_run_sql(&here, "CREATE TABLE notes (text); INSERT INTO notes VALUES ('mine')");
    store_case_refused(&here, "is a database of another program");
    ck_assert_int_eq(store_case_ask_sql(&here, "SELECT count(*) FROM sqlite_master"), 1);
}
END_TEST

START_TEST(read_says_what_was_trimmed)
{
    struct store_page page;
    store_case_open(&here, &store_sqlite);
    for (int i = 1; i <= 5; i++) {
        char id[8];
        snprintf(id, sizeof(id), "%d", i);
        store_case_say(&here, id, "hi", APPEND_ACCEPTED, (uint64_t)i);
    }
    store_case_close(&here);
    store_case_run_sql(&here, "DELETE FROM events WHERE seq <= 3");

    store_case_open(&here, &store_sqlite);
    ck_assert_int_eq(here.store->ops->read(here.store, 1, 10, &page), 0);
    ck_assert_uint_eq(page.count, 2);
    ck_assert_uint_eq(page.trimmed_from, 2);
    ck_assert_uint_eq(page.trimmed_to, 3);
    store_page_fini(&page);
    ck_assert_int_eq(here.store->ops->read(here.store, 3, 10, &page), 0);
    ck_assert_uint_eq(page.trimmed_to, 0);
    store_page_fini(&page);
    store_case_say(&here, "1", "hi", APPEND_REPEATED, 1);
    store_case_say(&here, "6", "hi", APPEND_ACCEPTED, 6);
    store_case_close(&here);
}
END_TEST

static void
say_many(const char *prefix, uint64_t first, size_t count)
{
    struct append_item *items = xcalloc(count, sizeof(*items));
    char id[32];

    for (size_t i = 0; i < count; i++) {
        snprintf(id, sizeof(id), "%s%zu", prefix, i);
        fake_say(&items[i], "ann", id, i % 2 == 0 ? "#ops" : "#dev", "hi");
    }
    ck_assert_int_eq(store_case_append(&here, items, count), 0);
    ck_assert_uint_eq(items[0].seq, first);
    for (size_t i = 0; i < count; i++)
        fake_item_fini(&items[i]);
    free(items);
}

static void
history_is(uint64_t before, uint64_t first, size_t count, bool more, const char *what)
{
    struct store_page page;

    ck_assert_int_eq(here.store->ops->history(here.store, "#ops", before, 0, 40, &page), 0);
    store_case_page(&page, first, 2, count, more, what);
    store_page_fini(&page);
}

/* The index by room takes 1024 events at a time. */
START_TEST(history_is_whole_while_its_index_lags)
{
    static const char indexed[] = "SELECT seq FROM room_events_to";

    store_case_open(&here, &store_sqlite);
    say_many("a", 1, 1000);
    ck_assert_int_eq(store_case_ask_sql(&here, indexed), 0);
    history_is(UINT64_MAX, 921, 40, true, "nothing is in the index");

    say_many("b", 1001, 200);
    ck_assert_int_eq(store_case_ask_sql(&here, indexed), 1200);
    ck_assert_int_eq(store_case_ask_sql(&here, "SELECT count(*) FROM room_events"), 1200);
    history_is(UINT64_MAX, 1121, 40, true, "all is in the index");

    say_many("c", 1201, 20);
    history_is(UINT64_MAX, 1141, 40, true, "the page is of both");
    history_is(1201, 1121, 40, true, "the page is before what is not in the index");
    history_is(41, 1, 20, false, "the beginning");
    store_case_close(&here);

    store_case_open(&here, &store_sqlite);
    history_is(UINT64_MAX, 1141, 40, true, "opened again");
    store_case_close(&here);
}
END_TEST

START_TEST(trimmed_events_leave_the_index)
{
    store_case_open(&here, &store_sqlite);
    say_many("a", 1, 1100);
    store_case_close(&here);
    store_case_run_sql(&here, "DELETE FROM events WHERE seq <= 1080");
    ck_assert_int_eq(store_case_ask_sql(&here, "SELECT count(*) FROM room_events"), 20);

    store_case_open(&here, &store_sqlite);
    history_is(UINT64_MAX, 1081, 10, false, "after the trimming");
    store_case_close(&here);
}
END_TEST

/* A backup or an administrator with sqlite3 holds it: what waits is refused, nothing is lost. */
START_TEST(reads_go_on_beside_another_program)
{
    sqlite3 *other;
    struct store_page page;
    store_case_open(&here, &store_sqlite);
    store_case_say(&here, "a", "hi", APPEND_ACCEPTED, 1);

    ck_assert_int_eq(sqlite3_open(here.path, &other), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(other, "BEGIN; SELECT * FROM events", NULL, NULL, NULL),
                     SQLITE_OK);
    store_case_say(&here, "b", "hi", APPEND_ACCEPTED, 2);
    ck_assert_int_eq(here.store->ops->read(here.store, 0, 10, &page), 0);
    ck_assert_uint_eq(page.count, 2);
    store_page_fini(&page);
    sqlite3_close(other);
    store_case_close(&here);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("store_sqlite");
    TCase *tcase = tcase_create("sqlite");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, everything_is_there_after_reopening);
    tcase_add_test(tcase, database_is_private_synced_and_stamped);
    tcase_add_test(tcase, commit_is_on_the_disk_before_the_sink_hears_of_it);
    tcase_add_test(tcase, second_open_is_refused_and_names_the_first);
    tcase_add_test(tcase, second_process_is_refused);
    tcase_add_test(tcase, version_1_is_migrated_with_all_it_holds);
    tcase_add_test(tcase, version_2_is_migrated_with_all_it_holds);
    tcase_add_test(tcase, failed_migration_changes_nothing);
    tcase_add_test(tcase, version_0_is_an_empty_database);
    tcase_add_test(tcase, newer_version_is_refused_and_left_alone);
    tcase_add_test(tcase, database_of_another_program_is_refused_and_left_alone);
    tcase_add_test(tcase, read_says_what_was_trimmed);
    tcase_add_test(tcase, history_is_whole_while_its_index_lags);
    tcase_add_test(tcase, trimmed_events_leave_the_index);
    tcase_add_test(tcase, reads_go_on_beside_another_program);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
