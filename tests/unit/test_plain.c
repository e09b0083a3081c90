/* client/plain: how an event looks as a line. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "client/plain.h"
#include "common/buf.h"
#include "common/event.h"
#include "common/text.h"
#include "common/util.h"

#define LOGGED "\"seq\":9,\"rseq\":4,\"id\":\"i\",\"at\":\"2026-01-31T12:00:00.999Z\","

START_TEST(event_is_one_line_that_can_only_be_read)
{
    static const struct {
        const char *json, *line;
        unsigned flags;
    } rows[] = {
        {"{\"type\":\"message\"," LOGGED "\"room\":\"#lobby\",\"from\":\"ann\",\"text\":\"hi\","
         "\"action\":false}",
         "2026-01-31T12:00:00Z #lobby <ann> hi\n", 0},
        {"{\"type\":\"message\"," LOGGED "\"room\":\"@ann\",\"from\":\"ann\",\"text\":\"hi\","
         "\"action\":false}",
         "2026-01-31T12:00:00Z @ann <ann> hi\n", 0},
        {"{\"type\":\"message\"," LOGGED "\"room\":\"#lobby\",\"from\":\"ann\",\"text\":\"waves\","
         "\"action\":true}",
         "2026-01-31T12:00:00Z #lobby * ann waves\n", 0},
        {"{\"type\":\"message\"," LOGGED "\"room\":\"#lobby\",\"from\":\"ann\","
         "\"text\":\"a\\nb\",\"action\":false}",
         "2026-01-31T12:00:00Z #lobby <ann> a⏎b\n", 0},
        {"{\"type\":\"message\"," LOGGED "\"room\":\"#lobby\",\"from\":\"ann\","
         "\"text\":\"\\u001b[2J\\u202e\",\"action\":false}",
         "2026-01-31T12:00:00Z #lobby <ann> ␛[2J⟪RLO⟫\n", 0},
        {"{\"type\":\"join\"," LOGGED "\"room\":\"#lobby\",\"from\":\"ann\"}",
         "2026-01-31T12:00:00Z #lobby -- ann joined\n", 0},
        {"{\"type\":\"part\"," LOGGED "\"room\":\"#lobby\",\"from\":\"ann\"}",
         "2026-01-31T12:00:00Z #lobby -- ann left\n", 0},
        {"{\"type\":\"topic\"," LOGGED "\"room\":\"#lobby\",\"from\":\"ann\",\"text\":\"T\"}",
         "2026-01-31T12:00:00Z #lobby -- ann set the topic: T\n", 0},
        {"{\"type\":\"topic\"," LOGGED "\"room\":\"#lobby\",\"from\":\"ann\",\"text\":\"\"}",
         "2026-01-31T12:00:00Z #lobby -- ann cleared the topic\n", 0},
        {"{\"type\":\"kick\"," LOGGED "\"room\":\"#lobby\",\"from\":\"ann\",\"user\":\"bob\"}",
         "2026-01-31T12:00:00Z #lobby -- ann: kick (this version does not know more of it)\n", 0},
        {"{\"type\":\"message\"," LOGGED "\"room\":\"#lobby\",\"from\":\"ann\","
         "\"text\":\"\\u00e9\",\"action\":false}",
         "2026-01-31T12:00:00Z #lobby <ann> U+00E9\n", TEXT_ASCII},
        {"{\"type\":\"pong\",\"cursor\":\"a-1\",\"head\":\"a-1\"}", "", 0},
        {"{\"type\":\"presence\",\"user\":\"ann\",\"state\":\"away\"}", "", 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct event event;
        struct buf line = BUF_INIT;
        char why[200];
        int result = event_decode(rows[i].json, strlen(rows[i].json), &event, why, sizeof(why));
        ck_assert_msg(result == 0, "%s: %s", rows[i].json, why);
        plain_add_event(&line, &event, rows[i].flags);
        ck_assert_str_eq(buf_text(&line), rows[i].line);
        buf_fini(&line);
        event_fini(&event);
    }
}
END_TEST

static Suite *
plain_suite(void)
{
    Suite *suite = suite_create("plain");
    TCase *facts = tcase_create("facts");

    tcase_add_test(facts, event_is_one_line_that_can_only_be_read);
    suite_add_tcase(suite, facts);

    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(plain_suite());

    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
