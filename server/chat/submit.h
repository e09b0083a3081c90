/* From a decoded command to an item for the appender: what a worker can say at once, without the
 * log's thread. */
#pragma once

#include "common/command.h"
#include "server/chat/identity.h"
#include "server/log/append.h"

struct accounts;
struct hold;
struct limits;
struct rooms;

#define ROOM_LOBBY "#lobby" /* everybody is put in here when they first come */

/* One command's worth of the user's rate: 0, or -1 with rate_limited and how long to wait. */
int submit_take_rate(struct limits *limits, const struct identity *who,
                     struct refusal *ret_refusal);

/* The user's rate and hold's order (NULL: none is kept), whether the other one of a direct
 * conversation is anybody, and "@bob" to the conversation's key. Rooms are not looked at: a
 * worker's replica may lag behind a join that was accepted, so the judge alone decides. command is
 * one for the log. 0 with *ret_item filled (command is taken), or -1 with the refusal (command
 * stays the caller's). */
int submit_prepare(struct command *command, const struct identity *who,
                   const struct accounts *accounts, struct limits *limits, struct hold *hold,
                   struct append_item *ret_item, struct refusal *ret_refusal);

/* "#room" or "@bob", where who may speak, to its key in the worker's replica: which may lag behind,
 * so this is for what is not for the log alone. 0, or -1 with the refusal. */
int submit_find_room(const char *room, const struct identity *who, const struct accounts *accounts,
                     const struct rooms *rooms, char ret_key[ROOM_KEY_SIZE],
                     struct refusal *ret_refusal);

/* Fills a zeroed item by which who enters or leaves room, as if he had said so himself. */
void submit_membership(enum command_type type, const struct identity *who, const char *room,
                       struct append_item *ret_item);
