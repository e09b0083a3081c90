/* server/log/store: what is read, the same cases over every row. */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/util.h"
#include "server/log/entry.h"
#include "server/log/store.h"
#include "server/log/store_failing.h"
#include "tests/support/store_case.h"

static const struct store_ops *const rows[] = {&store_sqlite, &store_memory, &store_failing};
#define ROW_COUNT ((int)ARRAY_LEN(rows))

static struct store_case here;

static void
begin(int row)
{
    store_case_begin(&here);
    store_case_open(&here, rows[row]);
}

static void
add_line(void *context, const char *key, const char *value)
{
    buf_addf(context, "%s=%s;", key, value);
}

START_TEST(records_are_put_replaced_and_deleted)
{
    begin(_i);

    store_case_put(&here, "user/bob", "1");
    store_case_put(&here, "user/ann", "2");
    store_case_put(&here, "user/ann", "3");
    store_case_put(&here, "user", "4");
    store_case_put(&here, "user/", "5");
    store_case_put(&here, "user0", "6");
    store_case_put(&here, "session/x", "7");
    store_case_put(&here, "user/\xc3\xa9", "8");
    store_case_put(&here, "gone", "9");
    store_case_put(&here, "gone", NULL);
    store_case_put(&here, "never", NULL);
    store_case_scan(&here, "user/", "user/=5;user/ann=3;user/bob=1;user/\xc3\xa9=8;");
    store_case_scan(&here, "user/a", "user/ann=3;");
    store_case_scan(&here, "user/ann", "user/ann=3;");
    store_case_scan(&here, "user/annx", "");
    store_case_scan(&here, "zzz", "");
    store_case_scan(&here, "gone", "");
    store_case_scan(&here, "",
                    "session/x=7;user=4;user/=5;user/ann=3;user/bob=1;user/\xc3\xa9=8;user0=6;");
    store_case_end(&here);
}
END_TEST

/* 60 events, in turn in #even and #odd: seq 1, 3, … 59 are #odd's. */
static void
fill_two_rooms(void)
{
    struct append_item items[60] = {0};
    for (size_t i = 0; i < 60; i++) {
        char id[16];
        snprintf(id, sizeof(id), "%zu", i);
        fake_say(&items[i], "ann", id, i % 2 == 0 ? "#odd" : "#even", "hi");
    }
    ck_assert_int_eq(store_case_append(&here, items, 60), 0);
    for (size_t i = 0; i < 60; i++)
        fake_item_fini(&items[i]);
}

static const struct {
    const char *room;
    uint64_t before, since;
    size_t limit;
    uint64_t first;
    size_t count;
    bool more;
} histories[] = {
    {"#odd", UINT64_MAX, 0, 10, 41, 10, true},
    {"#odd", UINT64_MAX, 0, 30, 1, 30, false},
    {"#odd", UINT64_MAX, 0, 29, 3, 29, true},
    {"#odd", UINT64_MAX, 0, 1000, 1, 30, false},
    {"#odd", 41, 0, 10, 21, 10, true},
    {"#odd", 42, 0, 10, 23, 10, true},
    {"#odd", 21, 0, 10, 1, 10, false},
    {"#odd", 1, 0, 10, 0, 0, false},
    {"#odd", 0, 0, 10, 0, 0, false},
    {"#odd", 2, 0, 10, 1, 1, false},
    {"#odd", UINT64_MAX, 51, 10, 53, 4, false},
    {"#odd", UINT64_MAX, 50, 10, 51, 5, false},
    {"#odd", UINT64_MAX, 50, 2, 57, 2, true},
    {"#odd", 30, 20, 10, 21, 5, false},
    {"#odd", 30, 40, 10, 0, 0, false},
    {"#odd", UINT64_MAX, UINT64_MAX, 10, 0, 0, false},
    {"#odd", UINT64_MAX, 0, 0, 0, 0, true},
    {"#even", UINT64_MAX, 0, 1, 60, 1, true},
    {"#eve", UINT64_MAX, 0, 10, 0, 0, false},
};

START_TEST(history_pages_backwards_through_one_room)
{
    begin(_i);
    fill_two_rooms();
    for (size_t i = 0; i < ARRAY_LEN(histories); i++) {
        struct store_page page;
        char what[32];
        snprintf(what, sizeof(what), "row %zu", i);
        int r = here.store->ops->history(here.store, histories[i].room, histories[i].before,
                                         histories[i].since, histories[i].limit, &page);
        ck_assert_int_eq(r, 0);
        store_case_page(&page, histories[i].first, 2, histories[i].count, histories[i].more, what);
        store_page_fini(&page);
    }
    store_case_end(&here);
}
END_TEST

static const struct {
    uint64_t after;
    size_t limit, count;
    bool more;
} reads[] = {
    {0, 10, 10, true},          {0, 60, 60, false}, {0, 59, 59, true},  {0, 1000, 60, false},
    {50, 10, 10, false},        {51, 10, 9, false}, {60, 10, 0, false}, {61, 10, 0, false},
    {UINT64_MAX, 10, 0, false}, {7, 0, 0, true},
};

