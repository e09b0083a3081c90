/* common/command: what may be asked for, member by member, and that it survives the way. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/command.h"
#include "common/json.h"
#include "common/text.h"
#include "common/util.h"

static int
decode(const char *text, struct command *command, struct refusal *refusal)
{
    char why[200] = "";
    json_t *object = json_parse(text, strlen(text), why, sizeof(why));

    ck_assert_msg(object != NULL, "%s: %s", text, why);
    int result = command_decode(object, command, refusal);
    json_decref(object);

    return result;
}

/* clang-format 14 crashes on a table whose rows are of unlike length. */
/* clang-format off */
static const struct {
    const char *text; /* as command_encode writes it */
    enum command_type type;
    const char *id, *room, *command_text;
    bool action;
    const char *nonce;
} rows[] = {
    {"{\"type\":\"say\",\"id\":\"i1\",\"room\":\"#lobby\",\"text\":\"hi \\\"you\\\"\\n\"}",
     COMMAND_SAY, "i1", "#lobby", "hi \"you\"\n", false, ""},
    {"{\"type\":\"say\",\"id\":\"i:2.a-b_c\",\"room\":\"@bob\",\"text\":\"waves\",\"action\":true}",
     COMMAND_SAY, "i:2.a-b_c", "@bob", "waves", true, ""},
    {"{\"type\":\"join\",\"id\":\"i1\",\"room\":\"#dev\"}",
     COMMAND_JOIN, "i1", "#dev", NULL, false, ""},
    {"{\"type\":\"part\",\"id\":\"i1\",\"room\":\"#dev\"}",
     COMMAND_PART, "i1", "#dev", NULL, false, ""},
    {"{\"type\":\"topic\",\"id\":\"i1\",\"room\":\"#dev\",\"text\":\"news\"}",
     COMMAND_TOPIC, "i1", "#dev", "news", false, ""},
    {"{\"type\":\"topic\",\"id\":\"i1\",\"room\":\"#dev\",\"text\":\"\"}",
     COMMAND_TOPIC, "i1", "#dev", "", false, ""},
    {"{\"type\":\"ping\",\"nonce\":\"n1\"}",
     COMMAND_PING, "", "", NULL, false, "n1"},
    {"{\"type\":\"ping\",\"id\":\"i1\",\"nonce\":\"n1\"}",
     COMMAND_PING, "i1", "", NULL, false, "n1"},
    {"{\"type\":\"away\",\"text\":\"at lunch\"}",
     COMMAND_AWAY, "", "", "at lunch", false, ""},
    {"{\"type\":\"away\",\"id\":\"i1\"}",
     COMMAND_AWAY, "i1", "", NULL, false, ""},
    {"{\"type\":\"typing\",\"room\":\"@bob\"}",
     COMMAND_TYPING, "", "@bob", NULL, false, ""},
};
/* clang-format on */

START_TEST(command_is_read_and_written_back)
{
    struct command command;
    struct refusal refusal = {0};
    struct buf out = BUF_INIT;

    ck_assert_msg(decode(rows[_i].text, &command, &refusal) == 0, "%s", refusal.message);
    ck_assert_uint_eq(command.type, rows[_i].type);
    ck_assert_str_eq(command.id, rows[_i].id);
    ck_assert_str_eq(command.room, rows[_i].room);
    ck_assert_pstr_eq(command.text, rows[_i].command_text);
    ck_assert_int_eq(command.action, rows[_i].action);
    ck_assert_str_eq(command.nonce, rows[_i].nonce);

    command_encode(&out, &command);
    ck_assert_str_eq(buf_text(&out), rows[_i].text);
    buf_fini(&out);
    command_fini(&command);
    ck_assert_ptr_null(command.text);
}
END_TEST

START_TEST(unknown_members_are_passed_over)
{
    struct command command;
    struct refusal refusal;

    ck_assert_int_eq(
        decode("{\"new\":{},\"text\":7,\"id\":\"i\",\"type\":\"join\",\"room\":\"#a\"}", &command,
               &refusal),
        0);
    ck_assert_ptr_null(command.text);
    command_fini(&command);
}
END_TEST

