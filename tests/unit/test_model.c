/* client/chat/model: windows, lines in their order, what is unread and what is pending. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/chat/model.h"
#include "client/chat/note.h"
#include "client/link/outbox.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/util.h"

static struct model *model;

static void
setup(void)
{
    model = model_create("ann");
}

static void
teardown(void)
{
    model_destroy(model);
}

static void
take_json(const char *json)
{
    struct event event;
    char why[200];

    ck_assert_msg(event_decode(json, strlen(json), &event, why, sizeof(why)) == 0, "%s: %s", json,
                  why);
    model_event(model, &event);
    event_fini(&event);
}

static void
fill_event(struct event *event, uint64_t seq, uint64_t rseq, const char *room, const char *from,
           const char *text)
{
    *event = (struct event){.type = EVENT_MESSAGE, .seq = seq, .rseq = rseq, .at_ms = (int64_t)seq};
    str_copy(event->room, sizeof(event->room), room);
    str_copy(event->from, sizeof(event->from), from);
    snprintf(event->id, sizeof(event->id), "id%llu", (unsigned long long)seq);
    event->text = xstrdup(text);
}

static void
hear(uint64_t seq, uint64_t rseq, const char *room, const char *from, const char *text)
{
    struct event event;

    fill_event(&event, seq, rseq, room, from, text);
    model_event(model, &event);
    event_fini(&event);
}

/* History of #a, seq and rseq alike, from first to last. */
static void
load(uint64_t first, uint64_t last, bool more)
{
    struct event events[64];
    size_t count = 0;

    for (uint64_t seq = first; seq <= last; seq++)
        fill_event(&events[count++], seq, seq, "#a", "bob", "old");
    model_history(model, model_open(model, "#a"), events, count, more);
    for (size_t i = 0; i < count; i++)
        event_fini(&events[i]);
}

static struct outbox_item
item_of(const char *id, const char *room, const char *text, enum outbox_state state)
{
    struct outbox_item item = {.command = {.type = COMMAND_SAY}, .state = state, .at_ms = 7};

    str_copy(item.command.id, sizeof(item.command.id), id);
    str_copy(item.command.room, sizeof(item.command.room), room);
    item.command.text = xstrdup(text);
    return item;
}

static void
put(const char *id, const char *text, enum outbox_state state)
{
    struct outbox_item item = item_of(id, "#a", text, state);

    model_outbox(model, &item);
    command_fini(&item.command);
}

/* The window as "text/mark/seq text/mark/seq …". */
static const char *
shown(const char *room)
{
    static const char marks[] = {[MARK_NONE] = ' ',
                                 [MARK_PENDING] = 'p',
                                 [MARK_QUEUED] = 'q',
                                 [MARK_DONE] = 'd',
                                 [MARK_REFUSED] = 'r'};
    static char text[4096];
    const struct window *window = model_find(model, room);
    size_t len = 0;

    text[0] = '\0';
    for (size_t i = 0; i < window->line_count; i++) {
        const struct line *line = window->lines[i];
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s%c%llu", i > 0 ? "|" : "",
                                line->text, marks[line->mark], (unsigned long long)line->seq);
        ck_assert_uint_lt(len, sizeof(text));
    }
    return text;
}

START_TEST(event_of_an_unknown_room_opens_its_window)
{
    hear(1, 1, "#a", "bob", "hi");
    hear(2, 1, "@bob", "bob", "psst");

    ck_assert_uint_eq(model_window_count(model), 3);
    ck_assert_str_eq(model_window(model, 0)->name, "home");
    ck_assert_str_eq(shown("#a"), "hi 1");
    ck_assert(model_find(model, "@bob")->joined);
}
END_TEST

START_TEST(repeated_event_changes_nothing)
{
    hear(1, 1, "#a", "bob", "hi");
    unsigned serial = model_find(model, "#a")->serial;
    hear(1, 1, "#a", "bob", "hi");

    ck_assert_str_eq(shown("#a"), "hi 1");
    ck_assert_uint_eq(model_find(model, "#a")->serial, serial);
    ck_assert_uint_eq(model_find(model, "#a")->unread, 1);
}
END_TEST

