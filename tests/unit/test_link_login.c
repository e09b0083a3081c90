/* client/link/link_login: how a link gets its session over a fake way, and what it asks with it. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/util.h"
#include "tests/support/link_case.h"

START_TEST(guest_logs_in_keeps_its_token_and_goes_live)
{
    struct link_config config = link_case_config();
    struct token token;

    link_world_create_with(&config);
    ck_assert_str_eq(link_user(world.link), "ann");
    link_start(world.link);
    ck_assert_str_eq(fake_ask_question(), "POST /v1/login {\"user\":\"ann\"}");
    fake_ask_answer(200, 0, "{\"token\":\"T7\",\"user\":\"ann\",\"guest\":true}");
    ck_assert_str_eq(fake_way_token(), "T7");
    ck_assert_str_eq(fake_way_after(), "");
    ck_assert_int_eq(token_load(world.dir, LINK_WORLD_ACCOUNT, &token), 0);
    ck_assert_str_eq(token.text, "T7");
    ck_assert(token.is_guest);

    fake_way_open();
    ck_assert_int_eq(world_state(), LINK_CONNECTING);
    world_hello_beat("new", 0, 0, 15);
    ck_assert_str_eq(buf_text(&world.states), "login connecting live");
    ck_assert_str_eq(buf_text(&world.events), "hello");
    ck_assert_str_eq(link_status(world.link)->transport, "fake");
    ck_assert_uint_eq(link_status(world.link)->tries, 0);
}
END_TEST

START_TEST(registering_sends_the_invite_once)
{
    struct link_config config = link_case_config();

    config.password = "pass \"word\"";
    config.register_account = true;
    config.invite = "I1";
    link_world_create_with(&config);
    link_start(world.link);
    ck_assert_str_eq(fake_ask_question(), "POST /v1/register {\"user\":\"ann\",\"password\":\"pass "
                                          "\\\"word\\\"\",\"invite\":\"I1\"}");
    fake_ask_answer(200, 0, "{\"token\":\"T7\",\"user\":\"ann\"}");
    fake_way_end(WAY_REFUSED, 401, 0, "the server answered 401");
    ck_assert_str_eq(fake_ask_question(),
                     "POST /v1/login {\"user\":\"ann\",\"password\":\"pass \\\"word\\\"\"}");
}
END_TEST

/* The name is taken, or the invitation is used up: by whom? */
static const int taken_statuses[] = {409, 403};

START_TEST(a_registration_whose_answer_was_lost_is_followed_by_a_login)
{
    struct link_config config = link_case_config();

    config.password = "right";
    config.register_account = true;
    link_world_create_with(&config);
    link_start(world.link);
    fake_ask_fail(ASK_FAILED, "cut off");
    link_case_run_until(LINK_LOGIN);
    ck_assert_str_eq(fake_ask_question(),
                     "POST /v1/register {\"user\":\"ann\",\"password\":\"right\"}");
    fake_ask_answer(taken_statuses[_i], 0,
                    "{\"error\":{\"code\":\"conflict\",\"message\":\"taken\"}}");
    ck_assert_str_eq(fake_ask_question(),
                     "POST /v1/login {\"user\":\"ann\",\"password\":\"right\"}");
    fake_ask_answer(401, 0, "{\"error\":{\"code\":\"unauthorized\",\"message\":\"no\"}}");
    ck_assert_int_eq(world_state(), LINK_FAILED);
}
END_TEST

START_TEST(a_name_that_is_taken_is_told_where_no_answer_was_lost)
{
    struct link_config config = link_case_config();

    config.password = "right";
    config.register_account = true;
    link_world_create_with(&config);
    link_start(world.link);
    fake_ask_answer(409, 0, "{\"error\":{\"code\":\"conflict\",\"message\":\"taken\"}}");
    ck_assert_int_eq(world_state(), LINK_FAILED);
    ck_assert_str_eq(world_why(), "taken");
}
END_TEST

START_TEST(kept_token_needs_no_login)
{
    link_case_live();
    ck_assert_str_eq(fake_way_token(), "T1");
}
END_TEST