START_TEST(read_pages_forwards_through_all)
{
    begin(_i);
    fill_two_rooms();
    for (size_t i = 0; i < ARRAY_LEN(reads); i++) {
        struct store_page page;
        char what[32];
        snprintf(what, sizeof(what), "row %zu", i);
        ck_assert_int_eq(here.store->ops->read(here.store, reads[i].after, reads[i].limit, &page),
                         0);
        store_case_page(&page, reads[i].after + 1, 1, reads[i].count, reads[i].more, what);
        ck_assert_uint_eq(page.trimmed_from, 0);
        ck_assert_uint_eq(page.trimmed_to, 0);
        store_page_fini(&page);
    }
    store_case_end(&here);
}
END_TEST

#define WRITES 100

struct reading {
    pthread_mutex_t lock;
    bool is_over;
    bool is_good;
};

static bool
reading_is_over(struct reading *reading)
{
    pthread_mutex_lock(&reading->lock);
    bool is_over = reading->is_over;
    pthread_mutex_unlock(&reading->lock);
    return is_over;
}

/* Whatever moment it reads at: what is there is complete, in order, and a batch is whole. */
static void *
read_while_it_grows(void *context)
{
    struct reading *reading = context;
    bool is_good = true, is_over;

    do {
        is_over = reading_is_over(reading);
        struct store_page page;
        int r = here.store->ops->read(here.store, 0, 10000, &page);
        is_good = is_good && r == 0 && page.count % 3 == 0;
        for (size_t i = 0; r == 0 && i < page.count; i++)
            is_good = is_good && entry_event(page.entries[i])->seq == i + 1;
        if (r == 0)
            store_page_fini(&page);
        struct buf found = BUF_INIT;
        is_good = is_good && here.store->ops->scan(here.store, "member/", add_line, &found) == 0;
        buf_fini(&found);
        r = here.store->ops->history(here.store, "#ops", UINT64_MAX, 0, 5, &page);
        is_good = is_good && r == 0;
        if (r == 0)
            store_page_fini(&page);
    } while (!is_over);

    pthread_mutex_lock(&reading->lock);
    reading->is_good = reading->is_good && is_good;
    pthread_mutex_unlock(&reading->lock);
    return NULL;
}

START_TEST(threads_read_while_it_is_appended_to)
{
    struct reading reading = {.is_good = true};
    pthread_t threads[6]; /* more than there are connections */
    begin(_i);

    pthread_mutex_init(&reading.lock, NULL);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, read_while_it_grows, &reading), 0);
    for (int i = 0; i < WRITES; i++) {
        struct append_item items[3] = {0};
        for (int k = 0; k < 3; k++) {
            char id[24];
            snprintf(id, sizeof(id), "%d-%d", i, k);
            fake_join(&items[k], "ann", id, "#ops");
        }
        ck_assert_int_eq(store_case_append(&here, items, 3), 0);
        for (int k = 0; k < 3; k++)
            fake_item_fini(&items[k]);
    }
    pthread_mutex_lock(&reading.lock);
    reading.is_over = true;
    pthread_mutex_unlock(&reading.lock);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        pthread_join(threads[i], NULL);
    ck_assert(reading.is_good);
    pthread_mutex_destroy(&reading.lock);
    store_case_end(&here);
}
END_TEST

static const int failing_row = 2;

START_TEST(reads_fail_while_they_are_told_to)
{
    struct store_page page;
    struct buf found = BUF_INIT;
    begin(failing_row);

    store_case_say(&here, "0", "hi", APPEND_ACCEPTED, 1);
    store_failing_set(here.store, EIO, 2, true);
    ck_assert_int_eq(here.store->ops->read(here.store, 0, 1, &page), -EIO);
    ck_assert_int_eq(here.store->ops->history(here.store, "#ops", 9, 0, 1, &page), -EIO);
    ck_assert_int_eq(here.store->ops->scan(here.store, "", add_line, &found), -EIO);
    store_failing_set(here.store, 0, 0, false);
    ck_assert_int_eq(here.store->ops->read(here.store, 0, 1, &page), 0);
    store_page_fini(&page);
    store_case_end(&here);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("store_read");
    TCase *every_row = tcase_create("every row");
    TCase *others = tcase_create("others");

    tcase_add_loop_test(every_row, records_are_put_replaced_and_deleted, 0, ROW_COUNT);
    tcase_add_loop_test(every_row, history_pages_backwards_through_one_room, 0, ROW_COUNT);
    tcase_add_loop_test(every_row, read_pages_forwards_through_all, 0, ROW_COUNT);
    tcase_add_loop_test(every_row, threads_read_while_it_is_appended_to, 0, ROW_COUNT);
    tcase_add_test(others, reads_fail_while_they_are_told_to);
    suite_add_tcase(suite, every_row);
    suite_add_tcase(suite, others);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
