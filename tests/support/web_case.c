#include "tests/support/web_case.h"

#include "common/log.h"
#include "common/util.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

const struct link_ops *const web_rows[WEB_ROWS] = {&link_sse, &link_longpoll, &link_poll};
struct web_case web;

static void
on_open(void *context)
{
    web.got.opens++;
}

static void
on_line(void *context, const char *json, size_t len)
{
    size_t at = strlen(web.got.all);

    web.got.lines++;
    snprintf(web.got.all + at, sizeof(web.got.all) - at, "%.*s\n", (int)len, json);
    if (web.got.lines == web.stop_at_line) {
        web.row->stop(web.way);
        web.way = NULL;
    }
}

static void
on_heard(void *context)
{
    web.got.heards++;
}

static void
on_ended(void *context, enum way_end end, int status, int64_t retry_after_ms, const char *why)
{
    web.got.ends++;
    web.got.end = end;
    web.got.status = status;
    web.got.retry_after_ms = retry_after_ms;
    snprintf(web.got.why, sizeof(web.got.why), "%s", why);
    web.way = NULL;
}

const struct way_listener web_listener = {NULL, on_open, on_line, on_heard, on_ended};

static void
set_up(void)
{
    const struct tls_peer_config config = {
        .certificate = &web.certificate, .serve = script_peer_serve, .has_h2 = true};

    signal(SIGPIPE, SIG_IGN);
    log_open("/dev/null");
    temp_dir_make(web.dir);
    temp_path(web.pins, web.dir, "pins");
    temp_path(web.ca_file, web.dir, "ca.pem");
    certificate_make(&web.certificate, "localhost", "DNS:localhost", NULL, 10);
    certificate_write(&web.certificate, web.ca_file);
    web.peer = tls_peer_start(&config, &web.port);
    ck_assert_int_eq(uv_loop_init(&web.loop), 0);
}

void
web_set_up_1(void)
{
    web.http = HTTP_1_1;
    set_up();
}

void
web_set_up_2(void)
{
    web.http = HTTP_2;
    set_up();
}

void
web_forget(void)
{
    script_peer_forget();
    memset(&web.got, 0, sizeof(web.got));
    web.stop_at_line = 0;
}

void
web_finish(void)
{
    if (web.way != NULL)
        web.row->stop(web.way);
    if (web.base != NULL)
        web.row->base_destroy(web.base);
    if (web.https != NULL)
        https_destroy(web.https);
    trust_destroy(web.trust);
    web.way = NULL;
    web.base = NULL;
    web.https = NULL;
    web.trust = NULL;
    while (uv_run(&web.loop, UV_RUN_DEFAULT) != 0)
        ;
    web_forget();
}

void
web_tear_down(void)
{
    web_finish();
    ck_assert_int_eq(uv_loop_close(&web.loop), 0);
    tls_peer_stop(web.peer);
    certificate_fini(&web.certificate);
    temp_dir_remove(web.dir);
}

void
web_open_base(const char *host, int to_port, const char *use_ca_file)
{
    char why[300] = "";

    if (web.base != NULL)
        return;

    web.trust = trust_create(host, to_port, web.pins, use_ca_file, NULL, why, sizeof(why));
    ck_assert_msg(web.trust != NULL, "%s", why);
    web.https = https_create(&web.loop, web.trust, NULL, 16);
    ck_assert_ptr_nonnull(web.https);
    web.base = web.row->base_create(&web.loop, web.trust, web.https, why, sizeof(why));
    ck_assert_msg(web.base != NULL, "%s", why);
}

void
web_begin_at(const char *host, int to_port, const char *use_ca_file, const struct cursor *after)
{
    web_open_base(host, to_port, use_ca_file);
    const struct way_config config = {.loop = &web.loop,
                                      .base = web.base,
                                      .host = host,
                                      .port = to_port,
                                      .http = web.http,
                                      .token = "T1",
                                      .after = after,
                                      .poll_interval_ms = 20,
                                      .trust = web.trust,
                                      .facts = &web.facts,
                                      .listener = &web_listener};
    web.way = web.row->start(&config);
    ck_assert_ptr_nonnull(web.way);
    ck_assert_int_eq(web.got.opens + web.got.ends, 0);
}

void
web_begin(const struct link_ops *use_row)
{
    static const struct cursor after = {"e1", 4};

    web.row = use_row;
    web_begin_at("localhost", web.port, web.ca_file, &after);
}

static void
on_deadline(uv_timer_t *timer)
{
    *(bool *)timer->data = true;
}

static void
on_tick(uv_timer_t *timer)
{
}

/* Runs the loop until it is there or 20 s are over. The web.peer's threads do not wake the loop, so
 * it ticks. */
void
web_run_until(bool (*is_there)(const void *wanted), const void *wanted, const char *what)
{
    uv_timer_t deadline, tick;
    bool is_over = false;

    uv_timer_init(&web.loop, &tick);
    uv_timer_start(&tick, on_tick, 10, 10);
    uv_timer_init(&web.loop, &deadline);
    deadline.data = &is_over;
    uv_update_time(&web.loop);
    uv_timer_start(&deadline, on_deadline, 20000, 0);
    while (!is_there(wanted) && !is_over)
        uv_run(&web.loop, UV_RUN_ONCE);
    uv_close((uv_handle_t *)&deadline, NULL);
    uv_close((uv_handle_t *)&tick, NULL);
    uv_run(&web.loop, UV_RUN_NOWAIT);
    ck_assert_msg(is_there(wanted), "wanted %s, got lines:\n%s why: %s\nrequests:\n%s", what,
                  web.got.all, web.got.why, script_peer_requests());
}

static bool
has_line(const void *wanted)
{
    return strstr(web.got.all, wanted) != NULL;
}

static bool
has_ended(const void *wanted)
{
    return web.got.ends > 0;
}

static bool
was_requested(const void *wanted)
{
    return script_peer_was_asked(wanted);
}

void
web_run_to_line(const char *line)
{
    web_run_until(has_line, line, line);
}

void
web_run_to_end(void)
{
    web_run_until(has_ended, NULL, "an end");
}

void
web_run_to_request(const char *request)
{
    web_run_until(was_requested, request, request);
}

void
web_send(const char *id)
{
    char json[200];
    int len = snprintf(json, sizeof(json), "{\"type\":\"say\",\"id\":\"%s\"}", id);

    ck_assert_int_eq(web.row->send(web.way, json, (size_t)len), 0);
}

/* A server that greets, and holds. */
void
web_let_greet(void)
{
    script_peer_add((struct act){"GET /v1/events", "200 OK", STREAM, ":\n\ndata: " HELLO "\n\n",
                                 .holds = true});
    script_peer_add((struct act){"GET /v1/hello", "200 OK", JSON, HELLO});
    if (web.row == &link_poll)
        script_peer_add(
            (struct act){"GET /v1/poll", "200 OK", JSON, "{\"events\":[],\"cursor\":\"e1-5\"}"});
    else
        script_peer_add((struct act){"GET /v1/poll", .hangs = true});
}
