#include "client/measure/contest_table.h"

#include "client/measure/counts.h"
#include "common/buf.h"
#include "common/text.h"
#include "common/util.h"

#include <inttypes.h>
#include <stdio.h>

void
contest_table_add(struct contest_table *table, const char *transport,
                  const struct rally_result *result)
{
    struct contest_row *row = &table->rows[table->count];
    double messages = MAX(result->said, 1);
    struct meter_counts cost = result->sender;

    if (table->count == CONTEST_ROWS_MAX)
        return;

    table->count++;
    counts_add(&cost, &result->readers);
    *row = (struct contest_row){
        .transport = transport,
        .http = result->facts.http[0] == '2' ? "2" : "1.1",
        .delivery_p50_ms = histogram_ms(&result->delivery, 0.5),
        .delivery_p95_ms = histogram_ms(&result->delivery, 0.95),
        .receipt_p50_ms = histogram_ms(&result->receipt, 0.5),
        .up = (double)counts_bytes(&cost, METER_UP) / messages,
        .down = (double)counts_bytes(&cost, METER_DOWN) / messages,
        .requests = cost.requests,
        .connections = cost.connections + result->opened.connections,
        .lost = result->lost,
        .repeated = result->repeated,
    };
    if (!result->is_complete || result->said == 0)
        str_copy(row->why, sizeof(row->why), result->why[0] == '\0' ? "nothing" : result->why);
}

static double
bytes_of(const struct contest_row *row)
{
    return row->up + row->down;
}

static double
delay_of(const struct contest_row *row)
{
    return row->delivery_p50_ms;
}

/* NULL where no row has figures. */
static const struct contest_row *
least(const struct contest_table *table, double (*figure)(const struct contest_row *row))
{
    const struct contest_row *best = NULL;

    for (size_t i = 0; i < table->count; i++)
        if (table->rows[i].why[0] == '\0' &&
            (best == NULL || figure(&table->rows[i]) < figure(best)))
            best = &table->rows[i];
    return best;
}

static void
write_row(const struct contest_row *row, struct buf *out)
{
    if (row->why[0] != '\0')
        buf_addf(out, "%-8s  %.66s\n", row->transport, row->why);
    else
        buf_addf(out, "%-8s %-4s %8.1f %8.1f %8.1f %8" PRIu64 " %6" PRIu64 " %8.0f %8.0f\n",
                 row->transport, row->http, row->delivery_p50_ms, row->delivery_p95_ms,
                 row->receipt_p50_ms, row->requests, row->connections, row->up, row->down);
}

void
contest_table_write(const struct contest_table *table, unsigned messages, size_t text_len,
                    double rate, struct buf *out)
{
    const struct contest_row *soonest = least(table, delay_of), *smallest = least(table, bytes_of);
    uint64_t lost = 0, repeated = 0;

    buf_addf(out, "%u messages of %zu bytes, %.0f a second: one link says them, one reads\n\n",
             messages, text_len, rate);
    buf_addf(out, "%13s %17s %8s %8s %6s %17s\n", "", "delivery, ms", "receipt", "", "TCP",
             "bytes a message");
    buf_addf(out, "%-8s %-4s %8s %8s %8s %8s %6s %8s %8s\n", "", "HTTP", "p50", "p95", "p50, ms",
             "requests", "conns", "up", "down");
    for (size_t i = 0; i < table->count; i++) {
        write_row(&table->rows[i], out);
        lost += table->rows[i].lost;
        repeated += table->rows[i].repeated;
    }
    if (soonest == NULL)
        return;
    buf_addf(out, "\nsoonest %s, fewest bytes %s; lost %" PRIu64 ", shown twice %" PRIu64 "\n",
             soonest->transport, smallest->transport, lost, repeated);
    buf_add_str(out, "(bytes: of both links, with the heads of TCP and IP)\n");
}
