/* server/chat/sessions: who holds a token, for how long, and what is kept of it. */
#include "server/chat/session_record.h"
#include "server/chat/sessions.h"

#include "common/clock.h"
#include "tests/unit/chat_world.h"

#include <check.h>
#include <errno.h>

#define NOW_MS  1700000000000LL
#define HOUR_MS (3600 * 1000LL)

static void
set_clock(void)
{
    clock_set(NOW_MS, 0);
}

static void
begin_session(struct sessions *sessions, const char *name, bool guest, char ret_token[TOKEN_SIZE])
{
    struct identity who;
    struct record record;

    identity_make(&who, name, guest, 7);
    session_make(&who, ret_token, &record);
    sessions_apply(sessions, &record);
    record_fini(&record);
}

static void
end_session(struct sessions *sessions, const struct session *session)
{
    struct record gone;

    session_record_gone(session, &gone);
    sessions_apply(sessions, &gone);
}

static bool
holds(struct sessions *sessions, const char *token)
{
    const struct session *session = sessions_find(sessions, token);

    session_unref(session);
    return session != NULL;
}

START_TEST(token_finds_its_session_and_its_record_has_the_hash_only)
{
    struct sessions *sessions = sessions_create();
    struct identity who;
    struct record record;
    char token[TOKEN_SIZE];

    identity_make(&who, "gus", true, 7);
    session_make(&who, token, &record);
    ck_assert_uint_eq(strlen(token), TOKEN_SIZE - 1);
    ck_assert(strstr(record.key, token) == NULL && strstr(record.value, token) == NULL);
    ck_assert_msg(!holds(sessions, token), "known before its record");

    sessions_apply(sessions, &record);
    const struct session *session = sessions_find(sessions, token);
    ck_assert(session != NULL);
    ck_assert_str_eq(session->identity.owner, "gus~7");
    ck_assert(session->identity.guest);
    ck_assert_str_eq(session->key, record.key + strlen("session/"));
    ck_assert(!session_is_ended(session));
    session_unref(session);
    record_fini(&record);
    sessions_destroy(sessions);
}
END_TEST

START_TEST(other_tokens_find_nothing)
{
    struct sessions *sessions = sessions_create();
    char token[TOKEN_SIZE], longer[TOKEN_SIZE + 1];

    begin_session(sessions, "ann", false, token);
    snprintf(longer, sizeof(longer), "%s0", token);
    ck_assert(holds(sessions, token));
    ck_assert(!holds(sessions, longer));
    ck_assert(!holds(sessions, ""));
    token[0] = token[0] == '0' ? '1' : '0';
    ck_assert(!holds(sessions, token));
    sessions_destroy(sessions);
}
END_TEST

START_TEST(session_ends_with_its_record_also_for_who_holds_it)
{
    struct sessions *sessions = sessions_create();
    char token[TOKEN_SIZE];

    begin_session(sessions, "ann", false, token);
    const struct session *session = session_ref(sessions_find(sessions, token));
    end_session(sessions, session);
    ck_assert(session_is_ended(session));
    ck_assert(!holds(sessions, token));
    ck_assert_str_eq(session->identity.name, "ann");
    session_unref(session);
    session_unref(session);
    sessions_destroy(sessions);
}
END_TEST

