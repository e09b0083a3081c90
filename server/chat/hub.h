/* Where the log reaches a worker's readers.
 *
 * A hub belongs to one worker. It follows the window, keeps the worker's replica of the rooms, and
 * on each new entry touches only the readers that get it: those that sit in the entry's room, or
 * the two of a direct conversation. Single thread, but for wake. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct hub;
struct reader;
struct rooms;
struct window;

/* window: followed from position on; rooms: a loaded replica that stands at position; both
 * borrowed. wake: called on the publisher's thread when there is news: poke the loop, then call
 * hub_turn there. NULL when the window has not everything after position any more. */
struct hub *hub_create(struct window *window, struct rooms *rooms, uint64_t position,
                       void (*wake)(void *context), void *context);
void hub_destroy(struct hub *hub); /* no reader may be left; NULL is fine */
struct rooms *hub_rooms(struct hub *hub);
uint64_t hub_position(const struct hub *hub);

/* Every reader of this user, in no particular order; each must end none. */
void hub_each_reader_of(struct hub *hub, const char *user,
                        void (*each)(void *context, struct reader *reader), void *context);

/* Reads the next entries of the window, keeps the rooms true, and calls deliver for each reader
 * that got something and was not behind before. A reader that has fallen behind in this turn is
 * among them: reader_next works for it too, and nobody calls again until it has caught up. deliver
 * may end any reader. True when there may be more: give other work a chance, then call again.
 *
 * A turn reads a good part of a batch, but no more than each reader can have pending, so who takes
 * all at each deliver never falls behind. */
bool hub_turn(struct hub *hub, void (*deliver)(struct reader *reader, void *context),
              void *context);
