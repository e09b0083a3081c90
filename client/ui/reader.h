/* Keys off the terminal. A slow line can tear the mark of a paste, ESC [ 2 0 0 ~, apart so that it
 * arrives as an Esc key and typed text: that is put together again here. */
#pragma once

#include "client/ui/keys.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define READER_HOLD_MS 100 /* how long an Esc that may begin a mark is held back */

struct reader {
    WINDOW *window;
    void (*take)(void *context, const struct key *key);
    void *context;
    char held[8]; /* an Esc, and what of a mark came behind it */
    size_t held_len;
    int64_t held_since_ms; /* monotonic */
};

/* Reads all there is; ncurses keeps what is left unread to itself, where no poll sees it. */
void reader_drain(struct reader *reader, int64_t now_ms);
/* Lets go of what is held once its time is over. True while something is held still. */
bool reader_expire(struct reader *reader, int64_t now_ms);
