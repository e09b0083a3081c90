/* common/event: each kind is written as protocol v1 shows it, and reads back the same. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/event.h"
#include "common/util.h"

#define AT_MS INT64_C(1769860800123)
#define LOGGED(type)                                                                               \
    "{\"type\":\"" type "\",\"seq\":9,\"rseq\":4,\"room\":\"#lobby\",\"from\":\"ann\","            \
    "\"id\":\"i1\",\"at\":\"2026-01-31T12:00:00.123Z\""
#define LOGGED_FIELDS                                                                              \
    .seq = 9, .rseq = 4, .room = "#lobby", .from = "ann", .id = "i1", .at_ms = AT_MS

/* clang-format 14 crashes on a table whose rows are of unlike length. */
/* clang-format off */
static const struct {
    const char *text;
    struct event event;
    const char *event_text; /* goes into event.text, which is not const */
} encoded[] = {
    {LOGGED("message") ",\"text\":\"hi\",\"action\":false}",
     {.type = EVENT_MESSAGE, LOGGED_FIELDS}, "hi"},
    {LOGGED("message") ",\"text\":\"a \\\"b\\\"\\n\",\"action\":true}",
     {.type = EVENT_MESSAGE, LOGGED_FIELDS, .action = true}, "a \"b\"\n"},
    {LOGGED("join") "}", {.type = EVENT_JOIN, LOGGED_FIELDS}, NULL},
    {LOGGED("part") "}", {.type = EVENT_PART, LOGGED_FIELDS}, NULL},
    {LOGGED("topic") ",\"text\":\"\"}", {.type = EVENT_TOPIC, LOGGED_FIELDS}, ""},
    {"{\"type\":\"message\",\"seq\":1,\"rseq\":1,\"room\":\"@ann,bob\",\"from\":\"bob\",\"id\":\"x\","
     "\"at\":\"1970-01-01T00:00:00.000Z\",\"text\":\"hi\",\"action\":false}",
     {.type = EVENT_MESSAGE, .seq = 1, .rseq = 1, .room = "@ann,bob", .from = "bob", .id = "x"},
     "hi"},
    {"{\"type\":\"gap\",\"from\":3,\"to\":8,\"reason\":\"trimmed\",\"cursor\":\"k3-8\"}",
     {.type = EVENT_GAP, .gap_from = 3, .gap_to = 8, .gap_reason = GAP_TRIMMED,
      .cursor = {"k3", 8}}, NULL},
    {"{\"type\":\"gap\",\"from\":null,\"to\":0,\"reason\":\"epoch\"}",
     {.type = EVENT_GAP, .gap_reason = GAP_EPOCH}, NULL},
    {"{\"type\":\"gap\",\"from\":1,\"to\":2,\"reason\":\"rights\"}",
     {.type = EVENT_GAP, .gap_from = 1, .gap_to = 2, .gap_reason = GAP_RIGHTS}, NULL},
    {"{\"type\":\"pong\",\"nonce\":\"n1\",\"cursor\":\"k3-7\",\"head\":\"k3-9\"}",
     {.type = EVENT_PONG, .nonce = "n1", .cursor = {"k3", 7}, .head = {"k3", 9}}, NULL},
    {"{\"type\":\"pong\",\"cursor\":\"k3-0\",\"head\":\"k3-0\"}",
     {.type = EVENT_PONG, .cursor = {"k3", 0}, .head = {"k3", 0}}, NULL},
    {"{\"type\":\"bye\",\"reason\":\"shutdown\",\"delay_ms\":1500}",
     {.type = EVENT_BYE, .delay_ms = 1500}, "shutdown"},
    {"{\"type\":\"bye\",\"delay_ms\":0}", {.type = EVENT_BYE}, NULL},
    {"{\"type\":\"receipt\",\"id\":\"i1\",\"seq\":9}",
     {.type = EVENT_RECEIPT, .id = "i1", .seq = 9}, NULL},
    {"{\"type\":\"receipt\",\"id\":\"i1\",\"seq\":null}",
     {.type = EVENT_RECEIPT, .id = "i1"}, NULL},
    {"{\"type\":\"receipt\",\"seq\":null}", {.type = EVENT_RECEIPT}, NULL},
    {"{\"type\":\"presence\",\"user\":\"bob\",\"state\":\"online\"}",
     {.type = EVENT_PRESENCE, .user = "bob", .presence = PRESENCE_ONLINE}, NULL},
    {"{\"type\":\"presence\",\"user\":\"bob\",\"state\":\"away\",\"text\":\"lunch\"}",
     {.type = EVENT_PRESENCE, .user = "bob", .presence = PRESENCE_AWAY}, "lunch"},
    {"{\"type\":\"typing\",\"room\":\"@bob\",\"user\":\"bob\"}",
     {.type = EVENT_TYPING, .room = "@bob", .user = "bob"}, NULL},
    {"{\"type\":\"receipt\",\"nonce\":\"n1\"}",
     {.type = EVENT_RECEIPT, .nonce = "n1"}, NULL},
    {"{\"type\":\"error\",\"id\":\"i1\",\"code\":\"not_member\",\"message\":\"no \\\"member\\\"\"}",
     {.type = EVENT_ERROR, .id = "i1",
      .refusal = {REFUSAL_NOT_MEMBER, 0, "no \"member\""}}, NULL},
    {"{\"type\":\"error\",\"code\":\"rate_limited\",\"message\":\"slow\",\"retry_after_ms\":250}",
     {.type = EVENT_ERROR, .refusal = {REFUSAL_RATE_LIMITED, 250, "slow"}}, NULL},
};
/* clang-format on */

