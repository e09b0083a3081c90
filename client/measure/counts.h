/* What links have cost, added up and told apart by time: arithmetic on the counts of their meters.
 */
#pragma once

#include "client/link/meter.h"

void counts_add(struct meter_counts *into, const struct meter_counts *counts);
/* What came since before. */
void counts_take_away(struct meter_counts *from, const struct meter_counts *before);

uint64_t counts_bytes(const struct meter_counts *counts, enum meter_way way); /* of all layers */