START_TEST(session_lapses_after_its_last_use)
{
    static const struct {
        bool guest;
        int64_t lapse_ms;
    } rows[] = {{true, 24 * HOUR_MS}, {false, 30 * 24 * HOUR_MS}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct sessions *sessions = sessions_create();
        const struct session *lapsed[2];
        char token[TOKEN_SIZE];

        begin_session(sessions, "ann", rows[i].guest, token);
        clock_advance(rows[i].lapse_ms - 1);
        ck_assert(holds(sessions, token));
        clock_advance(rows[i].lapse_ms - 1);
        const struct session *session = sessions_find(sessions, token);
        ck_assert(session != NULL);
        clock_advance(rows[i].lapse_ms - 1);
        session_use(session);
        clock_advance(rows[i].lapse_ms - 1);
        ck_assert(!session_is_ended(session));
        ck_assert_uint_eq(sessions_lapsed(sessions, clock_wall_ms(), lapsed, 2), 0);

        clock_advance(1);
        ck_assert(session_is_ended(session));
        ck_assert(!holds(sessions, token));
        ck_assert_uint_eq(sessions_lapsed(sessions, clock_wall_ms(), lapsed, 2), 1);
        ck_assert_ptr_eq(lapsed[0], session);
        end_session(sessions, lapsed[0]);
        session_unref(lapsed[0]);
        ck_assert_uint_eq(sessions_lapsed(sessions, clock_wall_ms(), lapsed, 2), 0);
        session_unref(session);
        sessions_destroy(sessions);
    }
}
END_TEST

START_TEST(use_is_worth_storing_after_an_hour_until_it_is_stored)
{
    struct sessions *sessions = sessions_create();
    struct record records[2];
    char token[TOKEN_SIZE];

    begin_session(sessions, "ann", false, token);
    clock_advance(HOUR_MS);
    ck_assert(holds(sessions, token));
    ck_assert_uint_eq(sessions_worth_storing(sessions, records, 2), 0);

    clock_advance(1);
    ck_assert(holds(sessions, token));
    ck_assert_uint_eq(sessions_worth_storing(sessions, records, 2), 1);
    ck_assert_uint_eq(sessions_worth_storing(sessions, records + 1, 1), 1);
    sessions_apply(sessions, &records[0]);
    record_fini(&records[0]);
    record_fini(&records[1]);
    ck_assert_uint_eq(sessions_worth_storing(sessions, records, 2), 0);
    ck_assert(holds(sessions, token));
    sessions_destroy(sessions);
}
END_TEST

/* The housekeeping made the record while the session was there, and stored it after its end. */
START_TEST(use_that_is_stored_after_the_end_revives_nothing)
{
    struct sessions *sessions = sessions_create();
    const struct session *lapsed[2];
    struct record record;
    char token[TOKEN_SIZE];

    begin_session(sessions, "ann", false, token);
    clock_advance(2 * HOUR_MS);
    const struct session *session = sessions_find(sessions, token);
    ck_assert_uint_eq(sessions_worth_storing(sessions, &record, 1), 1);
    end_session(sessions, session);
    sessions_apply(sessions, &record);
    ck_assert(!holds(sessions, token));
    ck_assert_uint_eq(sessions_count_of(sessions, "ann"), 0);

    ck_assert_uint_eq(sessions_lapsed(sessions, clock_wall_ms(), lapsed, 2), 1);
    ck_assert_str_eq(lapsed[0]->key, session->key);
    end_session(sessions, lapsed[0]);
    session_unref(lapsed[0]);
    ck_assert_uint_eq(sessions_lapsed(sessions, clock_wall_ms(), lapsed, 2), 0);
    record_fini(&record);
    session_unref(session);
    sessions_destroy(sessions);
}
END_TEST

START_TEST(sessions_of_a_name_are_counted)
{
    struct sessions *sessions = sessions_create();
    char tokens[3][TOKEN_SIZE];

    begin_session(sessions, "ann", false, tokens[0]);
    begin_session(sessions, "ann", false, tokens[1]);
    begin_session(sessions, "bob", false, tokens[2]);
    ck_assert_uint_eq(sessions_count_of(sessions, "ann"), 2);
    ck_assert_uint_eq(sessions_count_of(sessions, "bob"), 1);
    ck_assert_uint_eq(sessions_count_of(sessions, "cyd"), 0);
    clock_advance(SESSION_ACCOUNT_LAPSE_MS);
    ck_assert_uint_eq(sessions_count_of(sessions, "ann"), 0);
    sessions_destroy(sessions);
}
END_TEST

static void
store_record(struct world *world, struct record *record)
{
    struct append_item item = {.kind = APPEND_RECORD, .record = *record};

    world_append(world, &item, 1);
    ck_assert_int_eq(item.outcome, APPEND_ACCEPTED);
}

