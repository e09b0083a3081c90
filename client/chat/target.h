/* Names as people type them in commands. */
#pragma once

#include "common/names.h"

#include <stddef.h>

struct chat;

/* "ops" or "#Ops": "#ops"; NULL or why not. */
const char *target_room(struct chat *chat, const char *typed, char dst[ROOM_KEY_SIZE]);
/* "bob" or "@Bob": "@bob". */
const char *target_user(struct chat *chat, const char *typed, char dst[ROOM_KEY_SIZE]);
/* "#ops" is a room, all else a user. */
const char *target_any(struct chat *chat, const char *typed, char dst[ROOM_KEY_SIZE]);
/* The room of the argument, or without one (NULL) the current window's. */
const char *target_this_room(struct chat *chat, const char *typed, char dst[ROOM_KEY_SIZE]);
