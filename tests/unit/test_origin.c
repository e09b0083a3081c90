/* server/web/origin: which pages may speak to the server. */
#include "server/web/origin.h"

#include "common/buf.h"
#include "common/util.h"
#include "server/web/carrier.h"
#include "server/web/http1.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

START_TEST(origins_that_can_be_allowed)
{
    static const struct {
        const char *origin;
        bool good;
    } rows[] = {
        {"https://chat.example", true},
        {"https://chat.example:8444", true},
        {"http://localhost:3000", true},
        {"https://[::1]:8443", true},
        {"moz-extension://0a1b", true},
        {"*", false},
        {"null", false},
        {"", false},
        {"chat.example", false},
        {"://chat.example", false},
        {"https://", false},
        {"https://chat.example/", false},
        {"https://chat.example/app", false},
        {"https://*.example", false},
        {"https://ann@chat.example", false},
        {"https://a.example, https://b.example", false},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        ck_assert_msg((origin_fault(rows[i].origin) == NULL) == rows[i].good, "%s", rows[i].origin);
}
END_TEST

START_TEST(own_origin_and_allowed_ones_and_no_others)
{
    static char first[] = "https://app.example", second[] = "http://localhost:3000";
    static char *const allowed[] = {first, second};
    static const struct {
        const char *origin, *host;
        bool good;
    } rows[] = {
        {"https://app.example", "chat.example:8443", true},
        {"https://APP.example", "chat.example:8443", true},
        {"http://localhost:3000", "chat.example:8443", true},
        {"http://app.example", "chat.example:8443", false},
        {"https://app.example:8443", "chat.example:8443", false},
        {"https://app.example.evil.example", "chat.example:8443", false},
        {"https://evil.example", "chat.example:8443", false},
        {"null", "chat.example:8443", false},
        {"", "chat.example:8443", false},
        {"https://", "", false},
        {"https://chat.example:8443", "chat.example:8443", true},
        {"https://Chat.Example:8443", "chat.example:8443", true},
        {"http://chat.example:8443", "chat.example:8443", false},
        {"https://chat.example", "chat.example:8443", false},
        {"https://chat.example", "chat.example", true},
        {"https://chat.example", "chat.example:443", true},
        {"https://chat.example.evil.example", "chat.example", false},
        {"https://chat.exampl", "chat.example", false},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        ck_assert_msg(origin_is_allowed(rows[i].origin, rows[i].host, allowed,
                                        ARRAY_LEN(allowed)) == rows[i].good,
                      "%s at %s", rows[i].origin, rows[i].host);
}
END_TEST

static char *
head_of(const struct answer *answer)
{
    struct buf out = BUF_INIT;

    http1_add_answer(&out, answer, false);
    return buf_take(&out, NULL);
}

START_TEST(answers_to_pages_can_be_read_by_them)
{
    struct answer answer = {.status = 404, .origin = "https://app.example"};
    char *head = head_of(&answer);

    ck_assert_ptr_nonnull(strstr(head, "\r\nAccess-Control-Allow-Origin: https://app.example\r\n"));
    ck_assert_ptr_nonnull(strstr(head, "\r\nVary: Origin\r\n"));
    ck_assert_ptr_null(strstr(head, "Allow-Methods"));
    free(head);

    answer.origin = NULL;
    head = head_of(&answer);
    ck_assert_ptr_null(strstr(head, "Access-Control"));
    free(head);
}
END_TEST

START_TEST(a_preflight_is_told_what_may_be_sent)
{
    struct answer answer = {
        .status = 204, .allow = "POST, OPTIONS", .origin = "https://app.example"};
    char *head = head_of(&answer);

    ck_assert_ptr_nonnull(strstr(head, "\r\nAccess-Control-Allow-Methods: POST, OPTIONS\r\n"));
    ck_assert_ptr_nonnull(strstr(head, "\r\nAccess-Control-Allow-Headers: Authorization, "
                                       "Content-Type, Last-Event-ID\r\n"));
    ck_assert_ptr_nonnull(strstr(head, "\r\nAccess-Control-Max-Age: "));
    free(head);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("origin");
    TCase *facts = tcase_create("facts");
    SRunner *runner = srunner_create(suite);

    tcase_add_test(facts, origins_that_can_be_allowed);
    tcase_add_test(facts, own_origin_and_allowed_ones_and_no_others);
    tcase_add_test(facts, answers_to_pages_can_be_read_by_them);
    tcase_add_test(facts, a_preflight_is_told_what_may_be_sent);
    suite_add_tcase(suite, facts);
    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
