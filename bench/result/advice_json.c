/* What advise says, for programs. */
#include "bench/result/advice.h"

#include <errno.h>
#include <jansson.h>

static json_t *
layers_to_json(const struct advice_cost *cost, enum direction direction)
{
    static const char *const names[LAYERS] = {"text", "json", "framing", "tls", "tcpip"};
    json_t *object = json_object();

    for (int layer = 0; layer < LAYERS; layer++)
        json_object_set_new(object, names[layer], json_real(cost->bytes[direction][layer]));
    return object;
}

static json_t *
cost_to_json(const struct advice_cost *cost)
{
    json_t *object = json_pack(
        "{s:s, s:s, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:b, s:b}", "transport",
        cost->way.transport, "http", cost->way.http, "interval_s", cost->interval_s, "delay_ms",
        cost->delay_ms, "delay_worst_ms", cost->delay_worst_ms, "requests_per_hour", cost->requests,
        "handshakes_per_hour", cost->handshakes, "connections", cost->connections, "memory_bytes",
        cost->memory_bytes, "server_cpu_ms_per_hour", cost->cpu_ms, "radio_s_per_hour",
        cost->radio_s, "reach", cost->way.reach, "money_month", cost->money_month, "meets_delay",
        (int)cost->meets_delay, "gets_through", (int)cost->gets_through);

    json_object_set_new(object, "up_bytes_per_hour", layers_to_json(cost, DIRECTION_UP));
    json_object_set_new(object, "down_bytes_per_hour", layers_to_json(cost, DIRECTION_DOWN));
    return object;
}

static json_t *
scale_to_json(const struct advice_cost *cost, double users)
{
    struct advice_scale scale;

    advice_scale(cost, users, &scale);
    return json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "users", users,
                     "connections", scale.connections, "memory_bytes", scale.memory_bytes, "cores",
                     scale.cores, "requests_per_s", scale.requests_per_s, "handshakes_per_s",
                     scale.handshakes_per_s, "up_bits_per_s", scale.up_bits_per_s,
                     "down_bits_per_s", scale.down_bits_per_s, "return_handshakes_per_s",
                     scale.return_handshakes_per_s, "return_cores", scale.return_cores,
                     "money_month", scale.money_month);
}

int
advice_write_json(const struct advice_question *question, const struct advice *advice, FILE *out)
{
    json_t *costs = json_array(), *whole = json_object();
    int err;

    for (size_t i = 0; i < advice->count; i++)
        json_array_append_new(costs, cost_to_json(&advice->costs[i]));
    json_object_set_new(whole, "choice",
                        advice->choice == NULL ? json_null() : cost_to_json(advice->choice));
    json_object_set_new(whole, "next",
                        advice->next == NULL ? json_null() : cost_to_json(advice->next));
    json_object_set_new(whole, "ways", costs);
    if (advice->choice != NULL) {
        json_object_set_new(whole, "all_users", scale_to_json(advice->choice, question->users));
        json_object_set_new(whole, "million_users", scale_to_json(advice->choice, 1e6));
    }
    err = json_dumpf(whole, out, JSON_INDENT(1) | JSON_REAL_PRECISION(10));
    json_decref(whole);
    return err < 0 || fputc('\n', out) == EOF || fflush(out) != 0 ? -EIO : 0;
}
