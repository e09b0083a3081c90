/* One event, as the log keeps it and as it travels down: JSON in, JSON out.
 *
 * The kinds are rows of a table in event.c: name, whether the log keeps it, which members it has.
 */
#pragma once

#include "common/cursor.h"
#include "common/id.h"
#include "common/names.h"
#include "common/refusal.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

enum event_type {
    /* the log's: seq, rseq, room, from, id and at are set */
    EVENT_MESSAGE,
    EVENT_JOIN,
    EVENT_PART,
    EVENT_TOPIC,
    /* a reader's own, never in the log */
    EVENT_HELLO,
    EVENT_GAP,
    EVENT_PONG,
    EVENT_BYE,
    EVENT_RECEIPT,
    EVENT_ERROR,
    EVENT_PRESENCE, /* of another one; it is not kept, and may be lost */
    EVENT_TYPING,   /* likewise */
    EVENT_UNKNOWN,  /* a type this version does not know; json has it all, and the members that the
                       log's have in common are filled where they are well formed */
    EVENT_TYPE_COUNT,
};

enum gap_reason { GAP_TRIMMED, GAP_EPOCH, GAP_RIGHTS };
enum presence { PRESENCE_OFFLINE, PRESENCE_AWAY, PRESENCE_ONLINE };
enum hello_result { HELLO_NEW, HELLO_RESUMED, HELLO_GAP };

/* Only the members of its type are set, the others are zero. Which those are is said in protocol.md
 * and rtchat-protocol(7). */
struct event {
    enum event_type type;
    uint64_t seq;  /* 0: none. In a receipt 0 is sent as null: accepted, and nothing changed */
    uint64_t rseq; /* 0: none */
    int64_t at_ms;
    char room[ROOM_KEY_SIZE]; /* in the log its key; on the wire what the reader sees */
    char from[USER_SIZE];
    char id[ID_SIZE];
    char *text; /* owned; valid UTF-8 in NFC; NULL: none. A bye's reason stands here */
    bool action;
    bool guest; /* from is a guest. In memory only, from the judge to the rooms' replicas: it is
                   neither encoded nor decoded */

    struct cursor cursor; /* hello, pong, and gap where set: this reader's position */
    struct cursor head;   /* hello, pong */
    uint64_t gap_from;    /* gap; 0 is sent as null */
    uint64_t gap_to;
    enum gap_reason gap_reason;
    enum hello_result result;
    int64_t delay_ms;       /* bye */
    char user[USER_SIZE];   /* presence, typing: who */
    enum presence presence; /* presence; its text is an away's, or NULL */
    char nonce[ID_SIZE];    /* pong, receipt of a ping; "" none */
    struct refusal refusal; /* error */

    json_t *json; /* after event_decode: the whole object, for rarely used members (hello's
                            rooms and limits); owned. NULL in events that were not decoded */
};

void event_fini(struct event *event);

const char *event_type_name(enum event_type type);
bool event_type_is_logged(enum event_type type);
const char *presence_name(enum presence presence);
/* -EINVAL for a word that is none. */
int presence_parse(const char *name, enum presence *ret_presence);

/* Appends the event as one line of JSON without a newline. room stands as it is in the event. Every
 * type but EVENT_HELLO and EVENT_UNKNOWN. */
void event_encode(struct buf *out, const struct event *event);

/* Reads one JSON object of a type this knows, or EVENT_UNKNOWN. 0, or -EINVAL with why filled when
 * it is not an object, not UTF-8, has no type, or a member of its type is missing or malformed. On
 * success the caller ends with event_fini. */
int event_decode(const char *text, size_t len, struct event *ret_event, char *why, size_t why_size);
