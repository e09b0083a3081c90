/* One command, as it travels up: what a client asks the chat to do. */
#pragma once

#include "common/id.h"
#include "common/names.h"
#include "common/refusal.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct buf;

enum command_type {
    COMMAND_SAY,
    COMMAND_JOIN,
    COMMAND_PART,
    COMMAND_TOPIC,
    COMMAND_PING, /* from here on: not for the log */
    COMMAND_AWAY,
    COMMAND_TYPING,
    COMMAND_TYPE_COUNT,
};

struct command {
    enum command_type type;
    char id[ID_SIZE];         /* "" only in what is not for the log */
    char room[ROOM_KEY_SIZE]; /* "#room" or "@user" as the client says it; "" in ping and away */
    char *text; /* owned, NFC; say, topic and away; a topic may be "" (it clears the topic); NULL in
                   an away: back again */
    bool action;
    char nonce[ID_SIZE]; /* ping */
};

void command_init(struct command *command);
void command_fini(struct command *command);

const char *command_type_name(enum command_type type);
/* Whether it becomes an event of the log; such a one must have an id. */
bool command_type_is_logged(enum command_type type);

/* Checks shape and rule of each member; the text comes out normalised. 0 with *ret_command filled
 * (the caller ends with command_fini), or -1 with ret_refusal filled: bad_request when it is no
 * object, unknown_command, invalid (a member is missing, of the wrong type or out of its rule).
 * Even then ret_command->id is set where the object had a valid id, so that the refusal can name
 * it; nothing else in it is. Unknown members are passed over. */
int command_decode(const json_t *object, struct command *ret_command, struct refusal *ret_refusal);

/* Appends the command as one line of JSON without a newline. */
void command_encode(struct buf *out, const struct command *command);
