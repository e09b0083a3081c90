#include "common/names.h"

#include "common/util.h"

#include <stdio.h>
#include <string.h>

#define NAME_BYTES "abcdefghijklmnopqrstuvwxyz0123456789-_."

static bool
has_only_name_bytes(const char *text)
{
    return text[strspn(text, NAME_BYTES)] == '\0';
}

const char *
user_name_fault(const char *name)
{
    if (*name == '\0')
        return "user name empty: wanted 1-32 bytes";
    if (strlen(name) > USER_MAX)
        return "user name too long: at most 32 bytes";
    if (!has_only_name_bytes(name))
        return "user name has a forbidden byte: wanted only a-z 0-9 - _ .";
    if (strchr("-_.", *name) != NULL)
        return "user name starts with a mark: wanted a letter or digit first";

    return NULL;
}

const char *
room_name_fault(const char *name)
{
    if (*name != '#')
        return "room name has no mark: wanted # and 1-63 of a-z 0-9 - _ .";
    if (name[1] == '\0')
        return "room name empty: wanted # and 1-63 of a-z 0-9 - _ .";
    if (strlen(name) > ROOM_MAX)
        return "room name too long: at most 64 bytes, # included";
    if (!has_only_name_bytes(name + 1))
        return "room name has a forbidden byte: wanted only a-z 0-9 - _ . after the #";

    return NULL;
}

const char *
target_name_fault(const char *name)
{
    if (*name == '#')
        return room_name_fault(name);
    if (*name == '@')
        return user_name_fault(name + 1);

    return "room has no mark: wanted #room or @user";
}

void
name_lower(char *dst, size_t size, const char *src)
{
    size_t i = 0;

    for (; i + 1 < size && src[i] != '\0'; i++)
        dst[i] = src[i] >= 'A' && src[i] <= 'Z' ? (char)(src[i] - 'A' + 'a') : src[i];
    if (size > 0)
        dst[i] = '\0';
}

void
direct_key(char dst[ROOM_KEY_SIZE], const char *a, const char *b)
{
    bool in_order = strcmp(a, b) <= 0;

    snprintf(dst, ROOM_KEY_SIZE, "@%.*s,%.*s", USER_MAX, in_order ? a : b, USER_MAX,
             in_order ? b : a);
}

bool
room_key_is_direct(const char *key)
{
    return *key == '@';
}

static bool
name_equals(const char *name, size_t len, const char *reader)
{
    return strlen(reader) == len && memcmp(name, reader, len) == 0;
}

void
direct_other(char dst[USER_SIZE], const char *key, const char *reader)
{
    const char *comma = strchr(key, ',');

    dst[0] = '\0';
    if (!room_key_is_direct(key) || comma == NULL)
        return;

    const char *first = key + 1, *second = comma + 1;
    size_t first_len = (size_t)(comma - first), second_len = strlen(second);
    if (name_equals(first, first_len, reader))
        snprintf(dst, USER_SIZE, "%s", second);
    else if (name_equals(second, second_len, reader))
        snprintf(dst, USER_SIZE, "%.*s", (int)first_len, first);
}

void
room_key_seen_by(char dst[ROOM_KEY_SIZE], const char *key, const char *reader)
{
    char other[USER_SIZE];

    if (!room_key_is_direct(key)) {
        snprintf(dst, ROOM_KEY_SIZE, "%s", key);
        return;
    }

    direct_other(other, key, reader);
    snprintf(dst, ROOM_KEY_SIZE, "%s%s", *other != '\0' ? "@" : "", other);
}
