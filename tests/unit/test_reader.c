/* server/chat/reader and hub: each reader gets what it may see, in order, once. */
#include "server/chat/reader.h"

#include "tests/unit/chat_world.h"

#include <check.h>
#include <errno.h>

#define SAY  COMMAND_SAY
#define JOIN COMMAND_JOIN
#define PART COMMAND_PART

/* ann and bob with accounts, a window of few entries, one worker. */
static void
scene_init(struct world *world, struct worker *worker, size_t window_size)
{
    world_init(world);
    world->window = window_create(0, window_size, 64 << 20);
    world_add_user(world, "ann", false);
    world_add_user(world, "bob", false);
    worker_init(worker, world);
}

static void
scene_fini(struct world *world, struct worker *worker)
{
    worker_fini(worker);
    world_fini(world);
}

static void
reader_begin(struct reader *reader, struct worker *worker, const char *name, uint64_t position)
{
    struct identity who;

    identity_make(&who, name, false, 0);
    reader_init(reader, worker->hub, &who, position);
}

static void
count_deliver(struct reader *reader, void *context)
{
    (*(int *)context)++;
}

/* Turns until nothing is left. How often deliver was called. */
static int
turn(struct worker *worker)
{
    int delivered = 0;

    while (hub_turn(worker->hub, count_deliver, &delivered))
        ;
    return delivered;
}

/* Gives at most max and writes their seqs: "3 4 ". */
static void
ck_next(struct reader *reader, size_t max, const char *expected)
{
    struct entry *entries[100];
    char seqs[500] = "";
    size_t len = 0;

    int count = reader_next(reader, entries, max);
    ck_assert_int_ge(count, 0);
    for (int i = 0; i < count; i++) {
        len += (size_t)snprintf(seqs + len, sizeof(seqs) - len, "%" PRIu64 " ",
                                entry_event(entries[i])->seq);
        entry_unref(entries[i]);
    }
    ck_assert_str_eq(seqs, expected);
}

START_TEST(live_reader_gets_its_rooms_from_its_join_to_its_part)
{
    struct world world;
    struct worker worker;
    struct reader ann, bob;

    scene_init(&world, &worker, 100);
    reader_begin(&ann, &worker, "ann", 0);
    reader_begin(&bob, &worker, "bob", 0);
    ck_assert(!reader_is_behind(&ann));

    world_do(&world, JOIN, "bob", "#ops", NULL);
    world_do(&world, SAY, "bob", "#ops", "before");
    world_do(&world, JOIN, "ann", "#ops", NULL);
    world_do(&world, SAY, "bob", "#ops", "hi");
    world_do(&world, PART, "ann", "#ops", NULL);
    world_do(&world, SAY, "bob", "#ops", "after");
    world_do(&world, SAY, "bob", "@ann,bob", "psst");
    world_do(&world, SAY, "bob", "@bob,bob", "note");
    ck_assert_uint_eq(worker.wake_count, 8);
    ck_assert_int_eq(turn(&worker), 2);
    ck_next(&ann, 2, "3 4 ");
    ck_assert_uint_eq(reader_cursor(&ann), 4);
    ck_next(&ann, 100, "5 7 ");
    ck_assert_uint_eq(reader_cursor(&ann), 8);
    ck_next(&ann, 100, "");
    ck_next(&bob, 100, "1 2 3 4 5 6 7 8 ");

    reader_fini(&ann);
    reader_fini(&bob);
    scene_fini(&world, &worker);
}
END_TEST

