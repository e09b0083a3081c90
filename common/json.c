#include "common/json.h"

#include <stdio.h>
#include <string.h>

/* jansson recurses once a level, so the depth is known before it is let at the text. What stands in
 * a string does not count; text that is no JSON may be miscounted, and is refused either way. */
static bool
is_too_deep(const char *text, size_t len)
{
    int depth = 0;
    bool in_string = false;

    for (size_t i = 0; i < len; i++) {
        char byte = text[i];
        if (in_string && byte == '\\')
            i++;
        else if (byte == '"')
            in_string = !in_string;
        else if (!in_string && (byte == '[' || byte == '{') && ++depth > JSON_DEPTH_MAX)
            return true;
        else if (!in_string && (byte == ']' || byte == '}'))
            depth--;
    }

    return false;
}

/* jansson's own sentence quotes the text around the fault, which may be a message that nobody but
 * its readers is to see; ours does not. */
static const char *
fault_of(const json_error_t *error)
{
    switch (json_error_code(error)) {
    case json_error_duplicate_key: return "a key stands twice in one object";
    case json_error_null_character:
    case json_error_null_byte_in_key: return "U+0000 in a string";
    case json_error_invalid_utf8: return "not UTF-8";
    case json_error_premature_end_of_input: return "it ends too soon";
    case json_error_end_of_input_expected: return "more than one value";
    case json_error_numeric_overflow: return "a number out of range";
    case json_error_stack_overflow: return "nested too deep";
    case json_error_unknown:
    case json_error_out_of_memory:
    case json_error_cannot_open_file:
    case json_error_invalid_argument:
    case json_error_invalid_syntax:
    case json_error_invalid_format:
    case json_error_wrong_type:
    case json_error_null_value:
    case json_error_item_not_found:
    case json_error_index_out_of_range: return "bad syntax";
    }

    return "bad syntax";
}

json_t *
json_parse(const char *text, size_t len, char *why, size_t why_size)
{
    if (len > 0 && memchr(text, '\0', len) != NULL) {
        snprintf(why, why_size, "not JSON: a NUL byte");
        return NULL;
    }
    if (is_too_deep(text, len)) {
        snprintf(why, why_size, "JSON nested too deep: at most %d levels", JSON_DEPTH_MAX);
        return NULL;
    }

    json_error_t error = {0};
    json_t *value =
        json_loadb(len > 0 ? text : "", len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (value == NULL)
        snprintf(why, why_size, "not JSON: %s at byte %d", fault_of(&error), error.position);

    return value;
}

const char *
json_member_string(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

bool
json_member_u64(const json_t *object, const char *key, uint64_t *ret_value)
{
    const json_t *member = json_object_get(object, key);

    if (!json_is_integer(member) || json_integer_value(member) < 0)
        return false;

    *ret_value = (uint64_t)json_integer_value(member);
    return true;
}

bool
json_member_bool(const json_t *object, const char *key, bool fallback)
{
    const json_t *member = json_object_get(object, key);

    return json_is_boolean(member) ? json_is_true(member) : fallback;
}