START_TEST(history_goes_in_by_seq_and_once)
{
    hear(5, 5, "#a", "bob", "new");
    load(2, 5, true);
    ck_assert_str_eq(shown("#a"), "old 2|old 3|old 4|new 5");
    ck_assert(!model_find(model, "#a")->complete);
    ck_assert_uint_eq(model_find(model, "#a")->oldest_seq, 2);

    load(1, 1, false);
    ck_assert_str_eq(shown("#a"), "old 1|old 2|old 3|old 4|new 5");
    ck_assert(model_find(model, "#a")->complete);
}
END_TEST

START_TEST(typed_line_is_queued_sent_and_done)
{
    hear(1, 1, "#a", "bob", "hi");
    put("x", "mine", OUTBOX_QUEUED);
    ck_assert_str_eq(shown("#a"), "hi 1|mineq0");
    put("x", "mine", OUTBOX_SENT);
    ck_assert_str_eq(shown("#a"), "hi 1|minep0");
    hear(2, 2, "#a", "bob", "before");
    ck_assert_str_eq(shown("#a"), "hi 1|before 2|minep0");

    struct outbox_item item = item_of("x", "#a", "mine", OUTBOX_SENT);
    model_receipt(model, &item, 3);
    command_fini(&item.command);
    ck_assert_str_eq(shown("#a"), "hi 1|before 2|mined3");

    hear(3, 3, "#a", "ann", "mine");
    ck_assert_str_eq(shown("#a"), "hi 1|before 2|mined3");
    ck_assert_uint_eq(model_find(model, "#a")->lines[2]->rseq, 3);
}
END_TEST

START_TEST(event_before_its_receipt_settles_the_typed_line)
{
    put("id4", "mine", OUTBOX_SENT);
    put("y", "next", OUTBOX_QUEUED);
    hear(4, 1, "#a", "ann", "mine");
    ck_assert_str_eq(shown("#a"), "mined4|nextq0");

    /* Said again by a client that did not hear of it: one line. */
    put("id4", "mine", OUTBOX_QUEUED);
    ck_assert_str_eq(shown("#a"), "mined4|nextq0");
}
END_TEST

START_TEST(same_id_of_another_user_is_another_line)
{
    put("id4", "mine", OUTBOX_SENT);
    hear(4, 1, "#a", "bob", "his");
    ck_assert_str_eq(shown("#a"), "his 4|minep0");
}
END_TEST

START_TEST(refused_line_leaves_the_end_and_can_be_dropped)
{
    put("x", "bad", OUTBOX_SENT);
    put("y", "good", OUTBOX_SENT);
    put("x", "bad", OUTBOX_REFUSED);
    ck_assert_str_eq(shown("#a"), "badr0|goodp0");
    hear(1, 1, "#a", "bob", "hi");
    ck_assert_str_eq(shown("#a"), "badr0|hi 1|goodp0");

    struct outbox_item item = item_of("x", "#a", "bad", OUTBOX_REFUSED);
    model_drop(model, &item);
    command_fini(&item.command);
    ck_assert_str_eq(shown("#a"), "hi 1|goodp0");
}
END_TEST

START_TEST(note_stands_before_what_is_pending)
{
    struct window *window = model_open(model, "#a");

    put("x", "mine", OUTBOX_QUEUED);
    model_note(model, window, true, 5, "no %s", "way");
    ck_assert_str_eq(shown("#a"), "no way 0|mineq0");
    ck_assert(window->lines[0]->error);
    ck_assert_int_eq(window->lines[0]->kind, LINE_LOCAL);
}
END_TEST

START_TEST(hole_is_where_rseq_jumps)
{
    uint64_t missing, before;
    struct window *window = model_open(model, "#a");

    load(1, 3, false);
    ck_assert(!model_hole(window, &missing, &before));
    hear(20, 9, "#a", "bob", "later");
    ck_assert(model_hole(window, &missing, &before));
    ck_assert_uint_eq(missing, 5);
    ck_assert_uint_eq(before, 20);

    load(8, 8, true);
    ck_assert(model_hole(window, &missing, &before));
    ck_assert_uint_eq(missing, 4);
    ck_assert_uint_eq(before, 8);

    load(4, 7, true);
    ck_assert(!model_hole(window, &missing, &before));
}
END_TEST

