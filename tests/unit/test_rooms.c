/* server/chat/rooms: what the log makes of rooms and members, and who may see what. */
#include "server/chat/rooms.h"

#include "common/buf.h"
#include "server/chat/room_table.h"
#include "tests/unit/chat_world.h"

#include <check.h>

static bool
may_see(const struct rooms *rooms, const char *user, uint64_t since, const char *key, uint64_t seq)
{
    struct identity who;
    struct event event = {.type = EVENT_MESSAGE, .seq = seq};

    identity_make(&who, user, since > 0, since);
    snprintf(event.room, sizeof(event.room), "%s", key);
    return rooms_may_see(rooms, &who, &event);
}

START_TEST(maker_owns_the_room_and_others_do_not)
{
    struct history history = {.rooms = rooms_create()};

    history_apply(&history, EVENT_JOIN, "ann", "#ops", NULL);
    history_apply(&history, EVENT_JOIN, "bob", "#ops", NULL);
    history_apply(&history, EVENT_TOPIC, "bob", "#ops", "pumps");

    const struct room *room = rooms_find(history.rooms, "#ops");
    ck_assert_int_eq(room_role(room, "ann"), ROLE_OWNER);
    ck_assert_int_eq(room_role(room, "bob"), ROLE_MEMBER);
    ck_assert_str_eq(room_topic(room), "pumps");
    ck_assert_uint_eq(room_member_count(room), 2);
    ck_assert_uint_eq(room_last_seq(room), 3);
    ck_assert_uint_eq(room_last_rseq(room), 3);
    ck_assert(rooms_find(history.rooms, "#none") == NULL);
    rooms_destroy(history.rooms);
}
END_TEST

START_TEST(account_keeps_its_role_over_a_part_and_a_guest_does_not)
{
    static const struct {
        const char *user;
        enum role role;
    } rows[] = {{"ann", ROLE_OWNER}, {"guest", ROLE_MEMBER}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct history history = {.rooms = rooms_create()};

        history_apply(&history, EVENT_JOIN, rows[i].user, "#ops", NULL);
        history_apply(&history, EVENT_PART, rows[i].user, "#ops", NULL);
        const struct room *room = rooms_find(history.rooms, "#ops");
        ck_assert(!room_has_member(room, rows[i].user));
        ck_assert_int_eq(room_role(room, rows[i].user), ROLE_MEMBER);
        history_apply(&history, EVENT_JOIN, rows[i].user, "#ops", NULL);
        ck_assert_msg(room_role(room, rows[i].user) == rows[i].role, "%s", rows[i].user);
        rooms_destroy(history.rooms);
    }
}
END_TEST

/* ann is in #ops from 2 to 4 and from 6 on; #ops was made by bob at 1. */
START_TEST(spans_say_who_may_see_what)
{
    static const struct {
        const char *user;
        uint64_t since;
        const char *key;
        uint64_t seq;
        bool expected;
    } rows[] = {
        {"ann", 0, "#ops", 1, false},     {"ann", 0, "#ops", 2, true},
        {"ann", 0, "#ops", 4, true},      {"ann", 0, "#ops", 5, false},
        {"ann", 0, "#ops", 6, true},      {"ann", 0, "#ops", 99, true},
        {"bob", 0, "#ops", 5, true},      {"cyd", 0, "#ops", 5, false},
        {"ann", 4, "#ops", 4, false},     {"ann", 4, "#ops", 6, true},
        {"ann", 6, "#ops", 6, false},     {"ann", 0, "#none", 6, false},
        {"ann", 0, "@ann,bob", 7, true},  {"bob", 0, "@ann,bob", 7, true},
        {"cyd", 0, "@ann,bob", 7, false}, {"ann", 7, "@ann,bob", 7, false},
        {"ann", 6, "@ann,bob", 7, true},
    };
    struct history history = {.rooms = rooms_create()};

    history_apply(&history, EVENT_JOIN, "bob", "#ops", NULL);
    history_apply(&history, EVENT_JOIN, "ann", "#ops", NULL);
    history_apply(&history, EVENT_MESSAGE, "bob", "#ops", "hi");
    history_apply(&history, EVENT_PART, "ann", "#ops", NULL);
    history_apply(&history, EVENT_MESSAGE, "bob", "#ops", "alone");
    history_apply(&history, EVENT_JOIN, "ann", "#ops", NULL);
    history_apply(&history, EVENT_MESSAGE, "bob", "@ann,bob", "psst");

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        ck_assert_msg(may_see(history.rooms, rows[i].user, rows[i].since, rows[i].key,
                              rows[i].seq) == rows[i].expected,
                      "row %zu: %s since %" PRIu64 " %s %" PRIu64, i, rows[i].user, rows[i].since,
                      rows[i].key, rows[i].seq);
    rooms_destroy(history.rooms);
}
END_TEST

START_TEST(spans_that_touch_become_one)
{
    struct history history = {.rooms = rooms_create()};

    for (int i = 0; i < 100; i++) {
        history_apply(&history, EVENT_JOIN, "ann", "#ops", NULL);
        history_apply(&history, EVENT_PART, "ann", "#ops", NULL);
    }

    ck_assert_uint_eq(room_table_member(rooms_find(history.rooms, "#ops"), "ann")->span_count, 1);
    ck_assert(may_see(history.rooms, "ann", 0, "#ops", 1));
    rooms_destroy(history.rooms);
}
END_TEST