static void
ck_same_event(const struct event *a, const struct event *b)
{
    ck_assert_uint_eq(a->type, b->type);
    ck_assert_uint_eq(a->seq, b->seq);
    ck_assert_uint_eq(a->rseq, b->rseq);
    ck_assert_int_eq(a->at_ms, b->at_ms);
    ck_assert_str_eq(a->room, b->room);
    ck_assert_str_eq(a->from, b->from);
    ck_assert_str_eq(a->id, b->id);
    ck_assert_pstr_eq(a->text, b->text);
    ck_assert_int_eq(a->action, b->action);
    ck_assert_str_eq(a->cursor.epoch, b->cursor.epoch);
    ck_assert_uint_eq(a->cursor.seq, b->cursor.seq);
    ck_assert_str_eq(a->head.epoch, b->head.epoch);
    ck_assert_uint_eq(a->head.seq, b->head.seq);
    ck_assert_uint_eq(a->gap_from, b->gap_from);
    ck_assert_uint_eq(a->gap_to, b->gap_to);
    ck_assert_uint_eq(a->gap_reason, b->gap_reason);
    ck_assert_uint_eq(a->result, b->result);
    ck_assert_int_eq(a->delay_ms, b->delay_ms);
    ck_assert_str_eq(a->user, b->user);
    ck_assert_uint_eq(a->presence, b->presence);
    ck_assert_str_eq(a->nonce, b->nonce);
    ck_assert_uint_eq(a->refusal.code, b->refusal.code);
    ck_assert_int_eq(a->refusal.retry_after_ms, b->refusal.retry_after_ms);
    ck_assert_str_eq(a->refusal.message, b->refusal.message);
}

START_TEST(event_is_written_as_the_protocol_shows_and_read_back)
{
    struct event event = encoded[_i].event, back;
    struct buf out = BUF_INIT;
    char why[200] = "";

    if (encoded[_i].event_text != NULL)
        event.text = xstrdup(encoded[_i].event_text);
    event_encode(&out, &event);
    ck_assert_str_eq(buf_text(&out), encoded[_i].text);

    ck_assert_msg(event_decode(out.data, out.len, &back, why, sizeof(why)) == 0, "%s", why);
    ck_assert_ptr_nonnull(back.json);
    ck_same_event(&event, &back);

    event_fini(&back);
    event_fini(&event);
    buf_fini(&out);
}
END_TEST

