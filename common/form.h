/* Forms: how a value looks in a C struct and in JSON, one row a form. A codec's table says which
 * member has which form (see event.c). */
#pragma once

#include <jansson.h>
#include <stdbool.h>

struct buf;

struct form {
    /* Appends the field as JSON. words is of use to form_word only, the others take NULL. */
    void (*put)(struct buf *out, const char *const *words, const void *field);
    /* NULL with the field filled, or a static sentence of what was wanted and the field as it was.
     * value may be NULL: the member is missing. */
    const char *(*take)(const char *const *words, const json_t *value, void *field);
    /* Whether the field holds nothing, so that an optional member is left out. NULL where it always
     * holds something. */
    bool (*is_none)(const void *field);
};

extern const struct form form_u64;         /* uint64_t */
extern const struct form form_seq;         /* uint64_t, from 1 up; 0 is none */
extern const struct form form_seq_or_null; /* the same, but 0 is null in JSON */
extern const struct form form_ms;          /* int64_t milliseconds, from 0 up; 0 is none */
extern const struct form form_time;        /* int64_t wall clock; RFC 3339 in JSON */
extern const struct form form_bool;        /* bool; false is none */
extern const struct form form_id;          /* char[ID_SIZE]; "" is none, here and below */
extern const struct form form_epoch;       /* char[EPOCH_SIZE] */
extern const struct form form_user;        /* char[USER_SIZE] */
extern const struct form form_room;        /* char[ROOM_KEY_SIZE]: "#room", "@user" or "@ann,bob" */
extern const struct form form_text;        /* char *, taken as a fresh copy; NULL is none */
extern const struct form form_cursor;      /* struct cursor; the oldest is none */
extern const struct form form_word;        /* an enum from 0 up: words[value], NULL behind */
