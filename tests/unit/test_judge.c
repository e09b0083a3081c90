/* server/chat/judge: what each command is refused for, and what it becomes. */
#include "server/chat/judge.h"

#include "tests/unit/chat_world.h"

#include <check.h>
#include <errno.h>

#define SAY   COMMAND_SAY
#define JOIN  COMMAND_JOIN
#define PART  COMMAND_PART
#define TOPIC COMMAND_TOPIC

static void
ck_answer(size_t row, const struct append_item *item, enum append_outcome outcome,
          enum refusal_code code, const char *message)
{
    ck_assert_msg(item->outcome == outcome && item->refusal.code == code, "row %zu: %d %s %s", row,
                  item->outcome, refusal_name(item->refusal.code), item->refusal.message);
    ck_assert_msg((item->seq != 0) == (outcome == APPEND_ACCEPTED), "row %zu: seq", row);
    if (message != NULL)
        ck_assert_str_eq(item->refusal.message, message);
}

/* ann and bob have accounts, ann made #ops; the rows follow one another. */
START_TEST(each_command_has_its_answer)
{
    static const struct {
        enum command_type type;
        const char *user, *room, *text;
        enum append_outcome outcome;
        enum refusal_code code;
        const char *message;
    } rows[] = {
        {JOIN, "ann", "#ops", NULL, APPEND_ACCEPTED, 0, NULL},
        {JOIN, "ann", "#ops", NULL, APPEND_UNCHANGED, 0, NULL},
        {SAY, "ann", "#ops", "hi", APPEND_ACCEPTED, 0, NULL},
        {SAY, "bob", "#ops", "hi", APPEND_REFUSED, REFUSAL_NOT_MEMBER,
         "not a member of #ops: join it first"},
        {SAY, "bob", "#none", "hi", APPEND_REFUSED, REFUSAL_NOT_FOUND, "no such room: #none"},
        {PART, "bob", "#none", NULL, APPEND_REFUSED, REFUSAL_NOT_FOUND, "no such room: #none"},
        {PART, "bob", "#ops", NULL, APPEND_UNCHANGED, 0, NULL},
        {TOPIC, "bob", "#none", "x", APPEND_REFUSED, REFUSAL_NOT_FOUND, NULL},
        {TOPIC, "bob", "#ops", "x", APPEND_REFUSED, REFUSAL_NOT_MEMBER, NULL},
        {JOIN, "bob", "#ops", NULL, APPEND_ACCEPTED, 0, NULL},
        {TOPIC, "bob", "#ops", "x", APPEND_ACCEPTED, 0, NULL},
        {TOPIC, "bob", "#ops", "x", APPEND_UNCHANGED, 0, NULL},
        {TOPIC, "ann", "#ops", "", APPEND_ACCEPTED, 0, NULL},
        {TOPIC, "ann", "#ops", "", APPEND_UNCHANGED, 0, NULL},
        {PART, "bob", "#ops", NULL, APPEND_ACCEPTED, 0, NULL},
        {SAY, "bob", "#ops", "hi", APPEND_REFUSED, REFUSAL_NOT_MEMBER, NULL},
        {SAY, "ann", "@ann,bob", "hi", APPEND_ACCEPTED, 0, NULL},
        {SAY, "ann", "@ann,ann", "hi", APPEND_ACCEPTED, 0, NULL},
        {SAY, "ann", "@ann,cyd", "hi", APPEND_REFUSED, REFUSAL_NOT_FOUND, "no such user: cyd"},
        {SAY, "cyd", "@ann,bob", "hi", APPEND_REFUSED, REFUSAL_FORBIDDEN, NULL},
        {JOIN, "ann", "@ann,bob", NULL, APPEND_REFUSED, REFUSAL_INVALID, NULL},
        {PART, "ann", "@ann,bob", NULL, APPEND_REFUSED, REFUSAL_INVALID, NULL},
        {TOPIC, "ann", "@ann,bob", "x", APPEND_REFUSED, REFUSAL_INVALID, NULL},
    };
    struct world world;

    world_init(&world);
    world_add_user(&world, "ann", false);
    world_add_user(&world, "bob", false);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct append_item item =
            world_do(&world, rows[i].type, rows[i].user, rows[i].room, rows[i].text);
        ck_answer(i, &item, rows[i].outcome, rows[i].code, rows[i].message);
    }
    world_fini(&world);
}
END_TEST

START_TEST(accepted_command_becomes_a_whole_event)
{
    struct world world;
    struct verdict verdict;

    world_init(&world);
    world_add_user(&world, "ann", false);
    world_do(&world, JOIN, "ann", "#ops", NULL);

    struct append_item item = world_item(&world, SAY, "ann", "#ops", "hi");
    item.command.action = true;
    world.judge->begin(world.judge);
    world.judge->check(world.judge, &item, 7, 1234, &verdict);
    world.judge->committed(world.judge);
    ck_assert_int_eq(verdict.outcome, APPEND_ACCEPTED);
    ck_assert_int_eq(verdict.event.type, EVENT_MESSAGE);
    ck_assert_uint_eq(verdict.event.seq, 7);
    ck_assert_uint_eq(verdict.event.rseq, 2);
    ck_assert_int_eq(verdict.event.at_ms, 1234);
    ck_assert_str_eq(verdict.event.room, "#ops");
    ck_assert_str_eq(verdict.event.from, "ann");
    ck_assert_str_eq(verdict.event.id, item.command.id);
    ck_assert_str_eq(verdict.event.text, "hi");
    ck_assert(verdict.event.action);
    ck_assert(!verdict.event.guest);
    ck_assert_uint_eq(verdict.record_count, 0);

    event_fini(&verdict.event);
    command_fini(&item.command);
    world_fini(&world);
}
END_TEST

