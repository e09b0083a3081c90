#include "client/link/exam.h"

#include "client/link/https.h"
#include "client/link/link_internal.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/event.h"
#include "common/json.h"
#include "common/util.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_MODULE "exam"
#include "common/log.h"

#define HEARTBEAT_MS    15000 /* where hello has none */
#define PACED_WATCH_MS  2500  /* a row that asks at intervals leaves nothing idle */
#define CONNECTIONS_MAX 4

struct exam {
    struct exam_patience patience;
    void (*done)(void *context, const struct exam_report *report);
    void *context;
    const struct link_ops *row;
    struct https *https; /* its own, as the base is: each exam makes its connection anew */
    struct way_base *base;
    struct link_way *way;
    struct meter *meter;
    struct way_listener listener;
    struct exam_report report;
    char nonce[ULID_SIZE];
    int64_t started_ms, opened_ms, pinged_us, watched_from_ms;
    int64_t heartbeat_ms;
    bool is_open, has_hello, is_pinged;
    uv_timer_t timer;
};

static void on_timer(uv_timer_t *timer);

const char *
exam_verdict_name(enum exam_verdict verdict)
{
    switch (verdict) {
    case EXAM_WORKS: return "works";
    case EXAM_BUFFERED: return "buffered";
    case EXAM_CUT: return "cut";
    case EXAM_BLOCKED: return "blocked";
    }

    return "";
}

static void
free_exam(uv_handle_t *handle)
{
    struct exam *exam = container_of(handle, struct exam, timer);

    if (exam->base != NULL)
        exam->row->base_destroy(exam->base);
    if (exam->https != NULL)
        https_destroy(exam->https);
    free(exam);
}

void
exam_cancel(struct exam *exam)
{
    if (exam->way != NULL)
        exam->row->stop(exam->way);
    exam->way = NULL;
    uv_close((uv_handle_t *)&exam->timer, free_exam);
}

static void
finish(struct exam *exam, enum exam_verdict verdict)
{
    exam->report.verdict = verdict;
    if (exam->watched_from_ms > 0)
        exam->report.watched_ms = clock_mono_ms() - exam->watched_from_ms;
    log_debug("%s %s %s", exam->row->name, exam_verdict_name(verdict), exam->report.why);
    exam_cancel(exam);
    exam->done(exam->context, &exam->report);
}

static void
arm(struct exam *exam, int64_t delay_ms)
{
    uv_update_time(exam->timer.loop);
    uv_timer_start(&exam->timer, on_timer, (uint64_t)delay_ms, 0);
}

static void
note_byte(struct exam *exam)
{
    if (exam->report.first_byte_ms < 0)
        exam->report.first_byte_ms = clock_mono_ms() - exam->started_ms;
}

static void
ping_once(struct exam *exam)
{
    struct command ping = {.type = COMMAND_PING};
    struct buf json = BUF_INIT;

    if (!exam->is_open || !exam->has_hello || exam->is_pinged)
        return;

    str_copy(ping.nonce, sizeof(ping.nonce), exam->nonce);
    command_encode(&json, &ping);
    exam->pinged_us = clock_mono_us();
    exam->is_pinged = exam->row->send(exam->way, json.data, json.len) == 0;
    if (exam->is_pinged)
        meter_json(exam->meter, METER_UP, json.len);
    buf_fini(&json);
    if (exam->is_pinged)
        arm(exam, exam->patience.pong_ms);
}

static void
on_open(void *context)
{
    struct exam *exam = context;

    note_byte(exam);
    if (exam->opened_ms == 0)
        exam->opened_ms = clock_mono_ms();
    exam->is_open = true;
    ping_once(exam);
}

/* It has carried both ways. */
static void
begin_watch(struct exam *exam)
{
    exam->report.rtt_us = MAX(clock_mono_us() - exam->pinged_us, 1);
    exam->watched_from_ms = clock_mono_ms();
    arm(exam, MIN(exam->row->paces ? PACED_WATCH_MS : exam->heartbeat_ms * 5 / 2,
                  exam->patience.watch_max_ms));
}

static void
take_hello(struct exam *exam, const struct event *hello)
{
    double seconds = json_number_value(json_object_get(hello->json, "heartbeat"));

    if (seconds > 0)
        exam->heartbeat_ms = (int64_t)(MIN(seconds, 3600) * 1000);
    exam->report.is_guest = json_member_bool(hello->json, "guest", false);
    exam->has_hello = true;
    ping_once(exam);
}

