/* client/chat/chat: what the events of the link make of the model, and what is asked for. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/chat/chat.h"
#include "client/link/outbox.h"
#include "common/util.h"
#include "tests/support/face_world.h"

#define LOBBY "[{\"room\":\"#lobby\",\"topic\":\"All\",\"members\":2}]"

static struct face_world world;

static void
setup(void)
{
    face_world_make(&world, false);
}

static void
teardown(void)
{
    face_world_end(&world);
}

static struct window *
window_of(const char *name)
{
    struct window *window = model_find(chat_model(world.chat), name);

    ck_assert_msg(window != NULL, "no window %s", name);
    return window;
}

static char *
message(uint64_t seq, uint64_t rseq, const char *room, const char *from, const char *text)
{
    return xasprintf(
        "{\"type\":\"message\",\"seq\":%llu,\"rseq\":%llu,\"room\":\"%s\",\"from\":\"%s\","
        "\"id\":\"i%llu\",\"at\":\"2026-01-31T12:00:00Z\",\"text\":\"%s\",\"action\":false}",
        (unsigned long long)seq, (unsigned long long)rseq, room, from, (unsigned long long)seq,
        text);
}

static void
hear(uint64_t seq, uint64_t rseq, const char *room, const char *from, const char *text)
{
    char *json = message(seq, rseq, room, from, text);

    fake_event(world.link, json);
    free(json);
}

/* Messages of #lobby, first to last, seq and rseq alike. */
static void
answer_page(const char *path, uint64_t first, uint64_t last, bool more)
{
    struct buf body = BUF_INIT;

    buf_add_str(&body, "{\"events\":[");
    for (uint64_t seq = first; seq <= last; seq++) {
        char *json = message(seq, seq, "#lobby", "bob", "old");
        buf_addf(&body, "%s%s", seq > first ? "," : "", json);
        free(json);
    }
    buf_addf(&body, "],\"more\":%s}", more ? "true" : "false");
    fake_answer(world.link, path, 200, buf_text(&body));
    buf_fini(&body);
}

static void
answer_members(const char *room)
{
    char *path = xasprintf("/v1/rooms/%%23%s/members", room);

    fake_answer(world.link, path, 200, "{\"members\":[{\"user\":\"ann\",\"role\":\"member\"}]}");
    free(path);
}

static void
greet_and_load(void)
{
    face_world_greet(&world, LOBBY);
    answer_page("/v1/history?room=%23lobby&limit=50", 6, 10, true);
    answer_members("lobby");
}

static void
hello_again(const char *result, uint64_t cursor, uint64_t head)
{
    char *json = xasprintf("{\"type\":\"hello\",\"epoch\":\"a\",\"cursor\":\"a-%llu\","
                           "\"head\":\"a-%llu\",\"result\":\"%s\",\"rooms\":" LOBBY "}",
                           (unsigned long long)cursor, (unsigned long long)head, result);

    fake_event(world.link, json);
    free(json);
}

START_TEST(hello_shows_the_first_room_and_loads_it)
{
    greet_and_load();
    ck_assert_str_eq(model_current(chat_model(world.chat))->name, "#lobby");
    ck_assert_uint_eq(window_of("#lobby")->line_count, 5);
    ck_assert_uint_eq(window_of("#lobby")->person_count, 1);
    ck_assert_uint_eq(window_of("#lobby")->unread, 0);
    ck_assert_uint_eq(chat_asking(world.chat), 0);
}
END_TEST

