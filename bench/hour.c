#include "bench/hour.h"

#include "bench/bench.h"
#include "bench/result/result.h"
#include "client/measure/counts.h"
#include "common/util.h"

#define AN_HOUR_US 3.6e9

double
hour_scale(const struct bench_run *run)
{
    return AN_HOUR_US / (double)MAX(run->wall_us, 1);
}

void
hour_add(struct result_row *row, const struct bench_run *run)
{
    const struct meter_counts *readers = &run->rally.readers;
    double scale = hour_scale(run) / run->plan.readers;
    double users = run->plan.readers + 1; /* the sender reads too */

    result_row_add(row, MEASURE_HOUR_REQUESTS, (double)readers->requests * scale);
    result_row_add(row, MEASURE_HOUR_BYTES,
                   (double)(counts_bytes(readers, METER_UP) + counts_bytes(readers, METER_DOWN)) *
                       scale);
    bench_add_flow(row, FLOW_HOUR, readers, scale);
    bench_add_empty(row, readers);
    if (run->stage->is_own)
        result_row_add(row, MEASURE_HOUR_SERVER_CPU_MS,
                       (double)run->server_cpu_us / 1000 * hour_scale(run) / users);
}
