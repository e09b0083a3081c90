/* common/id: what an id may be, ULIDs in order, random numbers in bounds, hex. */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/id.h"
#include "common/util.h"

#define SIXTEEN "ABCxyz0123456789"

START_TEST(id_keeps_its_rule)
{
    static const struct {
        const char *id;
        bool is_valid;
    } rows[] = {
        {"a", true},
        {"aZ9-_:.", true},
        {SIXTEEN SIXTEEN SIXTEEN SIXTEEN, true},
        {SIXTEEN SIXTEEN SIXTEEN SIXTEEN "x", false},
        {"", false},
        {"a b", false},
        {"a/b", false},
        {"\u00e4", false},
        {"a\n", false},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        ck_assert_msg(id_is_valid(rows[i].id) == rows[i].is_valid, "\"%s\"", rows[i].id);
}
END_TEST

START_TEST(ulid_begins_with_its_time)
{
    char ulid[ULID_SIZE];

    clock_set(INT64_C(1469918176385), 0); /* 01ARYZ6S41 in the specification's example */
    ulid_make(ulid);
    ck_assert_uint_eq(strlen(ulid), ULID_SIZE - 1);
    ck_assert_mem_eq(ulid, "01ARYZ6S41", 10);
    ck_assert_uint_eq(strspn(ulid, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"), ULID_SIZE - 1);
    ck_assert(id_is_valid(ulid));

    clock_set((INT64_C(1) << 48) - 1, 0);
    ulid_make(ulid);
    ck_assert_mem_eq(ulid, "7ZZZZZZZZZ", 10);
}
END_TEST

START_TEST(ulids_of_one_millisecond_are_in_order)
{
    char last[ULID_SIZE] = "", next[ULID_SIZE];

    clock_set(1000, 0);
    for (int i = 0; i < 5000; i++) {
        ulid_make(next);
        ck_assert_msg(strcmp(last, next) < 0, "%s after %s", next, last);
        memcpy(last, next, sizeof(last));
    }

    clock_advance(1);
    ulid_make(next);
    ck_assert_int_lt(strcmp(last, next), 0);
}
END_TEST

#define THREAD_COUNT   4
#define ULIDS_A_THREAD 2000

static void *
make_many(void *argument)
{
    char(*ulids)[ULID_SIZE] = argument;

    for (int i = 0; i < ULIDS_A_THREAD; i++)
        ulid_make(ulids[i]);

    return NULL;
}

static int
compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

START_TEST(ulids_of_many_threads_differ)
{
    size_t count = THREAD_COUNT * ULIDS_A_THREAD;
    char(*ulids)[ULID_SIZE] = xcalloc(count, ULID_SIZE);
    pthread_t threads[THREAD_COUNT];

    for (int i = 0; i < THREAD_COUNT; i++)
        pthread_create(&threads[i], NULL, make_many, ulids + (ptrdiff_t)i * ULIDS_A_THREAD);
    for (int i = 0; i < THREAD_COUNT; i++)
        pthread_join(threads[i], NULL);

    qsort(ulids, count, ULID_SIZE, compare);
    for (size_t i = 1; i < count; i++)
        ck_assert_str_ne(ulids[i - 1], ulids[i]);
    free(ulids);
}
END_TEST

START_TEST(random_bytes_fill_all_and_nothing_more)
{
    uint8_t bytes[600] = {0};
    size_t zeros = 0;

    random_bytes(bytes, sizeof(bytes) - 1);
    for (size_t i = 0; i < sizeof(bytes) - 1; i++)
        zeros += bytes[i] == 0;
    ck_assert_uint_lt(zeros, 60); /* 2 or 3 are likely; 60 come once in 10^50 */
    ck_assert_uint_eq(bytes[sizeof(bytes) - 1], 0);
    random_bytes(bytes, 0);
}
END_TEST

START_TEST(random_below_stays_below_and_reaches_all)
{
    bool was_seen[7] = {0};

    for (int i = 0; i < 2000; i++) {
        uint64_t value = random_below(ARRAY_LEN(was_seen));
        ck_assert_uint_lt(value, ARRAY_LEN(was_seen));
        was_seen[value] = true;
    }
    for (size_t i = 0; i < ARRAY_LEN(was_seen); i++)
        ck_assert_msg(was_seen[i], "%zu never came", i);

    ck_assert_uint_eq(random_below(1), 0);
    ck_assert_uint_lt(random_below(UINT64_MAX), UINT64_MAX);
}
END_TEST

START_TEST(hex_is_written_and_read_back)
{
    uint8_t bytes[256], back[256];
    char hex[513];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)i;
    hex_encode(hex, bytes, sizeof(bytes));
    ck_assert_mem_eq(hex, "000102030405060708090a0b", 24);
    ck_assert_str_eq(hex + 508, "feff");
    ck_assert_int_eq(hex_decode(back, sizeof(back), hex), 0);
    ck_assert_mem_eq(back, bytes, sizeof(bytes));
}
END_TEST

START_TEST(hex_is_read_strictly)
{
    static const struct {
        const char *hex;
        int result;
    } rows[] = {
        {"ab01ff", 0},         {"AB01fF", 0},        {"ab:01:ff", 0},        {"ab:01ff", 0},
        {"", -EINVAL},         {"ab01f", -EINVAL},   {"ab01", -EINVAL},      {"ab01ff00", -EINVAL},
        {":ab01ff", -EINVAL},  {"ab01ff:", -EINVAL}, {"ab::01:ff", -EINVAL}, {"a:b01ff", -EINVAL},
        {"ab 01 ff", -EINVAL}, {"ag01ff", -EINVAL},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint8_t bytes[3];
        int result = hex_decode(bytes, sizeof(bytes), rows[i].hex);
        ck_assert_msg(result == rows[i].result, "\"%s\": %d", rows[i].hex, result);
        if (result == 0)
            ck_assert_mem_eq(bytes, "\xab\x01\xff", 3);
    }
}
END_TEST

static Suite *
id_suite(void)
{
    Suite *suite = suite_create("id");
    TCase *facts = tcase_create("facts");

    tcase_add_test(facts, id_keeps_its_rule);
    tcase_add_test(facts, ulid_begins_with_its_time);
    tcase_add_test(facts, ulids_of_one_millisecond_are_in_order);
    tcase_add_test(facts, ulids_of_many_threads_differ);
    tcase_add_test(facts, random_bytes_fill_all_and_nothing_more);
    tcase_add_test(facts, random_below_stays_below_and_reaches_all);
    tcase_add_test(facts, hex_is_written_and_read_back);
    tcase_add_test(facts, hex_is_read_strictly);
    suite_add_tcase(suite, facts);

    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(id_suite());

    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
