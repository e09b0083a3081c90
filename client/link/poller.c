#include "client/link/poller.h"

#include "client/link/https_way.h"
#include "common/clock.h"
#include "common/id.h"
#include "common/json.h"
#include "common/util.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_MODULE "poll"
#include "common/log.h"

#define WAIT_MAX_S        25    /* proxies cut what is silent for longer */
#define ANSWER_MS         10000 /* beyond the wait */
#define REPEATS_MAX       3
#define REPEAT_MS         200 /* before the first repeat; it doubles */
#define POLL_INTERVAL_MS  3000
#define HEARTBEAT_DEFAULT 15 /* seconds, where hello has none */
#define JSON_TYPE         "application/json"

struct link_way {
    struct https_way https;
    const struct poll_kind *kind;
    char reader[ULID_SIZE];  /* so that another poller of the session takes none of our pongs */
    char after[CURSOR_SIZE]; /* of the next question; "": the head */
    int wait_s;
    bool is_open;   /* hello came */
    bool is_wanted; /* something was said: the next question is asked at once */
    unsigned repeats;
};

static void ask(struct link_way *way);

static void
release(struct https_way *https)
{
    free(container_of(https, struct link_way, https));
}

static void
on_timer(uv_timer_t *timer)
{
    ask(container_of(timer, struct link_way, https.timer));
}

static void
ask_in(struct link_way *way, int64_t delay_ms)
{
    uv_update_time(way->https.config.loop);
    uv_timer_start(&way->https.timer, on_timer, (uint64_t)delay_ms, 0);
}

/* The same question again, a few times; where nobody ever answered that is the link's matter. */
static void
repeat(struct link_way *way, enum way_end end, int status, const char *why)
{
    bool never_answered = !way->is_open && status == 0;

    if (never_answered || way->repeats == REPEATS_MAX) {
        https_way_end(&way->https, end, end == WAY_REFUSED ? status : 0, 0, why);
        return;
    }

    log_debug("repeat=%u: %s", way->repeats + 1, why);
    ask_in(way, (int64_t)REPEAT_MS << way->repeats);
    way->repeats++;
}

static void
refuse_type(struct link_way *way, const struct https_answer *answer)
{
    char why[200];

    snprintf(why, sizeof(why), "the answer came as %s: wanted " JSON_TYPE,
             answer->type[0] != '\0' ? answer->type : "nothing that has a type");
    https_way_end(&way->https, WAY_REFUSED, answer->status, 0, why);
}

/* A gateway that did not get an answer; the server itself never says these. */
static bool
is_passing(int status)
{
    return status == 502 || status == 504;
}

/* The answer's object; NULL: it was none, and that is dealt with. The caller owns it. */
static json_t *
look_at(struct link_way *way, const struct https_answer *answer)
{
    char why[200], fault[150];

    if (answer->end == HTTPS_CERTIFICATE) {
        https_way_end(&way->https, WAY_CERTIFICATE, 0, 0, answer->why);
    } else if (answer->end == HTTPS_FAILED) {
        repeat(way, https_way_failed(answer), answer->status, answer->why);
    } else if (is_passing(answer->status)) {
        snprintf(why, sizeof(why), "the server answered %d to a poll", answer->status);
        repeat(way, WAY_REFUSED, answer->status, why);
    } else if (answer->status != 200) {
        https_way_refused(&way->https, answer, "a poll");
    } else if (!str_equal(answer->type, JSON_TYPE)) {
        refuse_type(way, answer);
    } else {
        json_t *object = json_parse(answer->body, answer->len, fault, sizeof(fault));
        if (json_is_object(object))
            return object;
        json_decref(object);
        repeat(way, WAY_CLOSED, 200, "half an answer came");
    }
    return NULL;
}

static void
tell_line(struct link_way *way, const json_t *event)
{
    const struct way_listener *listener = &way->https.listener;
    char *line = json_dumps(event, JSON_COMPACT | JSON_ENCODE_ANY);

    listener->line(listener->context, line, strlen(line));
    free(line);
}

/* False where it has none that is well formed: that answer is not to be believed. */
static bool
take_cursor(struct link_way *way, const json_t *answer)
{
    const char *text = json_member_string(answer, "cursor");
    struct cursor cursor;

    if (text != NULL && cursor_parse(text, &cursor) == 0) {
        str_copy(way->after, sizeof(way->after), text);
        return true;
    }

    https_way_end(&way->https, WAY_REFUSED, 200, 0, "the answer to a poll has no cursor");
    return false;
}

