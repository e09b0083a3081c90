#include "client/measure/counts.h"

#include "common/util.h"

#define SUM(member) into->member += counts->member
/* What was in the kernel and is read later changes its layer on the way. */
#define REST(member) from->member -= MIN(from->member, before->member)

/* All that is not a flow. */
#define EACH(APPLY)                                                                                \
    APPLY(requests);                                                                               \
    APPLY(posts);                                                                                  \
    APPLY(polls);                                                                                  \
    APPLY(empty_answers);                                                                          \
    APPLY(connections);                                                                            \
    APPLY(handshakes);                                                                             \
    APPLY(resumptions);                                                                            \
    APPLY(reconnects);                                                                             \
    APPLY(gaps);                                                                                   \
    APPLY(recovered);                                                                              \
    APPLY(repeats)

void
counts_add(struct meter_counts *into, const struct meter_counts *counts)
{
    for (size_t way = 0; way < METER_DIRECTIONS; way++) {
        for (size_t layer = 0; layer < METER_LAYERS; layer++)
            SUM(flow[way].bytes[layer]);
        SUM(flow[way].messages);
    }
    EACH(SUM);
}

void
counts_take_away(struct meter_counts *from, const struct meter_counts *before)
{
    for (size_t way = 0; way < METER_DIRECTIONS; way++) {
        for (size_t layer = 0; layer < METER_LAYERS; layer++)
            REST(flow[way].bytes[layer]);
        REST(flow[way].messages);
    }
    EACH(REST);
}

uint64_t
counts_bytes(const struct meter_counts *counts, enum meter_way way)
{
    uint64_t bytes = 0;

    for (size_t layer = 0; layer < METER_LAYERS; layer++)
        bytes += counts->flow[way].bytes[layer];
    return bytes;
}
