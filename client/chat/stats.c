#include "client/chat/stats.h"

#include "client/link/link.h"
#include "client/link/link_ops.h"
#include "client/link/meter.h"
#include "common/buf.h"
#include "common/util.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct stats {
    struct link_status status;
    struct way_facts facts; /* status.facts */
    struct meter *meter;
};

struct told {
    const struct link_status *status;
    const struct meter_times *times;
    struct meter_counts counts;
};

static const char *const layer_names[METER_LAYERS] = {
    [METER_TCPIP] = "tcpip", [METER_TLS] = "tls",   [METER_FRAMING] = "framing",
    [METER_JSON] = "json",   [METER_TEXT] = "text",
};
static const char *const way_names[METER_DIRECTIONS] = {
    [METER_UP] = "up",
    [METER_DOWN] = "down",
};

static void
add_times_row(struct buf *out, const char *name, const struct histogram *times, int64_t last_us)
{
    if (times->count == 0)
        return;

    buf_addf(out, "%-14s %9.1f %9.1f %9.1f %9.1f\n", name, (double)last_us / 1000,
             histogram_ms(times, 0.5), histogram_ms(times, 0.95), histogram_ms(times, 1));
}

static void
add_times(struct buf *out, const struct meter_times *times)
{
    if (times->receipt.count + times->lag.count == 0)
        return;

    buf_addf(out, "\n%-14s %9s %9s %9s %9s\n", "milliseconds", "last", "p50", "p95", "max");
    add_times_row(out, "send to ack", &times->receipt, times->receipt_us);
    add_times_row(out, "push lag", &times->lag, times->lag_us);
    if (times->lag.count > 0 && times->clock_error_us >= 0)
        buf_addf(out, "The server's clock is known to within %.1f ms.\n",
                 (double)times->clock_error_us / 1000);
    else if (times->lag.count > 0)
        buf_add_str(out, "The server's clock is taken to be right.\n");
}

static void
add_bytes(struct buf *out, const struct meter_counts *counts)
{
    const struct meter_flow *up = &counts->flow[METER_UP], *down = &counts->flow[METER_DOWN];

    buf_addf(out, "%-14s %12s %12s\n", "", "up", "down");
    buf_addf(out, "%-14s %12" PRIu64 " %12" PRIu64 "\n", "messages", up->messages, down->messages);
    for (int layer = METER_TEXT; layer >= 0; layer--)
        buf_addf(out, "%-14s %12" PRIu64 " %12" PRIu64 "\n", layer_names[layer], up->bytes[layer],
                 down->bytes[layer]);
    buf_addf(out, "%-14s %12" PRIu64 " %12" PRIu64 " bytes\n", "on the wire", meter_wire(up),
             meter_wire(down));
}

static void
add_table(struct buf *out, const struct told *told)
{
    const struct link_status *status = told->status;
    const struct meter_counts counts = told->counts;

    buf_addf(out, "%s", status->transport);
    if (status->facts->http[0] != '\0')
        buf_addf(out, ", HTTP/%s, %s", status->facts->http, status->facts->tls);
    buf_add_str(out, "\n\n");
    add_bytes(out, &counts);
    buf_addf(out,
             "\nrequests %" PRIu64 ": %" PRIu64 " poll (%" PRIu64 " empty), %" PRIu64
             " send, %" PRIu64 " other\n",
             counts.requests, counts.polls, counts.empty_answers, counts.posts,
             counts.requests - counts.polls - counts.posts);
    buf_addf(out, "connections %" PRIu64 ", TLS handshakes %" PRIu64 " full, %" PRIu64 " resumed\n",
             counts.connections, counts.handshakes, counts.resumptions);
    buf_addf(out,
             "reconnects %" PRIu64 ", gaps %" PRIu64 ", recovered %" PRIu64
             ", repeats dropped %" PRIu64 "\n",
             counts.reconnects, counts.gaps, counts.recovered, counts.repeats);
    add_times(out, told->times);
}

void
stats_table(struct buf *out, const struct link *link)
{
    struct told told = {.status = link_status(link), .times = link_times(link)};

    link_count(link, &told.counts);
    add_table(out, &told);
}

static void
add_flow(struct buf *out, enum meter_way way, const struct meter_flow *flow)
{
    buf_addf(out, ",\"%s\":{\"messages\":%" PRIu64, way_names[way], flow->messages);
    for (int layer = 0; layer < METER_LAYERS; layer++)
        buf_addf(out, ",\"%s\":%" PRIu64, layer_names[layer], flow->bytes[layer]);
    buf_addf(out, ",\"wire\":%" PRIu64 "}", meter_wire(flow));
}

static void
add_histogram(struct buf *out, const char *name, const struct histogram *times)
{
    buf_addf(out, ",\"%s\":{\"count\":%" PRIu64 ",\"p50_ms\":%.3f,\"p95_ms\":%.3f,\"max_ms\":%.3f}",
             name, times->count, histogram_ms(times, 0.5), histogram_ms(times, 0.95),
             histogram_ms(times, 1));
}

static void
add_json(struct buf *out, const struct told *told)
{
    const struct link_status *status = told->status;
    const struct meter_times *times = told->times;
    const struct meter_counts counts = told->counts;
    const struct {
        const char *name;
        uint64_t count;
    } rows[] = {
        {"requests", counts.requests},
        {"posts", counts.posts},
        {"polls", counts.polls},
        {"empty_answers", counts.empty_answers},
        {"connections", counts.connections},
        {"handshakes", counts.handshakes},
        {"resumptions", counts.resumptions},
        {"reconnects", counts.reconnects},
        {"gaps", counts.gaps},
        {"recovered", counts.recovered},
        {"repeats", counts.repeats},
    };

    buf_addf(out, "{\"type\":\"stats\",\"transport\":\"%s\",\"http\":\"%s\",\"tls\":\"%s\"",
             status->transport, status->facts->http, status->facts->tls);
    for (int way = 0; way < METER_DIRECTIONS; way++)
        add_flow(out, way, &counts.flow[way]);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        buf_addf(out, ",\"%s\":%" PRIu64, rows[i].name, rows[i].count);
    add_histogram(out, "receipt", &times->receipt);
    add_histogram(out, "lag", &times->lag);
    if (times->clock_error_us >= 0)
        buf_addf(out, ",\"clock_error_ms\":%.1f}", (double)times->clock_error_us / 1000);
    else
        buf_add_str(out, ",\"clock_error_ms\":null}");
}

struct stats *
stats_keep(const struct link *link)
{
    struct stats *stats = xcalloc(1, sizeof(*stats));

    stats->status = *link_status(link);
    stats->facts = *stats->status.facts;
    stats->status.facts = &stats->facts;
    stats->meter = meter_ref(link_meter(link));
    return stats;
}

void
stats_print(struct stats *stats, bool as_json)
{
    struct buf text = BUF_INIT;

    if (stats == NULL)
        return;

    struct told told = {.status = &stats->status, .times = meter_times(stats->meter)};
    meter_read(stats->meter, &told.counts);
    if (as_json)
        add_json(&text, &told);
    else
        add_table(&text, &told);
    fprintf(stderr, "%s%s", buf_text(&text), as_json ? "\n" : "");
    buf_fini(&text);
    meter_unref(stats->meter);
    free(stats);
}
