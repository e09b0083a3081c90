/* libFuzzer target: whatever json_parse lets in is UTF-8, no deeper than it says, without U+0000,
 * and the same value when it is written and read again. */
#include "common/json.h"

#include "tests/fuzz/must.h"

static int
depth_of(const json_t *value)
{
    const char *key;
    json_t *member;
    size_t index;
    int deepest = 0;

    json_object_foreach((json_t *)(uintptr_t)value, key, member)
    {
        int depth = depth_of(member);
        deepest = depth > deepest ? depth : deepest;
    }
    json_array_foreach(value, index, member)
    {
        int depth = depth_of(member);
        deepest = depth > deepest ? depth : deepest;
    }

    return json_is_object(value) || json_is_array(value) ? deepest + 1 : 0;
}

static void
look_at_string(const json_t *value)
{
    if (!json_is_string(value))
        return;
    MUST(strlen(json_string_value(value)) == json_string_length(value));
    MUST(text_is_utf8(json_string_value(value), json_string_length(value)));
}

static void
look_at_members(const json_t *object)
{
    const char *key;
    json_t *member;

    json_object_foreach((json_t *)(uintptr_t)object, key, member)
    {
        uint64_t number = 77;
        bool is_number = json_member_u64(object, key, &number);

        look_at_string(member);
        MUST((json_member_string(object, key) != NULL) == json_is_string(member));
        MUST(is_number == (json_is_integer(member) && json_integer_value(member) >= 0));
        MUST(number == (is_number ? (uint64_t)json_integer_value(member) : 77));
        MUST(json_member_bool(object, key, true) == !json_is_false(member));
        MUST(json_member_bool(object, key, false) == json_is_true(member));
    }
    MUST(json_member_string(object, "\x01") == NULL);
}

static void
write_and_read_again(const json_t *value)
{
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    char why[100] = "";

    MUST(text != NULL);
    json_t *again = json_parse(text, strlen(text), why, sizeof(why));
    MUST(again != NULL);
    MUST(json_equal(value, again));
    json_decref(again);
    free(text);
}

/* A short why must not be overrun. */
static void
refuse_shortly(const char *text, size_t len)
{
    char *why = calloc(1, 8);

    MUST(json_parse(text, len, why, 8) == NULL);
    MUST(strlen(why) == 7);
    free(why);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    char why[100] = "";
    json_t *value = json_parse(text, size, why, sizeof(why));

    if (value == NULL) {
        MUST(is_sentence(why));
        refuse_shortly(text, size);
        return 0;
    }

    MUST(text_is_utf8(text, size));
    MUST(depth_of(value) <= JSON_DEPTH_MAX);
    look_at_string(value);
    look_at_members(value);
    write_and_read_again(value);
    json_decref(value);
    return 0;
}