START_TEST(lost_lines_are_said_in_their_place)
{
    uint64_t missing, before;
    struct window *window = model_open(model, "#a");

    load(1, 2, false);
    hear(20, 6, "#a", "bob", "later");
    model_hole_lost(model, window, 1);
    ck_assert_str_eq(shown("#a"), "old 1|old 2|3 messages not kept by the server 0|later 20");
    ck_assert(!model_hole(window, &missing, &before));
}
END_TEST

START_TEST(large_hole_is_cut)
{
    struct window *window = model_open(model, "#a");

    load(1, 2, false);
    hear(20, 6, "#a", "bob", "later");
    model_hole_cut(model, window);
    ck_assert_str_eq(shown("#a"), "later 20");
    ck_assert_uint_eq(window->oldest_seq, 20);
    ck_assert(!window->complete);
}
END_TEST

START_TEST(receipt_without_its_event_is_no_hole)
{
    uint64_t missing, before;
    struct window *window = model_open(model, "#a");

    load(1, 2, false);
    put("x", "mine", OUTBOX_SENT);
    struct outbox_item item = item_of("x", "#a", "mine", OUTBOX_SENT);
    model_receipt(model, &item, 3);
    command_fini(&item.command);
    hear(4, 4, "#a", "bob", "hi");
    ck_assert(!model_hole(window, &missing, &before));
}
END_TEST

START_TEST(another_epoch_forgets_the_log_and_keeps_what_is_pending)
{
    hear(1, 1, "#a", "bob", "hi");
    put("x", "mine", OUTBOX_QUEUED);
    take_json("{\"type\":\"gap\",\"from\":null,\"to\":5,\"reason\":\"epoch\",\"cursor\":\"b-5\"}");

    ck_assert_str_eq(shown("#a"), "mineq0");
    ck_assert_uint_eq(model_find(model, "#a")->oldest_seq, 0);
}
END_TEST

START_TEST(unread_counts_what_nobody_watches)
{
    struct window *a = model_open(model, "#a");

    hear(1, 1, "#a", "bob", "hi");
    hear(2, 2, "#a", "ann", "from elsewhere");
    hear(3, 3, "#a", "bob", "Ann: look");
    take_json(
        "{\"type\":\"join\",\"seq\":4,\"rseq\":4,\"room\":\"#a\",\"from\":\"eve\",\"id\":\"j\","
        "\"at\":\"2026-01-31T12:00:00.123Z\"}");
    ck_assert_uint_eq(a->unread, 2);
    ck_assert_uint_eq(model_mention_count(model), 1);
    ck_assert_int_eq(a->activity, ACTIVITY_MENTION);

    model_show(model, a);
    ck_assert_uint_eq(a->unread, 0);
    ck_assert_uint_eq(model_mention_count(model), 0);
    ck_assert_int_eq(a->activity, ACTIVITY_NONE);
    ck_assert_uint_eq(a->marker_seq, 0);
    ck_assert_uint_eq(a->marker_count, 2);
    ck_assert_uint_eq(a->read_seq, 4);
    hear(5, 5, "#a", "bob", "seen");
    ck_assert_uint_eq(a->unread, 0);
    ck_assert_uint_eq(a->read_seq, 5);

    model_show(model, model_window(model, 0));
    ck_assert_uint_eq(a->marker_count, 0);
    hear(6, 6, "#a", "bob", "one");
    model_show(model, a);
    ck_assert_uint_eq(a->marker_seq, 5);
    ck_assert_uint_eq(a->marker_count, 1);
}
END_TEST

START_TEST(unwatched_current_window_gathers_too)
{
    struct window *a = model_open(model, "#a");

    model_show(model, a);
    model_set_watching(model, false);
    hear(1, 1, "#a", "bob", "hi");
    ck_assert_uint_eq(a->unread, 1);
    model_set_watching(model, true);
    ck_assert_uint_eq(a->unread, 0);
    ck_assert_uint_eq(a->marker_count, 1);
}
END_TEST