/* Decodes text, which must be good. */
static struct event
decoded(const char *text)
{
    struct event event;
    char why[200] = "";

    ck_assert_msg(event_decode(text, strlen(text), &event, why, sizeof(why)) == 0, "%s: %s", text,
                  why);
    return event;
}

START_TEST(encode_appends)
{
    struct event event = {.type = EVENT_RECEIPT, .id = "a"};
    struct buf out = BUF_INIT;

    buf_add_str(&out, "[");
    event_encode(&out, &event);
    ck_assert_str_eq(buf_text(&out), "[{\"type\":\"receipt\",\"id\":\"a\",\"seq\":null}");
    buf_fini(&out);
}
END_TEST

START_TEST(hello_brings_its_cursors_result_and_json)
{
    static const struct {
        const char *name;
        enum hello_result result;
    } rows[] = {
        {"new", HELLO_NEW},
        {"resumed", HELLO_RESUMED},
        {"gap", HELLO_GAP},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char *text = xasprintf(
            "{\"type\":\"hello\",\"server\":\"rtchat\",\"version\":\"1\",\"user\":\"ann\","
            "\"epoch\":\"k3\",\"cursor\":\"k3-5\",\"head\":\"k3-9\",\"result\":\"%s\","
            "\"heartbeat\":15,\"rooms\":[],\"limits\":{}}",
            rows[i].name);
        struct event event = decoded(text);
        ck_assert_uint_eq(event.type, EVENT_HELLO);
        ck_assert_str_eq(event.cursor.epoch, "k3");
        ck_assert_uint_eq(event.cursor.seq, 5);
        ck_assert_uint_eq(event.head.seq, 9);
        ck_assert_uint_eq(event.result, rows[i].result);
        ck_assert_int_eq(json_integer_value(json_object_get(event.json, "heartbeat")), 15);
        event_fini(&event);
        free(text);
    }
}
END_TEST

START_TEST(unknown_kind_keeps_its_json_and_its_position)
{
    struct event event = decoded(LOGGED("wave") ",\"hands\":2}");

    ck_assert_uint_eq(event.type, EVENT_UNKNOWN);
    ck_assert_uint_eq(event.seq, 9);
    ck_assert_str_eq(event.from, "ann");
    ck_assert_int_eq(json_integer_value(json_object_get(event.json, "hands")), 2);
    event_fini(&event);

    event = decoded("{\"type\":\"shrug\",\"room\":7,\"user\":\"ann\"}");
    ck_assert_uint_eq(event.type, EVENT_UNKNOWN);
    ck_assert_uint_eq(event.seq, 0);
    ck_assert_str_eq(event.room, "");
    event_fini(&event);

    event = decoded("{\"type\":\"unknown\"}");
    ck_assert_uint_eq(event.type, EVENT_UNKNOWN);
    event_fini(&event);
}
END_TEST

START_TEST(unknown_members_are_passed_over)
{
    struct event event =
        decoded(LOGGED("message") ",\"text\":\"x\",\"action\":false,\"new\":[{}]}");

    ck_assert_str_eq(event.text, "x");
    event_fini(&event);
}
END_TEST

START_TEST(unknown_error_code_is_still_a_refusal)
{
    struct event event = decoded("{\"type\":\"error\",\"code\":\"on_fire\",\"message\":\"hot\"}");

    ck_assert_uint_eq(event.refusal.code, REFUSAL_INVALID);
    ck_assert_str_eq(event.refusal.message, "hot");
    event_fini(&event);
}
END_TEST

START_TEST(long_error_message_is_cut)
{
    char *text = xasprintf("{\"type\":\"error\",\"code\":\"invalid\",\"message\":\"%0500d\"}", 0);
    struct event event = decoded(text);

    ck_assert_uint_eq(strlen(event.refusal.message), sizeof(event.refusal.message) - 1);
    event_fini(&event);
    free(text);
}
END_TEST

