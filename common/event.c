#include "common/event.h"

#include "common/buf.h"
#include "common/form.h"
#include "common/json.h"
#include "common/util.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct member {
    const char *key; /* NULL ends an array of members */
    const struct form *form;
    size_t offset; /* of its field in struct event */
    const char *const *words;
    bool is_optional;
    bool (*is_wanted)(const struct event *event); /* NULL: always; looks at members before it */
};

struct kind {
    const char *name;
    bool is_logged; /* has logged_members before its own */
    const struct member *members;
};

#define AT(field) offsetof(struct event, field)

static const char *const gap_reasons[] = {
    [GAP_TRIMMED] = "trimmed",
    [GAP_EPOCH] = "epoch",
    [GAP_RIGHTS] = "rights",
    NULL,
};

static const char *const hello_results[] = {
    [HELLO_NEW] = "new",
    [HELLO_RESUMED] = "resumed",
    [HELLO_GAP] = "gap",
    NULL,
};

static const char *const presences[] = {
    [PRESENCE_OFFLINE] = "offline",
    [PRESENCE_AWAY] = "away",
    [PRESENCE_ONLINE] = "online",
    NULL,
};

static void
put_code(struct buf *out, const char *const *words, const void *field)
{
    buf_add_json(out, refusal_name(*(const enum refusal_code *)field));
}

/* A code that a later version made up is a refusal all the same, and one for good. */
static const char *
take_code(const char *const *words, const json_t *value, void *field)
{
    if (!json_is_string(value))
        return "wanted a string";

    enum refusal_code code = refusal_from_name(json_string_value(value));
    *(enum refusal_code *)field = code != REFUSAL_NONE ? code : REFUSAL_INVALID;
    return NULL;
}

static void
put_sentence(struct buf *out, const char *const *words, const void *field)
{
    buf_add_json(out, field);
}

/* refuse() bounds the sentence and keeps it UTF-8. */
static const char *
take_sentence(const char *const *words, const json_t *value, void *field)
{
    struct refusal refusal;

    if (!json_is_string(value))
        return "wanted a string";

    refuse(&refusal, REFUSAL_NONE, "%s", json_string_value(value));
    memcpy(field, refusal.message, sizeof(refusal.message));
    return NULL;
}

static const struct form form_code = {put_code, take_code, NULL};
static const struct form form_sentence = {put_sentence, take_sentence, NULL};

/* A ping's receipt has a nonce and nothing else, all others have none. */
static bool
has_no_nonce(const struct event *event)
{
    return event->nonce[0] == '\0';
}

/* clang-format 14 misaligns tables whose rows are of unlike length. */
/* clang-format off */
static const struct member no_members[] = {
    {0},
};

static const struct member logged_members[] = {
    {"seq",  &form_seq,  AT(seq)},
    {"rseq", &form_seq,  AT(rseq)},
    {"room", &form_room, AT(room)},
    {"from", &form_user, AT(from)},
    {"id",   &form_id,   AT(id)},
    {"at",   &form_time, AT(at_ms)},
    {0},
};

static const struct member message_members[] = {
    {"text",   &form_text, AT(text)},
    {"action", &form_bool, AT(action)},
    {0},
};

static const struct member topic_members[] = {
    {"text", &form_text, AT(text)},
    {0},
};

/* The cursor brings its epoch with it, so that the first member is only checked. heartbeat, rooms
 * and limits are left in json. */
static const struct member hello_members[] = {
    {"epoch",  &form_epoch,  AT(cursor.epoch)},
    {"cursor", &form_cursor, AT(cursor)},
    {"head",   &form_cursor, AT(head)},
    {"result", &form_word,   AT(result), .words = hello_results},
    {0},
};

static const struct member gap_members[] = {
    {"from",   &form_seq_or_null, AT(gap_from)},
    {"to",     &form_u64,         AT(gap_to)},
    {"reason", &form_word,        AT(gap_reason), .words = gap_reasons},
    {"cursor", &form_cursor,      AT(cursor), .is_optional = true},
    {0},
};

static const struct member pong_members[] = {
    {"nonce",  &form_id,     AT(nonce), .is_optional = true},
    {"cursor", &form_cursor, AT(cursor)},
    {"head",   &form_cursor, AT(head)},
    {0},
};

static const struct member bye_members[] = {
    {"reason",   &form_text, AT(text), .is_optional = true},
    {"delay_ms", &form_ms,   AT(delay_ms)},
    {0},
};

static const struct member receipt_members[] = {
    {"nonce", &form_id,          AT(nonce), .is_optional = true},
    {"id",    &form_id,          AT(id), .is_wanted = has_no_nonce, .is_optional = true},
    {"seq",   &form_seq_or_null, AT(seq), .is_wanted = has_no_nonce},
    {0},
};

static const struct member error_members[] = {
    {"id",             &form_id,       AT(id), .is_optional = true},
    {"code",           &form_code,     AT(refusal.code)},
    {"message",        &form_sentence, AT(refusal.message)},
    {"retry_after_ms", &form_ms,       AT(refusal.retry_after_ms), .is_optional = true},
    {0},
};

