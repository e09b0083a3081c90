/* client/chat/input: what a typed line means, and the commands. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/chat/input.h"
#include "client/link/outbox.h"
#include "common/util.h"
#include "tests/support/face_world.h"

static struct face_world world;

static void
setup(void)
{
    face_world_make(&world, true);
    face_world_greet(&world, "[{\"room\":\"#lobby\",\"topic\":\"All\",\"members\":2}]");
    face_world_notes(&world);
}

static void
teardown(void)
{
    face_world_end(&world);
}

/* The outbox as "say #lobby hi|join #ops ". */
static const char *
queued(void)
{
    static char text[2048];
    const struct outbox_item *item = outbox_first(link_outbox(world.link));
    size_t len = 0;

    text[0] = '\0';
    for (; item != NULL; item = item->next)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s%s %s %s", len > 0 ? "|" : "",
                                item->command.action ? "*" : "",
                                command_type_name(item->command.type), item->command.room,
                                item->command.text != NULL ? item->command.text : "");
    return text;
}

static const char *
current(void)
{
    return model_current(chat_model(world.chat))->name;
}

START_TEST(line_means_what_it_says)
{
    static const struct {
        const char *line, *queued, *window;
    } rows[] = {
        {"hello", "say #lobby hello", "#lobby"},
        {"two\nlines", "say #lobby two\nlines", "#lobby"},
        {"//slash", "say #lobby /slash", "#lobby"},
        {"/say /slash", "say #lobby /slash", "#lobby"},
        {"/me waves  twice ", "*say #lobby waves  twice", "#lobby"},
        {"/ME waves", "*say #lobby waves", "#lobby"},
        {"/msg bob hi there", "say @bob hi there", "#lobby"},
        {"/msg @Bob hi", "say @bob hi", "#lobby"},
        {"/query bob", "", "@bob"},
        {"/query bob hi you", "say @bob hi you", "@bob"},
        {"/join ops", "join #ops ", "#ops"},
        {"/j #Ops", "join #ops ", "#ops"},
        {"/join   #ops  ", "join #ops ", "#ops"},
        {"/part", "part #lobby ", "#lobby"},
        {"/leave #other", "part #other ", "#lobby"},
        {"/topic New topic", "topic #lobby New topic", "#lobby"},
        {"/topic -", "topic #lobby ", "#lobby"},
        {"/window 1", "", "home"},
        {"/window lob", "", "#lobby"},
        {"/wi home", "", "home"},
        {"/close", "part #lobby ", "home"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        teardown();
        setup();
        ck_assert_msg(input_line(world.chat, rows[i].line), "%s: %s", rows[i].line,
                      face_world_notes(&world));
        ck_assert_msg(strcmp(queued(), rows[i].queued) == 0, "%s: %s", rows[i].line, queued());
        ck_assert_msg(strcmp(current(), rows[i].window) == 0, "%s: %s", rows[i].line, current());
    }
}
END_TEST

START_TEST(wrong_line_stays_and_is_explained)
{
    static const struct {
        const char *line, *note;
    } rows[] = {
        {"/jion #x", "unknown command /jion — did you mean /join?"},
        {"/qiut", "unknown command /qiut — did you mean /quit?"},
        {"/xyzzyx", "unknown command /xyzzyx — /help lists them"},
        {"/", "unknown command / — /help lists them"},
        {"/m x", "/m is ambiguous: may be /me or /msg"},
        {"/join", "/join wants more: /join ROOM"},
        {"/msg bob", "/msg wants more: /msg USER|ROOM TEXT"},
        {"/list all", "/list takes no \"all\": /list"},
        {"/join a b", "forbidden byte"},
        {"/msg b,b hi", "forbidden byte"},
        {"/msg #elsewhere hi", "you are not in #elsewhere: /join #elsewhere first"},
        {"/window 9", "no window \"9\": wanted 1-2 or a name"},
        {"/help nothing", "unknown command /nothing"},
        {"/drop 1", "no line 1 in the outbox: /outbox lists them"},
        {"bell \a", "control"},
        {"\xff", "UTF-8"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        ck_assert_msg(!input_line(world.chat, rows[i].line), "%s", rows[i].line);
        const char *notes = face_world_notes(&world);
        ck_assert_msg(strstr(notes, rows[i].note) != NULL && notes[0] == '!', "%s: %s",
                      rows[i].line, notes);
        ck_assert_str_eq(queued(), "");
    }
}
END_TEST

START_TEST(home_hears_nothing)
{
    input_line(world.chat, "/window 1");
    static const char *const lines[] = {"hi", "/say hi", "/me waves", "/topic x", "/close"};

    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        ck_assert_msg(!input_line(world.chat, lines[i]), "%s", lines[i]);
    ck_assert_str_eq(queued(), "");
}
END_TEST

START_TEST(line_that_cannot_be_kept_stays)
{
    static const char *const lines[] = {"hi", "/me waves", "/msg bob hi", "/join ops", "/topic x"};

    fake_link(world.link)->refuses_to_keep = true;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        ck_assert_msg(!input_line(world.chat, lines[i]), "%s", lines[i]);
        ck_assert_ptr_nonnull(strstr(face_world_notes(&world), "No space left"));
    }
}
END_TEST

START_TEST(text_of_the_longest_length_is_taken_and_one_more_is_not)
{
    char text[4098];

    memset(text, 'x', sizeof(text));
    text[4097] = '\0';
    ck_assert(!input_line(world.chat, text));
    text[4096] = '\0';
    ck_assert(input_line(world.chat, text));
}
END_TEST

START_TEST(outbox_lists_drops_and_retries)
{
    input_line(world.chat, "one");
    input_line(world.chat, "two");
    fake_send(world.link);
    fake_refuse(world.link, REFUSAL_FORBIDDEN, "not so");

    input_line(world.chat, "/outbox");
    ck_assert_ptr_nonnull(
        strstr(buf_text(&world.overlay), "refused     #lobby            one  (not so)"));
    ck_assert_ptr_nonnull(strstr(buf_text(&world.overlay), "on its way  #lobby            two"));

    ck_assert(!input_line(world.chat, "/drop 2"));
    ck_assert(!input_line(world.chat, "/retry 2"));
    ck_assert(input_line(world.chat, "/retry 1"));
    ck_assert_str_eq(queued(), "say #lobby two|say #lobby one");
    ck_assert(input_line(world.chat, "/drop 2"));
    ck_assert_str_eq(queued(), "say #lobby two");
    ck_assert_uint_eq(model_current(chat_model(world.chat))
                          ->lines[model_current(chat_model(world.chat))->line_count - 1]
                          ->mark,
                      MARK_PENDING);
}
END_TEST

START_TEST(close_waits_for_what_is_on_its_way)
{
    input_line(world.chat, "one");
    ck_assert(!input_line(world.chat, "/close"));
    ck_assert_str_eq(current(), "#lobby");
}
END_TEST

START_TEST(list_and_names_show_the_answer)
{
    input_line(world.chat, "/list");
    fake_answer(world.link, "/v1/rooms", 200,
                "{\"rooms\":[{\"room\":\"#lobby\",\"topic\":\"a\\nb\",\"members\":12}]}");
    ck_assert_str_eq(buf_text(&world.overlay), "Rooms\n#lobby                       12  a⏎b\n");

    input_line(world.chat, "/names");
    fake_answer(world.link, "/v1/rooms/%23lobby/members", 200,
                "{\"members\":[{\"user\":\"bob\",\"role\":\"owner\"},{\"user\":\"ann\","
                "\"role\":\"member\"}]}");
    ck_assert_str_eq(buf_text(&world.overlay), "Members of #lobby\nbob (owner)\nann\n");
    ck_assert_uint_eq(model_current(chat_model(world.chat))->person_count, 2);

    input_line(world.chat, "/names");
    fake_answer(world.link, "/v1/rooms/%23lobby/members", 503,
                "{\"error\":{\"code\":\"unavailable\",\"message\":\"later\"}}");
    ck_assert_str_eq(face_world_notes(&world), "!#lobby: members of #lobby: later (status 503)\n");
}
END_TEST

START_TEST(who_tells_who_is_here)
{
    input_line(world.chat, "/who");
    fake_answer(world.link, "/v1/rooms/%23lobby/members", 200,
                "{\"members\":[{\"user\":\"ann\",\"role\":\"member\",\"state\":\"offline\"},"
                "{\"user\":\"bob\",\"role\":\"owner\",\"state\":\"away\","
                "\"text\":\"at\\u001b[2J lunch\"},{\"user\":\"cleo\",\"state\":\"online\"},"
                "{\"user\":7},{\"user\":\"dan\",\"state\":\"odd\"}]}");
    ck_assert_str_eq(buf_text(&world.overlay), "Who is in #lobby: 1 online, 1 away, 2 offline\n"
                                               "cleo              online\n"
                                               "bob               away  owner  at␛[2J lunch\n"
                                               "ann               offline\n"
                                               "dan               offline\n");

    input_line(world.chat, "/who");
    fake_answer(world.link, "/v1/rooms/%23lobby/members", 200, "{\"members\":[]}");
    ck_assert_str_eq(buf_text(&world.overlay), "Who is in #lobby\n");
    ck_assert(!input_line(world.chat, "/who @bob"));
    ck_assert(!input_line(world.chat, "/w"));
}
END_TEST

START_TEST(help_names_every_command)
{
    input_line(world.chat, "/help");
    for (size_t i = 0; input_commands[i] != NULL; i++) {
        ck_assert_ptr_nonnull(strstr(buf_text(&world.overlay), input_commands[i]->usage));
        ck_assert_msg(strncmp(input_commands[i]->usage + 1, input_commands[i]->name,
                              strlen(input_commands[i]->name)) == 0,
                      "%s", input_commands[i]->name);
        ck_assert_msg(i == 0 || strcmp(input_commands[i - 1]->name, input_commands[i]->name) < 0,
                      "%s stands at the wrong place", input_commands[i]->name);
    }
    input_line(world.chat, "/help /join");
    ck_assert_ptr_nonnull(strstr(buf_text(&world.overlay), "Help\n/join ROOM"));
}
END_TEST

START_TEST(quit_and_reconnect_are_passed_on)
{
    ck_assert(input_line(world.chat, "/quit"));
    ck_assert_uint_eq(world.quit_count, 1);
    ck_assert(input_line(world.chat, "/reconnect"));
    ck_assert_uint_eq(fake_link(world.link)->reconnect_count, 1);
    ck_assert(input_line(world.chat, "/transport"));
    ck_assert_str_eq(face_world_notes(&world),
                     "#lobby: connected ws, reconnected 0 times, switched 0 times\n");
}
END_TEST

START_TEST(a_transport_is_wished_for_and_what_comes_of_it_is_a_note)
{
    ck_assert(input_line(world.chat, "/transport auto"));
    ck_assert_str_eq(fake_link(world.link)->wish, "auto");
    ck_assert(input_line(world.chat, "/transport ws"));
    ck_assert_str_eq(fake_link(world.link)->wish, "ws");
    ck_assert(!input_line(world.chat, "/transport smoke"));
    ck_assert_str_eq(fake_link(world.link)->wish, "ws");
    fake_link(world.link)->facts = (struct way_facts){"2", "by ALPN", "TLSv1.3"};
    ck_assert(input_line(world.chat, "/transport"));
    fake_note(world.link, "switched ws→sse: asked for");
    const char *notes = face_world_notes(&world);
    ck_assert_ptr_nonnull(strstr(notes, "transport \"smoke\" unknown: wanted auto|ws"));
    ck_assert_ptr_nonnull(strstr(notes, "#lobby: switched ws→sse: asked for\n"));
    ck_assert_ptr_nonnull(strstr(notes, "; HTTP 2, by ALPN; TLSv1.3\n"));
}
END_TEST

START_TEST(some_commands_ask_the_server)
{
    ck_assert(input_asks("/list"));
    ck_assert(input_asks("/nam #lobby"));
    ck_assert(!input_asks("/join #lobby"));
    ck_assert(!input_asks("//list"));
    ck_assert(!input_asks("list"));
    ck_assert(!input_asks("/nonsense"));
}
END_TEST

static Suite *
input_suite(void)
{
    Suite *suite = suite_create("input");
    TCase *facts = tcase_create("facts");

    tcase_add_checked_fixture(facts, setup, teardown);
    tcase_add_test(facts, line_means_what_it_says);
    tcase_add_test(facts, wrong_line_stays_and_is_explained);
    tcase_add_test(facts, home_hears_nothing);
    tcase_add_test(facts, line_that_cannot_be_kept_stays);
    tcase_add_test(facts, text_of_the_longest_length_is_taken_and_one_more_is_not);
    tcase_add_test(facts, outbox_lists_drops_and_retries);
    tcase_add_test(facts, close_waits_for_what_is_on_its_way);
    tcase_add_test(facts, list_and_names_show_the_answer);
    tcase_add_test(facts, who_tells_who_is_here);
    tcase_add_test(facts, help_names_every_command);
    tcase_add_test(facts, quit_and_reconnect_are_passed_on);
    tcase_add_test(facts, a_transport_is_wished_for_and_what_comes_of_it_is_a_note);
    tcase_add_test(facts, some_commands_ask_the_server);
    suite_add_tcase(suite, facts);

    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(input_suite());

    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
