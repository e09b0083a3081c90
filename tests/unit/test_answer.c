/* An answer's fields: the same over HTTP/1.1, which writes them as bytes, and HTTP/2. */
#include "server/web/answer.h"

#include "common/buf.h"
#include "common/util.h"
#include "server/web/carrier.h"
#include "server/web/http1.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *
value_of(const struct answer_head *head, const char *name)
{
    for (unsigned i = 0; i < head->count; i++)
        if (strcmp(head->fields[i].name, name) == 0)
            return head->fields[i].value;
    return NULL;
}

START_TEST(fields_are_there_when_they_say_something)
{
    static const struct {
        struct answer answer;
        const char *name, *value;
    } rows[] = {
        {{.status = 200, .body_len = 15}, "Content-Length", "15"},
        {{.status = 200}, "Content-Length", "0"},
        {{.status = 204}, "Content-Length", NULL},
        {{.status = 200, .flows = true}, "Content-Length", NULL},
        {{.status = 200}, "Content-Type", NULL},
        {{.status = 200, .content_type = "text/plain"}, "Content-Type", "text/plain"},
        {{.status = 401}, "WWW-Authenticate", "Bearer"},
        {{.status = 403}, "WWW-Authenticate", NULL},
        {{.status = 429, .retry_after_s = 7}, "Retry-After", "7"},
        {{.status = 405, .allow = "GET"}, "Allow", "GET"},
        {{.status = 200}, "Cache-Control", "no-store"},
        {{.status = 200, .flows = true}, "Cache-Control", "no-cache, no-transform"},
        {{.status = 200, .flows = true}, "X-Accel-Buffering", "no"},
        {{.status = 200}, "Vary", NULL},
        {{.status = 200, .origin = "https://a"}, "Access-Control-Allow-Origin", "https://a"},
        {{.status = 200, .origin = "https://a"}, "Access-Control-Allow-Methods", NULL},
        {{.status = 204, .origin = "https://a", .allow = "GET"},
         "Access-Control-Allow-Methods",
         "GET"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct answer_head head;

        answer_make_head(&head, &rows[i].answer);
        ck_assert_msg(str_equal(value_of(&head, rows[i].name), rows[i].value), "row %zu: %s", i,
                      rows[i].name);
    }
}
END_TEST

START_TEST(the_fullest_answer_has_room)
{
    const struct answer answer = {.status = 401,
                                  .content_type = "application/json",
                                  .allow = "GET",
                                  .origin = "https://a",
                                  .retry_after_s = INT64_MAX,
                                  .body_len = SIZE_MAX};
    struct answer_head head;

    answer_make_head(&head, &answer);
    ck_assert_uint_le(head.count, ANSWER_FIELDS_MAX);
    ck_assert_str_eq(value_of(&head, "Content-Length"), "18446744073709551615");
}
END_TEST

START_TEST(http1_writes_every_field)
{
    const struct answer answer = {.status = 429,
                                  .content_type = "text/plain",
                                  .origin = "https://a",
                                  .retry_after_s = 3,
                                  .body = "hi",
                                  .body_len = 2};
    struct answer_head head;
    struct buf out = BUF_INIT;
    char line[200];

    answer_make_head(&head, &answer);
    http1_add_answer(&out, &answer, false);
    for (unsigned i = 0; i < head.count; i++) {
        snprintf(line, sizeof(line), "\r\n%s: %s\r\n", head.fields[i].name, head.fields[i].value);
        ck_assert_msg(strstr(out.data, line) != NULL, "%s", line);
    }
    ck_assert_ptr_nonnull(strstr(out.data, "\r\n\r\nhi"));
    buf_fini(&out);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("answer");
    TCase *tcase = tcase_create("answer");
    SRunner *runner;
    int failed;

    tcase_add_test(tcase, fields_are_there_when_they_say_something);
    tcase_add_test(tcase, the_fullest_answer_has_room);
    tcase_add_test(tcase, http1_writes_every_field);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
