/* A server's WebSocket frames, byte by byte. */
#include "server/web/ws_frame.h"

#include "common/buf.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

START_TEST(ws_frame_has_the_shortest_length)
{
    static const struct {
        size_t len, head_len;
        unsigned char head[10];
    } rows[] = {
        {0, 2, {0x81, 0}},
        {1, 2, {0x81, 1}},
        {125, 2, {0x81, 125}},
        {126, 4, {0x81, 126, 0, 126}},
        {65535, 4, {0x81, 126, 0xff, 0xff}},
        {65536, 10, {0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0}},
    };
    char *payload = malloc(65536);

    memset(payload, 'x', 65536);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf out = BUF_INIT;

        ws_frame_add(&out, WS_TEXT, payload, rows[i].len);
        ck_assert_uint_eq(out.len, rows[i].head_len + rows[i].len);
        ck_assert_mem_eq(out.data, rows[i].head, rows[i].head_len);
        ck_assert_mem_eq(out.data + rows[i].head_len, payload, rows[i].len);
        buf_fini(&out);
    }
    free(payload);
}
END_TEST

START_TEST(ws_frames_stand_one_after_another)
{
    struct buf out = BUF_INIT;

    ws_frame_add(&out, WS_TEXT, "ab", 2);
    ws_frame_add(&out, WS_PING, NULL, 0);
    ck_assert_uint_eq(out.len, 6);
    ck_assert_mem_eq(out.data,
                     "\x81\x02"
                     "ab\x89\x00",
                     6);
    buf_fini(&out);
}
END_TEST

START_TEST(ws_close_has_code_and_reason)
{
    struct buf out = BUF_INIT;

    ws_frame_add_close(&out, 1012, "bye");
    ck_assert_uint_eq(out.len, 7);
    ck_assert_mem_eq(out.data,
                     "\x88\x05\x03\xf4"
                     "bye",
                     7);
    buf_fini(&out);
}
END_TEST

START_TEST(ws_close_reason_is_cut_between_characters)
{
    struct buf out = BUF_INIT;
    char reason[200];

    memset(reason, 'x', sizeof(reason));
    memcpy(reason + 122, "\xc3\xa9", 3);
    ws_frame_add_close(&out, 1000, reason);
    ck_assert_uint_eq(out.len, 2 + 2 + 122);
    ck_assert_int_eq(out.data[1], 124);
    buf_fini(&out);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("ws_frame");
    TCase *tcase = tcase_create("ws_frame");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, ws_frame_has_the_shortest_length);
    tcase_add_test(tcase, ws_frames_stand_one_after_another);
    tcase_add_test(tcase, ws_close_has_code_and_reason);
    tcase_add_test(tcase, ws_close_reason_is_cut_between_characters);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