START_TEST(only_readers_that_get_the_event_are_woken)
{
    struct world world;
    struct worker worker;
    struct reader ann, bob;

    scene_init(&world, &worker, 100);
    world_do(&world, JOIN, "ann", "#ops", NULL);
    world_do(&world, JOIN, "bob", "#dev", NULL);
    turn(&worker);
    reader_begin(&ann, &worker, "ann", 2);
    reader_begin(&bob, &worker, "bob", 2);

    world_do(&world, SAY, "ann", "#ops", "hi");
    ck_assert_int_eq(turn(&worker), 1);
    ck_assert_uint_eq(bob.pending_count, 0);
    ck_assert_msg(reader_cursor(&bob) == 3, "the cursor moves over what it may not see");
    world_do(&world, SAY, "ann", "@ann,bob", "hi");
    ck_assert_int_eq(turn(&worker), 2);

    reader_fini(&ann);
    reader_fini(&bob);
    scene_fini(&world, &worker);
}
END_TEST

/* A batch of more lines than one reader can have pending, each for another. */
START_TEST(turn_takes_more_than_one_reader_could_have_pending)
{
    struct world world;
    struct worker worker;
    struct reader readers[100];
    int delivered = 0;

    scene_init(&world, &worker, 1000);
    for (size_t i = 0; i < ARRAY_LEN(readers); i++) {
        char name[16], room[16];
        snprintf(name, sizeof(name), "user%zu", i);
        snprintf(room, sizeof(room), "#room%zu", i);
        world_do(&world, JOIN, name, room, NULL);
        reader_begin(&readers[i], &worker, name, 0);
    }
    ck_assert(!hub_turn(worker.hub, count_deliver, &delivered));
    ck_assert_int_eq(delivered, ARRAY_LEN(readers));
    for (size_t i = 0; i < ARRAY_LEN(readers); i++) {
        ck_assert(!reader_is_behind(&readers[i]));
        reader_fini(&readers[i]);
    }
    scene_fini(&world, &worker);
}
END_TEST

START_TEST(turn_ends_before_a_reader_has_more_than_it_can_have_pending)
{
    struct world world;
    struct worker worker;
    struct reader ann;
    struct entry *entries[READER_PENDING_MAX];
    int delivered = 0, count, got = 0;

    scene_init(&world, &worker, 1000);
    reader_begin(&ann, &worker, "ann", 0);
    world_do(&world, JOIN, "ann", "#ops", NULL);
    world_do(&world, JOIN, "bob", "#dev", NULL);
    for (int i = 0; i < 3 * READER_PENDING_MAX; i++)
        world_do(&world, SAY, i % 2 == 0 ? "ann" : "bob", i % 2 == 0 ? "#ops" : "#dev", "hi");
    for (bool more = true; more;) {
        more = hub_turn(worker.hub, count_deliver, &delivered);
        ck_assert(!reader_is_behind(&ann));
        count = reader_next(&ann, entries, READER_PENDING_MAX);
        for (int i = 0; i < count; i++)
            entry_unref(entries[i]);
        got += count;
    }
    ck_assert_int_eq(got, 1 + 3 * READER_PENDING_MAX / 2);
    reader_fini(&ann);
    scene_fini(&world, &worker);
}
END_TEST

static void
say_many(struct world *world, int count)
{
    for (int i = 0; i < count; i++)
        world_do(world, SAY, "ann", "#ops", "hi");
}

START_TEST(full_reader_is_behind_costs_nothing_and_catches_up)
{
    struct world world;
    struct worker worker;
    struct reader ann;
    struct entry *entries[200];

    scene_init(&world, &worker, 500);
    world_do(&world, JOIN, "ann", "#ops", NULL);
    turn(&worker);
    reader_begin(&ann, &worker, "ann", 0);
    ck_assert(reader_is_behind(&ann));
    ck_next(&ann, 10, "1 ");
    ck_assert(!reader_is_behind(&ann));

    say_many(&world, READER_PENDING_MAX);
    ck_assert_int_eq(turn(&worker), 1);
    ck_assert(!reader_is_behind(&ann));
    say_many(&world, 1);
    ck_assert_msg(turn(&worker) == 1, "one that falls behind is told once");
    ck_assert(reader_is_behind(&ann));
    ck_assert_uint_eq(ann.pending_count, 0);
    ck_assert_ptr_null(ann.seats);
    ck_assert_uint_eq(reader_cursor(&ann), 1);
    say_many(&world, 1);
    ck_assert_int_eq(turn(&worker), 0);

    int count = reader_next(&ann, entries, ARRAY_LEN(entries));
    ck_assert_int_eq(count, READER_PENDING_MAX + 2);
    for (int i = 0; i < count; i++) {
        ck_assert_uint_eq(entry_event(entries[i])->seq, (uint64_t)i + 2);
        entry_unref(entries[i]);
    }
    ck_assert(!reader_is_behind(&ann));
    say_many(&world, 1);
    ck_assert_int_eq(turn(&worker), 1);

    reader_fini(&ann);
    scene_fini(&world, &worker);
}
END_TEST

