/* What was said and is not yet receipted, on disk: a line that was typed is never lost.
 *
 * An append-only file with an fsync before outbox_add returns; compacted when it is read again. Its
 * owner holds a lock: a second client of the same account on the machine gets a file of its own,
 * and takes over those that nobody holds (a client that was killed). */
#pragma once

#include "common/command.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum outbox_state {
    OUTBOX_QUEUED,  /* not sent, or sent on a connection that died before the receipt */
    OUTBOX_SENT,    /* on its way on this connection */
    OUTBOX_REFUSED, /* the server said no: stays until it is dropped or said again with another id
                     */
};

struct outbox_item {
    struct command command; /* its id is kept for ever: a re-send has one effect */
    enum outbox_state state;
    bool is_logged;  /* it came down again: said, whatever becomes of its receipt */
    int64_t at_ms;   /* when it was typed */
    int64_t sent_us; /* monotonic, when it was sent first; 0: not since this program began. The
                        link's: the outbox does not look at it */
    struct refusal refusal;
    struct outbox_item *next; /* in the order it was typed */
};

struct outbox;

/* directory: the state directory's, made 0700 when needed; account: "user@host:port". NULL with why
 * filled when it cannot be made. What lay in the files taken over is there, queued, in order. */
struct outbox *outbox_open(const char *directory, const char *account, char *why, size_t why_size);
void outbox_close(struct outbox *outbox); /* what is not receipted stays on disk */

/* Takes command (text moves; it is empty after, also when this fails). On disk when it returns.
 * NULL with why when it is not (disk full): nothing is queued then. */
struct outbox_item *outbox_add(struct outbox *outbox, struct command *command, char *why,
                               size_t why_size);
struct outbox_item *outbox_first(const struct outbox *outbox); /* oldest; follow next */
struct outbox_item *outbox_find(const struct outbox *outbox, const char *id);
/* Receipted, or dropped by the user: gone from disk and memory. */
void outbox_remove(struct outbox *outbox, struct outbox_item *item);
void outbox_refuse(struct outbox *outbox, struct outbox_item *item, const struct refusal *refusal);
/* The connection carries it now, or is gone. Not on disk: after a restart it is queued again. */
void outbox_sent(struct outbox *outbox, struct outbox_item *item);
void outbox_requeue(struct outbox *outbox, struct outbox_item *item);
void outbox_requeue_sent(struct outbox *outbox); /* all of them */
/* The log has it, before its receipt: gone from disk, and in memory until it is removed. Not of a
 * refused one. */
void outbox_logged(struct outbox *outbox, struct outbox_item *item);
size_t outbox_unsent(const struct outbox *outbox); /* queued or sent, and not logged */
size_t outbox_count(const struct outbox *outbox, enum outbox_state state);
bool outbox_is_empty(const struct outbox *outbox); /* refused ones do not count */
/* What could not be read when it was opened, and where it was kept; NULL: nothing. A last line that
 * a crash cut off never counted as kept and is not told here. */
const char *outbox_damage(const struct outbox *outbox);

/* The half-typed line of one window, kept the same way but without an fsync. text NULL forgets it.
 */
void outbox_save_draft(struct outbox *outbox, const char *window, const char *text);
const char *outbox_draft(const struct outbox *outbox, const char *window); /* NULL: none */
