/* An event as the log keeps it in memory: immutable, encoded once, shared by reference.
 *
 * One event is framed at most once per dress, whoever reads it on whichever worker: all but
 * DRESS_SSE when it is made, that one when it is first asked for, so that a chat without such
 * readers pays nothing for it. An event of a direct conversation has two sides, since `room` names
 * the other person; all others have one. */
#pragma once

#include "common/event.h"

#include <stddef.h>
#include <stdint.h>

enum dress {
    DRESS_JSON,   /* the object, no newline */
    DRESS_WS,     /* an unmasked text frame with FIN set (RFC 6455 section 5.2), head and object */
    DRESS_MEMBER, /* the object and a comma: for an array */
    DRESS_SSE,    /* "id: EPOCH-SEQ\ndata: ", the object, and an empty line */
    DRESS_COUNT,
};

struct entry;

/* Takes the event (its text too; the caller's struct is empty after). event->room is the room's key
 * and type is a logged one. One reference, the caller's. */
struct entry *entry_create(struct event *event);
struct entry *entry_ref(struct entry *entry); /* returns entry; thread-safe */
void entry_unref(struct entry *entry);        /* the last one frees; NULL is fine */

/* The event; its text is NULL for EVENT_MESSAGE (the encoded bytes have it), so that a window full
 * of messages holds each text once. */
const struct event *entry_event(const struct entry *entry);

/* Who reads. */
struct entry_reader {
    const char *name;  /* names the side of a direct conversation and does not matter elsewhere */
    const char *epoch; /* the log's, the same in every call; for DRESS_SSE */
};

/* The bytes that the reader gets, alive as long as the reference. Thread-safe. */
const char *entry_bytes(struct entry *entry, enum dress dress, const struct entry_reader *reader,
                        size_t *ret_len);
/* Of memory held, for bounds; without what DRESS_SSE adds, about as much as the object again. */
size_t entry_size(const struct entry *entry);
