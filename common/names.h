/* Names of users and rooms: their rules and their canonical forms. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define USER_MAX      32 /* bytes of a user's name */
#define USER_SIZE     (USER_MAX + 1)
#define ROOM_MAX      64 /* bytes of "#room", the mark included */
#define ROOM_SIZE     (ROOM_MAX + 1)
#define ROOM_KEY_SIZE 72 /* of a room's key in the log: "#room" or "@ann,bob" */

/* NULL when name keeps the rule, else what was wrong and what was wanted, a static sentence.
 * A user is 1-32 of a-z 0-9 - _ . and starts with a letter or digit. */
const char *user_name_fault(const char *name);
/* "#" and 1-63 of a-z 0-9 - _ . */
const char *room_name_fault(const char *name);
/* What a command's `room` may be: "#room" or "@user". */
const char *target_name_fault(const char *name);

/* Lower-cases A-Z; nothing else changes. dst may be src. */
void name_lower(char *dst, size_t size, const char *src);

/* The key of a conversation of two: "@" and both names in byte order, joined by a comma, so that
 * both sides give the same key. A conversation with oneself is "@ann,ann". */
void direct_key(char dst[ROOM_KEY_SIZE], const char *a, const char *b);
bool room_key_is_direct(const char *key);
/* The other person's name in a direct key as reader sees it ("" when reader is no part of it). */
void direct_other(char dst[USER_SIZE], const char *key, const char *reader);
/* What reader sees as `room`: "#room" as it is, "@ann,bob" as "@bob" for ann, "" for anyone else.
 */
void room_key_seen_by(char dst[ROOM_KEY_SIZE], const char *key, const char *reader);