static void
add_record(void *context, const char *key, const char *value)
{
    size_t len = strlen(context);

    snprintf((char *)context + len, 1000 - len, "%s %s\n", key, value);
}

START_TEST(events_leave_their_records)
{
    char rooms[1000] = "", members[1000] = "";
    struct world world;

    world_init(&world);
    world_add_user(&world, "ann", false);
    world_add_user(&world, "bob", false);
    world_do(&world, JOIN, "ann", "#ops", NULL);
    world_do(&world, JOIN, "bob", "#ops", NULL);
    world_do(&world, TOPIC, "ann", "#ops", "a\"b");
    world_do(&world, SAY, "ann", "#ops", "hi");
    world_do(&world, SAY, "ann", "@ann,bob", "hi");
    world_do(&world, PART, "ann", "#ops", NULL);

    world.store->ops->scan(world.store, "room/", add_record, rooms);
    world.store->ops->scan(world.store, "member/", add_record, members);
    ck_assert_str_eq(rooms, "room/#ops {\"topic\":\"a\\\"b\"}\nroom/@ann,bob {\"topic\":\"\"}\n");
    ck_assert_str_eq(members, "member/#ops/ann {\"role\":\"owner\",\"spans\":[[1,6]]}\n"
                              "member/#ops/bob {\"role\":\"member\",\"spans\":[[2,null]]}\n");
    world_fini(&world);
}
END_TEST

START_TEST(guest_who_parts_leaves_the_room_to_nobody)
{
    struct world world;

    world_init(&world);
    world_add_user(&world, "ann", false);
    world_add_user(&world, "gus", true);
    world_do(&world, JOIN, "ann", "#anns", NULL);
    world_do(&world, JOIN, "gus", "#gus", NULL);
    ck_assert(world.last.guest);
    world_do(&world, PART, "ann", "#anns", NULL);
    world_do(&world, PART, "gus", "#gus", NULL);
    world_do(&world, JOIN, "ann", "#anns", NULL);
    world_do(&world, JOIN, "gus", "#gus", NULL);
    ck_assert_int_eq(room_role(rooms_find(world.rooms, "#anns"), "ann"), ROLE_OWNER);
    ck_assert_int_eq(room_role(rooms_find(world.rooms, "#gus"), "gus"), ROLE_MEMBER);
    world_fini(&world);
}
END_TEST

START_TEST(later_items_of_a_batch_see_what_earlier_ones_did)
{
    struct world world;

    world_init(&world);
    world_add_user(&world, "ann", false);
    struct append_item items[] = {
        world_item(&world, SAY, "ann", "#ops", "early"),
        world_item(&world, JOIN, "ann", "#ops", NULL),
        world_item(&world, SAY, "ann", "#ops", "hi"),
        world_item(&world, PART, "ann", "#ops", NULL),
        world_item(&world, SAY, "ann", "#ops", "late"),
    };
    ck_assert_int_eq(world_append(&world, items, ARRAY_LEN(items)), 0);
    ck_answer(0, &items[0], APPEND_REFUSED, REFUSAL_NOT_FOUND, NULL);
    ck_answer(1, &items[1], APPEND_ACCEPTED, 0, NULL);
    ck_answer(2, &items[2], APPEND_ACCEPTED, 0, NULL);
    ck_answer(3, &items[3], APPEND_ACCEPTED, 0, NULL);
    ck_answer(4, &items[4], APPEND_REFUSED, REFUSAL_NOT_MEMBER, NULL);
    ck_assert_uint_eq(world.last.rseq, 3);
    for (size_t i = 0; i < ARRAY_LEN(items); i++)
        command_fini(&items[i].command);
    world_fini(&world);
}
END_TEST

START_TEST(failed_commit_leaves_the_chat_as_it_was)
{
    struct world world;

    world_init(&world);
    world_add_user(&world, "ann", false);
    store_failing_set(world.store, ENOSPC, 1, false);
    struct append_item refused = world_do(&world, JOIN, "ann", "#ops", NULL);
    ck_answer(0, &refused, APPEND_REFUSED, REFUSAL_UNAVAILABLE, NULL);
    ck_assert(rooms_find(world.rooms, "#ops") == NULL);

    struct append_item accepted = world_do(&world, JOIN, "ann", "#ops", NULL);
    ck_answer(1, &accepted, APPEND_ACCEPTED, 0, NULL);
    ck_assert_uint_eq(world.last.rseq, 1);
    ck_assert_int_eq(room_role(rooms_find(world.rooms, "#ops"), "ann"), ROLE_OWNER);
    world_fini(&world);
}
END_TEST

START_TEST(every_command_for_the_log_has_a_row)
{
    for (int type = 0; type < COMMAND_TYPE_COUNT; type++) {
        const struct command_ops *row = command_rows[type];
        ck_assert_msg((row == NULL) == !command_type_is_logged((enum command_type)type), "%d",
                      type);
        if (row != NULL)
            ck_assert_int_eq(row->command, type);
    }
}
END_TEST

static Suite *
judge_suite(void)
{
    Suite *suite = suite_create("judge");
    TCase *facts = tcase_create("facts");

    tcase_add_test(facts, each_command_has_its_answer);
    tcase_add_test(facts, accepted_command_becomes_a_whole_event);
    tcase_add_test(facts, events_leave_their_records);
    tcase_add_test(facts, guest_who_parts_leaves_the_room_to_nobody);
    tcase_add_test(facts, later_items_of_a_batch_see_what_earlier_ones_did);
    tcase_add_test(facts, failed_commit_leaves_the_chat_as_it_was);
    tcase_add_test(facts, every_command_for_the_log_has_a_row);
    suite_add_tcase(suite, facts);

    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(judge_suite());

    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
