#include "tests/support/fake_way.h"

#include "common/buf.h"
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
};

struct ask_request {
    ask_done done;
    void *context;
};

static struct {
    struct link_way *way;
    unsigned starts;
    char after[CURSOR_SIZE];
    char token[600];
    bool fails, is_choked;
    struct buf sent, given;
    char ping[100];

    struct ask_request *request;
    char question[1000];
    char asked_token[600];
} fake;

void
fake_way_reset(void)
{
    buf_fini(&fake.sent);
    buf_fini(&fake.given);
    memset(&fake, 0, sizeof(fake));
}

static struct link_way *
start(const struct way_config *config)
{
    fake.starts++;
    if (fake.fails)
        return NULL;

    ck_assert_ptr_null(fake.way);
    fake.way = xcalloc(1, sizeof(*fake.way));
    fake.way->listener = *config->listener;
    fake.after[0] = '\0';
    if (config->after != NULL)
        cursor_format(fake.after, config->after);
    ck_assert_int_eq(str_copy(fake.token, sizeof(fake.token), config->token), 0);
    return fake.way;
}

static int
send_line(struct link_way *way, const char *json, size_t len)
{
    char why[100];

    ck_assert_ptr_eq(way, fake.way);
    if (fake.is_choked)
        return -EAGAIN;

    json_t *object = json_parse(json, len, why, sizeof(why));
    ck_assert_msg(object != NULL, "%s", why);
    if (strcmp(json_member_string(object, "type"), "ping") == 0) {
        str_copy(fake.ping, sizeof(fake.ping), json_member_string(object, "nonce"));
    } else {
        buf_add(&fake.sent, json, len);
        buf_add_byte(&fake.sent, '\n');
    }
    json_decref(object);
    return 0;
}

static void
stop(struct link_way *way)
{
    ck_assert_ptr_eq(way, fake.way);
    fake.way = NULL;
    free(way);
}

const struct link_ops fake_way = {
    .name = "fake",
    .start = start,
    .send = send_line,
    .stop = stop,
};

bool
fake_way_is_up(void)
{
    return fake.way != NULL;
}

unsigned
fake_way_starts(void)
{
    return fake.starts;
}

const char *
fake_way_after(void)
{
    return fake.after;
}

const char *
fake_way_token(void)
{
    return fake.token;
}

void
fake_way_fail_start(bool fail)
{
    fake.fails = fail;
}

void
fake_way_choke(bool choked)
{
    fake.is_choked = choked;
}

void
fake_way_open(void)
{
    struct way_listener listener = fake.way->listener;

    listener.open(listener.context);
}

void
fake_way_raw(const char *data, size_t len)
{
    ck_assert_ptr_nonnull(fake.way);
    struct way_listener listener = fake.way->listener;

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
    fake.way->listener.heard(fake.way->listener.context);
}

void
fake_way_end(enum way_end end, int status, int64_t retry_after_ms, const char *why)
{
    ck_assert_ptr_nonnull(fake.way);
    struct way_listener listener = fake.way->listener;

    free(fake.way);
    fake.way = NULL;
    listener.ended(listener.context, end, status, retry_after_ms, why);
}

const char *
fake_way_sent(void)
{
    buf_clear(&fake.given);
    buf_add_str(&fake.given, buf_text(&fake.sent));
    buf_clear(&fake.sent);
    return buf_text(&fake.given);
}

const char *
fake_way_ping(void)
{
    return fake.ping;
}

static struct ask *
create_ask(uv_loop_t *loop, const struct url *url, const struct proxy *proxy, struct trust *trust)
{
    static char nothing;

    return (struct ask *)(void *)&nothing;
}

static struct ask_request *
send_question(struct ask *ask, const struct ask_question *question, ask_done done, void *context)
{
    ck_assert_ptr_null(fake.request);
    fake.request = xcalloc(1, sizeof(*fake.request));
    *fake.request = (struct ask_request){done, context};
    snprintf(fake.question, sizeof(fake.question), "%s %s%s%s",
             question->body == NULL ? "GET" : "POST", question->path,
             question->body == NULL ? "" : " ", question->body == NULL ? "" : question->body);
    snprintf(fake.asked_token, sizeof(fake.asked_token), "%s",
             question->token == NULL ? "" : question->token);
    return fake.request;
}

static void
cancel(struct ask_request *request)
{
    ck_assert_ptr_eq(request, fake.request);
    free(request);
    fake.request = NULL;
}

static void
give(const struct ask_answer *answer)
{
    ck_assert_ptr_nonnull(fake.request);
    struct ask_request request = *fake.request;

    cancel(fake.request);
    request.done(request.context, answer);
}

static void
destroy_ask(struct ask *ask)
{
    const struct ask_answer dropped = {.end = ASK_DROPPED, .body = "", .why = ""};

    if (fake.request != NULL)
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
    return fake.request == NULL ? NULL : fake.question;
}

const char *
fake_ask_token(void)
{
    return fake.asked_token;
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
