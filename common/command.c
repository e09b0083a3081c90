#include "common/command.h"

#include "common/buf.h"
#include "common/json.h"
#include "common/text.h"
#include "common/util.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Which members a kind has, and their rules: a row a kind. */
struct kind {
    const char *name;
    const char *(*room_fault)(const char *name); /* NULL: it has no room */
    size_t text_min;
    size_t text_max; /* 0: it has no text */
    bool has_action;
    bool has_nonce;
    bool is_logged;        /* and needs an id */
    bool text_is_optional; /* and NULL when it is not there */
};

/* clang-format off */
static const struct kind kinds[COMMAND_TYPE_COUNT] = {
    [COMMAND_SAY]    = {"say",    target_name_fault, 1, TEXT_MAX,  true,  false, true,  false},
    [COMMAND_JOIN]   = {"join",   room_name_fault,   0, 0,         false, false, true,  false},
    [COMMAND_PART]   = {"part",   room_name_fault,   0, 0,         false, false, true,  false},
    [COMMAND_TOPIC]  = {"topic",  room_name_fault,   0, TOPIC_MAX, false, false, true,  false},
    [COMMAND_PING]   = {"ping",   NULL,              0, 0,         false, true,  false, false},
    [COMMAND_AWAY]   = {"away",   NULL,              0, AWAY_MAX,  false, false, false, true},
    [COMMAND_TYPING] = {"typing", target_name_fault, 0, 0,         false, false, false, false},
};
/* clang-format on */

void
command_init(struct command *command)
{
    *command = (struct command){0};
}

void
command_fini(struct command *command)
{
    free(command->text);
    command_init(command);
}

const char *
command_type_name(enum command_type type)
{
    assert(type < COMMAND_TYPE_COUNT);
    return kinds[type].name;
}

bool
command_type_is_logged(enum command_type type)
{
    assert(type < COMMAND_TYPE_COUNT);
    return kinds[type].is_logged;
}

/* A member that must be there and be a string, or NULL with the refusal filled. */
static const char *
wanted_string(const json_t *object, const char *key, struct refusal *refusal)
{
    const json_t *member = json_object_get(object, key);

    if (member == NULL)
        refuse(refusal, REFUSAL_INVALID, "%s missing: wanted a string", key);
    else if (!json_is_string(member))
        refuse(refusal, REFUSAL_INVALID, "%s of the wrong type: wanted a string", key);

    return json_string_value(member);
}

static int
take_type(const json_t *object, enum command_type *ret_type, struct refusal *refusal)
{
    const char *name = wanted_string(object, "type", refusal);

    if (name == NULL)
        return -1;

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0) {
            *ret_type = (enum command_type)i;
            return 0;
        }

    return refuse(refusal, REFUSAL_UNKNOWN_COMMAND,
                  "unknown command \"%.40s\": wanted say, join, part, topic, ping, away or typing",
                  name);
}

/* An id or a nonce. */
static int
take_id(const json_t *object, const char *key, char dst[ID_SIZE], struct refusal *refusal)
{
    const char *id = wanted_string(object, key, refusal);

    if (id == NULL)
        return -1;
    if (!id_is_valid(id))
        return refuse(refusal, REFUSAL_INVALID,
                      "%s of %zu bytes out of its rule: wanted 1-%d of A-Z a-z 0-9 - _ : .", key,
                      strlen(id), ID_MAX);

    str_copy(dst, ID_SIZE, id);
    return 0;
}

static int
take_room(const json_t *object, const struct kind *kind, char dst[ROOM_KEY_SIZE],
          struct refusal *refusal)
{
    const char *room = wanted_string(object, "room", refusal);

    if (room == NULL)
        return -1;

    const char *fault = kind->room_fault(room);
    if (fault != NULL)
        return refuse(refusal, REFUSAL_INVALID, "%s (%zu bytes given)", fault, strlen(room));

    str_copy(dst, ROOM_KEY_SIZE, room);
    return 0;
}

static int
take_text(const json_t *object, const struct kind *kind, char **ret_text, struct refusal *refusal)
{
    const char *text = wanted_string(object, "text", refusal);

    if (text == NULL)
        return -1;

    struct buf normal = BUF_INIT;
    if (*text != '\0' || kind->text_min > 0) {
        const char *fault = text_normalise(&normal, text, strlen(text), kind->text_max);
        if (fault != NULL) {
            buf_fini(&normal);
            return refuse(refusal, REFUSAL_INVALID, "%s (%zu bytes given)", fault, strlen(text));
        }
    }

    *ret_text = buf_take(&normal, NULL);
    return 0;
}

static int
take_action(const json_t *object, bool *ret_action, struct refusal *refusal)
{
    const json_t *member = json_object_get(object, "action");

    if (member != NULL && !json_is_boolean(member))
        return refuse(refusal, REFUSAL_INVALID,
                      "action of the wrong type: wanted true, false or nothing");

    *ret_action = json_is_true(member);
    return 0;
}

/* The text comes last: what is refused before it leaves nothing to free. */
static int
take_members(const json_t *object, struct command *command, struct refusal *refusal)
{
    const struct kind *kind = &kinds[command->type];

    if (kind->has_nonce && take_id(object, "nonce", command->nonce, refusal) < 0)
        return -1;
    if (kind->room_fault != NULL && take_room(object, kind, command->room, refusal) < 0)
        return -1;
    if (kind->has_action && take_action(object, &command->action, refusal) < 0)
        return -1;
    if (kind->text_is_optional && json_object_get(object, "text") == NULL)
        return 0;
    if (kind->text_max > 0 && take_text(object, kind, &command->text, refusal) < 0)
        return -1;

    return 0;
}

int
command_decode(const json_t *object, struct command *ret_command, struct refusal *ret_refusal)
{
    struct command command = {0};

    command_init(ret_command);
    if (!json_is_object(object))
        return refuse(ret_refusal, REFUSAL_BAD_REQUEST, "command is no JSON object: wanted one");

    struct refusal bad_id;
    bool has_id = take_id(object, "id", command.id, &bad_id) == 0;
    str_copy(ret_command->id, sizeof(ret_command->id), command.id);

    if (take_type(object, &command.type, ret_refusal) < 0)
        return -1;
    /* A ping is answered by its nonce, and what is not for the log without an id not at all. */
    if (!has_id && kinds[command.type].is_logged) {
        *ret_refusal = bad_id;
        return -1;
    }
    if (take_members(object, &command, ret_refusal) < 0)
        return -1;

    *ret_command = command;
    return 0;
}

static void
put_string(struct buf *out, const char *key, const char *text)
{
    buf_addf(out, ",\"%s\":", key);
    buf_add_json(out, text);
}

void
command_encode(struct buf *out, const struct command *command)
{
    const struct kind *kind = &kinds[command->type];

    buf_addf(out, "{\"type\":\"%s\"", kind->name);
    if (command->id[0] != '\0')
        put_string(out, "id", command->id);
    if (kind->room_fault != NULL)
        put_string(out, "room", command->room);
    if (command->text != NULL)
        put_string(out, "text", command->text);
    if (command->action)
        buf_add_str(out, ",\"action\":true");
    if (kind->has_nonce)
        put_string(out, "nonce", command->nonce);
    buf_add_byte(out, '}');
}