static void
on_line(void *context, const char *json, size_t len)
{
    struct exam *exam = context;
    struct event event;
    char why[200];

    meter_json(exam->meter, METER_DOWN, len);
    note_byte(exam);
    if (event_decode(json, len, &event, why, sizeof(why)) < 0) {
        snprintf(exam->report.why, sizeof(exam->report.why), "it speaks no rtchat: %.150s", why);
        finish(exam, EXAM_BLOCKED);
        return;
    }

    if (event.type == EVENT_HELLO)
        take_hello(exam, &event);
    else if (event.type == EVENT_PONG && exam->watched_from_ms == 0 &&
             str_equal(event.nonce, exam->nonce))
        begin_watch(exam);
    event_fini(&event);
}

static void
on_heard(void *context)
{
    note_byte(context);
}

static void
on_ended(void *context, enum way_end end, int status, int64_t retry_after_ms, const char *why)
{
    struct exam *exam = context;

    exam->way = NULL;
    exam->report.status = status;
    snprintf(exam->report.why, sizeof(exam->report.why), "%s", why);
    if (!exam->has_hello) {
        finish(exam, EXAM_BLOCKED);
        return;
    }

    exam->report.cut_ms = clock_mono_ms() - exam->opened_ms;
    finish(exam, EXAM_CUT);
}

/* A stream that opened and brought nothing is held back by somebody; so is a pong. */
static void
on_timer(uv_timer_t *timer)
{
    struct exam *exam = container_of(timer, struct exam, timer);
    struct exam_report *report = &exam->report;
    int64_t waited_s = (exam->has_hello ? exam->patience.pong_ms : exam->patience.open_ms) / 1000;

    if (exam->watched_from_ms > 0) {
        finish(exam, EXAM_WORKS);
    } else if (exam->has_hello) {
        snprintf(report->why, sizeof(report->why), "a ping did not come back in %d s",
                 (int)waited_s);
        finish(exam, EXAM_BUFFERED);
    } else if (exam->row == &link_sse) {
        snprintf(report->why, sizeof(report->why), "the event stream brought nothing in %d s",
                 (int)waited_s);
        finish(exam, EXAM_BUFFERED);
    } else {
        snprintf(report->why, sizeof(report->why), "no answer in %d s", (int)waited_s);
        finish(exam, EXAM_BLOCKED);
    }
}

static struct exam *
new_exam(struct link *link, const struct link_ops *row, const struct exam_patience *patience)
{
    struct exam *exam = xcalloc(1, sizeof(*exam));

    exam->patience = *patience;
    exam->row = row;
    exam->meter = link->meter;
    exam->heartbeat_ms = HEARTBEAT_MS;
    exam->started_ms = clock_mono_ms();
    exam->report = (struct exam_report){.transport = row->name, .first_byte_ms = -1, .cut_ms = -1};
    exam->listener = (struct way_listener){exam, on_open, on_line, on_heard, on_ended};
    ulid_make(exam->nonce);
    uv_timer_init(link->loop, &exam->timer);
    return exam;
}

static int
open_base(struct exam *exam, struct link *link, char *why, size_t why_size)
{
    exam->https = https_create(link->loop, link->trust, link->meter, CONNECTIONS_MAX);
    if (exam->https == NULL) {
        snprintf(why, why_size, "libcurl did not start");
        return -EIO;
    }

    exam->base = exam->row->base_create(link->loop, link->trust, exam->https, why, why_size);
    return exam->base != NULL ? 0 : -EIO;
}

struct exam *
exam_start(struct link *link, const struct link_ops *row, const struct exam_patience *patience,
           void (*done)(void *context, const struct exam_report *report), void *context, char *why,
           size_t why_size)
{
    struct exam *exam = new_exam(link, row, patience);

    exam->done = done;
    exam->context = context;
    if (open_base(exam, link, why, why_size) < 0) {
        exam_cancel(exam);
        return NULL;
    }

    arm(exam, patience->open_ms);
    const struct way_config config = {
        .loop = link->loop,
        .base = exam->base,
        .host = link->url.host,
        .port = link->url.port,
        .http = link->http,
        .proxy = &link->proxy,
        .token = link->token.text,
        .poll_interval_ms = link->poll_interval_ms,
        .trust = link->trust,
        .facts = &exam->report.facts,
        .listener = &exam->listener,
        .meter = link->meter,
    };
    exam->way = row->start(&config);
    return exam;
}
