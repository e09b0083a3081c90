/* The state of the way to the server, in words. */
#include "client/ui/strip.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "client/chat/model.h"
#include "client/link/link.h"
#include "client/ui/glyphs.h"
#include "common/buf.h"
#include "common/util.h"

#define NOW INT64_C(100000)

static const struct {
    struct link_status status;
    bool came_back;
    int columns;
    const char *words;
} cases[] = {
    {{.state = LINK_LOGIN, .transport = "ws"}, false, 80, "○ws LOGGING IN"},
    {{.state = LINK_CONNECTING, .transport = "ws"}, false, 80, "○ws CONNECTING"},
    {{.state = LINK_LIVE, .transport = "ws"}, false, 80, "●ws"},
    {{.state = LINK_LIVE, .transport = "ws", .rtt_us = 31400}, false, 80, "●ws RTT 31ms"},
    {{.state = LINK_LIVE, .transport = "ws", .rtt_us = 1270}, false, 80, "●ws RTT 1.2ms"},
    {{.state = LINK_LIVE, .transport = "ws", .rtt_us = 83}, false, 80, "●ws RTT <0.1ms"},
    {{.state = LINK_LIVE, .transport = "ws", .rtt_us = 31400}, false, 71, "●ws"},
    {{.state = LINK_LIVE, .transport = "ws", .rtt_us = 31400, .reconnects = 2},
     true,
     80,
     "●ws RECONNECTED RTT 31ms  rc 2"},
    {{.state = LINK_LIVE, .transport = "ws", .reconnects = 2}, true, 40, "●ws RECONNECTED"},
    {{.state = LINK_STALLED, .transport = "ws", .last_heard_ms = NOW - 4200},
     false,
     80,
     "●ws STALLED 4s"},
    {{.state = LINK_WAITING,
      .transport = "ws",
      .why = "refused",
      .tries = 1,
      .retry_at_ms = NOW + 2300},
     false,
     80,
     "○ws RECONNECTING in 3s (try 2: refused)"},
    {{.state = LINK_WAITING, .transport = "ws", .why = "\033[2J", .retry_at_ms = NOW - 5},
     false,
     80,
     "○ws RECONNECTING in 0s (try 1: ␛[2J)"},
    {{.state = LINK_FAILED, .transport = "ws", .why = "wrong password"},
     false,
     80,
     "○ws OFFLINE (/reconnect) wrong password"},
};

START_TEST(state_is_said_in_words)
{
    struct strip strip = {
        .status = &cases[_i].status, .came_back = cases[_i].came_back, .now_ms = NOW};
    struct buf words = BUF_INIT;

    strip_state(&words, glyphs_get(false), &strip, cases[_i].columns);
    ck_assert_str_eq(buf_text(&words), cases[_i].words);
    buf_fini(&words);
}
END_TEST

START_TEST(ascii_needs_no_more_than_ascii)
{
    struct link_status status = {.state = LINK_LIVE, .transport = "ws"};
    struct strip strip = {.status = &status};
    struct buf words = BUF_INIT;

    strip_state(&words, glyphs_get(true), &strip, 80);
    status.state = LINK_CONNECTING;
    strip_state(&words, glyphs_get(true), &strip, 80);
    ck_assert_str_eq(buf_text(&words), "*wsows CONNECTING");
    buf_fini(&words);
}
END_TEST

static struct model *
model_of_three(void)
{
    struct model *model = model_create("carol");

    model_open(model, "#team");
    model_open(model, "#ops");
    model_show(model, model_find(model, "#team"));
    return model;
}

START_TEST(windows_tell_what_is_new)
{
    struct model *model = model_of_three();
    struct window *ops = model_find(model, "#ops");
    struct buf words = BUF_INIT, news = BUF_INIT;

    strip_windows(&words, glyphs_get(false), model, 80);
    ck_assert_str_eq(buf_text(&words), "1:home [2:#team] 3:#ops");
    strip_activity(&news, model);
    ck_assert_str_eq(buf_text(&news), "");

    ops->unread = 4;
    buf_clear(&words);
    strip_windows(&words, glyphs_get(false), model, 80);
    ck_assert_str_eq(buf_text(&words), "1:home [2:#team] 3:#ops(4)");

    ops->mention_count = 1;
    strip_activity(&news, model);
    ck_assert_str_eq(buf_text(&news), "[3:#ops(4!)]");
    buf_fini(&words);
    buf_fini(&news);
    model_destroy(model);
}
END_TEST

START_TEST(narrow_list_keeps_what_is_new)
{
    struct model *model = model_of_three();
    struct buf words = BUF_INIT;

    strip_windows(&words, glyphs_get(false), model, 12);
    ck_assert_str_eq(buf_text(&words), "[2:#team]");
    model_find(model, "#ops")->unread = 2;
    buf_clear(&words);
    strip_windows(&words, glyphs_get(false), model, 12);
    ck_assert_str_eq(buf_text(&words), "3:#ops(2)");
    buf_fini(&words);
    model_destroy(model);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("strip");
    TCase *tcase = tcase_create("strip");

    tcase_add_loop_test(tcase, state_is_said_in_words, 0, ARRAY_LEN(cases));
    tcase_add_test(tcase, ascii_needs_no_more_than_ascii);
    tcase_add_test(tcase, windows_tell_what_is_new);
    tcase_add_test(tcase, narrow_list_keeps_what_is_new);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
