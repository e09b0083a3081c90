/* server/log/entry: one encoding, its dresses, two sides of a direct conversation. */
#include <check.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/util.h"
#include "server/log/entry.h"

static const struct entry_reader ann = {.name = "ann", .epoch = "k3p"};
static const struct entry_reader bob = {.name = "bob", .epoch = "k3p"};

static struct event
message(const char *room, const char *text)
{
    struct event event = {
        .type = EVENT_MESSAGE, .seq = 9, .rseq = 4, .at_ms = 1769860800123, .from = "ann"};
    str_copy(event.room, sizeof(event.room), room);
    str_copy(event.id, sizeof(event.id), "id-1");
    event.text = xstrdup(text);
    return event;
}

static char *
encoded_for(const char *room, const char *text)
{
    struct event event = message(room, text);
    struct buf buf = BUF_INIT;
    event_encode(&buf, &event);
    event_fini(&event);
    return buf_take(&buf, NULL);
}

START_TEST(json_dress_is_the_encoded_event)
{
    struct event event = message("#ops", "hi");
    struct entry *entry = entry_create(&event);
    char *wanted = encoded_for("#ops", "hi");
    size_t len;
    const char *bytes = entry_bytes(entry, DRESS_JSON, &bob, &len);

    ck_assert_uint_eq(len, strlen(wanted));
    ck_assert_mem_eq(bytes, wanted, len);
    free(wanted);
    entry_unref(entry);
}
END_TEST

START_TEST(event_is_taken_and_a_message_keeps_no_text_beside_its_bytes)
{
    struct event event = message("#ops", "hi");
    struct entry *entry = entry_create(&event);

    ck_assert_ptr_null(event.text);
    ck_assert_uint_eq(event.seq, 0);
    ck_assert_ptr_null(entry_event(entry)->text);
    ck_assert_uint_eq(entry_event(entry)->seq, 9);
    ck_assert_str_eq(entry_event(entry)->room, "#ops");
    ck_assert_str_eq(entry_event(entry)->id, "id-1");
    entry_unref(entry);
}
END_TEST

START_TEST(topic_keeps_its_text)
{
    struct event event = message("#ops", "the topic");
    event.type = EVENT_TOPIC;
    struct entry *entry = entry_create(&event);

    ck_assert_str_eq(entry_event(entry)->text, "the topic");
    entry_unref(entry);
}
END_TEST

START_TEST(decoded_event_leaves_its_json_behind)
{
    char *json = encoded_for("#ops", "hi");
    char why[200];
    struct event event;
    ck_assert_int_eq(event_decode(json, strlen(json), &event, why, sizeof(why)), 0);
    struct entry *entry = entry_create(&event);
    size_t len;
    const char *bytes = entry_bytes(entry, DRESS_JSON, &bob, &len);

    ck_assert_ptr_null(entry_event(entry)->json);
    ck_assert_uint_eq(len, strlen(json));
    ck_assert_mem_eq(bytes, json, len);
    free(json);
    entry_unref(entry);
}
END_TEST

static const struct {
    const char *room;
    const char *reader;
    const char *seen;
} sides[] = {
    {"@ann,bob", "ann", "@bob"}, {"@ann,bob", "bob", "@ann"}, {"@ann,ann", "ann", "@ann"},
    {"@an,anna", "anna", "@an"}, {"@an,anna", "an", "@anna"}, {"@a,b", "a", "@b"},
    {"#lobby", "ann", "#lobby"}, {"#lobby", "bob", "#lobby"},
};

START_TEST(each_side_sees_the_other_as_the_room)
{
    for (size_t i = 0; i < ARRAY_LEN(sides); i++) {
        struct event event = message(sides[i].room, "hi");
        struct entry *entry = entry_create(&event);
        char *wanted = encoded_for(sides[i].seen, "hi");
        size_t len;
        const struct entry_reader reader = {.name = sides[i].reader};
        const char *bytes = entry_bytes(entry, DRESS_JSON, &reader, &len);

        ck_assert_msg(len == strlen(wanted) && memcmp(bytes, wanted, len) == 0,
                      "%s read by %s: %.*s, wanted %s", sides[i].room, sides[i].reader, (int)len,
                      bytes, wanted);
        ck_assert_str_eq(entry_event(entry)->room, sides[i].room);
        free(wanted);
        entry_unref(entry);
    }
}
END_TEST

/* An event whose JSON has that many bytes: a join is short enough for 125, a message can be long.
 */
static struct event
event_of_len(size_t len)
{
    struct buf buf = BUF_INIT;
    struct event event = message("#a", "");
    if (len < 200) {
        event_fini(&event);
        event = (struct event){.type = EVENT_JOIN, .seq = 1, .rseq = 1, .room = "#a", .from = "b"};
    }
    event_encode(&buf, &event);
    ck_assert_uint_le(buf.len, len);
    size_t missing = len - buf.len;
    buf_fini(&buf);

    if (event.type == EVENT_JOIN) {
        ck_assert_uint_lt(missing, sizeof(event.id));
        memset(event.id, 'i', missing);
        return event;
    }
    event.text = xrealloc(event.text, missing + 1);
    memset(event.text, 'x', missing);
    event.text[missing] = '\0';
    return event;
}

/* The length that a client reads from a frame's head. */
static uint64_t
said_len(const unsigned char *frame, size_t head_len)
{
    if (head_len == 2)
        return frame[1];
    ck_assert_uint_eq(frame[1], head_len == 4 ? 126 : 127);
    uint64_t said = 0;
    for (size_t i = 2; i < head_len; i++)
        said = said << 8 | frame[i];
    return said;
}

