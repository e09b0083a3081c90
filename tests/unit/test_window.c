/* server/log/window: the recent entries, read by position from many threads. */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "common/util.h"
#include "server/log/entry.h"
#include "server/log/window.h"

#define ROOMY (1024 * 1024)

static struct entry *
entry_of(uint64_t seq)
{
    struct event event = {
        .type = EVENT_MESSAGE, .seq = seq, .rseq = seq, .room = "#a", .from = "ann"};
    str_copy(event.id, sizeof(event.id), "i");
    event.text = xstrdup("text");
    return entry_create(&event);
}

static void
publish(struct window *window, uint64_t from, uint64_t to)
{
    for (uint64_t seq = from; seq <= to; seq++) {
        struct entry *entry = entry_of(seq);
        window_publish(window, &entry, 1);
    }
}

/* Reads up to max after a position; 0 or the seq of the first and last, checked to be in order. */
static int
read_range(struct window *window, uint64_t after, size_t max, uint64_t *ret_first,
           uint64_t *ret_last)
{
    struct entry *entries[64];
    int count = window_read(window, after, entries, max);

    *ret_first = *ret_last = 0;
    for (int i = 0; i < count; i++) {
        uint64_t seq = entry_event(entries[i])->seq;
        ck_assert_uint_gt(seq, *ret_last);
        if (i == 0)
            *ret_first = seq;
        *ret_last = seq;
        entry_unref(entries[i]);
    }
    return count;
}

/* A window with head 10 that keeps 8, and 11 … 22 published: 15 … 22 are here. */
static const struct {
    uint64_t after;
    size_t max;
    int count;
    uint64_t first, last;
} reads[] = {
    {0, 64, -ESTALE, 0, 0}, {10, 64, -ESTALE, 0, 0},   {13, 64, -ESTALE, 0, 0}, {14, 64, 8, 15, 22},
    {14, 3, 3, 15, 17},     {18, 64, 4, 19, 22},       {21, 64, 1, 22, 22},     {22, 64, 0, 0, 0},
    {99, 64, 0, 0, 0},      {UINT64_MAX, 64, 0, 0, 0}, {14, 0, 0, 0, 0},
};

START_TEST(read_gives_what_is_newer_or_says_that_it_is_stale)
{
    struct window *window = window_create(10, 8, ROOMY);
    publish(window, 11, 22);

    for (size_t i = 0; i < ARRAY_LEN(reads); i++) {
        uint64_t first, last;
        int count = read_range(window, reads[i].after, reads[i].max, &first, &last);
        ck_assert_msg(count == reads[i].count && first == reads[i].first && last == reads[i].last,
                      "row %zu: count %d first %llu last %llu", i, count, (unsigned long long)first,
                      (unsigned long long)last);
    }
    window_destroy(window);
}
END_TEST

START_TEST(fresh_window_has_its_head_and_nothing_before_it)
{
    struct window *window = window_create(10, 8, ROOMY);
    uint64_t first, last;

    ck_assert_uint_eq(window_head(window), 10);
    ck_assert_int_eq(read_range(window, 10, 8, &first, &last), 0);
    ck_assert_int_eq(read_range(window, 9, 8, &first, &last), -ESTALE);
    publish(window, 11, 11);
    ck_assert_uint_eq(window_head(window), 11);
    ck_assert_int_eq(read_range(window, 10, 8, &first, &last), 1);
    ck_assert_int_eq(read_range(window, 9, 8, &first, &last), -ESTALE);
    window_destroy(window);
    window_destroy(NULL);
}
END_TEST

START_TEST(seqs_may_jump)
{
    struct window *window = window_create(0, 8, ROOMY);
    uint64_t first, last;

    publish(window, 3, 3);
    publish(window, 10, 10);
    publish(window, 100, 100);
    ck_assert_int_eq(read_range(window, 0, 8, &first, &last), 3);
    ck_assert_int_eq(read_range(window, 5, 8, &first, &last), 2);
    ck_assert_uint_eq(first, 10);
    ck_assert_int_eq(read_range(window, 99, 8, &first, &last), 1);
    window_destroy(window);
}
END_TEST

