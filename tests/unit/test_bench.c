/* bench: what its figures rest on. Medians, frames there and back, and what comes down an event
 * stream or a poll, in pieces of every size. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "bench/measure/peer.h"
#include "bench/measure/samples.h"
#include "bench/measure/wire.h"
#include "common/buf.h"
#include "common/util.h"

START_TEST(median_is_the_middle_or_between_the_two)
{
    static const double values[] = {9, 1, 5, 3};
    struct samples samples = {0};

    ck_assert_double_eq(samples_median(&samples), 0);
    for (size_t i = 0; i < 3; i++)
        samples_add(&samples, values[i]);
    ck_assert_double_eq(samples_median(&samples), 5);
    samples_add(&samples, values[3]);
    ck_assert_double_eq(samples_median(&samples), 4);
}
END_TEST

/* The lengths around which the head's form changes. */
static const size_t lens[] = {0, 1, 125, 126, 65535, 65536, 70000};

START_TEST(frame_comes_back_whole_masked_or_not)
{
    size_t len = lens[_i / 2];
    bool masked = _i % 2 == 1;
    char *payload = xcalloc(len + 1, 1);
    struct buf out = BUF_INIT;
    struct wire_frame frame;

    memset(payload, 'x', len);
    (masked ? wire_add_masked : wire_add)(&out, WIRE_TEXT, payload, len);
    ck_assert_uint_eq(wire_read(out.data, out.len, &frame), out.len);
    ck_assert_uint_eq(frame.opcode, WIRE_TEXT);
    ck_assert_uint_eq(frame.len, len);
    ck_assert_int_eq(frame.is_masked, masked);
    if (masked && len > 0)
        ck_assert_mem_ne(out.data + frame.head_len, payload, len);
    wire_unmask(out.data + frame.head_len, &frame);
    ck_assert_mem_eq(out.data + frame.head_len, payload, len);
    buf_fini(&out);
    free(payload);
}
END_TEST

START_TEST(frame_that_is_cut_anywhere_asks_for_more)
{
    char payload[200] = "";
    struct buf out = BUF_INIT;
    struct wire_frame frame;

    wire_add_masked(&out, WIRE_TEXT, payload, sizeof(payload));
    for (size_t len = 0; len < out.len; len++)
        ck_assert_uint_eq(wire_read(out.data, len, &frame), 0);
    buf_fini(&out);
}
END_TEST

START_TEST(frame_that_claims_to_be_endless_asks_for_more)
{
    static const char head[] = "\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff";
    struct wire_frame frame;

    ck_assert_uint_eq(wire_read(head, sizeof(head) - 1, &frame), 0);
}
END_TEST

#define STREAM_HEAD "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

struct way_case {
    const struct peer_way *way;
    const char *bytes; /* what comes */
    size_t len;
    const char *texts; /* the events in it, each followed by a newline */
};

#define BYTES(text) text, sizeof(text) - 1

static const struct way_case way_cases[] = {
    {&peer_sse,
     BYTES(STREAM_HEAD "b\r\n: padding\n\n\r\n12\r\nid: e-1\ndata: {\"a\"\r\n6\r\n:1}\n\n:\r\n"
                       "c\r\n\ndata: {}\n\n\n\r\n"),
     "{\"a\":1}\n{}\n"},
    {&peer_sse_http2,
     BYTES("\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0\x64" /* SETTINGS */
           "\0\0\0\x04\x01\0\0\0\0"                 /* its acknowledgement */
           "\0\0\x01\x01\x04\0\0\0\x01\x88"         /* HEADERS: 200 */
           "\0\0\x15\0\0\0\0\0\x01id: e-1\ndata: {\"a\":1}"
           "\0\0\0\0\0\0\0\0\x01" /* no DATA */
           "\0\0\x0e\0\0\0\0\0\x01\n\n:\n\ndata: {}\n"),
     "{\"a\":1}\n{}\n"},
    {&peer_longpoll,
     BYTES("HTTP/1.1 200 OK\r\nContent-Length: 82\r\n\r\n"
           "{\"events\":[{\"type\":\"a\",\"cursor\":\"e-1\"},{\"type\":\"b\"}],\"cursor\":\"e-22\","
           "\"more\":false}"),
     "{\"type\":\"a\",\"cursor\":\"e-1\"},\n{\"type\":\"b\"}],\"cursor\":\"e-22\",\"more\":false}"
     "\n"},
};

