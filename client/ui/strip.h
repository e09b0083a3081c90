/* The strip that always says how the way to the server is, in words; and the list of windows with
 * what is new in them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct glyphs;
struct link_status;
struct model;

struct strip {
    const struct link_status *status;
    bool came_back; /* it was lost and is there again, of late */
    int64_t now_ms; /* monotonic */
};

/* Appends "●ws RTT 31ms", "●ws STALLED 4s", "○ws RECONNECTING in 3s (try 2: refused)" and the like,
 * as much of it as matters most in columns. */
void strip_state(struct buf *out, const struct glyphs *glyphs, const struct strip *strip,
                 int columns);
/* Whether strip_state says something that changes as time goes by. */
bool strip_counts(const struct link_status *status);

/* Appends "1:home [2:#team] 3:#ops(4!)"; where that does not fit into columns, only the windows
 * where something is new. */
void strip_windows(struct buf *out, const struct glyphs *glyphs, const struct model *model,
                   int columns);
/* Appends "[3:#ops(4!)]" of those only where something is new; nothing where nothing is. */
void strip_activity(struct buf *out, const struct model *model);
