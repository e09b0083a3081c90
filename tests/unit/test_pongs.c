/* server/chat/pongs: what waits for a session's next answer. */
#include "server/chat/pongs.h"

#include "common/util.h"

#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct pongs *pongs;
static char taken[PONGS_OF_SESSION][ID_SIZE];

static void
start(void)
{
    pongs = pongs_create();
}

static void
end(void)
{
    pongs_destroy(pongs);
}

START_TEST(session_takes_its_own_in_order_and_once)
{
    pongs_put(pongs, 1, "a", 0);
    pongs_put(pongs, 2, "x", 0);
    pongs_put(pongs, 1, "b", 5);
    ck_assert_uint_eq(pongs_take(pongs, 1, "r", 10, taken), 2);
    ck_assert_str_eq(taken[0], "a");
    ck_assert_str_eq(taken[1], "b");
    ck_assert_uint_eq(pongs_take(pongs, 1, "r", 10, taken), 0);
    ck_assert_uint_eq(pongs_take(pongs, 2, "r", 10, taken), 1);
    ck_assert_str_eq(taken[0], "x");
}
END_TEST

START_TEST(they_lapse)
{
    pongs_put(pongs, 1, "old", 0);
    pongs_put(pongs, 1, "young", 1);
    ck_assert_uint_eq(pongs_take(pongs, 1, "r", PONGS_WAIT_MS, taken), 1);
    ck_assert_str_eq(taken[0], "young");
}
END_TEST

START_TEST(each_reader_takes_all_and_once)
{
    pongs_put(pongs, 1, "a", 0);
    ck_assert_uint_eq(pongs_take(pongs, 1, "", 0, taken), 1);
    pongs_put(pongs, 1, "a", 0);
    pongs_put(pongs, 1, "", 0);
    ck_assert_uint_eq(pongs_take(pongs, 1, "x", 0, taken), 3);
    ck_assert_str_eq(taken[1], "a");
    ck_assert_str_eq(taken[2], "");
    ck_assert_uint_eq(pongs_take(pongs, 1, "", 0, taken), 2);
    ck_assert_uint_eq(pongs_take(pongs, 1, "", 0, taken), 0);
    ck_assert_uint_eq(pongs_take(pongs, 1, "x", 0, taken), 0);
}
END_TEST

START_TEST(the_reader_that_took_longest_ago_makes_room)
{
    char name[ID_SIZE];

    pongs_put(pongs, 1, "a", 0);
    for (unsigned i = 0; i < PONGS_READERS; i++) {
        snprintf(name, sizeof(name), "r%u", i);
        ck_assert_uint_eq(pongs_take(pongs, 1, name, 0, taken), 1);
    }
    ck_assert_uint_eq(pongs_take(pongs, 1, "r0", 0, taken), 0);
    ck_assert_uint_eq(pongs_take(pongs, 1, "new", 0, taken), 1);
    ck_assert_uint_eq(pongs_take(pongs, 1, "r0", 0, taken), 0);
    ck_assert_uint_eq(pongs_take(pongs, 1, "r2", 0, taken), 0);
    ck_assert_uint_eq(pongs_take(pongs, 1, "r1", 0, taken), 1);
}
END_TEST

START_TEST(session_keeps_its_newest)
{
    char nonce[ID_SIZE];

    for (unsigned i = 0; i < PONGS_OF_SESSION + 3; i++) {
        snprintf(nonce, sizeof(nonce), "n%u", i);
        pongs_put(pongs, 1, nonce, 0);
    }
    ck_assert_uint_eq(pongs_take(pongs, 1, "r", 0, taken), PONGS_OF_SESSION);
    ck_assert_str_eq(taken[0], "n3");
}
END_TEST

START_TEST(all_sessions_together_are_bounded)
{
    for (uint64_t session = 0; session <= PONGS_MAX; session++)
        pongs_put(pongs, session, "n", 0);
    ck_assert_uint_eq(pongs_take(pongs, 0, "r", 0, taken), 0);
    ck_assert_uint_eq(pongs_take(pongs, 1, "r", 0, taken), 1);
    ck_assert_uint_eq(pongs_take(pongs, PONGS_MAX, "r", 0, taken), 1);
}
END_TEST

static void *
put_many(void *data)
{
    for (unsigned i = 0; i < 5000; i++)
        pongs_put(data, i % 7, "n", 0);
    return NULL;
}

START_TEST(threads_share_it)
{
    pthread_t thread;

    ck_assert_int_eq(pthread_create(&thread, NULL, put_many, pongs), 0);
    for (unsigned i = 0; i < 5000; i++)
        ck_assert_uint_le(pongs_take(pongs, i % 7, "r", 0, taken), PONGS_OF_SESSION);
    pthread_join(thread, NULL);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("pongs");
    TCase *tcase = tcase_create("pongs");

    tcase_add_checked_fixture(tcase, start, end);
    tcase_add_test(tcase, session_takes_its_own_in_order_and_once);
    tcase_add_test(tcase, they_lapse);
    tcase_add_test(tcase, each_reader_takes_all_and_once);
    tcase_add_test(tcase, the_reader_that_took_longest_ago_makes_room);
    tcase_add_test(tcase, session_keeps_its_newest);
    tcase_add_test(tcase, all_sessions_together_are_bounded);
    tcase_add_test(tcase, threads_share_it);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