START_TEST(mention_is_a_word_of_its_own)
{
    static const struct {
        const char *text;
        bool mentions;
    } rows[] = {
        {"ann", true},    {"hi ann", true},       {"ANN: look", true},
        {"@ann", true},   {"thanks, ann.", true}, {"thanks, ann...", true},
        {"(ann)", true},  {"日本ann語", true},    {"anna", false},
        {"joann", false}, {"ann-marie", false},   {"ann.b", false},
        {"x.ann", false}, {"ann_", false},        {"anna and ann too", true},
        {"", false},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct window *window = model_open(model, "#a");
        size_t count = window->line_count;
        hear(i + 1, i + 1, "#a", "bob", rows[i].text);
        ck_assert_uint_eq(window->line_count, count + 1);
        ck_assert_msg(window->lines[count]->mentions == rows[i].mentions, "\"%s\"", rows[i].text);
    }
}
END_TEST

START_TEST(next_active_goes_by_weight_and_then_back)
{
    struct window *begun = model_open(model, "#begun");

    model_show(model, begun);
    hear(1, 1, "#noise", "bob", "hi");
    hear(2, 1, "@bob", "bob", "psst");
    hear(3, 1, "#work", "bob", "ann?");

    static const char *const order[] = {"#work", "@bob", "#noise", "#begun"};
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        struct window *next = model_next_active(model);
        ck_assert_msg(next != NULL && strcmp(next->name, order[i]) == 0, "step %zu: %s", i,
                      next != NULL ? next->name : "nowhere");
        model_show(model, next);
    }
    ck_assert_ptr_null(model_next_active(model));
}
END_TEST

START_TEST(joins_are_no_reason_to_look)
{
    take_json(
        "{\"type\":\"join\",\"seq\":4,\"rseq\":4,\"room\":\"#a\",\"from\":\"eve\",\"id\":\"j\","
        "\"at\":\"2026-01-31T12:00:00.123Z\"}");
    ck_assert_int_eq(model_find(model, "#a")->activity, ACTIVITY_NOTES);
    ck_assert_ptr_null(model_next_active(model));
}
END_TEST

START_TEST(hello_tells_the_rooms)
{
    struct window *left = model_open(model, "#left");

    left->joined = true;
    take_json("{\"type\":\"hello\",\"epoch\":\"a\",\"cursor\":\"a-1\",\"head\":\"a-1\",\"result\":"
              "\"new\",\"rooms\":["
              "{\"room\":\"#lobby\",\"topic\":\"All\",\"members\":2},"
              "{\"room\":\"@bob\",\"topic\":\"\",\"members\":2},"
              "{\"room\":\"bad name\"}, 7]}");

    ck_assert_uint_eq(model_window_count(model), 4);
    ck_assert(model_find(model, "#lobby")->joined);
    ck_assert_str_eq(model_find(model, "#lobby")->topic, "All");
    ck_assert_ptr_null(model_find(model, "@bob")->topic);
    ck_assert(!left->joined);
}
END_TEST

START_TEST(people_come_speak_and_go)
{
    static const char *const names[] = {"zoe", "bob", "ann"};
    static const bool owners[] = {false, true, false};
    struct window *window = model_open(model, "#a");

    hear(9, 1, "#a", "zoe", "hi");
    model_members(model, window, names, owners, 3);
    ck_assert_uint_eq(window->person_count, 3);
    ck_assert_str_eq(window->people[0].name, "ann");
    ck_assert(window->people[1].owner);
    ck_assert_int_eq(window->people[2].spoke_ms, 9);

    take_json(
        "{\"type\":\"join\",\"seq\":10,\"rseq\":2,\"room\":\"#a\",\"from\":\"cy\",\"id\":\"j\","
        "\"at\":\"2026-01-31T12:00:00.123Z\"}");
    take_json(
        "{\"type\":\"part\",\"seq\":11,\"rseq\":3,\"room\":\"#a\",\"from\":\"bob\",\"id\":\"k\","
        "\"at\":\"2026-01-31T12:00:00.123Z\"}");
    ck_assert_uint_eq(window->person_count, 3);
    ck_assert_str_eq(window->people[1].name, "cy");
}
END_TEST