START_TEST(guest_session_ends_before_a_login_with_password)
{
    struct link_config config = link_case_config();

    link_world_keep_token("T1", true);
    config.password = "secret";
    link_world_create_with(&config);
    link_start(world.link);
    ck_assert_str_eq(fake_ask_question(), "POST /v1/logout {}");
    ck_assert_str_eq(fake_ask_token(), "T1");
    fake_ask_answer(200, 0, "{}");
    ck_assert_str_eq(fake_ask_question(),
                     "POST /v1/login {\"user\":\"ann\",\"password\":\"secret\"}");
}
END_TEST

START_TEST(login_that_needs_a_person_fails_with_the_servers_sentence)
{
    static const int statuses[] = {400, 401, 403, 409, 422};

    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        struct link_config config = link_case_config();
        link_world_create_with(&config);
        link_start(world.link);
        fake_ask_answer(statuses[i], 0,
                        "{\"error\":{\"code\":\"x\",\"message\":\"wrong \\u202e password\"}}");
        ck_assert_int_eq(world_state(), LINK_FAILED);
        ck_assert_int_eq(link_status(world.link)->fault, LINK_FAULT_LOGIN);
        ck_assert_ptr_nonnull(strstr(world_why(), "password"));
        ck_assert_ptr_null(strstr(world_why(), "\xe2\x80\xae"));
        ck_assert_ptr_null(fake_ask_question());

        link_retry_login(world.link, "ann", "right");
        ck_assert_str_eq(fake_ask_question(),
                         "POST /v1/login {\"user\":\"ann\",\"password\":\"right\"}");
        link_world_destroy();
    }
}
END_TEST

