/* Inside the hub: which readers sit in a room, and which belong to a user.
 *
 * A room's readers are a compact array, since that is what each event walks over; a reader's seats
 * are a list that knows its place in each array. A reader that is behind sits nowhere. */
#pragma once

#include <stddef.h>

struct reader;
struct reader_seat;

struct seated {
    struct reader *reader;
    struct reader_seat *seat;
};

/* Walk seated from its end to its front: then the reader at hand may rise. */
struct room_seats {
    struct seated *seated;
    size_t count, size;
};

struct seats;
struct seats *seats_create(void);
void seats_destroy(struct seats *seats); /* nobody sits, no reader is registered */

/* reader->who is set. */
void seats_register(struct seats *seats, struct reader *reader);
void seats_unregister(struct seats *seats, struct reader *reader);
/* The first reader of the user; next_of_user leads on. NULL: none. */
struct reader *seats_first_of(const struct seats *seats, const char *user);

void seats_sit(struct seats *seats, struct reader *reader, const char *key); /* once a room */
void seats_rise(struct seats *seats, struct reader *reader, const char *key);
void seats_rise_everywhere(struct seats *seats, struct reader *reader);
/* NULL: nobody ever sat there. Stays until seats_destroy. */
struct room_seats *seats_in(const struct seats *seats, const char *key);