/* The answer was made before what was told meanwhile. */
START_TEST(presence_that_was_told_meanwhile_counts_more_than_a_members_answer)
{
    face_world_greet(&world, LOBBY);
    answer_page("/v1/history?room=%23lobby&limit=50", 6, 10, true);
    fake_event(world.link, "{\"type\":\"presence\",\"user\":\"bob\",\"state\":\"offline\"}");
    fake_answer(world.link, "/v1/rooms/%23lobby/members", 200,
                "{\"members\":[{\"user\":\"ann\",\"state\":\"away\"},"
                "{\"user\":\"bob\",\"state\":\"online\"}]}");
    ck_assert_uint_eq(window_of("#lobby")->person_count, 2);
    ck_assert_int_eq(window_of("#lobby")->people[0].presence, PRESENCE_AWAY);
    ck_assert_int_eq(window_of("#lobby")->people[1].presence, PRESENCE_OFFLINE);
}
END_TEST

START_TEST(older_lines_are_asked_for_once_and_until_there_are_none)
{
    greet_and_load();
    chat_load_older(world.chat, window_of("#lobby"));
    chat_load_older(world.chat, window_of("#lobby"));
    ck_assert_uint_eq(chat_asking(world.chat), 1);
    answer_page("/v1/history?room=%23lobby&before=6&limit=50", 1, 5, false);
    ck_assert_uint_eq(window_of("#lobby")->line_count, 10);

    chat_load_older(world.chat, window_of("#lobby"));
    ck_assert_uint_eq(chat_asking(world.chat), 0);
}
END_TEST

START_TEST(failed_page_is_said_and_may_be_asked_again)
{
    greet_and_load();
    chat_load_older(world.chat, window_of("#lobby"));
    fake_answer(world.link, "/v1/history?room=%23lobby&before=6&limit=50", 0, "refused");
    ck_assert_str_eq(face_world_notes(&world), "!#lobby: history of #lobby: refused\n");
    chat_load_older(world.chat, window_of("#lobby"));
    fake_answer(world.link, "/v1/history?room=%23lobby&before=6&limit=50", 200, "[garbage");
    ck_assert(!window_of("#lobby")->loading);
}
END_TEST

START_TEST(four_questions_are_out_at_a_time)
{
    face_world_greet(&world, "[{\"room\":\"#a\"},{\"room\":\"#b\"},{\"room\":\"#c\"}]");
    ck_assert_uint_eq(chat_asking(world.chat), 6);
    ck_assert_uint_eq(fake_link(world.link)->ask_count, 4);
    fake_answer(world.link, "/v1/history?room=%23a&limit=50", 200,
                "{\"events\":[],\"more\":false}");
    ck_assert_uint_eq(fake_link(world.link)->ask_count, 4);
    ck_assert_uint_eq(chat_asking(world.chat), 5);
}
END_TEST

START_TEST(wanted_room_is_joined_when_one_is_not_in)
{
    client_config_add_room(&world.config, "#ops");
    face_world_greet(&world, LOBBY);
    const struct outbox_item *item = outbox_first(link_outbox(world.link));

    ck_assert_ptr_nonnull(item);
    ck_assert_int_eq(item->command.type, COMMAND_JOIN);
    ck_assert_str_eq(item->command.room, "#ops");
    ck_assert_ptr_null(item->next);
    ck_assert_str_eq(model_current(chat_model(world.chat))->name, "#ops");
    free(world.config.rooms.items[0]);
    free(world.config.rooms.items);
}
END_TEST

START_TEST(what_is_said_before_the_first_hello_follows_a_joining)
{
    client_config_add_room(&world.config, "#ops");
    chat_start(world.chat);
    ck_assert_ptr_null(chat_say(world.chat, "#ops", "one", false));
    ck_assert_ptr_null(chat_say(world.chat, "#ops", "two", false));
    ck_assert_ptr_null(chat_say(world.chat, "#lobby", "three", false));

    const struct outbox_item *item = outbox_first(link_outbox(world.link));
    static const enum command_type types[] = {COMMAND_JOIN, COMMAND_SAY, COMMAND_SAY, COMMAND_SAY};
    for (size_t i = 0; i < ARRAY_LEN(types); i++, item = item->next)
        ck_assert_int_eq(item->command.type, types[i]);
    ck_assert_ptr_null(item);
    free(world.config.rooms.items[0]);
    free(world.config.rooms.items);
}
END_TEST

