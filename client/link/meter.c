#include "client/link/meter.h"

#include "client/link/meter_state.h"
#include "common/util.h"

#include <stdlib.h>

struct meter *
meter_create(void)
{
    struct meter *meter = xcalloc(1, sizeof(*meter));

    meter->refs = 1;
    meter->lost_ms = -1;
    meter_times_init(&meter->times);
    return meter;
}

struct meter *
meter_ref(struct meter *meter)
{
    if (meter != NULL)
        meter->refs++;
    return meter;
}

void
meter_unref(struct meter *meter)
{
    if (meter == NULL || --meter->refs > 0)
        return;

    free(meter->sockets);
    free(meter);
}

void
meter_tunnelled(struct meter *meter)
{
    meter->is_tunnelled = true;
}

/* What is on its way between TLS and the socket may make either the greater one for a moment. */
static uint64_t
less(uint64_t whole, uint64_t part)
{
    return whole > part ? whole - part : 0;
}

static void
read_flow(const struct meter *meter, enum meter_way way, const struct meter_load *load,
          struct meter_flow *flow)
{
    uint64_t payload = load->payload[way], plain = meter->plain[way];
    uint64_t before_tls = meter->is_tunnelled ? less(payload, meter->records[way]) : 0;

    flow->bytes[METER_TCPIP] = load->headers[way];
    flow->bytes[METER_TLS] = less(payload, before_tls + plain);
    flow->bytes[METER_FRAMING] = before_tls + less(plain, meter->json[way]);
    flow->bytes[METER_JSON] = less(meter->json[way], meter->text[way]);
    flow->bytes[METER_TEXT] = meter->text[way];
}

uint64_t
meter_wire(const struct meter_flow *flow)
{
    uint64_t sum = 0;

    for (int layer = 0; layer < METER_LAYERS; layer++)
        sum += flow->bytes[layer];
    return sum;
}

uint64_t
meter_payload(const struct meter_flow *flow)
{
    return flow->bytes[METER_JSON] + flow->bytes[METER_TEXT];
}

void
meter_read(struct meter *meter, struct meter_counts *ret_counts)
{
    struct meter_load load;

    *ret_counts = meter->counts;
    meter_read_sockets(meter, &load, &ret_counts->connections);
    for (int way = 0; way < METER_DIRECTIONS; way++)
        read_flow(meter, way, &load, &ret_counts->flow[way]);
}

void
meter_count(struct meter *meter, enum meter_event event)
{
    if (meter == NULL)
        return;

    struct meter_counts *counts = &meter->counts;
    uint64_t *const counters[] = {
        [METER_REQUEST] = &counts->requests,     [METER_POST] = &counts->posts,
        [METER_POLL] = &counts->polls,           [METER_EMPTY] = &counts->empty_answers,
        [METER_HANDSHAKE] = &counts->handshakes, [METER_RESUMPTION] = &counts->resumptions,
        [METER_RECONNECT] = &counts->reconnects, [METER_GAP] = &counts->gaps,
        [METER_RECOVERED] = &counts->recovered,  [METER_REPEAT] = &counts->repeats,
    };

    ++*counters[event];
    if (event == METER_POST || event == METER_POLL)
        counts->requests++;
}

void
meter_json(struct meter *meter, enum meter_way way, size_t len)
{
    if (meter != NULL)
        meter->json[way] += len;
}

void
meter_text(struct meter *meter, enum meter_way way, size_t len)
{
    if (meter == NULL)
        return;

    meter->text[way] += len;
    meter->counts.flow[way].messages++;
}

void
meter_record(struct meter *meter, enum meter_way way, size_t len, size_t plain_len)
{
    if (meter == NULL)
        return;

    meter->records[way] += len;
    meter->plain[way] += plain_len;
}