START_TEST(quiet_reader_that_falls_behind_need_not_read_what_it_could_not_see)
{
    struct world world;
    struct worker worker;
    struct reader bob;

    scene_init(&world, &worker, 500);
    world_do(&world, JOIN, "ann", "#ops", NULL);
    reader_begin(&bob, &worker, "bob", 0);
    say_many(&world, 100);
    turn(&worker);
    for (int i = 0; i <= READER_PENDING_MAX; i++)
        world_do(&world, SAY, "ann", "@ann,bob", "hi");
    turn(&worker);
    ck_assert(reader_is_behind(&bob));
    ck_assert_uint_eq(reader_cursor(&bob), 101);

    reader_fini(&bob);
    scene_fini(&world, &worker);
}
END_TEST

/* The window may be ahead of the hub; what is beyond the hub comes with its turn. */
START_TEST(replay_ends_at_the_hub_and_goes_on_live)
{
    struct world world;
    struct worker worker;
    struct reader ann;

    scene_init(&world, &worker, 500);
    world_do(&world, JOIN, "ann", "#ops", NULL);
    say_many(&world, 2);
    turn(&worker);
    say_many(&world, 2);
    reader_begin(&ann, &worker, "ann", 0);
    ck_next(&ann, 100, "1 2 3 ");
    ck_assert(!reader_is_behind(&ann));
    ck_next(&ann, 100, "");
    turn(&worker);
    ck_next(&ann, 100, "4 5 ");

    reader_fini(&ann);
    scene_fini(&world, &worker);
}
END_TEST

START_TEST(reader_from_a_worker_that_was_ahead_gets_nothing_twice)
{
    struct world world;
    struct worker worker;
    struct reader ann;

    scene_init(&world, &worker, 500);
    world_do(&world, JOIN, "ann", "#ops", NULL);
    turn(&worker);
    say_many(&world, 3);
    reader_begin(&ann, &worker, "ann", 3);
    ck_assert(!reader_is_behind(&ann));
    ck_assert_uint_eq(reader_cursor(&ann), 3);
    turn(&worker);
    ck_next(&ann, 100, "4 ");

    reader_fini(&ann);
    scene_fini(&world, &worker);
}
END_TEST

START_TEST(what_left_the_window_comes_from_the_store)
{
    struct world world;
    struct worker worker;
    struct reader ann;
    struct entry *entries[100];
    struct store_page page;
    size_t used;

    scene_init(&world, &worker, 4);
    world_do(&world, JOIN, "ann", "#ops", NULL);
    say_many(&world, 9);
    turn(&worker);
    reader_begin(&ann, &worker, "ann", 0);
    ck_assert_int_eq(reader_next(&ann, entries, 100), -ESTALE);

    say_many(&world, 1); /* beyond the hub's position: not from this page */
    ck_assert_int_eq(world.store->ops->read(world.store, 0, 100, &page), 0);
    ck_assert_uint_eq(reader_take_page(&ann, &page, entries, 6, &used), 6);
    ck_assert_uint_eq(used, 6);
    ck_assert_uint_eq(reader_cursor(&ann), 6);
    ck_assert_uint_eq(reader_take_page(&ann, &page, entries + 6, 94, &used), 4);
    ck_assert_uint_eq(used, 10);
    store_page_fini(&page);
    for (int i = 0; i < 10; i++)
        entry_unref(entries[i]);
    ck_assert(!reader_is_behind(&ann));
    turn(&worker);
    ck_next(&ann, 100, "11 ");

    reader_fini(&ann);
    scene_fini(&world, &worker);
}
END_TEST

