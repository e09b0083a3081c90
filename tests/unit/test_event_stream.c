/* client/link/event_stream: what the HTML standard says of streams, cut at any byte. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/link/event_stream.h"
#include "common/util.h"

static struct buf told; /* "[type|data]" an event, "#" a comment */
static int stop_after;  /* events; -1: never */

static bool
on_event(void *context, const char *type, const char *data, size_t len)
{
    buf_addf(&told, "[%s|", type);
    buf_add(&told, data, len);
    buf_add_byte(&told, ']');
    return --stop_after != 0;
}

static bool
on_comment(void *context)
{
    buf_add_byte(&told, '#');
    return --stop_after != 0;
}

static const struct event_stream_listener listener = {NULL, on_event, on_comment};

/* In pieces of step bytes. */
static void
read_stream(const char *text, size_t len, size_t step)
{
    struct event_stream stream;

    buf_clear(&told);
    event_stream_init(&stream, &listener);
    for (size_t at = 0; at < len; at += step)
        ck_assert_int_eq(event_stream_feed(&stream, text + at, MIN(step, len - at)), 0);
    event_stream_fini(&stream);
}

START_TEST(streams_read_as_the_standard_says_wherever_they_are_cut)
{
    static const struct {
        const char *stream, *told;
    } rows[] = {
        {"data: a\n\n", "[message|a]"},
        {"data:a\r\rdata:b\r\n\r\ndata:c\n\n", "[message|a][message|b][message|c]"},
        {"data: a\r\n\n", "[message|a]"},
        {"\xef\xbb\xbf"
         "data: a\n\n",
         "[message|a]"},
        {"\n\xef\xbb\xbf"
         "data: a\n\n",
         ""}, /* a mark elsewhere is part of a field's name */
        {"\xef\xbb\xbf: hi\n", "#"},
        {"data: a\ndata: b\ndata\n\n", "[message|a\nb\n]"},
        {"data\n\n", "[message|]"},
        {"data:\n\n", "[message|]"},
        {"data:  two\n\n", "[message| two]"},
        {": comment\n:\n::\n\n", "###"},
        {"id: 3\nretry: 5\nunknown: x\nData: x\ndata : x\n\n", ""},
        {"event: ping\n\ndata: a\n\n", "[message|a]"},
        {"event: ping\ndata: a\n\ndata: b\n\n", "[ping|a][message|b]"},
        {"event: 0123456789012345678901234567890123456789\ndata: a\n\n",
         "[0123456789012345678901234567890|a]"},
        {"data: unfinished\n", ""},
        {"data: unfinished", ""},
        {"\n\n\r\r\n\n", ""},
        {"", ""},
        {"data: {\"a\":\"x:y\"}\nid: e1-4\n\n", "[message|{\"a\":\"x:y\"}]"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (size_t step = 1; step < 12; step++) {
            stop_after = -1;
            read_stream(rows[i].stream, strlen(rows[i].stream), step);
            ck_assert_msg(strcmp(buf_text(&told), rows[i].told) == 0, "row %zu step %zu: %s", i,
                          step, buf_text(&told));
        }
    buf_fini(&told);
}
END_TEST

START_TEST(a_nul_is_a_byte_like_any_other)
{
    stop_after = -1;
    read_stream("data: a\0b\n\n", 11, 3);
    ck_assert_uint_eq(told.len, strlen("[message|a_b]"));
    buf_fini(&told);
}
END_TEST

START_TEST(listener_that_has_enough_hears_no_more)
{
    stop_after = 2;
    read_stream("data: a\n\n:\ndata: b\n\n", 20, 20);
    ck_assert_str_eq(buf_text(&told), "[message|a]#");
    buf_fini(&told);
}
END_TEST

/* data as often as given, until it is refused. */
static size_t
feed_until_refused(const char *data, size_t times)
{
    struct event_stream stream;
    size_t count = 0;

    event_stream_init(&stream, &listener);
    while (count < times && event_stream_feed(&stream, data, strlen(data)) == 0)
        count++;
    event_stream_fini(&stream);
    return count;
}

START_TEST(lines_and_events_are_bounded)
{
    ck_assert_uint_eq(feed_until_refused("xxxxxxxx", 1 << 20), EVENT_STREAM_MAX / 8);
    ck_assert_uint_le(feed_until_refused("data: xxxxxxx\n", 1 << 20), EVENT_STREAM_MAX / 8);
    ck_assert_uint_eq(feed_until_refused("data: xxxxxxx\n\n", 1 << 16), 1 << 16);
    buf_fini(&told);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("event_stream");
    TCase *all = tcase_create("all");

    tcase_add_test(all, streams_read_as_the_standard_says_wherever_they_are_cut);
    tcase_add_test(all, a_nul_is_a_byte_like_any_other);
    tcase_add_test(all, listener_that_has_enough_hears_no_more);
    tcase_add_test(all, lines_and_events_are_bounded);
    suite_add_tcase(suite, all);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
