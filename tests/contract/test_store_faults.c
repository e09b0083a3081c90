/* server/log/store_sqlite: damage, full disks, and other hands in the file. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/util.h"
#include "server/log/entry.h"
#include "server/log/store.h"
#include "tests/support/store_case.h"

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

START_TEST(file_that_is_no_database_is_refused)
{
    char text[4096];
    memset(text, 'x', sizeof(text));
    write_file(here.path, text, sizeof(text));
    store_case_refused(&here, "is not an rtchat log: file is not a database");
    ck_assert_int_eq(unlink(here.path), 0);
    ck_assert_int_eq(mkdir(here.path, 0700), 0);
    store_case_refused(&here, "Is a directory");
}
END_TEST

/* Overwrites every page but the first. */
START_TEST(damaged_database_is_refused)
{
    struct stat stat_of;
    store_case_open(&here, &store_sqlite);
    store_case_close(&here);
    ck_assert_int_eq(stat(here.path, &stat_of), 0);
    size_t len = (size_t)stat_of.st_size - 4096;
    char *garbage = xmalloc(len);
    memset(garbage, 0xa5, len);
    int fd = open(here.path, O_WRONLY | O_CLOEXEC);
    ck_assert_int_eq(pwrite(fd, garbage, len, 4096), (ssize_t)len);
    close(fd);
    free(garbage);
    store_case_refused(&here, "is damaged: ");
}
END_TEST

START_TEST(bad_epoch_is_damage_and_a_missing_one_is_made)
{
    store_case_open(&here, &store_sqlite);
    char epoch[EPOCH_SIZE];
    memcpy(epoch, here.store->epoch, sizeof(epoch));
    store_case_close(&here);

    store_case_run_sql(&here, "UPDATE meta SET value = 'No Epoch'");
    store_case_refused(&here, "is damaged: its epoch is not");
    store_case_run_sql(&here, "UPDATE meta SET value = 'abcdefghijklmnopqrstuvwxyz'");
    store_case_refused(&here, "is damaged: its epoch is not");
    store_case_run_sql(&here, "DELETE FROM meta");
    store_case_open(&here, &store_sqlite);
    ck_assert(epoch_is_valid(here.store->epoch));
    ck_assert_str_ne(here.store->epoch, epoch);
    store_case_close(&here);
}
END_TEST

START_TEST(event_that_cannot_be_read_fails_the_read)
{
    struct store_page page;
    store_case_open(&here, &store_sqlite);
    store_case_say(&here, "a", "hi", APPEND_ACCEPTED, 1);
    store_case_say(&here, "b", "hi", APPEND_ACCEPTED, 2);
    store_case_close(&here);

    store_case_run_sql(&here, "UPDATE events SET body = '{\"type\":\"message\"}' WHERE seq = 2");
    store_case_open(&here, &store_sqlite);
    ck_assert_int_eq(here.store->ops->read(here.store, 0, 10, &page), -EBADMSG);
    ck_assert_int_eq(here.store->ops->read(here.store, 0, 1, &page), 0);
    store_page_fini(&page);
    store_case_close(&here);
}
END_TEST

/* Says one after another until one is refused for want of room; returns how many were accepted. */
static int
say_until_refused(int from)
{
    char text[4001];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';

    for (int i = from; i < from + 2000; i++) {
        struct append_item item;
        char id[16];
        snprintf(id, sizeof(id), "%d", i);
        fake_say(&item, "ann", id, "#ops", text);
        store_case_append(&here, &item, 1);
        enum append_outcome outcome = item.outcome;
        enum refusal_code code = item.refusal.code;
        fake_item_fini(&item);
        if (outcome == APPEND_ACCEPTED)
            continue;
        ck_assert_int_eq(code, REFUSAL_UNAVAILABLE);
        return i - from;
    }
    ck_abort_msg("the disk never filled");
}