/* The store was read, then the log and the hub went on, then the page arrived. */
START_TEST(page_that_is_older_than_the_hub_skips_nothing)
{
    struct world world;
    struct worker worker;
    struct reader ann;
    struct entry *entries[100];
    struct store_page page;
    size_t used;

    scene_init(&world, &worker, 4);
    world_do(&world, JOIN, "ann", "#ops", NULL);
    say_many(&world, 9);
    turn(&worker);
    reader_begin(&ann, &worker, "ann", 5);
    ck_assert_int_eq(reader_next(&ann, entries, 100), -ESTALE);

    ck_assert_int_eq(world.store->ops->read(world.store, 5, 100, &page), 0);
    say_many(&world, 2);
    turn(&worker);
    ck_assert_uint_eq(reader_take_page(&ann, &page, entries, 100, &used), 5);
    store_page_fini(&page);
    for (int i = 0; i < 5; i++)
        entry_unref(entries[i]);
    ck_assert(reader_is_behind(&ann));
    ck_next(&ann, 100, "11 12 ");
    ck_assert(!reader_is_behind(&ann));

    reader_fini(&ann);
    scene_fini(&world, &worker);
}
END_TEST

/* A log whose end was trimmed has nothing for the reader: the window must not stay stale for ever.
 */
START_TEST(empty_page_at_the_end_brings_the_reader_to_the_hub)
{
    struct world world;
    struct worker worker;
    struct reader ann;
    struct entry *entries[10];
    struct store_page page = {.trimmed_from = 1, .trimmed_to = 9};
    size_t used;

    world_init(&world);
    world.window = window_create(9, 10, 64 << 20);
    world.last.seq = 9;
    worker_init(&worker, &world);
    reader_begin(&ann, &worker, "ann", 3);
    ck_assert_int_eq(reader_next(&ann, entries, 10), -ESTALE);
    ck_assert_uint_eq(reader_take_page(&ann, &page, entries, 10, &used), 0);
    ck_assert(!reader_is_behind(&ann));
    ck_assert_uint_eq(reader_cursor(&ann), 9);

    reader_fini(&ann);
    scene_fini(&world, &worker);
}
END_TEST

START_TEST(what_is_kept_no_more_is_passed_over_once)
{
    struct world world;
    struct worker worker;
    struct reader ann;
    struct entry *entries[100];

    scene_init(&world, &worker, 4);
    world_do(&world, JOIN, "ann", "#ops", NULL);
    say_many(&world, 9);
    turn(&worker);
    reader_begin(&ann, &worker, "ann", 2);
    ck_assert_int_eq(reader_next(&ann, entries, 100), -ESTALE);
    reader_pass(&ann, 6);
    ck_assert_uint_eq(reader_cursor(&ann), 6);
    reader_pass(&ann, 4);
    ck_assert_uint_eq(reader_cursor(&ann), 6);
    ck_next(&ann, 100, "7 8 9 10 ");
    reader_pass(&ann, 99); /* one that is not behind has been given what there is */
    ck_assert_uint_eq(reader_cursor(&ann), 10);

    reader_fini(&ann);
    scene_fini(&world, &worker);
}
END_TEST