static const struct member presence_members[] = {
    {"user",  &form_user, AT(user)},
    {"state", &form_word, AT(presence), .words = presences},
    {"text",  &form_text, AT(text), .is_optional = true},
    {0},
};

static const struct member typing_members[] = {
    {"room", &form_room, AT(room)},
    {"user", &form_user, AT(user)},
    {0},
};

static const struct kind kinds[EVENT_TYPE_COUNT] = {
    [EVENT_MESSAGE]  = {"message",  true,  message_members},
    [EVENT_JOIN]     = {"join",     true,  no_members},
    [EVENT_PART]     = {"part",     true,  no_members},
    [EVENT_TOPIC]    = {"topic",    true,  topic_members},
    [EVENT_HELLO]    = {"hello",    false, hello_members},
    [EVENT_GAP]      = {"gap",      false, gap_members},
    [EVENT_PONG]     = {"pong",     false, pong_members},
    [EVENT_BYE]      = {"bye",      false, bye_members},
    [EVENT_RECEIPT]  = {"receipt",  false, receipt_members},
    [EVENT_ERROR]    = {"error",    false, error_members},
    [EVENT_PRESENCE] = {"presence", false, presence_members},
    [EVENT_TYPING]   = {"typing",   false, typing_members},
    [EVENT_UNKNOWN]  = {"unknown",  false, no_members},
};
/* clang-format on */

void
event_fini(struct event *event)
{
    free(event->text);
    json_decref(event->json);
    *event = (struct event){0};
}

const char *
event_type_name(enum event_type type)
{
    assert(type < EVENT_TYPE_COUNT);
    return kinds[type].name;
}

bool
event_type_is_logged(enum event_type type)
{
    assert(type < EVENT_TYPE_COUNT);
    return kinds[type].is_logged;
}

const char *
presence_name(enum presence presence)
{
    return presences[presence];
}

int
presence_parse(const char *name, enum presence *ret_presence)
{
    for (size_t i = 0; presences[i] != NULL; i++)
        if (strcmp(presences[i], name) == 0) {
            *ret_presence = (enum presence)i;
            return 0;
        }

    return -EINVAL;
}

static bool
is_wanted(const struct member *member, const struct event *event)
{
    return member->is_wanted == NULL || member->is_wanted(event);
}

static void
put_members(struct buf *out, const struct member *members, const struct event *event)
{
    for (const struct member *member = members; member->key != NULL; member++) {
        const void *field = (const char *)event + member->offset;
        if (!is_wanted(member, event) || (member->is_optional && member->form->is_none(field)))
            continue;

        buf_add_byte(out, ',');
        buf_add_json(out, member->key);
        buf_add_byte(out, ':');
        member->form->put(out, member->words, field);
    }
}

void
event_encode(struct buf *out, const struct event *event)
{
    assert(event->type < EVENT_UNKNOWN && event->type != EVENT_HELLO);

    const struct kind *kind = &kinds[event->type];
    buf_addf(out, "{\"type\":\"%s\"", kind->name);
    if (kind->is_logged)
        put_members(out, logged_members, event);
    put_members(out, kind->members, event);
    buf_add_byte(out, '}');
}

static enum event_type
type_from_name(const char *name)
{
    for (size_t i = 0; i < EVENT_UNKNOWN; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return (enum event_type)i;

    return EVENT_UNKNOWN;
}

static int
take_members(const struct member *members, struct event *event, char *why, size_t why_size)
{
    for (const struct member *member = members; member->key != NULL; member++) {
        const json_t *value = json_object_get(event->json, member->key);
        if (!is_wanted(member, event) || (member->is_optional && value == NULL))
            continue;

        const char *fault =
            member->form->take(member->words, value, (char *)event + member->offset);
        if (fault != NULL) {
            snprintf(why, why_size, "%s: %s %s: %s", event_type_name(event->type), member->key,
                     value == NULL ? "missing" : "malformed", fault);
            return -EINVAL;
        }
    }

    return 0;
}

/* A kind of a later version may be the log's: where it has their members, a reader can move its
 * position past it and say whom and where it came from. */
static void
take_what_fits(struct event *event)
{
    for (const struct member *member = logged_members; member->key != NULL; member++)
        member->form->take(member->words, json_object_get(event->json, member->key),
                           (char *)event + member->offset);
}

static int
take_event(struct event *event, char *why, size_t why_size)
{
    const char *name = json_member_string(event->json, "type");

    if (name == NULL) {
        snprintf(why, why_size, "event without a type: wanted an object with \"type\":\"...\"");
        return -EINVAL;
    }

    event->type = type_from_name(name);
    if (event->type == EVENT_UNKNOWN) {
        take_what_fits(event);
        return 0;
    }

    if (event_type_is_logged(event->type) && take_members(logged_members, event, why, why_size) < 0)
        return -EINVAL;

    return take_members(kinds[event->type].members, event, why, why_size);
}

int
event_decode(const char *text, size_t len, struct event *ret_event, char *why, size_t why_size)
{
    struct event event = {.json = json_parse(text, len, why, why_size)};

    if (event.json == NULL)
        return -EINVAL;

    if (take_event(&event, why, why_size) < 0) {
        event_fini(&event);
        return -EINVAL;
    }

    *ret_event = event;
    return 0;
}