/* clang-format off */
static const struct {
    const char *text, *why;
} refused[] = {
    {"", "ends too soon"},
    {"[]", "without a type"},
    {"7", "without a type"},
    {"{}", "without a type"},
    {"{\"type\":7}", "without a type"},
    {"{\"type\":\"message\xff\"}", "not UTF-8"},
    {"{\"type\":\"message\"}", "message: seq missing"},
    {"{\"type\":\"message\",\"seq\":0}", "seq malformed"},
    {"{\"type\":\"message\",\"seq\":-1}", "seq malformed"},
    {"{\"type\":\"message\",\"seq\":\"9\"}", "seq malformed"},
    {"{\"type\":\"message\",\"seq\":null}", "seq malformed"},
    {"{\"type\":\"join\",\"seq\":9,\"rseq\":1.5}", "rseq malformed"},
    {"{\"type\":\"join\",\"seq\":9,\"rseq\":1,\"room\":\"lobby\"}", "room malformed"},
    {"{\"type\":\"join\",\"seq\":9,\"rseq\":1,\"room\":\"@bob,ann\"}", "room malformed"},
    {"{\"type\":\"join\",\"seq\":9,\"rseq\":1,\"room\":\"@ann,\"}", "room malformed"},
    {"{\"type\":\"join\",\"seq\":9,\"rseq\":1,\"room\":\"@,ann\"}", "room malformed"},
    {"{\"type\":\"join\",\"seq\":9,\"rseq\":1,\"room\":\"@ann,bob,cyd\"}", "room malformed"},
    {"{\"type\":\"join\",\"seq\":9,\"rseq\":1,\"room\":\",ann\"}", "room malformed"},
    {"{\"type\":\"join\",\"seq\":9,\"rseq\":1,"
     "\"room\":\"@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,b\"}",
     "room malformed"},
    {"{\"type\":\"join\",\"seq\":9,\"rseq\":1,\"room\":\"#a\",\"from\":\"A\"}", "from malformed"},
    {"{\"type\":\"join\",\"seq\":9,\"rseq\":1,\"room\":\"#a\",\"from\":\"a\",\"id\":\"\"}",
     "id malformed"},
    {"{\"type\":\"join\",\"seq\":9,\"rseq\":1,\"room\":\"#a\",\"from\":\"a\",\"id\":\"i\","
     "\"at\":\"now\"}", "at malformed"},
    {LOGGED("message") ",\"action\":false}", "text missing"},
    {LOGGED("message") ",\"text\":\"x\"}", "action missing"},
    {LOGGED("message") ",\"text\":\"x\",\"action\":1}", "action malformed"},
    {LOGGED("topic") ",\"text\":null}", "text malformed"},
    {"{\"type\":\"gap\",\"to\":1,\"reason\":\"epoch\"}", "from missing"},
    {"{\"type\":\"gap\",\"from\":null,\"to\":null,\"reason\":\"epoch\"}", "to malformed"},
    {"{\"type\":\"gap\",\"from\":1,\"to\":1,\"reason\":\"mood\"}", "reason malformed"},
    {"{\"type\":\"pong\",\"cursor\":\"k3\",\"head\":\"k3-1\"}", "cursor malformed"},
    {"{\"type\":\"pong\",\"cursor\":\"k3-1\"}", "head missing"},
    {"{\"type\":\"pong\",\"nonce\":7,\"cursor\":\"k3-1\",\"head\":\"k3-1\"}", "nonce malformed"},
    {"{\"type\":\"bye\",\"reason\":\"x\",\"delay_ms\":-1}", "delay_ms malformed"},
    {"{\"type\":\"presence\",\"user\":\"bob\",\"state\":\"asleep\"}", "state malformed"},
    {"{\"type\":\"presence\",\"state\":\"away\"}", "user missing"},
    {"{\"type\":\"typing\",\"user\":\"bob\"}", "room missing"},
    {"{\"type\":\"receipt\",\"id\":\"i1\"}", "seq missing"},
    {"{\"type\":\"receipt\",\"id\":\"i1\",\"seq\":0}", "seq malformed"},
    {"{\"type\":\"error\",\"message\":\"x\"}", "code missing"},
    {"{\"type\":\"error\",\"code\":\"invalid\"}", "message missing"},
    {"{\"type\":\"hello\",\"cursor\":\"k3-1\",\"head\":\"k3-1\",\"result\":\"new\"}",
     "epoch missing"},
    {"{\"type\":\"hello\",\"epoch\":\"K\",\"cursor\":\"k3-1\",\"head\":\"k3-1\",\"result\":\"new\"}",
     "epoch malformed"},
    {"{\"type\":\"hello\",\"epoch\":\"k3\",\"cursor\":\"k3-1\",\"head\":\"k3-1\"}",
     "result missing"},
};
/* clang-format on */