START_TEST(one_call_looks_at_a_bounded_part_of_the_log)
{
    struct world world;
    struct worker worker;
    struct reader bob;

    scene_init(&world, &worker, 5000);
    world_do(&world, JOIN, "ann", "#ops", NULL);
    say_many(&world, 2 * READER_LOOK_MAX);
    world_do(&world, JOIN, "bob", "#ops", NULL);
    turn(&worker);
    reader_begin(&bob, &worker, "bob", 0);
    ck_next(&bob, 10, "");
    ck_assert(reader_is_behind(&bob));
    ck_assert_uint_eq(reader_cursor(&bob), READER_LOOK_MAX);
    ck_next(&bob, 10, "");
    ck_assert(reader_is_behind(&bob));
    ck_next(&bob, 10, "2050 ");
    ck_assert(!reader_is_behind(&bob));

    reader_fini(&bob);
    scene_fini(&world, &worker);
}
END_TEST

START_TEST(guest_gets_nothing_of_who_had_the_name_before)
{
    struct world world;
    struct worker worker;
    struct reader gus;
    struct identity who;

    scene_init(&world, &worker, 100);
    world_add_user(&world, "gus", true);
    world_do(&world, JOIN, "gus", "#ops", NULL);
    world_do(&world, SAY, "ann", "@ann,gus", "for the first");
    world_do(&world, PART, "gus", "#ops", NULL);
    identity_make(&who, "gus", true, world.last.seq);

    reader_init(&gus, worker.hub, &who, 0); /* the hub has not seen any of it yet */
    turn(&worker);
    ck_next(&gus, 100, "");
    world_do(&world, SAY, "ann", "@ann,gus", "for the second");
    turn(&worker);
    ck_next(&gus, 100, "4 ");
    reader_fini(&gus);

    reader_init(&gus, worker.hub, &who, 0);
    ck_next(&gus, 100, "4 ");
    reader_fini(&gus);
    scene_fini(&world, &worker);
}
END_TEST

static void
end_all(struct reader *reader, void *context)
{
    struct reader *readers = context;

    reader_fini(&readers[0]);
    reader_fini(&readers[1]);
}

START_TEST(deliver_may_end_any_reader)
{
    struct world world;
    struct worker worker;
    struct reader readers[2];

    scene_init(&world, &worker, 100);
    world_do(&world, JOIN, "ann", "#ops", NULL);
    turn(&worker);
    reader_begin(&readers[0], &worker, "ann", 1);
    reader_begin(&readers[1], &worker, "ann", 1);
    say_many(&world, 1);
    ck_assert(!hub_turn(worker.hub, end_all, readers));
    say_many(&world, 1);
    ck_assert_int_eq(turn(&worker), 0);
    scene_fini(&world, &worker);
}
END_TEST

static Suite *
reader_suite(void)
{
    Suite *suite = suite_create("reader");
    TCase *facts = tcase_create("facts");

    tcase_add_test(facts, live_reader_gets_its_rooms_from_its_join_to_its_part);
    tcase_add_test(facts, only_readers_that_get_the_event_are_woken);
    tcase_add_test(facts, turn_takes_more_than_one_reader_could_have_pending);
    tcase_add_test(facts, turn_ends_before_a_reader_has_more_than_it_can_have_pending);
    tcase_add_test(facts, full_reader_is_behind_costs_nothing_and_catches_up);
    tcase_add_test(facts, quiet_reader_that_falls_behind_need_not_read_what_it_could_not_see);
    tcase_add_test(facts, replay_ends_at_the_hub_and_goes_on_live);
    tcase_add_test(facts, reader_from_a_worker_that_was_ahead_gets_nothing_twice);
    tcase_add_test(facts, what_left_the_window_comes_from_the_store);
    tcase_add_test(facts, page_that_is_older_than_the_hub_skips_nothing);
    tcase_add_test(facts, empty_page_at_the_end_brings_the_reader_to_the_hub);
    tcase_add_test(facts, what_is_kept_no_more_is_passed_over_once);
    tcase_add_test(facts, one_call_looks_at_a_bounded_part_of_the_log);
    tcase_add_test(facts, guest_gets_nothing_of_who_had_the_name_before);
    tcase_add_test(facts, deliver_may_end_any_reader);
    suite_add_tcase(suite, facts);

    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(reader_suite());

    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