START_TEST(text_comes_out_in_nfc)
{
    struct command command;
    struct refusal refusal;

    ck_assert_int_eq(decode("{\"type\":\"say\",\"id\":\"i\",\"room\":\"#a\",\"text\":\"u\\u0308\"}",
                            &command, &refusal),
                     0);
    ck_assert_str_eq(command.text, "\u00fc");
    command_fini(&command);
}
END_TEST

static int
decode_text_of(const char *type, size_t len, struct refusal *refusal)
{
    struct command command;
    struct buf text = BUF_INIT;

    buf_addf(&text, "{\"type\":\"%s\",\"id\":\"i\",\"room\":\"#a\",\"text\":\"", type);
    for (size_t i = 0; i < len; i++)
        buf_add_byte(&text, 'x');
    buf_add_str(&text, "\"}");

    int result = decode(text.data, &command, refusal);
    if (result == 0)
        ck_assert_uint_eq(strlen(command.text), len);
    command_fini(&command);
    buf_fini(&text);

    return result;
}

START_TEST(text_is_bounded)
{
    static const struct {
        const char *type;
        size_t len;
        int result;
    } lengths[] = {
        {"say", 1, 0},
        {"say", TEXT_MAX, 0},
        {"say", 0, -1},
        {"say", TEXT_MAX + 1, -1},
        {"topic", 0, 0},
        {"topic", TOPIC_MAX, 0},
        {"topic", TOPIC_MAX + 1, -1},
    };

    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        struct refusal refusal = {0};
        int result = decode_text_of(lengths[i].type, lengths[i].len, &refusal);
        ck_assert_msg(result == lengths[i].result, "%s of %zu bytes: %s", lengths[i].type,
                      lengths[i].len, refusal.message);
        if (result < 0)
            ck_assert_uint_eq(refusal.code, REFUSAL_INVALID);
    }
}
END_TEST

/* clang-format off */
static const struct {
    const char *text;
    enum refusal_code code;
    const char *id, *message;
} refused[] = {
    {"[]", REFUSAL_BAD_REQUEST, "", "no JSON object"},
    {"\"say\"", REFUSAL_BAD_REQUEST, "", "no JSON object"},
    {"{}", REFUSAL_INVALID, "", "type missing"},
    {"{\"id\":\"i1\"}", REFUSAL_INVALID, "i1", "type missing"},
    {"{\"id\":\"i1\",\"type\":7}", REFUSAL_INVALID, "i1", "type of the wrong type"},
    {"{\"id\":\"i1\",\"type\":\"sing\"}", REFUSAL_UNKNOWN_COMMAND, "i1", "\"sing\""},
    {"{\"id\":\"i 1\",\"type\":\"sing\"}", REFUSAL_UNKNOWN_COMMAND, "", "\"sing\""},
    {"{\"type\":\"say\",\"room\":\"#a\",\"text\":\"x\"}", REFUSAL_INVALID, "", "id missing"},
    {"{\"type\":\"say\",\"id\":7,\"room\":\"#a\",\"text\":\"x\"}", REFUSAL_INVALID, "",
     "id of the wrong type"},
    {"{\"type\":\"say\",\"id\":\"\",\"room\":\"#a\",\"text\":\"x\"}", REFUSAL_INVALID, "",
     "id of 0 bytes"},
    {"{\"type\":\"say\",\"id\":\"i 1\",\"room\":\"#a\",\"text\":\"x\"}", REFUSAL_INVALID, "",
     "out of its rule"},
    {"{\"type\":\"say\",\"id\":\"i1\",\"text\":\"x\"}", REFUSAL_INVALID, "i1", "room missing"},
    {"{\"type\":\"say\",\"id\":\"i1\",\"room\":null,\"text\":\"x\"}", REFUSAL_INVALID, "i1",
     "room of the wrong type"},
    {"{\"type\":\"say\",\"id\":\"i1\",\"room\":\"lobby\",\"text\":\"x\"}", REFUSAL_INVALID, "i1",
     "#room or @user"},
    {"{\"type\":\"join\",\"id\":\"i1\",\"room\":\"@bob\"}", REFUSAL_INVALID, "i1", "no mark"},
    {"{\"type\":\"part\",\"id\":\"i1\",\"room\":\"@bob\"}", REFUSAL_INVALID, "i1", "no mark"},
    {"{\"type\":\"topic\",\"id\":\"i1\",\"room\":\"@bob\",\"text\":\"x\"}", REFUSAL_INVALID, "i1",
     "no mark"},
    {"{\"type\":\"topic\",\"id\":\"i1\",\"room\":\"#a\"}", REFUSAL_INVALID, "i1", "text missing"},
    {"{\"type\":\"say\",\"id\":\"i1\",\"room\":\"#a\"}", REFUSAL_INVALID, "i1", "text missing"},
    {"{\"type\":\"say\",\"id\":\"i1\",\"room\":\"#a\",\"text\":7}", REFUSAL_INVALID, "i1",
     "text of the wrong type"},
    {"{\"type\":\"say\",\"id\":\"i1\",\"room\":\"#a\",\"text\":\"\\u001b[2J\"}", REFUSAL_INVALID,
     "i1", "control character"},
    {"{\"type\":\"say\",\"id\":\"i1\",\"room\":\"#a\",\"text\":\"x\",\"action\":1}",
     REFUSAL_INVALID, "i1", "action of the wrong type"},
    {"{\"type\":\"ping\"}", REFUSAL_INVALID, "", "nonce missing"},
    {"{\"type\":\"ping\",\"nonce\":\"a b\"}", REFUSAL_INVALID, "", "nonce of 3 bytes"},
    {"{\"type\":\"ping\",\"id\":\"i1\",\"nonce\":\"\"}", REFUSAL_INVALID, "i1", "nonce of 0 bytes"},
};
/* clang-format on */