START_TEST(malformed_event_is_refused_with_a_reason)
{
    struct event event = {.seq = 77};
    char why[200] = "";

    ck_assert_msg(event_decode(refused[_i].text, strlen(refused[_i].text), &event, why,
                               sizeof(why)) == -EINVAL,
                  "%s", refused[_i].text);
    ck_assert_msg(strstr(why, refused[_i].why) != NULL, "%s: %s", refused[_i].text, why);
    ck_assert_uint_eq(event.seq, 77);
}
END_TEST

START_TEST(only_what_the_log_keeps_is_logged)
{
    for (unsigned type = 0; type < EVENT_TYPE_COUNT; type++)
        ck_assert_int_eq(event_type_is_logged(type), type <= EVENT_TOPIC);
    ck_assert_str_eq(event_type_name(EVENT_MESSAGE), "message");
    ck_assert_str_eq(event_type_name(EVENT_ERROR), "error");
}
END_TEST

START_TEST(every_refusal_has_a_name_a_status_and_a_way_back)
{
    for (unsigned code = 1; code < REFUSAL_COUNT; code++) {
        ck_assert_uint_eq(refusal_from_name(refusal_name(code)), code);
        ck_assert_int_ge(refusal_status(code), 400);
    }
    ck_assert_int_eq(refusal_status(REFUSAL_NONE), 200);
    ck_assert_uint_eq(refusal_from_name("on_fire"), REFUSAL_NONE);
    ck_assert_int_eq(refusal_status(refusal_from_name("rate_limited")), 429);
}
END_TEST

START_TEST(refusal_stays_utf8_when_it_is_cut)
{
    struct refusal refusal = {.retry_after_ms = 7};
    static const char crab[] = "\U0001F980";

    ck_assert_int_eq(refuse(&refusal, REFUSAL_INVALID, "%196s%s", "", crab), -1);
    ck_assert_uint_eq(refusal.code, REFUSAL_INVALID);
    ck_assert_int_eq(refusal.retry_after_ms, 0);
    ck_assert_uint_eq(strlen(refusal.message), 199);
    ck_assert_str_eq(refusal.message + 196, "???");

    refuse(&refusal, REFUSAL_INVALID, "\xff%s", crab);
    ck_assert_str_eq(refusal.message, "?\U0001F980");
}
END_TEST

static Suite *
event_suite(void)
{
    Suite *suite = suite_create("event");
    TCase *facts = tcase_create("facts");

    tcase_add_loop_test(facts, event_is_written_as_the_protocol_shows_and_read_back, 0,
                        (int)ARRAY_LEN(encoded));
    tcase_add_test(facts, encode_appends);
    tcase_add_test(facts, hello_brings_its_cursors_result_and_json);
    tcase_add_test(facts, unknown_kind_keeps_its_json_and_its_position);
    tcase_add_test(facts, unknown_members_are_passed_over);
    tcase_add_test(facts, unknown_error_code_is_still_a_refusal);
    tcase_add_test(facts, long_error_message_is_cut);
    tcase_add_loop_test(facts, malformed_event_is_refused_with_a_reason, 0,
                        (int)ARRAY_LEN(refused));
    tcase_add_test(facts, only_what_the_log_keeps_is_logged);
    tcase_add_test(facts, every_refusal_has_a_name_a_status_and_a_way_back);
    tcase_add_test(facts, refusal_stays_utf8_when_it_is_cut);
    suite_add_tcase(suite, facts);

    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(event_suite());

    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