START_TEST(presence_is_known_in_every_window_and_survives_a_new_list)
{
    static const char *const names[] = {"ann", "bob"};
    static const bool owners[] = {false, false};
    struct window *first = model_open(model, "#a"), *second = model_open(model, "#b");

    model_members(model, first, names, owners, 2);
    model_members(model, second, names, owners, 2);
    ck_assert_int_eq(first->people[1].presence, PRESENCE_ONLINE);
    take_json("{\"type\":\"presence\",\"user\":\"bob\",\"state\":\"away\",\"text\":\"x\"}");
    take_json("{\"type\":\"presence\",\"user\":\"zoe\",\"state\":\"away\"}");
    ck_assert_int_eq(first->people[1].presence, PRESENCE_AWAY);
    ck_assert_int_eq(second->people[1].presence, PRESENCE_AWAY);
    ck_assert_int_eq(second->people[0].presence, PRESENCE_ONLINE);
    model_members(model, first, names, owners, 2);
    ck_assert_int_eq(first->people[1].presence, PRESENCE_AWAY);
    ck_assert_uint_eq(first->line_count + second->line_count, 0);
    take_json("{\"type\":\"presence\",\"user\":\"bob\",\"state\":\"offline\"}");
    ck_assert_int_eq(first->people[1].presence, PRESENCE_OFFLINE);
}
END_TEST

/* The members may be asked for before the first poll, when the server knows of no reader yet. */
START_TEST(who_looks_is_here)
{
    static const char *const names[] = {"ann"};
    static const bool owners[] = {true};
    struct window *window = model_open(model, "#a");

    model_members(model, window, names, owners, 1);
    model_presence_answer(model, "ann", PRESENCE_OFFLINE, 0);
    ck_assert_int_eq(window->people[0].presence, PRESENCE_ONLINE);
    model_presence_answer(model, "ann", PRESENCE_AWAY, 0);
    ck_assert_int_eq(window->people[0].presence, PRESENCE_AWAY);
}
END_TEST

START_TEST(own_part_closes_no_door_and_opens_none)
{
    static const char part[] =
        "{\"type\":\"part\",\"seq\":11,\"rseq\":3,\"room\":\"#a\",\"from\":\"ann\",\"id\":\"k\","
        "\"at\":\"2026-01-31T12:00:00.123Z\"}";

    take_json(part);
    ck_assert_ptr_null(model_find(model, "#a"));

    model_open(model, "#a")->joined = true;
    take_json(part);
    ck_assert(!model_find(model, "#a")->joined);
}
END_TEST

START_TEST(event_of_a_later_version_keeps_its_place)
{
    uint64_t missing, before;

    hear(1, 1, "#a", "bob", "hi");
    take_json(
        "{\"type\":\"kick\",\"seq\":2,\"rseq\":2,\"room\":\"#a\",\"from\":\"bob\",\"id\":\"k\","
        "\"at\":\"2026-01-31T12:00:00.123Z\",\"user\":\"eve\"}");
    hear(3, 3, "#a", "bob", "there");
    ck_assert_uint_eq(model_find(model, "#a")->line_count, 3);
    ck_assert(!model_hole(model_find(model, "#a"), &missing, &before));
}
END_TEST

START_TEST(closed_window_is_forgotten_everywhere)
{
    struct window *a = model_open(model, "#a");
    struct window *b = model_open(model, "#b");

    model_show(model, a);
    model_show(model, b);
    model_close(model, a);
    ck_assert_ptr_null(model_previous(model));
    ck_assert_ptr_eq(model_current(model), b);
    model_close(model, b);
    ck_assert_str_eq(model_current(model)->name, "home");
    ck_assert_uint_eq(model_window_count(model), 1);
}
END_TEST

START_TEST(cleared_window_keeps_what_is_pending)
{
    struct window *window = model_open(model, "#a");

    load(1, 4, false);
    put("x", "mine", OUTBOX_QUEUED);
    model_clear(model, window);
    ck_assert_str_eq(shown("#a"), "mineq0");
    ck_assert_uint_eq(window->oldest_seq, 5);
    ck_assert(!window->complete);
}
END_TEST

START_TEST(long_window_lets_go_of_its_oldest)
{
    struct window *window = model_open(model, "#a");

    for (uint64_t seq = 1; seq <= 20001; seq++)
        hear(seq, seq, "#a", "bob", "x");
    ck_assert_uint_lt(window->line_count, 20001);
    ck_assert_uint_eq(window->oldest_seq, window->lines[0]->seq);
    ck_assert(!window->complete);
    ck_assert_uint_eq(window->lines[window->line_count - 1]->seq, 20001);
}
END_TEST