static void
ask_next(struct link_way *way, bool has_more)
{
    int64_t interval_ms = way->https.config.poll_interval_ms;

    way->repeats = 0;
    if (way->kind->holds || has_more || way->is_wanted)
        ask(way);
    else
        ask_in(way, interval_ms > 0 ? interval_ms : POLL_INTERVAL_MS);
}

static void
take_page(struct link_way *way, const json_t *page)
{
    const struct way_listener *listener = &way->https.listener;
    const json_t *events = json_object_get(page, "events");

    if (json_array_size(events) == 0)
        meter_count(way->https.config.meter, METER_EMPTY);
    listener->heard(listener->context);
    for (size_t i = 0; !way->https.is_over && i < json_array_size(events); i++)
        tell_line(way, json_array_get(events, i));
    if (!way->https.is_over && take_cursor(way, page))
        ask_next(way, json_member_bool(page, "more", false));
}

/* So that something is heard at each heartbeat. */
static void
set_wait(struct link_way *way, const json_t *hello)
{
    double heartbeat = json_number_value(json_object_get(hello, "heartbeat"));

    if (!way->kind->holds)
        way->wait_s = 0;
    else
        way->wait_s = (int)MIN(MAX(heartbeat > 0 ? heartbeat : HEARTBEAT_DEFAULT, 1), WAIT_MAX_S);
}

/* A cursor that was given stands, since the gap behind it comes with the first page. */
static void
take_hello(struct link_way *way, const json_t *hello)
{
    const struct way_listener *listener = &way->https.listener;

    if (way->after[0] == '\0' && !take_cursor(way, hello))
        return;

    set_wait(way, hello);
    way->is_open = true;
    listener->open(listener->context);
    way->repeats = 0;
    if (!way->https.is_over)
        tell_line(way, hello);
    if (!way->https.is_over)
        ask_in(way,
               0); /* behind what hello made the link say: its pong comes down the next answer */
}

static void
note_held(struct link_way *way, bool is_held)
{
    struct way_facts *facts = way->https.config.facts;

    if (facts == NULL)
        return;

    facts->held_since_ms = is_held ? clock_mono_ms() : 0;
    facts->wait_s = way->wait_s;
}

static void
on_done(void *context, const struct https_answer *answer)
{
    struct link_way *way = context;

    way->https.down = NULL;
    note_held(way, false);
    json_t *object = look_at(way, answer);
    if (object == NULL)
        return;

    if (way->is_open)
        take_page(way, object);
    else
        take_hello(way, object);
    json_decref(object);
}

static void
ask(struct link_way *way)
{
    char path[160];

    way->is_wanted = false;
    uv_timer_stop(&way->https.timer);
    if (way->is_open)
        snprintf(path, sizeof(path), "/v1/poll?after=%s&wait=%d&reader=%s", way->after, way->wait_s,
                 way->reader);
    else
        snprintf(path, sizeof(path), "/v1/hello%s%s", way->after[0] != '\0' ? "?after=" : "",
                 way->after);
    note_held(way, way->is_open && way->wait_s > 0);
    https_way_get(&way->https, way->is_open ? METER_POLL : METER_REQUEST, path, JSON_TYPE,
                  (int64_t)way->wait_s * 1000 + ANSWER_MS, NULL, on_done);
}

/* What was said is soon to be seen. A repeat that waits keeps its time. */
static void
on_sent(struct https_way *https)
{
    struct link_way *way = container_of(https, struct link_way, https);

    way->is_wanted = true;
    if (way->https.down == NULL && way->repeats == 0)
        ask(way);
}

struct link_way *
poller_start(const struct way_config *config, const struct poll_kind *kind)
{
    struct link_way *way = xcalloc(1, sizeof(*way));

    https_way_init(&way->https, config, release);
    way->kind = kind;
    ulid_make(way->reader);
    if (config->after != NULL)
        cursor_format(way->after, config->after);
    if (!kind->holds)
        way->https.sent = on_sent;
    ask(way);
    return way;
}

int
poller_send(struct link_way *way, const char *json, size_t len)
{
    return way->is_open ? https_way_send(&way->https, json, len) : -EPIPE;
}

void
poller_stop(struct link_way *way)
{
    https_way_stop(&way->https);
}
