#include "bench/measure/comparison.h"

#include "bench/measure/rig.h"

int
comparison_open(const struct settings *settings, const struct load_plan *plan, struct rig *limit,
                struct rig *server)
{
    if (rig_open_limit(limit, settings, plan) < 0)
        return -1;
    if (rig_open_server(server, settings, "sqlite", plan) == 0)
        return 0;
    rig_close(limit);
    return -1;
}

static double
delivery_rate(const struct load_result *load)
{
    return (double)load->delivered * 1e6 / (double)load->elapsed_us;
}

static void
add_round(struct comparison *comparison, const struct rig_result *limit,
          const struct rig_result *server)
{
    double limit_us = rig_us_per_delivery(limit), server_us = rig_us_per_delivery(server);

    samples_add(&comparison->limit_us, limit_us);
    samples_add(&comparison->server_us, server_us);
    samples_add(&comparison->ratio, server_us / limit_us);
    samples_add(&comparison->limit_rate, delivery_rate(&limit->load));
    samples_add(&comparison->server_rate, delivery_rate(&server->load));
    samples_add(&comparison->load_cpu, server->load.load_cpu_share);
    histogram_merge(&comparison->receipt, &server->load.receipt);
    histogram_merge(&comparison->delivery, &server->load.delivery);
    histogram_merge(&comparison->spread, &server->load.spread);
    comparison->delivered += server->load.delivered;
}

int
comparison_run(struct comparison *comparison, struct rig *limit, struct rig *server,
               const struct load_run *run, int64_t rounds)
{
    for (int64_t i = 0; i < rounds; i++) {
        struct rig_result bare, whole;

        if (rig_run(limit, run, &bare) < 0 || rig_run(server, run, &whole) < 0)
            return -1;
        add_round(comparison, &bare, &whole);
    }
    return 0;
}