/* Beyond the bound the oldest spans are forgotten; a time of absence is never shown. */
START_TEST(spans_are_bounded_and_never_show_an_absence)
{
    struct history history = {.rooms = rooms_create()};
    bool was_there[1 + 1 + 3 * 2 * SPANS_MAX];
    size_t shown = 0;

    history_apply(&history, EVENT_JOIN, "bob", "#ops", NULL);
    was_there[1] = false;
    while (history.seq + 3 < ARRAY_LEN(was_there)) {
        was_there[history.seq + 1] = was_there[history.seq + 2] = true;
        was_there[history.seq + 3] = false;
        history_apply(&history, EVENT_JOIN, "ann", "#ops", NULL);
        history_apply(&history, EVENT_PART, "ann", "#ops", NULL);
        history_apply(&history, EVENT_MESSAGE, "bob", "#ops", "alone");
    }

    for (uint64_t seq = 1; seq <= history.seq; seq++) {
        bool sees = may_see(history.rooms, "ann", 0, "#ops", seq);
        ck_assert_msg(!sees || was_there[seq], "seq %" PRIu64, seq);
        shown += sees;
    }
    ck_assert_uint_eq(shown, 2 * SPANS_MAX);
    ck_assert(!may_see(history.rooms, "ann", 0, "#ops", 2));
    ck_assert(may_see(history.rooms, "ann", 0, "#ops", history.seq - 1));
    rooms_destroy(history.rooms);
}
END_TEST

static void
add_key(void *context, const struct room *room)
{
    buf_addf(context, "%s ", room_key(room));
}

static void
ck_rooms_of(const struct rooms *rooms, const char *user, uint64_t since, const char *expected)
{
    struct buf keys = BUF_INIT;
    struct identity who;

    identity_make(&who, user, since > 0, since);
    rooms_each_of(rooms, &who, add_key, &keys);
    ck_assert_str_eq(buf_text(&keys), expected);
    buf_fini(&keys);
}

START_TEST(user_has_the_rooms_it_is_in_and_its_own_conversations)
{
    struct history history = {.rooms = rooms_create()};

    history_apply(&history, EVENT_JOIN, "ann", "#ops", NULL);
    history_apply(&history, EVENT_JOIN, "bob", "#ops", NULL);
    history_apply(&history, EVENT_JOIN, "ann", "#old", NULL);
    history_apply(&history, EVENT_PART, "ann", "#old", NULL);
    ck_rooms_of(history.rooms, "ann", 0, "#ops ");
    history_apply(&history, EVENT_MESSAGE, "bob", "@ann,bob", "psst");
    history_apply(&history, EVENT_PART, "ann", "#ops", NULL);
    ck_rooms_of(history.rooms, "ann", 0, "@ann,bob ");
    ck_rooms_of(history.rooms, "ann", 4, "@ann,bob ");
    ck_rooms_of(history.rooms, "ann", 5, "");
    ck_rooms_of(history.rooms, "cyd", 0, "");
    history_apply(&history, EVENT_MESSAGE, "cyd", "@cyd,cyd", "note");
    ck_rooms_of(history.rooms, "cyd", 0, "@cyd,cyd ");
    ck_assert_uint_eq(room_member_count(rooms_find(history.rooms, "@cyd,cyd")), 1);

    struct buf all = BUF_INIT;
    rooms_each(history.rooms, add_key, &all);
    ck_assert_str_eq(buf_text(&all), "#ops #old ");
    buf_fini(&all);
    rooms_destroy(history.rooms);
}
END_TEST

static void
count_roles(void *context, const char *user, enum role role)
{
    buf_addf(context, "%s %s;", user, role_name(role));
}

START_TEST(members_are_those_who_are_there_now)
{
    struct history history = {.rooms = rooms_create()};
    struct buf members = BUF_INIT;

    history_apply(&history, EVENT_JOIN, "ann", "#ops", NULL);
    history_apply(&history, EVENT_JOIN, "bob", "#ops", NULL);
    history_apply(&history, EVENT_JOIN, "cyd", "#ops", NULL);
    history_apply(&history, EVENT_PART, "bob", "#ops", NULL);
    room_each_member(rooms_find(history.rooms, "#ops"), count_roles, &members);
    ck_assert_str_eq(buf_text(&members), "ann owner;cyd member;");
    buf_fini(&members);
    rooms_destroy(history.rooms);
}
END_TEST

static Suite *
rooms_suite(void)
{
    Suite *suite = suite_create("rooms");
    TCase *facts = tcase_create("facts");

    tcase_add_test(facts, maker_owns_the_room_and_others_do_not);
    tcase_add_test(facts, account_keeps_its_role_over_a_part_and_a_guest_does_not);
    tcase_add_test(facts, spans_say_who_may_see_what);
    tcase_add_test(facts, spans_that_touch_become_one);
    tcase_add_test(facts, spans_are_bounded_and_never_show_an_absence);
    tcase_add_test(facts, user_has_the_rooms_it_is_in_and_its_own_conversations);
    tcase_add_test(facts, members_are_those_who_are_there_now);
    suite_add_tcase(suite, facts);

    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(rooms_suite());

    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