START_TEST(login_that_may_go_better_later_is_tried_again)
{
    static const struct {
        int status;
        int64_t retry_after_ms, least_ms;
    } rows[] = {
        {429, 3000, 2990}, {503, 4000, 3990}, {503, 0, 0}, {500, 0, 0}, {502, 0, 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct link_config config = link_case_config();
        link_world_create_with(&config);
        link_start(world.link);
        fake_ask_answer(rows[i].status, rows[i].retry_after_ms, "<html>");
        ck_assert_msg(world_state() == LINK_WAITING, "row %zu", i);
        int64_t wait_ms = link_status(world.link)->retry_at_ms - clock_mono_ms();
        ck_assert_int_ge(wait_ms, rows[i].least_ms);
        ck_assert_int_le(wait_ms, 4000);
        link_world_destroy();
    }
}
END_TEST

START_TEST(login_without_an_answer_is_tried_again)
{
    struct link_config config = link_case_config();

    link_world_create_with(&config);
    link_start(world.link);
    fake_ask_fail(ASK_FAILED, "refused");
    ck_assert_int_eq(world_state(), LINK_WAITING);
    ck_assert_str_eq(world_why(), "refused");
    ck_assert_ptr_null(fake_ask_question());
    link_case_run_until(LINK_LOGIN);
    ck_assert_ptr_nonnull(fake_ask_question());
    ck_assert_uint_eq(link_status(world.link)->tries, 2);
}
END_TEST

START_TEST(guest_claims_itself_by_one_secret_for_as_long_as_the_link)
{
    struct link_config config = link_case_config();
    char claim[100];

    link_world_create_with(&config);
    link_start(world.link);
    snprintf(claim, sizeof(claim), "%s", fake_ask_claim());
    ck_assert_uint_eq(strlen(claim), 32);
    ck_assert_uint_eq(strspn(claim, "0123456789abcdef"), 32);
    fake_ask_fail(ASK_FAILED, "connection lost");
    link_reconnect(world.link);
    ck_assert_str_eq(fake_ask_question(), "POST /v1/login {\"user\":\"ann\"}");
    ck_assert_str_eq(fake_ask_claim(), claim);
    link_world_destroy();

    link_world_create_with(&config);
    link_start(world.link);
    ck_assert_str_ne(fake_ask_claim(), claim);
    link_world_destroy();

    fake_way_reset();
    config.password = "secret";
    link_world_create_with(&config);
    link_start(world.link);
    ck_assert_str_eq(fake_ask_claim(), "");
}
END_TEST

START_TEST(certificate_is_a_fault_and_never_tried_again)
{
    struct link_config config = link_case_config();

    link_world_create_with(&config);
    link_start(world.link);
    fake_ask_fail(ASK_CERTIFICATE, "certificate: self-signed");
    ck_assert_int_eq(world_state(), LINK_FAILED);
    ck_assert_int_eq(link_status(world.link)->fault, LINK_FAULT_CERTIFICATE);
    ck_assert_uint_eq(fake_way_starts(), 0);
    link_world_destroy();

    link_world_keep_token("T1", true);
    link_world_create_with(&config);
    link_start(world.link);
    fake_way_end(WAY_CERTIFICATE, 0, 0, "certificate: self-signed");
    ck_assert_int_eq(world_state(), LINK_FAILED);
    ck_assert_int_eq(link_status(world.link)->fault, LINK_FAULT_CERTIFICATE);
}
END_TEST

START_TEST(what_is_no_rtchat_fails_with_a_sentence)
{
    static const struct {
        int status;
        const char *body;
    } rows[] = {
        {200, ""},
        {200, "[]"},
        {200, "{\"token\":\"\"}"},
        {200, "{\"token\":\"a b\"}"},
        {200, "{\"token\":\"a\\r\\nX: y\"}"},
        {200, "{\"token\":\"T\",\"user\":\"bob\"}"},
        {404, "<html>"},
        {302, ""},
        {501, ""},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct link_config config = link_case_config();
        link_world_create_with(&config);
        link_start(world.link);
        fake_ask_answer(rows[i].status, 0, rows[i].body);
        ck_assert_msg(world_state() == LINK_FAILED, "row %zu", i);
        ck_assert_int_eq(link_status(world.link)->fault, LINK_FAULT_PROTOCOL);
        ck_assert_uint_gt(strlen(world_why()), 0);
        link_world_destroy();
    }
}
END_TEST

START_TEST(refused_token_logs_in_again_once)
{
    struct link_config config = link_case_config();

    link_world_keep_token("T1", true);
    link_world_create_with(&config);
    link_start(world.link);
    fake_way_end(WAY_REFUSED, 401, 0, "the server answered 401");
    ck_assert_str_eq(fake_ask_question(), "POST /v1/login {\"user\":\"ann\"}");
    fake_ask_answer(200, 0, "{\"token\":\"T2\",\"user\":\"ann\",\"guest\":true}");
    ck_assert_str_eq(fake_way_token(), "T2");
    fake_way_end(WAY_REFUSED, 401, 0, "the server answered 401");
    ck_assert_int_eq(world_state(), LINK_FAILED);
    ck_assert_int_eq(link_status(world.link)->fault, LINK_FAULT_LOGIN);
    ck_assert_ptr_null(fake_ask_question());
}
END_TEST

START_TEST(once_counts_from_the_last_good_session)
{
    link_case_live();
    fake_way_end(WAY_CLOSED, 0, 0, "connection lost");
    for (int i = 0; i < 3; i++) {
        link_reconnect(world.link);
        fake_way_end(WAY_REFUSED, 401, 0, "x");
        fake_ask_answer(200, 0, "{\"token\":\"T2\",\"user\":\"ann\",\"guest\":true}");
        fake_way_open();
        world_hello_beat("resumed", 10, 10, 60);
        ck_assert_int_eq(world_state(), LINK_LIVE);
    }
}
END_TEST

START_TEST(closing_with_logout_frees_the_name)
{
    struct token token;

    link_case_live();
    link_close(world.link, true);
    ck_assert(!fake_way_is_up());
    ck_assert_int_ne(world_state(), LINK_ENDED);
    ck_assert_str_eq(fake_ask_question(), "POST /v1/logout {}");
    ck_assert_str_eq(fake_ask_token(), "T1");
    fake_ask_answer(200, 0, "{}");
    ck_assert_int_eq(world_state(), LINK_ENDED);
    ck_assert_int_lt(token_load(world.dir, LINK_WORLD_ACCOUNT, &token), 0);
}
END_TEST

START_TEST(logout_that_nobody_heard_keeps_the_token)
{
    struct token token;

    link_case_live();
    link_close(world.link, true);
    fake_ask_fail(ASK_FAILED, "refused");
    ck_assert_int_eq(world_state(), LINK_ENDED);
    ck_assert_int_eq(token_load(world.dir, LINK_WORLD_ACCOUNT, &token), 0);
}
END_TEST

static void
answered(void *context, int status, const char *body, size_t len)
{
    snprintf(context, 100, "%d %.*s", status, (int)len, body);
}

START_TEST(questions_carry_the_token_and_bring_the_answer)
{
    char text[100] = "";

    link_case_live();
    link_ask(world.link, "/v1/rooms", answered, text);
    ck_assert_str_eq(fake_ask_question(), "GET /v1/rooms");
    ck_assert_str_eq(fake_ask_token(), "T1");
    fake_ask_answer(200, 0, "[]");
    ck_assert_str_eq(text, "200 []");
    link_ask(world.link, "/v1/rooms", answered, text);
    fake_ask_fail(ASK_FAILED, "refused");
    ck_assert_str_eq(text, "0 refused");
    text[0] = '\0';
    link_ask(world.link, "/v1/rooms", answered, text);
    link_world_destroy();
    ck_assert_str_eq(text, "");
}
END_TEST

START_TEST(a_name_that_is_none_asks_for_another)
{
    struct link_config config = link_case_config();

    config.user = "-root";
    link_world_create_with(&config);
    ck_assert_ptr_null(link_outbox(world.link));
    link_start(world.link);
    ck_assert_int_eq(world_state(), LINK_FAILED);
    ck_assert_int_eq(link_status(world.link)->fault, LINK_FAULT_LOGIN);
    ck_assert_ptr_null(fake_ask_question());
    link_retry_login(world.link, "ann", NULL);
    ck_assert_str_eq(fake_ask_question(), "POST /v1/login {\"user\":\"ann\"}");
    ck_assert_ptr_nonnull(link_outbox(world.link));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("link_login");
    TCase *all = tcase_create("all");

    tcase_add_checked_fixture(all, link_case_set_up, link_world_tear_down);
    tcase_add_test(all, guest_logs_in_keeps_its_token_and_goes_live);
    tcase_add_test(all, registering_sends_the_invite_once);
    tcase_add_loop_test(all, a_registration_whose_answer_was_lost_is_followed_by_a_login, 0,
                        ARRAY_LEN(taken_statuses));
    tcase_add_test(all, a_name_that_is_taken_is_told_where_no_answer_was_lost);
    tcase_add_test(all, kept_token_needs_no_login);
    tcase_add_test(all, guest_session_ends_before_a_login_with_password);
    tcase_add_test(all, login_that_needs_a_person_fails_with_the_servers_sentence);
    tcase_add_test(all, login_that_may_go_better_later_is_tried_again);
    tcase_add_test(all, login_without_an_answer_is_tried_again);
    tcase_add_test(all, guest_claims_itself_by_one_secret_for_as_long_as_the_link);
    tcase_add_test(all, certificate_is_a_fault_and_never_tried_again);
    tcase_add_test(all, what_is_no_rtchat_fails_with_a_sentence);
    tcase_add_test(all, refused_token_logs_in_again_once);
    tcase_add_test(all, once_counts_from_the_last_good_session);
    tcase_add_test(all, closing_with_logout_frees_the_name);
    tcase_add_test(all, logout_that_nobody_heard_keeps_the_token);
    tcase_add_test(all, questions_carry_the_token_and_bring_the_answer);
    tcase_add_test(all, a_name_that_is_none_asks_for_another);
    suite_add_tcase(suite, all);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