START_TEST(reconnect_tells_once_what_it_recovered)
{
    greet_and_load();
    hear(11, 11, "#lobby", "bob", "live");
    hello_again("resumed", 11, 15);
    for (uint64_t seq = 12; seq <= 14; seq++)
        hear(seq, seq, "#lobby", "bob", "missed");
    hear(15, 15, "#lobby", "ann", "from elsewhere");
    hear(16, 16, "#lobby", "bob", "live again");
    ck_assert_str_eq(face_world_notes(&world), "#lobby: gap: 3 messages recovered\n");

    hello_again("resumed", 16, 16);
    ck_assert_str_eq(face_world_notes(&world), "");
}
END_TEST

START_TEST(recovering_ends_with_a_pong_where_the_rest_is_not_for_us)
{
    greet_and_load();
    hello_again("resumed", 10, 15);
    hear(11, 11, "#lobby", "bob", "missed");
    fake_event(world.link, "{\"type\":\"pong\",\"cursor\":\"a-15\",\"head\":\"a-15\"}");
    ck_assert_str_eq(face_world_notes(&world), "#lobby: gap: 1 message recovered\n");
}
END_TEST

START_TEST(hole_is_filled_from_history)
{
    greet_and_load();
    hear(30, 14, "#lobby", "bob", "after a while");
    ck_assert(window_of("#lobby")->loading);
    answer_page("/v1/history?room=%23lobby&before=30&limit=3", 11, 13, true);
    ck_assert_uint_eq(window_of("#lobby")->line_count, 9);
    ck_assert_uint_eq(chat_asking(world.chat), 0);
}
END_TEST

START_TEST(hole_that_the_server_does_not_keep_is_said)
{
    greet_and_load();
    fake_event(world.link, "{\"type\":\"gap\",\"from\":11,\"to\":29,\"reason\":\"trimmed\","
                           "\"cursor\":\"a-29\"}");
    ck_assert_ptr_nonnull(strstr(face_world_notes(&world), "at most 19 events"));
    fake_answer(world.link, "/v1/history?room=%23lobby&limit=50", 200,
                "{\"events\":[],\"more\":true}");
    hear(30, 14, "#lobby", "bob", "after a while");
    fake_answer(world.link, "/v1/history?room=%23lobby&before=30&limit=3", 200,
                "{\"events\":[],\"more\":false}");
    const struct window *window = window_of("#lobby");
    ck_assert_str_eq(window->lines[window->line_count - 2]->text,
                     "3 messages not kept by the server");
    ck_assert_uint_eq(chat_asking(world.chat), 0);
}
END_TEST

START_TEST(another_epoch_loads_anew)
{
    greet_and_load();
    hello_again("gap", 3, 3);
    fake_event(world.link,
               "{\"type\":\"gap\",\"from\":null,\"to\":3,\"reason\":\"epoch\",\"cursor\":\"b-3\"}");
    answer_page("/v1/history?room=%23lobby&limit=50", 1, 3, false);
    ck_assert_uint_eq(window_of("#lobby")->oldest_seq, 1);
    ck_assert_uint_eq(window_of("#lobby")->lines[0]->seq, 1);
    ck_assert_int_eq(window_of("#lobby")->lines[3]->kind, LINE_LOCAL);
}
END_TEST

START_TEST(mention_and_direct_message_that_nobody_watches_alert)
{
    greet_and_load();
    hear(11, 11, "#lobby", "bob", "ann, here");
    hear(12, 1, "#ops", "bob", "ann, there");
    hear(13, 2, "#ops", "bob", "nothing");
    hear(14, 1, "@bob", "bob", "psst");
    hear(15, 2, "@bob", "ann", "mine");
    ck_assert_str_eq(buf_text(&world.alerts), "#ops: ann, there\n@bob: psst\n");
}
END_TEST

