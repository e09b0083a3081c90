#include "tests/support/fake_way.h"

#include "common/buf.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/util.h"

#include <check.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct link_way {
    struct way_listener listener;
    struct fake *fake;
};

struct ask_request {
    ask_done done;
    void *context;
};

struct fake {
    struct link_way *way;
    unsigned starts;
    char after[CURSOR_SIZE];
    char token[600];
    bool fails, is_choked;
    int64_t send_us;
    struct buf sent, given;
    char ping[100];
};

enum { ROW_FAKE, ROW_WS, ROW_SSE, ROW_LONGPOLL, ROW_POLL, ROW_COUNT };

static struct fake fakes[ROW_COUNT];
static struct fake *fake = &fakes[ROW_FAKE]; /* the one that the test speaks for */

static struct {
    struct ask_request *request;
    char question[1000];
    char asked_token[600];
    char claim[100]; /* of the last question that had one */
} asks;

void
fake_way_reset(void)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        buf_fini(&fakes[i].sent);
        buf_fini(&fakes[i].given);
    }
    memset(fakes, 0, sizeof(fakes));
    memset(&asks, 0, sizeof(asks));
    fake = &fakes[ROW_FAKE];
}

static struct link_way *
start(struct fake *row, const struct way_config *config)
{
    row->starts++;
    if (row->fails)
        return NULL;

    ck_assert_ptr_null(row->way);
    row->way = xcalloc(1, sizeof(*row->way));
    row->way->fake = row;
    row->way->listener = *config->listener;
    row->after[0] = '\0';
    if (config->after != NULL)
        cursor_format(row->after, config->after);
    ck_assert_int_eq(str_copy(row->token, sizeof(row->token), config->token), 0);
    row->ping[0] = '\0';
    return row->way;
}

static int
send_line(struct link_way *way, const char *json, size_t len)
{
    char why[100];

    struct fake *row = way->fake;

    ck_assert_ptr_eq(way, row->way);
    if (row->is_choked)
        return -EAGAIN;
    for (int64_t until_us = clock_mono_us() + row->send_us; clock_mono_us() < until_us;)
        ;

    json_t *object = json_parse(json, len, why, sizeof(why));
    ck_assert_msg(object != NULL, "%s", why);
    if (strcmp(json_member_string(object, "type"), "ping") == 0) {
        str_copy(row->ping, sizeof(row->ping), json_member_string(object, "nonce"));
    } else {
        buf_add(&row->sent, json, len);
        buf_add_byte(&row->sent, '\n');
    }
    json_decref(object);
    return 0;
}

static void
stop(struct link_way *way)
{
    ck_assert_ptr_eq(way, way->fake->way);
    way->fake->way = NULL;
    free(way);
}

/* A table of functions has no context, so each row has a start of its own. */
#define FAKE_ROW(NAME, ROW)                                                                        \
    static struct link_way *start_##ROW(const struct way_config *config)                           \
    {                                                                                              \
        return start(&fakes[ROW], config);                                                         \
    }                                                                                              \
    static const struct link_ops row_##ROW = {.name = NAME,                                        \
                                              .asks = ROW == ROW_LONGPOLL || ROW == ROW_POLL,      \
                                              .start = start_##ROW,                                \
                                              .send = send_line,                                   \
                                              .stop = stop}

FAKE_ROW("fake", ROW_FAKE);
FAKE_ROW("ws", ROW_WS);
FAKE_ROW("sse", ROW_SSE);
FAKE_ROW("longpoll", ROW_LONGPOLL);
FAKE_ROW("poll", ROW_POLL);

const struct link_ops *const fake_rows[] = {
    [ROW_FAKE] = &row_ROW_FAKE,         [ROW_WS] = &row_ROW_WS,     [ROW_SSE] = &row_ROW_SSE,
    [ROW_LONGPOLL] = &row_ROW_LONGPOLL, [ROW_POLL] = &row_ROW_POLL, [ROW_COUNT] = NULL,
};

void
fake_way_on(const char *name)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (str_equal(fake_rows[i]->name, name))
            fake = &fakes[i];
    ck_assert_str_eq(fake_rows[fake - fakes]->name, name);
}

bool
fake_way_is_up(void)
{
    return fake->way != NULL;
}

unsigned
fake_way_starts(void)
{
    return fake->starts;
}

const char *
fake_way_after(void)
{
    return fake->after;
}