static const struct {
    size_t json_len;
    size_t head_len;
} heads[] = {
    {124, 2}, {125, 2}, {126, 4}, {127, 4}, {1000, 4}, {65535, 4}, {65536, 10}, {70000, 10},
};

START_TEST(ws_head_says_the_length_in_the_shortest_form)
{
    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        struct event event = event_of_len(heads[i].json_len);
        struct entry *entry = entry_create(&event);
        size_t len, json_len;
        const unsigned char *frame =
            (const unsigned char *)entry_bytes(entry, DRESS_WS, &bob, &len);
        const char *json = entry_bytes(entry, DRESS_JSON, &bob, &json_len);

        ck_assert_uint_eq(json_len, heads[i].json_len);
        ck_assert_msg(len - json_len == heads[i].head_len, "row %zu: head of %zu bytes", i,
                      len - json_len);
        ck_assert_uint_eq(frame[0], 0x81);
        ck_assert_uint_eq(said_len(frame, heads[i].head_len), json_len);
        ck_assert_ptr_eq(frame + heads[i].head_len, json);
        entry_unref(entry);
    }
}
END_TEST

START_TEST(member_is_the_object_and_a_comma)
{
    struct event event = message("@ann,bob", "hi");
    struct entry *entry = entry_create(&event);
    size_t len, json_len;
    const char *json = entry_bytes(entry, DRESS_JSON, &bob, &json_len);
    const char *member = entry_bytes(entry, DRESS_MEMBER, &bob, &len);

    ck_assert_ptr_eq(member, json);
    ck_assert_uint_eq(len, json_len + 1);
    ck_assert_int_eq(member[json_len], ',');
    entry_unref(entry);
}
END_TEST

START_TEST(sse_has_the_cursor_as_its_id_and_is_made_once_a_side)
{
    struct event event = message("@ann,bob", "hi");
    struct entry *entry = entry_create(&event);
    size_t len, ann_len;
    const char *bytes = entry_bytes(entry, DRESS_SSE, &bob, &len);
    const char *other = entry_bytes(entry, DRESS_SSE, &ann, &ann_len);
    char *json = encoded_for("@ann", "hi");
    char *wanted = xasprintf("id: k3p-9\ndata: %s\n\n", json);

    ck_assert_uint_eq(len, strlen(wanted));
    ck_assert_mem_eq(bytes, wanted, len);
    ck_assert_ptr_ne(other, bytes);
    ck_assert_ptr_eq(entry_bytes(entry, DRESS_SSE, &bob, &len), bytes);
    ck_assert_ptr_eq(entry_bytes(entry, DRESS_SSE, &ann, &len), other);
    free(wanted);
    free(json);
    entry_unref(entry);
}
END_TEST

static void *
ask_for_sse(void *data)
{
    size_t len;
    return (void *)(uintptr_t)entry_bytes(data, DRESS_SSE, &bob, &len);
}

START_TEST(sse_that_two_threads_ask_for_at_once_is_one)
{
    for (unsigned turn = 0; turn < 200; turn++) {
        struct event event = message("#ops", "hi");
        struct entry *entry = entry_create(&event);
        pthread_t thread;
        void *there;

        ck_assert_int_eq(pthread_create(&thread, NULL, ask_for_sse, entry), 0);
        void *here = ask_for_sse(entry);
        pthread_join(thread, &there);
        ck_assert_ptr_eq(here, there);
        entry_unref(entry);
    }
}
END_TEST

START_TEST(size_counts_bytes_and_text)
{
    struct event a = message("#ops", ""), b = message("#ops", "1234567890");
    struct entry *short_one = entry_create(&a), *long_one = entry_create(&b);

    ck_assert_uint_eq(entry_size(long_one) - entry_size(short_one), 10);
    ck_assert_uint_gt(entry_size(short_one), sizeof(struct event));
    entry_unref(short_one);
    entry_unref(long_one);
}
END_TEST

START_TEST(entry_lives_until_its_last_reference)
{
    struct event event = message("#ops", "hi");
    struct entry *entry = entry_create(&event);

    ck_assert_ptr_eq(entry_ref(entry), entry);
    entry_unref(entry);
    ck_assert_uint_eq(entry_event(entry)->seq, 9);
    entry_unref(entry);
    entry_unref(NULL);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("entry");
    TCase *tcase = tcase_create("entry");

    tcase_add_test(tcase, json_dress_is_the_encoded_event);
    tcase_add_test(tcase, event_is_taken_and_a_message_keeps_no_text_beside_its_bytes);
    tcase_add_test(tcase, topic_keeps_its_text);
    tcase_add_test(tcase, decoded_event_leaves_its_json_behind);
    tcase_add_test(tcase, each_side_sees_the_other_as_the_room);
    tcase_add_test(tcase, ws_head_says_the_length_in_the_shortest_form);
    tcase_add_test(tcase, member_is_the_object_and_a_comma);
    tcase_add_test(tcase, sse_has_the_cursor_as_its_id_and_is_made_once_a_side);
    tcase_add_test(tcase, sse_that_two_threads_ask_for_at_once_is_one);
    tcase_add_test(tcase, size_counts_bytes_and_text);
    tcase_add_test(tcase, entry_lives_until_its_last_reference);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
