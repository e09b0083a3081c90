#include "common/form.h"

#include "common/buf.h"
#include "common/clock.h"
#include "common/cursor.h"
#include "common/id.h"
#include "common/names.h"
#include "common/util.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void
put_u64(struct buf *out, const char *const *words, const void *field)
{
    buf_addf(out, "%" PRIu64, *(const uint64_t *)field);
}

static const char *
take_u64(const char *const *words, const json_t *value, void *field)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return "wanted a number from 0 up";

    *(uint64_t *)field = (uint64_t)json_integer_value(value);
    return NULL;
}

static bool
is_no_u64(const void *field)
{
    return *(const uint64_t *)field == 0;
}

const struct form form_u64 = {put_u64, take_u64, NULL};

static const char *
take_seq(const char *const *words, const json_t *value, void *field)
{
    if (!json_is_integer(value) || json_integer_value(value) < 1)
        return "wanted a number from 1 up";

    return take_u64(words, value, field);
}

const struct form form_seq = {put_u64, take_seq, is_no_u64};

static void
put_seq_or_null(struct buf *out, const char *const *words, const void *field)
{
    if (*(const uint64_t *)field == 0)
        buf_add_str(out, "null");
    else
        put_u64(out, words, field);
}

static const char *
take_seq_or_null(const char *const *words, const json_t *value, void *field)
{
    if (!json_is_null(value))
        return take_seq(words, value, field);

    *(uint64_t *)field = 0;
    return NULL;
}

const struct form form_seq_or_null = {put_seq_or_null, take_seq_or_null, NULL};

static void
put_ms(struct buf *out, const char *const *words, const void *field)
{
    buf_addf(out, "%" PRId64, *(const int64_t *)field);
}

static const char *
take_ms(const char *const *words, const json_t *value, void *field)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return "wanted milliseconds from 0 up";

    *(int64_t *)field = json_integer_value(value);
    return NULL;
}

static bool
is_no_ms(const void *field)
{
    return *(const int64_t *)field <= 0;
}

const struct form form_ms = {put_ms, take_ms, is_no_ms};

static void
put_time(struct buf *out, const char *const *words, const void *field)
{
    char stamp[CLOCK_STAMP_SIZE];

    clock_format(stamp, *(const int64_t *)field);
    buf_addf(out, "\"%s\"", stamp);
}

static const char *
take_time(const char *const *words, const json_t *value, void *field)
{
    if (!json_is_string(value) || clock_parse(json_string_value(value), field) < 0)
        return "wanted a time such as \"2026-01-31T12:00:00.123Z\"";

    return NULL;
}

const struct form form_time = {put_time, take_time, NULL};

/* Names and ids: an array of char in the event. */
static void
put_chars(struct buf *out, const char *const *words, const void *field)
{
    buf_add_json(out, field);
}

static bool
is_no_chars(const void *field)
{
    return *(const char *)field == '\0';
}

static const char *
take_id(const char *const *words, const json_t *value, void *field)
{
    if (!json_is_string(value) || !id_is_valid(json_string_value(value)))
        return "wanted 1-64 of A-Z a-z 0-9 - _ : .";

    str_copy(field, ID_SIZE, json_string_value(value));
    return NULL;
}

const struct form form_id = {put_chars, take_id, is_no_chars};

static const char *
take_epoch(const char *const *words, const json_t *value, void *field)
{
    if (!json_is_string(value) || !epoch_is_valid(json_string_value(value)))
        return "wanted 1-16 of a-z 0-9";

    str_copy(field, EPOCH_SIZE, json_string_value(value));
    return NULL;
}

const struct form form_epoch = {put_chars, take_epoch, is_no_chars};

static const char *
take_user(const char *const *words, const json_t *value, void *field)
{
    const char *fault =
        json_is_string(value) ? user_name_fault(json_string_value(value)) : "wanted a string";

    if (fault == NULL)
        str_copy(field, USER_SIZE, json_string_value(value));
    return fault;
}

const struct form form_user = {put_chars, take_user, is_no_chars};

/* A key in the log, "@ann,bob": two users in byte order. */
static bool
is_direct_key(const char *room)
{
    char first[USER_SIZE], key[ROOM_KEY_SIZE];
    const char *comma = strchr(room, ',');

    if (comma == NULL || comma == room || (size_t)(comma - room) > USER_MAX + 1)
        return false;

    snprintf(first, sizeof(first), "%.*s", (int)(comma - room - 1), room + 1);
    if (user_name_fault(first) != NULL || user_name_fault(comma + 1) != NULL)
        return false;

    direct_key(key, first, comma + 1);
    return strcmp(key, room) == 0;
}

static const char *
take_room(const char *const *words, const json_t *value, void *field)
{
    const char *room = json_string_value(value);
    const char *fault = room != NULL ? target_name_fault(room) : "wanted a string";

    if (fault != NULL && (room == NULL || !is_direct_key(room)))
        return fault;

    str_copy(field, ROOM_KEY_SIZE, room);
    return NULL;
}

const struct form form_room = {put_chars, take_room, is_no_chars};

static void
put_text(struct buf *out, const char *const *words, const void *field)
{
    const char *text = *(char *const *)field;

    buf_add_json(out, text != NULL ? text : "");
}

static const char *
take_text(const char *const *words, const json_t *value, void *field)
{
    if (!json_is_string(value))
        return "wanted a string";

    *(char **)field = xstrdup(json_string_value(value));
    return NULL;
}

static bool
is_no_text(const void *field)
{
    return *(char *const *)field == NULL;
}

const struct form form_text = {put_text, take_text, is_no_text};

static void
put_bool(struct buf *out, const char *const *words, const void *field)
{
    buf_add_str(out, *(const bool *)field ? "true" : "false");
}

static const char *
take_bool(const char *const *words, const json_t *value, void *field)
{
    if (!json_is_boolean(value))
        return "wanted true or false";

    *(bool *)field = json_is_true(value);
    return NULL;
}

static bool
is_false(const void *field)
{
    return !*(const bool *)field;
}

const struct form form_bool = {put_bool, take_bool, is_false};

static void
put_cursor(struct buf *out, const char *const *words, const void *field)
{
    char text[CURSOR_SIZE];

    cursor_format(text, field);
    buf_addf(out, "\"%s\"", text);
}

static const char *
take_cursor(const char *const *words, const json_t *value, void *field)
{
    if (!json_is_string(value) || cursor_parse(json_string_value(value), field) < 0)
        return "wanted a cursor, \"<epoch>-<seq>\"";

    return NULL;
}

static bool
is_no_cursor(const void *field)
{
    return cursor_is_oldest(field);
}

const struct form form_cursor = {put_cursor, take_cursor, is_no_cursor};

/* An enum whose values begin at 0 is an unsigned int for gcc and clang. */
static void
put_word(struct buf *out, const char *const *words, const void *field)
{
    buf_add_json(out, words[*(const unsigned *)field]);
}

static const char *
take_word(const char *const *words, const json_t *value, void *field)
{
    for (unsigned i = 0; json_is_string(value) && words[i] != NULL; i++)
        if (strcmp(words[i], json_string_value(value)) == 0) {
            *(unsigned *)field = i;
            return NULL;
        }

    return "wanted a word that the protocol knows";
}

const struct form form_word = {put_word, take_word, NULL};
