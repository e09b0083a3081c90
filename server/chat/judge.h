/* The binding check of every command, on the appender's thread, against the chat's own state. The
 * commands are rows of a table (commands.c): check says why not, run says what it becomes. */
#pragma once

#include "server/log/append.h"

struct accounts;
struct rooms;

/* A row. check: 0, or -1 with the refusal. changes: false when there is nothing to do (joining
 * where one is); NULL: there always is. It is asked after check has passed. run fills event's own
 * members (text, action); NULL: it has none. type, room, from, guest, id, at_ms, seq, rseq are
 * filled for it. */
struct command_ops {
    enum command_type command;
    enum event_type event;
    int (*check)(const struct rooms *rooms, const struct accounts *accounts,
                 const struct append_item *item, struct refusal *ret_refusal);
    bool (*changes)(const struct rooms *rooms, const struct append_item *item);
    void (*run)(const struct append_item *item, struct event *event);
    /* which records the event changes, after it was applied; a room that it made has its record too
     */
    bool changes_room, changes_member;
};
extern const struct command_ops
    *const command_rows[]; /* by enum command_type; NULL: not for the log */

/* rooms, accounts: borrowed. rooms must be loaded. */
struct judge *judge_create(struct rooms *rooms, const struct accounts *accounts);
void judge_destroy(struct judge *judge);
