/* What the link has cost so far, told: as a table for people, and as one line of JSON for programs.
 * The words are those of client/link/meter.h. */
#pragma once

#include <stdbool.h>

struct buf;
struct link;
struct stats;

void stats_table(struct buf *out, const struct link *link);

/* What there is to tell of a link beyond its end: only then all is counted, as closing costs too.
 */
struct stats *stats_keep(const struct link *link);
/* Prints it on standard error, as a table or a line of JSON, and frees it; NULL: nothing. */
void stats_print(struct stats *stats, bool as_json);
