#include "client/json.h"

#include "client/config.h"
#include "client/link/link_ops.h"
#include "client/link/outbox.h"
#include "client/script.h"
#include "common/buf.h"
#include "common/event.h"
#include "common/json.h"
#include "common/util.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As it came, but on one line, and on a terminal so that it can do nothing but be read. */
static void
print_json(struct script *script, const char *json, size_t len)
{
    bool shown = script_config(script)->ascii || isatty(STDOUT_FILENO);
    char why[200];
    json_t *value =
        shown || memchr(json, '\n', len) != NULL ? json_parse(json, len, why, sizeof(why)) : NULL;
    char *text =
        value != NULL ? json_dumps(value, JSON_COMPACT | (shown ? JSON_ENSURE_ASCII : 0)) : NULL;
    struct buf line = BUF_INIT;

    if (text != NULL)
        buf_add_str(&line, text);
    else
        buf_add(&line, json, len);
    buf_add_byte(&line, '\n');
    script_print(script, line.data, line.len);
    buf_fini(&line);
    free(text);
    json_decref(value);
}

static void
print_event(struct script *script, const struct event *event, const char *json, size_t len)
{
    print_json(script, json, len);
}

static void
print_error(struct script *script, const char *id, const struct refusal *refusal)
{
    struct event error = {.type = EVENT_ERROR, .refusal = *refusal};
    struct buf json = BUF_INIT;

    str_copy(error.id, sizeof(error.id), id);
    event_encode(&json, &error);
    print_json(script, json.data, json.len);
    buf_fini(&json);
}

static void
print_refused(struct script *script, const struct outbox_item *item)
{
    print_error(script, item->command.id, &item->refusal);
}

/* Where the command can have an id and has none, one is made. */
static void
add_id(json_t *object)
{
    char id[ULID_SIZE];

    if (!json_is_object(object) || json_object_get(object, "id") != NULL)
        return;

    ulid_make(id);
    json_object_set_new(object, "id", json_string(id));
}

static void
send_ping(struct script *script, const char *nonce)
{
    if (link_send_ping(chat_link(script_chat(script)), nonce) < 0)
        script_fail(script, "the connection takes no ping now; it was not sent");
    else
        script_await_pong(script, nonce);
}

/* The client's own, which is not sent: {"type":"transport","to":"sse"}. */
static void
change_transport(struct script *script, const json_t *object)
{
    const char *to = json_member_string(object, "to");
    char why[200] = "transport without a member \"to\": wanted " LINK_CHOICES;

    if (to == NULL || link_set_transport(chat_link(script_chat(script)), to, why, sizeof(why)) < 0)
        script_fail(script, "%s", why);
}

static void
take_command(struct script *script, json_t *object)
{
    struct command command;
    struct refusal refusal;

    if (str_equal(json_member_string(object, "type"), "transport")) {
        change_transport(script, object);
        return;
    }

    add_id(object);
    if (command_decode(object, &command, &refusal) < 0) {
        script_fail(script, "%s; it was not sent", refusal.message);
        print_error(script, command.id, &refusal);
        return;
    }

    if (command.type == COMMAND_PING) {
        send_ping(script, command.nonce);
        return;
    }

    const char *fault = chat_command(script_chat(script), &command);
    if (fault != NULL)
        script_fail(script, "%s; it was not sent", fault);
}

static void
take_line(struct script *script, const char *line, size_t len)
{
    char why[200];

    if (len == 0)
        return;

    json_t *object = json_parse(line, len, why, sizeof(why));
    if (object == NULL)
        script_fail(script, "%s; it was not sent", why);
    else
        take_command(script, object);
    json_decref(object);
}

/* A ping is not kept: it needs a connection. */
static bool
is_ping(const char *line)
{
    char why[200];
    json_t *object = json_parse(line, strlen(line), why, sizeof(why));
    bool is = str_equal(json_member_string(object, "type"), "ping");

    json_decref(object);
    return is;
}

int
json_run(const struct client_config *config, const char *password)
{
    static const struct script_ops json = {
        .take = take_line,
        .waits = is_ping,
        .event = print_event,
        .receipt = print_json,
        .refused = print_refused,
    };

    return script_run(config, password, &json);
}
