/* server/chat/submit: what a worker can say of a command at once. */
#include "server/chat/submit.h"

#include "common/clock.h"
#include "common/util.h"
#include "server/chat/accounts.h"
#include "server/chat/hold.h"
#include "server/chat/limits.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static struct accounts *accounts;
static struct limits *limits;
static struct identity ann;

static void
set_up(void)
{
    static const struct limits_config config = {.rate = 20, .burst = 100};
    static const char *const names[] = {"ann", "bob"};

    clock_set(0, 0);
    limits = limits_create(&config);
    accounts = accounts_create();
    identity_make(&ann, "ann", true, 12);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct account account = {0};
        struct record record;
        identity_make(&account.identity, names[i], true, 12);
        account_record(&account, &record);
        accounts_apply(accounts, &record);
        record_fini(&record);
    }
}

static void
tear_down(void)
{
    accounts_destroy(accounts);
    limits_destroy(limits);
    clock_release();
}

static struct command
make_command(enum command_type type, const char *room)
{
    struct command command = {.type = type, .text = xstrdup("hi"), .id = "x1"};

    snprintf(command.room, sizeof(command.room), "%s", room);
    return command;
}

START_TEST(room_becomes_the_key_that_both_sides_share)
{
    static const struct {
        enum command_type type;
        const char *room, *key; /* NULL: no such user */
    } rows[] = {
        {COMMAND_SAY, "#lobby", "#lobby"}, {COMMAND_JOIN, "#new", "#new"},
        {COMMAND_SAY, "@bob", "@ann,bob"}, {COMMAND_SAY, "@ann", "@ann,ann"},
        {COMMAND_SAY, "@cyd", NULL},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct command command = make_command(rows[i].type, rows[i].room);
        struct append_item item = {0};
        struct refusal refusal = {0};
        int r = submit_prepare(&command, &ann, accounts, limits, NULL, &item, &refusal);

        ck_assert_msg((r == 0) == (rows[i].key != NULL), "%s", rows[i].room);
        if (r == 0)
            ck_assert_str_eq(item.command.room, rows[i].key);
        else
            ck_assert_str_eq(refusal.message, "no such user: cyd");
        command_fini(&item.command);
        command_fini(&command);
    }
}
END_TEST

START_TEST(item_has_all_of_the_command_and_its_owner)
{
    struct command command = make_command(COMMAND_SAY, "#lobby");
    struct append_item item;
    struct refusal refusal;

    command.action = true;
    ck_assert_int_eq(submit_prepare(&command, &ann, accounts, limits, NULL, &item, &refusal), 0);
    ck_assert_int_eq(item.kind, APPEND_COMMAND);
    ck_assert_int_eq(item.outcome, APPEND_PENDING);
    ck_assert_str_eq(item.user, "ann");
    ck_assert_str_eq(item.owner, "ann~12");
    ck_assert_str_eq(item.command.id, "x1");
    ck_assert_str_eq(item.command.text, "hi");
    ck_assert(item.command.action);
    ck_assert_ptr_null(command.text);
    command_fini(&item.command);
}
END_TEST

START_TEST(too_many_commands_are_told_when_to_come_back)
{
    struct command command = make_command(COMMAND_SAY, "#lobby");
    struct append_item item;
    struct refusal refusal;
    int64_t retry_after_ms;

    while (limits_take_command(limits, "ann", &retry_after_ms))
        ;
    ck_assert_int_eq(submit_prepare(&command, &ann, accounts, limits, NULL, &item, &refusal), -1);
    ck_assert_int_eq(refusal.code, REFUSAL_RATE_LIMITED);
    ck_assert_int_eq(refusal.retry_after_ms, 50);
    ck_assert_msg(command.text != NULL, "a refused command stays the caller's");
    command_fini(&command);
}
END_TEST

/* The bucket has a token again when the second comes, but the first was refused and is not back. */
START_TEST(a_command_does_not_overtake_the_refused_one_before_it)
{
    struct command first = make_command(COMMAND_SAY, "#lobby");
    struct command second = make_command(COMMAND_SAY, "#lobby");
    struct append_item item;
    struct refusal refusal;
    struct hold hold = {0};
    int64_t retry_after_ms;

    str_copy(second.id, sizeof(second.id), "x2");
    while (limits_take_command(limits, "ann", &retry_after_ms))
        ;
    ck_assert_int_eq(submit_prepare(&first, &ann, accounts, limits, &hold, &item, &refusal), -1);
    clock_advance(100);
    ck_assert_int_eq(submit_prepare(&second, &ann, accounts, limits, &hold, &item, &refusal), -1);
    ck_assert_int_eq(refusal.code, REFUSAL_RATE_LIMITED);
    ck_assert_int_eq(submit_prepare(&first, &ann, accounts, limits, &hold, &item, &refusal), 0);
    command_fini(&item.command);
    ck_assert_int_eq(submit_prepare(&second, &ann, accounts, limits, &hold, &item, &refusal), 0);
    command_fini(&item.command);
}
END_TEST

static Suite *
submit_suite(void)
{
    Suite *suite = suite_create("submit");
    TCase *facts = tcase_create("facts");

    tcase_add_checked_fixture(facts, set_up, tear_down);
    tcase_add_test(facts, room_becomes_the_key_that_both_sides_share);
    tcase_add_test(facts, item_has_all_of_the_command_and_its_owner);
    tcase_add_test(facts, too_many_commands_are_told_when_to_come_back);
    tcase_add_test(facts, a_command_does_not_overtake_the_refused_one_before_it);
    suite_add_tcase(suite, facts);

    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(submit_suite());

    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