START_TEST(bytes_bound_the_window_too)
{
    struct entry *probe = entry_of(1000);
    size_t size = entry_size(probe);
    entry_unref(probe);
    struct window *window = window_create(0, 1000, 4 * (size + 4));
    uint64_t first, last;

    publish(window, 1, 20);
    ck_assert_int_eq(read_range(window, 16, 8, &first, &last), 4);
    ck_assert_int_eq(read_range(window, 15, 8, &first, &last), -ESTALE);
    window_destroy(window);
}
END_TEST

struct counting_tail {
    struct window_tail tail;
    unsigned wakes;
};

static void
count_wake(struct window_tail *tail)
{
    container_of(tail, struct counting_tail, tail)->wakes++;
}

static uint64_t
drain(struct window *window, struct window_tail *tail, size_t max)
{
    struct entry *entries[64];
    size_t count = window_tail_read(window, tail, entries, MIN(max, ARRAY_LEN(entries)));
    for (size_t i = 0; i < count; i++)
        entry_unref(entries[i]);
    return count;
}

START_TEST(one_publish_wakes_each_tail_once)
{
    struct window *window = window_create(0, 8, ROOMY);
    struct counting_tail a = {{.wake = count_wake}}, b = {{.wake = count_wake}};
    struct entry *batch[5];

    for (size_t i = 0; i < ARRAY_LEN(batch); i++)
        batch[i] = entry_of(i + 1);
    ck_assert_int_eq(window_tail_add(window, &a.tail, 0), 0);
    ck_assert_int_eq(window_tail_add(window, &b.tail, 0), 0);
    window_publish(window, batch, ARRAY_LEN(batch));
    ck_assert_uint_eq(a.wakes, 1);
    ck_assert_uint_eq(b.wakes, 1);
    window_publish(window, NULL, 0);
    ck_assert_uint_eq(a.wakes, 1);

    window_tail_remove(window, &a.tail);
    publish(window, 6, 6);
    ck_assert_uint_eq(a.wakes, 1);
    ck_assert_uint_eq(b.wakes, 2);
    window_tail_remove(window, &b.tail);
    window_destroy(window);
}
END_TEST

START_TEST(tail_misses_nothing_whatever_the_bounds_say)
{
    struct window *window = window_create(0, 8, ROOMY);
    struct counting_tail slow = {{.wake = count_wake}};
    uint64_t first, last;

    ck_assert_int_eq(window_tail_add(window, &slow.tail, 0), 0);
    publish(window, 1, 500);
    ck_assert_int_eq(read_range(window, 0, 1, &first, &last), 1);
    for (uint64_t position = 0; position < 500; position += 50) {
        ck_assert_uint_eq(slow.tail.position, position);
        ck_assert_uint_eq(drain(window, &slow.tail, 50), 50);
    }
    ck_assert_uint_eq(drain(window, &slow.tail, 50), 0);
    ck_assert_int_eq(read_range(window, 491, 8, &first, &last), -ESTALE);
    ck_assert_int_eq(read_range(window, 492, 8, &first, &last), 8);
    window_tail_remove(window, &slow.tail);
    window_destroy(window);
}
END_TEST

START_TEST(removed_tail_holds_nothing_back)
{
    struct window *window = window_create(0, 8, ROOMY);
    struct counting_tail slow = {{.wake = count_wake}};
    uint64_t first, last;

    ck_assert_int_eq(window_tail_add(window, &slow.tail, 0), 0);
    publish(window, 1, 100);
    window_tail_remove(window, &slow.tail);
    ck_assert_int_eq(read_range(window, 91, 8, &first, &last), -ESTALE);
    ck_assert_int_eq(read_range(window, 92, 8, &first, &last), 8);
    window_destroy(window);
}
END_TEST

START_TEST(stale_tail_is_refused)
{
    struct window *window = window_create(5, 4, ROOMY);
    struct counting_tail tail = {{.wake = count_wake}};

    publish(window, 6, 12);
    ck_assert_int_eq(window_tail_add(window, &tail.tail, 7), -ESTALE);
    ck_assert_int_eq(window_tail_add(window, &tail.tail, 8), 0);
    ck_assert_uint_eq(drain(window, &tail.tail, 64), 4);
    window_tail_remove(window, &tail.tail);
    window_destroy(window);
}
END_TEST