static size_t
count_typists(const char *room)
{
    const char *names[TYPISTS_MAX];

    return window_typists(model_find(model, room), names);
}

START_TEST(who_types_is_known_for_a_while_or_until_it_is_said)
{
    struct buf words = BUF_INIT;

    clock_set(1000, 1000);
    model_open(model, "#a");
    take_json("{\"type\":\"typing\",\"room\":\"#a\",\"user\":\"bob\"}");
    take_json("{\"type\":\"typing\",\"room\":\"#a\",\"user\":\"ann\"}"); /* oneself */
    take_json("{\"type\":\"typing\",\"room\":\"#none\",\"user\":\"bob\"}");
    ck_assert_ptr_null(model_find(model, "#none"));
    note_typing(&words, model_find(model, "#a"));
    ck_assert_str_eq(buf_text(&words), "bob is typing");

    clock_advance(TYPING_SHOWN_MS - 1);
    take_json("{\"type\":\"typing\",\"room\":\"#a\",\"user\":\"carol\"}");
    buf_clear(&words);
    note_typing(&words, model_find(model, "#a"));
    ck_assert_str_eq(buf_text(&words), "bob and carol are typing");
    clock_advance(1);
    ck_assert_uint_eq(count_typists("#a"), 1);
    for (int i = 0; i < 5; i++) {
        char json[100];
        snprintf(json, sizeof(json), "{\"type\":\"typing\",\"room\":\"#a\",\"user\":\"u%d\"}", i);
        take_json(json);
    }
    buf_clear(&words);
    note_typing(&words, model_find(model, "#a"));
    ck_assert_str_eq(buf_text(&words), "several are typing");
    hear(1, 1, "#a", "carol", "said");
    ck_assert_uint_eq(count_typists("#a"), 2);
    clock_advance(TYPING_SHOWN_MS);
    ck_assert_uint_eq(count_typists("#a"), 0);
    clock_release();
    buf_fini(&words);
}
END_TEST

static Suite *
model_suite(void)
{
    Suite *suite = suite_create("model");
    TCase *facts = tcase_create("facts");

    tcase_add_checked_fixture(facts, setup, teardown);
    tcase_add_test(facts, event_of_an_unknown_room_opens_its_window);
    tcase_add_test(facts, repeated_event_changes_nothing);
    tcase_add_test(facts, history_goes_in_by_seq_and_once);
    tcase_add_test(facts, typed_line_is_queued_sent_and_done);
    tcase_add_test(facts, event_before_its_receipt_settles_the_typed_line);
    tcase_add_test(facts, same_id_of_another_user_is_another_line);
    tcase_add_test(facts, refused_line_leaves_the_end_and_can_be_dropped);
    tcase_add_test(facts, note_stands_before_what_is_pending);
    tcase_add_test(facts, hole_is_where_rseq_jumps);
    tcase_add_test(facts, lost_lines_are_said_in_their_place);
    tcase_add_test(facts, large_hole_is_cut);
    tcase_add_test(facts, receipt_without_its_event_is_no_hole);
    tcase_add_test(facts, another_epoch_forgets_the_log_and_keeps_what_is_pending);
    tcase_add_test(facts, unread_counts_what_nobody_watches);
    tcase_add_test(facts, unwatched_current_window_gathers_too);
    tcase_add_test(facts, mention_is_a_word_of_its_own);
    tcase_add_test(facts, next_active_goes_by_weight_and_then_back);
    tcase_add_test(facts, joins_are_no_reason_to_look);
    tcase_add_test(facts, hello_tells_the_rooms);
    tcase_add_test(facts, people_come_speak_and_go);
    tcase_add_test(facts, presence_is_known_in_every_window_and_survives_a_new_list);
    tcase_add_test(facts, who_looks_is_here);
    tcase_add_test(facts, own_part_closes_no_door_and_opens_none);
    tcase_add_test(facts, event_of_a_later_version_keeps_its_place);
    tcase_add_test(facts, closed_window_is_forgotten_everywhere);
    tcase_add_test(facts, cleared_window_keeps_what_is_pending);
    tcase_add_test(facts, long_window_lets_go_of_its_oldest);
    tcase_add_test(facts, who_types_is_known_for_a_while_or_until_it_is_said);
    suite_add_tcase(suite, facts);

    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(model_suite());

    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