static void
add_line(void *context, struct peer *peer, const char *text, size_t len)
{
    buf_add(context, text, len);
    buf_add_byte(context, '\n');
}

START_TEST(events_come_whole_whatever_the_pieces)
{
    const struct way_case *want = &way_cases[_i];
    size_t len = want->len;

    for (size_t piece = 1; piece <= len; piece++) {
        struct peer peer = {.state = PEER_ASKED, .way = want->way};
        struct buf texts = BUF_INIT, kept = BUF_INIT;

        for (size_t at = 0; at < len; at += piece) {
            ssize_t used;

            buf_add(&kept, want->bytes + at, MIN(piece, len - at));
            used = want->way->take(&peer, kept.data, kept.len, add_line, &texts);
            ck_assert_int_ge(used, 0);
            buf_consume(&kept, (size_t)used);
        }
        ck_assert_str_eq(buf_text(&texts), want->texts);
        ck_assert_uint_eq(kept.len, 0);
        ck_assert_int_eq(peer.state, PEER_OPEN);
        buf_fini(&texts);
        buf_fini(&kept);
        buf_fini(&peer.stream);
        buf_fini(&peer.out);
    }
}
END_TEST

START_TEST(poll_goes_on_where_the_last_answer_ended)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 42\r\n\r\n"
                                 "{\"events\":[],\"cursor\":\"e-22\",\"more\":false}";
    struct peer peer = {.state = PEER_ASKED, .way = &peer_longpoll, .token = "t"};
    struct buf texts = BUF_INIT;

    peer_longpoll.take(&peer, answer, strlen(answer), add_line, &texts);
    ck_assert_ptr_nonnull(strstr(buf_text(&peer.out), "GET /v1/poll?after=e-22 HTTP/1.1\r\n"));
    buf_fini(&texts);
    buf_fini(&peer.out);
}
END_TEST

START_TEST(way_ends_where_the_answer_is_a_refusal)
{
    static const char refusal[] = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";
    struct peer peer = {.state = PEER_ASKED};

    ck_assert_int_lt(peer_sse.take(&peer, refusal, strlen(refusal), add_line, NULL), 0);
    ck_assert_int_lt(peer_longpoll.take(&peer, refusal, strlen(refusal), add_line, NULL), 0);
    ck_assert_int_lt(peer_ws.take(&peer, refusal, strlen(refusal), add_line, NULL), 0);
    ck_assert_int_lt(
        peer_sse_http2.take(&peer, "\0\0\x01\x01\x04\0\0\0\x01\x8d", 10, add_line, NULL), 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("bench");
    TCase *figures = tcase_create("figures"), *frames = tcase_create("frames");
    TCase *ways = tcase_create("ways");
    SRunner *runner;
    int failed;

    tcase_add_test(figures, median_is_the_middle_or_between_the_two);
    suite_add_tcase(suite, figures);
    tcase_add_loop_test(frames, frame_comes_back_whole_masked_or_not, 0, 2 * ARRAY_LEN(lens));
    tcase_add_test(frames, frame_that_is_cut_anywhere_asks_for_more);
    tcase_add_test(frames, frame_that_claims_to_be_endless_asks_for_more);
    suite_add_tcase(suite, frames);
    tcase_add_loop_test(ways, events_come_whole_whatever_the_pieces, 0, ARRAY_LEN(way_cases));
    tcase_add_test(ways, poll_goes_on_where_the_last_answer_ended);
    tcase_add_test(ways, way_ends_where_the_answer_is_a_refusal);
    suite_add_tcase(suite, ways);

    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
