#include "client/doctor_report.h"

#include "client/doctor_advice.h"
#include "common/buf.h"
#include "common/text.h"
#include "common/util.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CELL_SIZE 40
#define ROW       "%-9s  %-18s  %-10s  %-10s  %-7s  %-14s  "

static void
say_verdict(const struct exam_report *report, char dst[CELL_SIZE])
{
    if (report->verdict == EXAM_CUT)
        snprintf(dst, CELL_SIZE, "cut after %" PRId64 " ms", report->cut_ms);
    else
        snprintf(dst, CELL_SIZE, "%s", exam_verdict_name(report->verdict));
}

static void
say_idle(const struct exam_report *report, char dst[CELL_SIZE])
{
    if (report->verdict == EXAM_WORKS)
        snprintf(dst, CELL_SIZE, "none in %" PRId64 " s", report->watched_ms / 1000);
    else if (report->verdict == EXAM_CUT && report->watched_ms > 0)
        snprintf(dst, CELL_SIZE, "after %" PRId64 " ms", report->watched_ms);
    else
        snprintf(dst, CELL_SIZE, "-");
}

static void
add_row(struct buf *out, const struct exam_report *report)
{
    const struct way_facts *facts = &report->facts;
    char verdict[CELL_SIZE], first[CELL_SIZE] = "-", rtt[CELL_SIZE] = "-", idle[CELL_SIZE];

    say_verdict(report, verdict);
    say_idle(report, idle);
    if (report->first_byte_ms >= 0)
        snprintf(first, sizeof(first), "%" PRId64 " ms", report->first_byte_ms);
    if (report->rtt_us > 0)
        snprintf(rtt, sizeof(rtt), "%.1f ms", (double)report->rtt_us / 1000);
    buf_addf(out, ROW, report->transport, verdict, first, rtt,
             facts->tls[0] != '\0' ? facts->tls : "-", idle);
    if (facts->http[0] != '\0')
        buf_addf(out, "%s, %s\n", facts->http, facts->http_why);
    else
        buf_add_str(out, "-\n");
}

static void
add_advice(struct buf *out, const struct doctor_advice *advice)
{
    buf_addf(out, "  Perhaps %s:\n", advice->cause);
    for (size_t i = 0; i < DOCTOR_REMEDY_COUNT; i++)
        buf_addf(out, "    %-8s %s\n", advice->remedies[i].program, advice->remedies[i].line);
}

/* What others said is made visible. */
static void
add_why(struct buf *out, const struct exam_report *report)
{
    const struct doctor_advice *advice = doctor_advice(report);

    if (report->verdict == EXAM_WORKS)
        return;

    buf_addf(out, "\n%s: ", report->transport);
    text_visible(out, report->why, strlen(report->why), 0);
    buf_add_byte(out, '\n');
    if (advice != NULL)
        add_advice(out, advice);
}

void
doctor_add_table(struct buf *out, const struct exam_report *reports, size_t count)
{
    buf_addf(out, ROW "HTTP\n", "TRANSPORT", "VERDICT", "FIRST BYTE", "RTT", "TLS", "IDLE CUT");
    for (size_t i = 0; i < count; i++)
        add_row(out, &reports[i]);
    for (size_t i = 0; i < count; i++)
        add_why(out, &reports[i]);
}

static json_t *
number_or_null(bool is_known, json_t *number)
{
    if (is_known)
        return number;

    json_decref(number);
    return json_null();
}

static json_t *
text_or_null(const char *text)
{
    return text[0] != '\0' ? json_string(text) : json_null();
}

static json_t *
make_advice(const struct doctor_advice *advice)
{
    if (advice == NULL)
        return json_null();

    json_t *object = json_pack("{s:s}", "cause", advice->cause);
    for (size_t i = 0; i < DOCTOR_REMEDY_COUNT; i++)
        json_object_set_new(object, advice->remedies[i].program,
                            json_string(advice->remedies[i].line));
    return object;
}

static json_t *
make_report(const struct exam_report *report)
{
    bool works = report->verdict == EXAM_WORKS;
    json_t *object = json_object();

    json_object_set_new(object, "transport", json_string(report->transport));
    json_object_set_new(object, "verdict", json_string(exam_verdict_name(report->verdict)));
    json_object_set_new(object, "status",
                        number_or_null(report->status != 0, json_integer(report->status)));
    json_object_set_new(
        object, "first_byte_ms",
        number_or_null(report->first_byte_ms >= 0, json_integer(report->first_byte_ms)));
    json_object_set_new(
        object, "rtt_ms",
        number_or_null(report->rtt_us > 0, json_real((double)report->rtt_us / 1000)));
    json_object_set_new(object, "cut_ms",
                        number_or_null(report->cut_ms >= 0, json_integer(report->cut_ms)));
    json_object_set_new(object, "watched_ms", json_integer(report->watched_ms));
    json_object_set_new(object, "http", text_or_null(report->facts.http));
    json_object_set_new(object, "http_why", text_or_null(report->facts.http_why));
    json_object_set_new(object, "tls", text_or_null(report->facts.tls));
    json_object_set_new(object, "why", works ? json_null() : text_or_null(report->why));
    json_object_set_new(object, "advice", make_advice(doctor_advice(report)));
    return object;
}

void
doctor_add_json(struct buf *out, const char *url, const struct exam_report *reports, size_t count)
{
    json_t *object = json_object(), *transports = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(transports, make_report(&reports[i]));
    json_object_set_new(object, "url", json_string(url));
    json_object_set_new(object, "transports", transports);
    char *text = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(6));
    buf_add_str(out, text);
    buf_add_byte(out, '\n');
    free(text);
    json_decref(object);
}