START_TEST(only_session_of_a_name_is_the_one_that_lives)
{
    struct sessions *sessions = sessions_create();
    char old[TOKEN_SIZE], fresh[TOKEN_SIZE], another[TOKEN_SIZE];

    ck_assert_ptr_null(sessions_only_of(sessions, "ann"));
    begin_session(sessions, "bob", true, another);
    begin_session(sessions, "ann", true, old);
    clock_advance(SESSION_GUEST_LAPSE_MS);
    ck_assert_msg(sessions_only_of(sessions, "ann") == NULL, "it has lapsed");

    begin_session(sessions, "ann", true, fresh);
    const struct session *found = sessions_find(sessions, fresh);
    const struct session *only = sessions_only_of(sessions, "ann");
    ck_assert_ptr_eq(only, found);

    begin_session(sessions, "ann", true, another);
    ck_assert_msg(sessions_only_of(sessions, "ann") == NULL, "two live");
    session_unref(found);
    session_unref(only);
    sessions_destroy(sessions);
}
END_TEST

START_TEST(sessions_survive_a_restart_with_their_last_stored_use)
{
    struct sessions *before = sessions_create(), *after = sessions_create();
    struct identity who;
    struct record records[2];
    struct world world;
    char token[TOKEN_SIZE];

    world_init(&world);
    identity_make(&who, "gus", true, 7);
    session_make(&who, token, &records[0]);
    sessions_apply(before, &records[0]);
    store_record(&world, &records[0]);
    clock_advance(20 * HOUR_MS);
    ck_assert(holds(before, token));
    ck_assert_uint_eq(sessions_worth_storing(before, &records[1], 1), 1);
    store_record(&world, &records[1]);

    ck_assert_int_eq(sessions_load(after, world.store), 0);
    clock_advance(20 * HOUR_MS);
    const struct session *session = sessions_find(after, token);
    ck_assert(session != NULL);
    ck_assert_str_eq(session->identity.owner, "gus~7");
    session_unref(session);
    record_fini(&records[0]);
    record_fini(&records[1]);
    sessions_destroy(before);
    sessions_destroy(after);
    world_fini(&world);
}
END_TEST

START_TEST(unreadable_record_is_told_at_the_start_and_passed_over_later)
{
    struct sessions *sessions = sessions_create();
    struct record record = {.key = "session/00", .value = xstrdup("{\"user\":\"ann\"}")};
    struct world world;

    world_init(&world);
    sessions_apply(sessions, &record);
    ck_assert_uint_eq(sessions_count_of(sessions, "ann"), 0);
    store_record(&world, &record);
    ck_assert_int_eq(sessions_load(sessions, world.store), -EBADMSG);
    record_fini(&record);
    sessions_destroy(sessions);
    world_fini(&world);
}
END_TEST

static Suite *
sessions_suite(void)
{
    Suite *suite = suite_create("sessions");
    TCase *facts = tcase_create("facts");

    tcase_add_checked_fixture(facts, set_clock, clock_release);
    tcase_add_test(facts, token_finds_its_session_and_its_record_has_the_hash_only);
    tcase_add_test(facts, other_tokens_find_nothing);
    tcase_add_test(facts, session_ends_with_its_record_also_for_who_holds_it);
    tcase_add_test(facts, session_lapses_after_its_last_use);
    tcase_add_test(facts, use_is_worth_storing_after_an_hour_until_it_is_stored);
    tcase_add_test(facts, use_that_is_stored_after_the_end_revives_nothing);
    tcase_add_test(facts, sessions_of_a_name_are_counted);
    tcase_add_test(facts, only_session_of_a_name_is_the_one_that_lives);
    tcase_add_test(facts, sessions_survive_a_restart_with_their_last_stored_use);
    tcase_add_test(facts, unreadable_record_is_told_at_the_start_and_passed_over_later);
    suite_add_tcase(suite, facts);

    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(sessions_suite());

    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
