/* The table of routes, against a carrier that notes its answer. */
#include "server/web/routes.h"

#include "common/util.h"
#include "server/web/carrier.h"
#include "server/web/exchange.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

struct note {
    struct carrier carrier;
    unsigned count, status;
    char allow[64], body[300];
    bool without_body;
};

static void
note_answer(struct carrier *carrier, const struct answer *answer)
{
    struct note *note = container_of(carrier, struct note, carrier);

    note->count++;
    note->status = answer->status;
    note->without_body = answer->without_body;
    snprintf(note->allow, sizeof(note->allow), "%s", answer->allow == NULL ? "" : answer->allow);
    snprintf(note->body, sizeof(note->body), "%.*s", (int)answer->body_len,
             answer->body == NULL ? "" : (const char *)answer->body);
}

static const struct carrier_ops note_ops = {.answer = note_answer};

static struct note
serve(enum method method, const char *path)
{
    struct note note = {.carrier.ops = &note_ops};
    struct exchange *exchange = exchange_create(NULL, &note.carrier, 1);

    exchange->method = method;
    exchange->path = xstrdup(path);
    routes_serve(exchange);
    ck_assert_msg(!exchange_is_open(exchange), "%s", path);
    exchange_unref(exchange);
    return note;
}

START_TEST(routes_answer_404_for_unknown_paths)
{
    static const char *const paths[] = {
        "/",
        "",
        "/v1",
        "/v1/",
        "/v1/login/",
        "/V1/LOGIN",
        "/v1/rooms/a",
        "/v1/rooms//members",
        "/v1/rooms/a/b/members",
        "/v1/rooms/members",
        "/healthz2",
        "/v1/rooms/a/members/",
    };

    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        struct note note = serve(METHOD_GET, paths[i]);

        ck_assert_msg(note.count == 1 && note.status == 404, "%s: %u", paths[i], note.status);
        ck_assert_ptr_nonnull(strstr(note.body, "\"not_found\""));
    }
}
END_TEST

START_TEST(routes_answer_405_for_known_paths)
{
    static const struct {
        enum method method;
        const char *path, *allow;
    } rows[] = {
        {METHOD_GET, "/v1/login", "POST, OPTIONS"},
        {METHOD_HEAD, "/v1/login", "POST, OPTIONS"},
        {METHOD_OTHER, "/v1/logout", "POST, OPTIONS"},
        {METHOD_POST, "/healthz", "GET, HEAD, OPTIONS"},
        {METHOD_OTHER, "/v1/rooms/#a/members", "GET, HEAD, OPTIONS"},
        {METHOD_POST, "/v1/ws", "GET, HEAD, OPTIONS"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct note note = serve(rows[i].method, rows[i].path);

        ck_assert_msg(note.status == 405, "%s: %u", rows[i].path, note.status);
        ck_assert_str_eq(note.allow, rows[i].allow);
    }
}
END_TEST

START_TEST(routes_answer_options_with_204)
{
    struct note note = serve(METHOD_OPTIONS, "/v1/register");

    ck_assert_uint_eq(note.status, 204);
    ck_assert_str_eq(note.allow, "POST, OPTIONS");
    ck_assert_str_eq(note.body, "");
}
END_TEST

START_TEST(exchange_answers_once_and_not_after_its_peer_has_gone)
{
    struct note note = {.carrier.ops = &note_ops};
    struct exchange *exchange = exchange_create(NULL, &note.carrier, 1);

    exchange_answer_json(exchange, 200, json_object());
    exchange_answer_json(exchange, 200, json_object());
    ck_assert_uint_eq(note.count, 1);
    exchange_unref(exchange);

    exchange = exchange_create(NULL, &note.carrier, 1);
    exchange_gone(exchange);
    exchange_answer_json(exchange, 200, json_object());
    ck_assert_uint_eq(note.count, 1);
    exchange_unref(exchange);
}
END_TEST

START_TEST(exchange_refusal_of_a_head_has_no_body)
{
    ck_assert(serve(METHOD_HEAD, "/nowhere").without_body);
    ck_assert(!serve(METHOD_GET, "/nowhere").without_body);
}
END_TEST

START_TEST(exchange_refuses_bodies_that_are_no_object)
{
    static const char *const bodies[] = {"",      "{",    "[]",   "7",
                                         "\"x\"", "{}{}", "\xff", "{\"a\":1,\"a\":2}"};

    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        struct note note = {.carrier.ops = &note_ops};
        struct exchange *exchange = exchange_create(NULL, &note.carrier, 1);

        buf_add_str(&exchange->body, bodies[i]);
        ck_assert_ptr_null(exchange_read_object(exchange));
        ck_assert_msg(note.status == 400, "%s: %u", bodies[i], note.status);
        exchange_unref(exchange);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("routes");
    TCase *tcase = tcase_create("routes");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, routes_answer_404_for_unknown_paths);
    tcase_add_test(tcase, routes_answer_405_for_known_paths);
    tcase_add_test(tcase, routes_answer_options_with_204);
    tcase_add_test(tcase, exchange_answers_once_and_not_after_its_peer_has_gone);
    tcase_add_test(tcase, exchange_refusal_of_a_head_has_no_body);
    tcase_add_test(tcase, exchange_refuses_bodies_that_are_no_object);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
