/* The transport panel (F2): what the way to the server costs and how quick it is. Numbers in, rows
 * of text out; knows no curses.
 *
 * Where it is wide, each row has two halves; else these stand one under the other. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define PANEL_WIDE_COLUMNS 112
#define PANEL_WIDE_ROWS    6
#define PANEL_NARROW_ROWS  9

struct buf;
struct glyphs;
struct link_status;
struct meter_counts;
struct meter_times;
struct way_facts;

struct panel {
    const struct glyphs *glyphs;
    const struct link_status *status;
    const struct way_facts *facts;
    const struct meter_counts *counts;
    const struct meter_times *times;
    int64_t now_ms;     /* monotonic */
    int64_t counted_ms; /* for how long there was something to count */
    int64_t poll_interval_ms, heartbeat_ms;
    bool is_http2; /* requests are, or would be */
};

int panel_row_count(int columns);
/* Appends one of them, in at most columns. */
void panel_row(struct buf *out, const struct panel *panel, int row, int columns);
