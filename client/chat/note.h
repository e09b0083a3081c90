/* Sentences that the client says of what happens. */
#pragma once

#include <stdint.h>

struct buf;
struct event;
struct link_status;
struct outbox_item;
struct window;

/* Appends what a logged event that is no message did: "ann joined". Text of others stands in it as
 * it came. */
void note_event(struct buf *out, const struct event *event);

/* Appends the state of the way to the server: "connected ws", "reconnecting in 2s: refused".
 * Nothing where there is nothing to say (idle, ended). */
void note_status(struct buf *out, const struct link_status *status, int64_t mono_ms);

/* Appends why the server refused: "not said in #ops: you are not a member". */
void note_refused(struct buf *out, const struct outbox_item *item);

/* Appends "ann is typing", "ann and bob are typing"; nothing where nobody does. */
void note_typing(struct buf *out, const struct window *window);

/* Appends "1 message", "2 messages". */
void note_count(struct buf *out, uint64_t count, const char *thing);
