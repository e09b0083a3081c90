/* server/log/store: a copy of a log that is in use. */
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/util.h"
#include "server/log/entry.h"
#include "server/log/store.h"
#include "tests/support/store_case.h"

static struct store_case here;
static char copy_path[TEMP_PATH_SIZE];

static void
set_up(void)
{
    store_case_begin(&here);
    store_case_open(&here, &store_sqlite);
    temp_path(copy_path, here.dir, "copy.db");
}

static void
tear_down(void)
{
    store_case_end(&here);
}

static int
back_up(char why[256])
{
    char *spec = xasprintf("sqlite:%s", here.path);
    int result = store_backup(spec, copy_path, why, 256);

    free(spec);
    return result;
}

static struct store *
open_copy(void)
{
    char why[256] = "";
    struct store *store = store_open_row(&store_sqlite, copy_path, why, sizeof(why));

    ck_assert_msg(store != NULL, "%s", why);
    return store;
}

static size_t
count_files(void)
{
    DIR *dir = opendir(here.dir);
    size_t count = 0;

    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count;
}

START_TEST(copy_holds_what_was_committed_under_a_new_epoch)
{
    char why[256], epoch[EPOCH_SIZE], made[EPOCH_SIZE];
    struct store_page page;
    struct stat status;

    str_copy(epoch, sizeof(epoch), here.store->epoch);
    store_case_say(&here, "1", "first", APPEND_ACCEPTED, 1);
    store_case_put(&here, "user/ann", "{}");
    ck_assert_msg(back_up(why) == 0, "%s", why);
    ck_assert_int_eq(stat(copy_path, &status), 0);
    ck_assert_uint_eq(status.st_mode & 0777, 0600);
    store_case_say(&here, "2", "later", APPEND_ACCEPTED, 2);
    store_case_close(&here);

    struct store *copy = open_copy();
    ck_assert_uint_eq(copy->head, 1);
    ck_assert_str_ne(copy->epoch, epoch);
    str_copy(made, sizeof(made), copy->epoch);
    ck_assert_int_eq(copy->ops->read(copy, 0, 10, &page), 0);
    store_case_page(&page, 1, 1, 1, false, "copy");
    store_page_fini(&page);
    store_close(copy);

    copy = open_copy(); /* the epoch is new once */
    ck_assert_str_eq(copy->epoch, made);
    here.store = copy;
    here.store->sink = &here.chat.sink;
    store_case_scan(&here, "", "user/ann={};");
    store_case_say(&here, "1", "first", APPEND_REPEATED, 1);

    store_case_close(&here);
    store_case_open(&here, &store_sqlite);
    ck_assert_str_eq(here.store->epoch, epoch);
}
END_TEST

START_TEST(nothing_is_overwritten_and_nothing_is_left_over)
{
    static const char words[] = "somebody's";
    char why[256], read_back[sizeof(words)] = "";
    size_t before = count_files();
    FILE *file = fopen(copy_path, "w");

    fputs(words, file);
    fclose(file);
    ck_assert_int_eq(back_up(why), -EEXIST);
    ck_assert_msg(strstr(why, "is there already") != NULL, "%s", why);
    file = fopen(copy_path, "r");
    ck_assert_ptr_nonnull(fgets(read_back, sizeof(read_back), file));
    fclose(file);
    ck_assert_str_eq(read_back, words);

    ck_assert_int_eq(unlink(copy_path), 0);
    ck_assert_int_eq(back_up(why), 0);
    ck_assert_uint_eq(count_files(), before + 1);
}
END_TEST

START_TEST(what_cannot_be_copied_says_why)
{
    static const struct {
        const char *spec, *path, *wanted;
        int error;
    } rows[] = {
        {"memory:", "copy", "cannot be copied", -ENOTSUP},
        {"cloud:here", "copy", "unknown store", -EINVAL},
        {"sqlite:nowhere/log.db", "copy", "nowhere/log.db", -EACCES},
    };
    char why[256], *spec;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int result = store_backup(rows[i].spec, rows[i].path, why, sizeof(why));
        ck_assert_msg(result == rows[i].error && strstr(why, rows[i].wanted) != NULL,
                      "row %zu: %d %s", i, result, why);
    }
    spec = xasprintf("sqlite:%s", here.path);
    ck_assert_int_eq(store_backup(spec, "/nonexistent/copy", why, sizeof(why)), -ENOENT);
    free(spec);
}
END_TEST

/* One who writes all the time, and counts what was committed. */
struct writer {
    pthread_t thread;
    atomic_uint committed;
    atomic_bool stop;
};

static void *
write_on(void *context)
{
    struct writer *writer = context;
    char id[16];

    for (unsigned n = 1; !atomic_load(&writer->stop); n++) {
        snprintf(id, sizeof(id), "%u", n);
        store_case_say(&here, id, "x", APPEND_ACCEPTED, n);
        atomic_store(&writer->committed, n);
    }
    return NULL;
}

START_TEST(copy_under_load_has_all_that_was_committed_before_it)
{
    struct writer writer = {.committed = 0};
    char why[256];

    pthread_create(&writer.thread, NULL, write_on, &writer);
    for (unsigned round = 0; round < 5; round++) {
        struct store_page page;

        while (atomic_load(&writer.committed) < 20 * (round + 1))
            sched_yield();
        unsigned least = atomic_load(&writer.committed);
        ck_assert_msg(back_up(why) == 0, "%s", why);
        struct store *copy = open_copy();
        ck_assert_uint_ge(copy->head, least);
        ck_assert_int_eq(copy->ops->read(copy, 0, copy->head + 1, &page), 0);
        store_case_page(&page, 1, 1, copy->head, false, "copy");
        store_page_fini(&page);
        store_close(copy);
        ck_assert_int_eq(unlink(copy_path), 0);
    }
    atomic_store(&writer.stop, true);
    pthread_join(writer.thread, NULL);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("store_backup");
    TCase *tcase = tcase_create("sqlite");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, copy_holds_what_was_committed_under_a_new_epoch);
    tcase_add_test(tcase, nothing_is_overwritten_and_nothing_is_left_over);
    tcase_add_test(tcase, what_cannot_be_copied_says_why);
    tcase_add_test(tcase, copy_under_load_has_all_that_was_committed_before_it);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