START_TEST(bad_command_is_refused_and_names_its_id)
{
    struct command command;
    struct refusal refusal;

    ck_assert_msg(decode(refused[_i].text, &command, &refusal) == -1, "%s", refused[_i].text);
    ck_assert_msg(refusal.code == refused[_i].code, "%s: %s", refused[_i].text, refusal.message);
    ck_assert_msg(strstr(refusal.message, refused[_i].message) != NULL, "%s: %s", refused[_i].text,
                  refusal.message);
    ck_assert_str_eq(command.id, refused[_i].id);
    ck_assert_str_eq(command.room, "");
    ck_assert_str_eq(command.nonce, "");
    ck_assert_ptr_null(command.text);
}
END_TEST

START_TEST(unknown_command_of_any_length_is_refused_in_utf8)
{
    struct command command;
    struct refusal refusal;
    struct buf text = BUF_INIT;

    buf_add_str(&text, "{\"id\":\"i1\",\"type\":\"x");
    for (int i = 0; i < 200; i++)
        buf_add_str(&text, "\u00fc");
    buf_add_str(&text, "\"}");
    ck_assert_int_eq(decode(text.data, &command, &refusal), -1);
    ck_assert_uint_eq(refusal.code, REFUSAL_UNKNOWN_COMMAND);
    ck_assert(text_is_utf8(refusal.message, strlen(refusal.message)));
    ck_assert_ptr_nonnull(strstr(refusal.message, "wanted say"));
    buf_fini(&text);
}
END_TEST

START_TEST(commands_have_names)
{
    ck_assert_str_eq(command_type_name(COMMAND_SAY), "say");
    ck_assert_str_eq(command_type_name(COMMAND_PING), "ping");
}
END_TEST

static Suite *
command_suite(void)
{
    Suite *suite = suite_create("command");
    TCase *facts = tcase_create("facts");

    tcase_add_loop_test(facts, command_is_read_and_written_back, 0, (int)ARRAY_LEN(rows));
    tcase_add_test(facts, unknown_members_are_passed_over);
    tcase_add_test(facts, text_comes_out_in_nfc);
    tcase_add_test(facts, text_is_bounded);
    tcase_add_loop_test(facts, bad_command_is_refused_and_names_its_id, 0, (int)ARRAY_LEN(refused));
    tcase_add_test(facts, unknown_command_of_any_length_is_refused_in_utf8);
    tcase_add_test(facts, commands_have_names);
    suite_add_tcase(suite, facts);

    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(command_suite());

    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