START_TEST(first_line_of_a_conversation_brings_what_went_before)
{
    greet_and_load();
    hear(11, 9, "@bob", "bob", "psst");
    fake_answer(world.link, "/v1/history?room=%40bob&limit=50", 200,
                "{\"events\":[],\"more\":false}");
    ck_assert(window_of("@bob")->complete);
}
END_TEST

START_TEST(refused_line_is_said_where_it_was_meant_for)
{
    greet_and_load();
    ck_assert_ptr_null(chat_say(world.chat, "@bob", "hi", false));
    fake_send(world.link);
    fake_refuse(world.link, REFUSAL_NOT_FOUND, "nobody has that name");
    ck_assert_str_eq(face_world_notes(&world), "!@bob: not said in @bob: nobody has that name\n");
    ck_assert_uint_eq(world.refused_count, 1);
}
END_TEST

static bool ended;

static void
set_ended(void *context)
{
    ended = true;
}

START_TEST(guest_logs_out_unless_something_is_queued)
{
    greet_and_load();
    chat_say(world.chat, "#lobby", "hi", false);
    chat_quit(world.chat, set_ended, NULL);
    ck_assert(ended);
    ck_assert(!fake_link(world.link)->logged_out);

    teardown();
    setup();
    ended = false;
    greet_and_load();
    chat_quit(world.chat, set_ended, NULL);
    ck_assert(ended);
    ck_assert(fake_link(world.link)->logged_out);
}
END_TEST

START_TEST(what_is_unsent_is_there_at_the_next_start)
{
    struct model *model;

    chat_start(world.chat);
    ck_assert_ptr_null(chat_say(world.chat, "#lobby", "kept", false));
    chat_destroy(world.chat);

    char why[300];
    const struct chat_face face = {0};
    world.chat = chat_create(&world.loop, &world.config, NULL, &face, why, sizeof(why));
    world.link = chat_link(world.chat);
    chat_start(world.chat);
    model = chat_model(world.chat);
    ck_assert_uint_eq(model_find(model, "#lobby")->line_count, 1);
    ck_assert_str_eq(model_find(model, "#lobby")->lines[0]->text, "kept");
    ck_assert_int_eq(model_find(model, "#lobby")->lines[0]->mark, MARK_QUEUED);
}
END_TEST

static Suite *
chat_suite(void)
{
    Suite *suite = suite_create("chat");
    TCase *facts = tcase_create("facts");

    tcase_add_checked_fixture(facts, setup, teardown);
    tcase_add_test(facts, hello_shows_the_first_room_and_loads_it);
    tcase_add_test(facts, presence_that_was_told_meanwhile_counts_more_than_a_members_answer);
    tcase_add_test(facts, older_lines_are_asked_for_once_and_until_there_are_none);
    tcase_add_test(facts, failed_page_is_said_and_may_be_asked_again);
    tcase_add_test(facts, four_questions_are_out_at_a_time);
    tcase_add_test(facts, wanted_room_is_joined_when_one_is_not_in);
    tcase_add_test(facts, what_is_said_before_the_first_hello_follows_a_joining);
    tcase_add_test(facts, reconnect_tells_once_what_it_recovered);
    tcase_add_test(facts, recovering_ends_with_a_pong_where_the_rest_is_not_for_us);
    tcase_add_test(facts, hole_is_filled_from_history);
    tcase_add_test(facts, hole_that_the_server_does_not_keep_is_said);
    tcase_add_test(facts, another_epoch_loads_anew);
    tcase_add_test(facts, mention_and_direct_message_that_nobody_watches_alert);
    tcase_add_test(facts, first_line_of_a_conversation_brings_what_went_before);
    tcase_add_test(facts, refused_line_is_said_where_it_was_meant_for);
    tcase_add_test(facts, guest_logs_out_unless_something_is_queued);
    tcase_add_test(facts, what_is_unsent_is_there_at_the_next_start);
    suite_add_tcase(suite, facts);

    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(chat_suite());

    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