#define FLOOD   5000
#define READERS 3

struct follower {
    struct window_tail tail;
    struct window *window;
    pthread_mutex_t lock;
    pthread_cond_t woken;
    bool is_woken;
    uint64_t seen;
    bool in_order;
};

static void
wake_follower(struct window_tail *tail)
{
    struct follower *follower = container_of(tail, struct follower, tail);
    pthread_mutex_lock(&follower->lock);
    follower->is_woken = true;
    pthread_cond_signal(&follower->woken);
    pthread_mutex_unlock(&follower->lock);
}

static void *
follow(void *context)
{
    struct follower *follower = context;
    struct entry *entries[32];

    while (follower->seen < FLOOD) {
        pthread_mutex_lock(&follower->lock);
        while (!follower->is_woken)
            pthread_cond_wait(&follower->woken, &follower->lock);
        follower->is_woken = false;
        pthread_mutex_unlock(&follower->lock);

        size_t count;
        while ((count = window_tail_read(follower->window, &follower->tail, entries, 32)) > 0)
            for (size_t i = 0; i < count; i++) {
                uint64_t seq = entry_event(entries[i])->seq;
                follower->in_order = follower->in_order && seq == follower->seen + 1;
                follower->seen = seq;
                entry_unref(entries[i]);
            }
    }
    return NULL;
}

START_TEST(followers_on_their_own_threads_get_all_in_order)
{
    struct window *window = window_create(0, 16, ROOMY);
    struct follower followers[READERS];
    pthread_t threads[READERS];

    for (size_t i = 0; i < READERS; i++) {
        followers[i] =
            (struct follower){.tail = {.wake = wake_follower}, .window = window, .in_order = true};
        pthread_mutex_init(&followers[i].lock, NULL);
        pthread_cond_init(&followers[i].woken, NULL);
        ck_assert_int_eq(window_tail_add(window, &followers[i].tail, 0), 0);
        ck_assert_int_eq(pthread_create(&threads[i], NULL, follow, &followers[i]), 0);
    }
    publish(window, 1, FLOOD);
    for (size_t i = 0; i < READERS; i++) {
        pthread_join(threads[i], NULL);
        ck_assert(followers[i].in_order);
        ck_assert_uint_eq(followers[i].seen, FLOOD);
        window_tail_remove(window, &followers[i].tail);
        pthread_cond_destroy(&followers[i].woken);
        pthread_mutex_destroy(&followers[i].lock);
    }
    window_destroy(window);
}
END_TEST

static void *
read_at_random(void *context)
{
    struct window *window = context;
    struct entry *entries[16];
    uint64_t head;

    while ((head = window_head(window)) < FLOOD) {
        int count = window_read(window, head > 20 ? head - 20 : 0, entries, 16);
        for (int i = 0; i < count; i++)
            entry_unref(entries[i]);
    }
    return NULL;
}

START_TEST(reads_by_position_go_on_while_entries_come_and_go)
{
    struct window *window = window_create(0, 16, ROOMY);
    pthread_t threads[READERS];

    for (size_t i = 0; i < READERS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, read_at_random, window), 0);
    publish(window, 1, FLOOD);
    for (size_t i = 0; i < READERS; i++)
        pthread_join(threads[i], NULL);
    window_destroy(window);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("window");
    TCase *tcase = tcase_create("window");

    tcase_add_test(tcase, read_gives_what_is_newer_or_says_that_it_is_stale);
    tcase_add_test(tcase, fresh_window_has_its_head_and_nothing_before_it);
    tcase_add_test(tcase, seqs_may_jump);
    tcase_add_test(tcase, bytes_bound_the_window_too);
    tcase_add_test(tcase, one_publish_wakes_each_tail_once);
    tcase_add_test(tcase, tail_misses_nothing_whatever_the_bounds_say);
    tcase_add_test(tcase, removed_tail_holds_nothing_back);
    tcase_add_test(tcase, stale_tail_is_refused);
    tcase_add_test(tcase, followers_on_their_own_threads_get_all_in_order);
    tcase_add_test(tcase, reads_by_position_go_on_while_entries_come_and_go);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