/* It has met the end of the disk at least twice; then the cause goes. */
static void
check_recovery(void (*make_room)(void))
{
    struct store_page page;
    store_case_open(&here, &store_sqlite);

    int accepted = say_until_refused(0);
    ck_assert_int_gt(accepted, 0);
    int more = say_until_refused(accepted);
    ck_assert_uint_ge(here.chat.rolled_back, 2);
    ck_assert_uint_eq(here.chat.entry_count, (size_t)(accepted + more));

    make_room();
    ck_assert_int_eq(here.store->ops->read(here.store, 0, 10000, &page), 0);
    ck_assert_uint_eq(page.count, (size_t)(accepted + more));
    store_page_fini(&page);
    store_case_say(&here, "after", "hi", APPEND_ACCEPTED, (uint64_t)(accepted + more) + 1);
    store_case_close(&here);

    store_case_open(&here, &store_sqlite);
    ck_assert_uint_eq(here.store->head, (uint64_t)(accepted + more) + 1);
    store_case_close(&here);
    ck_assert_int_eq(store_case_ask_sql(&here, "SELECT count(*) FROM events"), accepted + more + 1);
    ck_assert_int_eq(store_case_ask_sql(&here, "SELECT max(rseq) FROM events"),
                     accepted + more + 1);
}

static void
lift_file_size(void)
{
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

START_TEST(append_goes_on_when_writes_work_again)
{
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = 512 * 1024;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    check_recovery(lift_file_size);
}
END_TEST

static char ballast[TEMP_PATH_SIZE];

static void
drop_ballast(void)
{
    ck_assert_int_eq(unlink(ballast), 0);
}

/* Needs the right to mount; without it the case above is what there is. */
START_TEST(append_goes_on_when_the_disk_has_room_again)
{
    static const char half[512 * 1024];
    char mounted[TEMP_PATH_SIZE];

    temp_path(mounted, here.dir, "small");
    ck_assert_int_eq(mkdir(mounted, 0700), 0);
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("tmpfs", mounted, "tmpfs", 0, "size=2m") < 0) {
        fprintf(stderr, "no small disk to fill here: %s\n", strerror(errno));
        return;
    }
    temp_path(here.path, mounted, "log.db");
    temp_path(ballast, mounted, "ballast");
    write_file(ballast, half, sizeof(half));
    check_recovery(drop_ballast);
    ck_assert_int_eq(umount(mounted), 0);
}
END_TEST

/* Someone's hand in the file: a failure after which SQLite keeps the transaction open. */
START_TEST(append_goes_on_when_a_row_is_no_longer_in_the_way)
{
    store_case_open(&here, &store_sqlite);
    store_case_say(&here, "a", "hi", APPEND_ACCEPTED, 1);
    store_case_run_sql(&here,
                       "INSERT INTO events VALUES (2, '#ops', 1, 'eve', 'message', 1, '{}')");
    store_case_say(&here, "b", "hi", APPEND_REFUSED, 0);
    ck_assert_uint_eq(here.chat.rolled_back, 1);
    store_case_run_sql(&here, "DELETE FROM events WHERE seq = 2");
    store_case_say(&here, "b", "hi", APPEND_ACCEPTED, 2);
    store_case_close(&here);
}
END_TEST

START_TEST(link_to_nothing_is_refused)
{
    ck_assert_int_eq(symlink("nowhere.db", here.path), 0);
    store_case_refused(&here, "log.db: No such file or directory");
}
END_TEST

START_TEST(full_disk_at_the_opening_is_refused)
{
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = 100;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    store_case_refused(&here, "cannot be read or written");
    lift_file_size();
    store_case_open(&here, &store_sqlite);
    store_case_close(&here);
}
END_TEST

START_TEST(directory_that_cannot_be_written_is_refused)
{
    static const uid_t nobody = 65534;
    ck_assert_int_eq(chmod(here.dir, 0555), 0);
    if (geteuid() == 0)
        ck_assert_int_eq(seteuid(nobody), 0);
    store_case_refused(&here, "log.db: Permission denied");
    if (getuid() == 0)
        ck_assert_int_eq(seteuid(0), 0);
    ck_assert_int_eq(chmod(here.dir, 0700), 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("store_faults");
    TCase *tcase = tcase_create("sqlite");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, file_that_is_no_database_is_refused);
    tcase_add_test(tcase, damaged_database_is_refused);
    tcase_add_test(tcase, bad_epoch_is_damage_and_a_missing_one_is_made);
    tcase_add_test(tcase, event_that_cannot_be_read_fails_the_read);
    tcase_add_test(tcase, append_goes_on_when_writes_work_again);
    tcase_add_test(tcase, append_goes_on_when_the_disk_has_room_again);
    tcase_add_test(tcase, append_goes_on_when_a_row_is_no_longer_in_the_way);
    tcase_add_test(tcase, link_to_nothing_is_refused);
    tcase_add_test(tcase, full_disk_at_the_opening_is_refused);
    tcase_add_test(tcase, directory_that_cannot_be_written_is_refused);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