const char *
fake_way_token(void)
{
    return fake->token;
}

void
fake_way_fail_start(bool fail)
{
    fake->fails = fail;
}

void
fake_way_choke(bool choked)
{
    fake->is_choked = choked;
}

void
fake_way_take(int64_t us)
{
    fake->send_us = us;
}

void
fake_way_open(void)
{
    struct way_listener listener = fake->way->listener;

    listener.open(listener.context);
}

void
fake_way_raw(const char *data, size_t len)
{
    ck_assert_ptr_nonnull(fake->way);
    struct way_listener listener = fake->way->listener;

    listener.line(listener.context, data, len);
}

void
fake_way_line(const char *format, ...)
{
    va_list args;
    char *line;

    va_start(args, format);
    int len = vasprintf(&line, format, args);
    va_end(args);
    fake_way_raw(line, (size_t)len);
    free(line);
}

void
fake_way_heard(void)
{
    fake->way->listener.heard(fake->way->listener.context);
}

void
fake_way_end(enum way_end end, int status, int64_t retry_after_ms, const char *why)
{
    ck_assert_ptr_nonnull(fake->way);
    struct way_listener listener = fake->way->listener;

    free(fake->way);
    fake->way = NULL;
    listener.ended(listener.context, end, status, retry_after_ms, why);
}

const char *
fake_way_sent(void)
{
    buf_clear(&fake->given);
    buf_add_str(&fake->given, buf_text(&fake->sent));
    buf_clear(&fake->sent);
    return buf_text(&fake->given);
}

const char *
fake_way_ping(void)
{
    return fake->ping;
}

static struct ask *
create_ask(struct https *https, const struct url *url, const struct proxy *proxy,
           enum http_wish http)
{
    static char nothing;

    return (struct ask *)(void *)&nothing;
}

/* It is another one each time, so the question is told without it. */
static void
take_claim(void)
{
    char *at = strstr(asks.question, ",\"claim\":\"");

    if (at == NULL)
        return;

    char *claim = at + strlen(",\"claim\":\""), *end = strchr(claim, '"');
    snprintf(asks.claim, sizeof(asks.claim), "%.*s", (int)(end - claim), claim);
    memmove(at, end + 1, strlen(end + 1) + 1);
}

static struct ask_request *
send_question(struct ask *ask, const struct ask_question *question, ask_done done, void *context)
{
    ck_assert_ptr_null(asks.request);
    asks.request = xcalloc(1, sizeof(*asks.request));
    *asks.request = (struct ask_request){done, context};
    snprintf(asks.question, sizeof(asks.question), "%s %s%s%s",
             question->body == NULL ? "GET" : "POST", question->path,
             question->body == NULL ? "" : " ", question->body == NULL ? "" : question->body);
    take_claim();
    snprintf(asks.asked_token, sizeof(asks.asked_token), "%s",
             question->token == NULL ? "" : question->token);
    return asks.request;
}

static void
cancel(struct ask_request *request)
{
    ck_assert_ptr_eq(request, asks.request);
    free(request);
    asks.request = NULL;
}

static void
give(const struct ask_answer *answer)
{
    ck_assert_ptr_nonnull(asks.request);
    struct ask_request request = *asks.request;

    cancel(asks.request);
    request.done(request.context, answer);
}

static void
destroy_ask(struct ask *ask)
{
    const struct ask_answer dropped = {.end = ASK_DROPPED, .body = "", .why = ""};

    if (asks.request != NULL)
        give(&dropped);
}

const struct ask_ops fake_ask = {
    .create = create_ask,
    .send = send_question,
    .cancel = cancel,
    .destroy = destroy_ask,
};

const char *
fake_ask_question(void)
{
    return asks.request == NULL ? NULL : asks.question;
}

const char *
fake_ask_claim(void)
{
    return asks.claim;
}

const char *
fake_ask_token(void)
{
    return asks.asked_token;
}

void
fake_ask_answer(int status, int64_t retry_after_ms, const char *body)
{
    const struct ask_answer answer = {.end = ASK_ANSWERED,
                                      .status = status,
                                      .retry_after_ms = retry_after_ms,
                                      .body = body,
                                      .len = strlen(body),
                                      .why = ""};

    give(&answer);
}

void
fake_ask_fail(enum ask_end end, const char *why)
{
    const struct ask_answer answer = {.end = end, .body = "", .why = why};

    give(&answer);
}
