/* What is appended to the log: a batch of items, each a command or a change of a record, committed
 * together. A record is a small named value that the chat keeps beside the events: an account, a
 * session, a room, a membership. */
#pragma once

#include "common/command.h"
#include "common/event.h"
#include "common/refusal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct entry;

#define RECORD_KEY_SIZE 160
#define OWNER_SIZE      64
#define APPEND_RECORDS  2    /* records that one command changes at most */
#define APPEND_RETRY_MS 1000 /* retry_after_ms of what could not be stored */

struct record {
    char key[RECORD_KEY_SIZE]; /* "user/ann", "session/4f…", "room/#ops", "member/#ops/ann" */
    char *value;               /* owned JSON text; NULL deletes */
};
void record_fini(struct record *record);

enum append_kind {
    APPEND_COMMAND,
    APPEND_RECORD,
    APPEND_CHECK, /* changes nothing: the record's key must be as must_be_new or must_be_there says,
                     for the sake of the items that need it */
};

enum append_outcome {
    APPEND_PENDING,
    APPEND_ACCEPTED,  /* event.seq is its place; or the record is stored */
    APPEND_REPEATED,  /* this owner's id was accepted before with the same content: seq is the
                         first's */
    APPEND_UNCHANGED, /* accepted, and nothing to change: no event */
    APPEND_REFUSED,   /* refusal says why; nothing changed */
};

struct append_item {
    enum append_kind kind;
    bool needs_previous; /* refused unless the item before it in its job was accepted (or repeated,
                            or unchanged) */

    /* APPEND_COMMAND: owned by the item */
    char user[USER_SIZE];   /* who says it */
    char owner[OWNER_SIZE]; /* whose ids: the user's identity, which a later guest of that name has
                               not */
    struct command command; /* room is the room's key here ("@ann,bob"), always one for the log */

    /* APPEND_RECORD, APPEND_CHECK */
    struct record record;
    bool must_be_new;   /* refused with REFUSAL_CONFLICT when the key is there */
    bool must_be_there; /* refused with REFUSAL_NOT_FOUND when it is not: what is used up by being
                           deleted is so once */

    /* the answer */
    enum append_outcome outcome;
    uint64_t seq;
    struct refusal refusal;
};

/* The same content, whatever the id: what a repeat is compared by. FNV-1a or better over all
 * members but the id; stable across versions and machines, since it is stored. */
uint64_t append_digest(const struct append_item *item);

/* What the binding check makes of one command that is not a repeat. */
struct verdict {
    enum append_outcome outcome; /* ACCEPTED, UNCHANGED or REFUSED */
    struct refusal refusal;      /* when refused */
    struct event event;          /* when accepted: complete but for nothing; seq as given */
    struct record records[APPEND_RECORDS]; /* when accepted: what changes with it */
    size_t record_count;
};

/* The chat's binding check, called by a store inside its transaction, on the appender's thread, one
 * item after another: begin, check…, then committed or rolled_back. What check changed in the
 * chat's own state it takes back on rolled_back. */
struct judge {
    void (*begin)(struct judge *judge);
    /* seq: what the event gets if it is accepted. now_ms: the batch's wall clock. */
    void (*check)(struct judge *judge, const struct append_item *item, uint64_t seq, int64_t now_ms,
                  struct verdict *ret_verdict);
    void (*committed)(struct judge *judge);
    void (*rolled_back)(struct judge *judge);
};

/* Where everything that was committed comes out, in the log's order, on the store's own thread. The
 * entries' references are borrowed. Records come before the entries of the same batch.
 *
 * settle follows when the answers of the batch are handed out too, so that who waits for an event
 * and who waits for an answer are woken once, for both. Any thread; what publish gave shows to
 * nobody before. */
struct sink {
    void (*publish)(struct sink *sink, const struct record *records, size_t record_count,
                    struct entry *const *entries, size_t entry_count);
    void (*settle)(struct sink *sink);
};
