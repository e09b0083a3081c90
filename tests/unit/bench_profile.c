#include "tests/unit/bench_profile.h"

#include "bench/result/result.h"
#include "common/util.h"

#include <stdlib.h>

#define READERS 10

/* Bytes by layer, as enum layer orders them. */
struct layers {
    double bytes[LAYERS];
};

struct way {
    const char *transport, *http;
    struct layers send_up, send_down;       /* a message said */
    struct layers read_up, read_down;       /* a message delivered, each by itself */
    struct layers request_up, request_down; /* one that brings nothing; a heartbeat */
    double idle_requests;                   /* of those in an hour */
    double is_request;                      /* they are HTTP requests */
    double p50, p99;
    double delivery_us, send_us, request_us;
    double rss, kernel;
    double connections, handshakes; /* of a user who reads and says */
};

/* clang-format off */
static const struct way ways[] = {
    {"ws", "1.1",
     .send_up = {{100, 120, 8, 22, 104}}, .send_down = {{0, 60, 2, 22, 104}},
     .read_up = {{0, 0, 0, 0, 52}}, .read_down = {{100, 180, 4, 22, 52}},
     .request_up = {{0, 0, 6, 22, 104}}, .request_down = {{0, 60, 4, 22, 104}},
     .idle_requests = 240, .is_request = 0, .p50 = 1.2, .p99 = 3.0,
     .delivery_us = 10, .send_us = 60, .request_us = 12, .rss = 20000, .kernel = 8000,
     .connections = 1, .handshakes = 1},
    {"sse", "1.1",
     .send_up = {{100, 120, 220, 22, 104}}, .send_down = {{0, 60, 150, 22, 104}},
     .read_up = {{0, 0, 0, 0, 52}}, .read_down = {{100, 180, 30, 22, 52}},
     .request_up = {{0, 0, 0, 0, 52}}, .request_down = {{0, 60, 20, 22, 52}},
     .idle_requests = 240, .is_request = 0, .p50 = 1.3, .p99 = 3.3,
     .delivery_us = 10.5, .send_us = 110, .request_us = 10, .rss = 20500, .kernel = 8000,
     .connections = 2, .handshakes = 2},
    {"sse", "2",
     .send_up = {{100, 120, 60, 22, 104}}, .send_down = {{0, 60, 140, 22, 104}},
     .read_up = {{0, 0, 0, 0, 52}}, .read_down = {{100, 180, 36, 22, 52}},
     .request_up = {{0, 0, 0, 0, 52}}, .request_down = {{0, 60, 26, 22, 52}},
     .idle_requests = 240, .is_request = 0, .p50 = 1.3, .p99 = 3.4,
     .delivery_us = 11, .send_us = 105, .request_us = 11, .rss = 26000, .kernel = 8000,
     .connections = 1, .handshakes = 1},
    {"longpoll", "1.1",
     .send_up = {{100, 120, 220, 22, 104}}, .send_down = {{0, 60, 150, 22, 104}},
     .read_up = {{0, 0, 210, 22, 104}}, .read_down = {{100, 240, 150, 22, 104}},
     .request_up = {{0, 0, 210, 22, 104}}, .request_down = {{0, 60, 150, 22, 104}},
     .idle_requests = 144, .is_request = 1, .p50 = 1.6, .p99 = 4.5,
     .delivery_us = 45, .send_us = 110, .request_us = 35, .rss = 20500, .kernel = 8000,
     .connections = 2, .handshakes = 2},
    {"poll", "1.1",
     .send_up = {{100, 120, 220, 22, 104}}, .send_down = {{0, 60, 150, 22, 104}},
     .read_up = {{0, 0, 3.5, 0.4, 1.7}}, .read_down = {{100, 181, 2.5, 0.4, 1.7}},
     .request_up = {{0, 0, 210, 22, 104}}, .request_down = {{0, 60, 150, 22, 104}},
     .idle_requests = 1200, .is_request = 1, .p50 = 1500, .p99 = 2980,
     .delivery_us = 2, .send_us = 110, .request_us = 35, .rss = 20000, .kernel = 8000,
     .connections = 2, .handshakes = 2},
};
/* clang-format on */

void
bench_profile_set(struct result_row *row, int measure, double value)
{
    row->measures[measure].count = 0;
    result_row_add(row, (enum measure)measure, value);
}

/* Three rounds, 2 % apart. */
static void
add(struct result_row *row, enum measure measure, double value)
{
    result_row_add(row, measure, value);
    result_row_add(row, measure, value * 0.98);
    result_row_add(row, measure, value * 1.02);
}

static double
add_layers(struct result_row *row, enum flow flow, enum direction direction,
           const struct layers *layers, double times)
{
    double sum = 0;

    for (int layer = 0; layer < LAYERS; layer++) {
        result_row_add(row, measure_bytes(flow, direction, (enum layer)layer),
                       layers->bytes[layer] * times);
        sum += layers->bytes[layer];
    }
    return sum;
}

static double
sum_of(const struct layers *layers)
{
    double sum = 0;

    for (int layer = 0; layer < LAYERS; layer++)
        sum += layers->bytes[layer];
    return sum;
}

static void
add_reading(struct result_row *row, const struct way *way)
{
    add(row, MEASURE_DELIVERY_P50_MS, way->p50);
    add(row, MEASURE_DELIVERY_P90_MS, (way->p50 + way->p99) / 2);
    add(row, MEASURE_DELIVERY_P99_MS, way->p99);
    add(row, MEASURE_DELIVERY_MAX_MS, way->p99 * 1.5);
    add_layers(row, FLOW_READ, DIRECTION_UP, &way->read_up, 1);
    add_layers(row, FLOW_READ, DIRECTION_DOWN, &way->read_down, 1);
    add(row, MEASURE_SERVER_CPU_US, way->delivery_us);
    add(row, MEASURE_CLIENT_CPU_US, way->delivery_us * 3);
    result_row_add(row, MEASURE_READ_REQUESTS,
                   !way->is_request ? 0
                   : way->p50 > 100 ? 1 / 60.0
                                    : 1);
    result_row_add(row, MEASURE_SERVER_RSS_BYTES, way->rss);
    result_row_add(row, MEASURE_KERNEL_BYTES, way->kernel);
}

static void
add_chatting(struct result *result, const struct way *way)
{
    struct result_row *row = result_row(result, way->transport, way->http, NULL);
    bool posts = way->send_us > 60;

    add_reading(row, way);
    add(row, MEASURE_RECEIPT_P50_MS, posts ? 1.5 : 1.0);
    add(row, MEASURE_RECEIPT_P99_MS, posts ? 4.0 : 2.5);
    add_layers(row, FLOW_SEND, DIRECTION_UP, &way->send_up, 1);
    add_layers(row, FLOW_SEND, DIRECTION_DOWN, &way->send_down, 1);
    result_row_add(row, MEASURE_SEND_REQUESTS, posts ? 1 : 0);
    add(row, MEASURE_SEND_CPU_US, way->send_us);
    bench_profile_set(row, MEASURE_SERVER_CPU_US, way->delivery_us + way->send_us / READERS);
    result_row_add(row, MEASURE_CONNECTIONS, way->connections);
    result_row_add(row, MEASURE_HANDSHAKES, way->handshakes);
    result_row_add(row, MEASURE_LOST, 0);
    result_row_add(row, MEASURE_REPEATED, 0);
    add(row, MEASURE_RECOVERY_MS, 600);
}

static void
add_use(struct result *result, const struct way *way, const char *use)
{
    struct facts varied = {0};
    struct result_row *row;

    facts_set_text(&varied, "use", use);
    row = result_row(result, way->transport, way->http, &varied);
    facts_fini(&varied);
    if (str_equal(use, "read")) {
        add_reading(row, way);
        result_row_add(row, MEASURE_CONNECTIONS, 1);
        result_row_add(row, MEASURE_HANDSHAKES, 1);
        return;
    }
    add(row, MEASURE_HOUR_REQUESTS, way->idle_requests * way->is_request);
    add_layers(row, FLOW_HOUR, DIRECTION_UP, &way->request_up, way->idle_requests);
    add_layers(row, FLOW_HOUR, DIRECTION_DOWN, &way->request_down, way->idle_requests);
    add(row, MEASURE_HOUR_BYTES,
        way->idle_requests * (sum_of(&way->request_up) + sum_of(&way->request_down)));
    add(row, MEASURE_HOUR_SERVER_CPU_MS, way->idle_requests * way->request_us / 1000);
    if (way->is_request)
        result_row_add(row, MEASURE_EMPTY_SHARE, 100);
}

static void
add_rate(struct result *result, const struct way *way, double rate_per_min)
{
    double requests = way->idle_requests, messages = rate_per_min * 60, bytes;
    struct facts varied = {0};
    struct result_row *row;

    if (way->is_request && way->p50 < 100)
        requests = MAX(requests, messages);
    bytes = requests * (sum_of(&way->request_up) + sum_of(&way->request_down)) + messages * 358;
    facts_set_number(&varied, "rate_per_min", rate_per_min);
    row = result_row(result, way->transport, way->http, &varied);
    facts_fini(&varied);
    add(row, MEASURE_HOUR_REQUESTS, requests * way->is_request);
    add(row, MEASURE_HOUR_BYTES, bytes + (way->is_request ? 0 : messages * 52));
    add(row, MEASURE_HOUR_SERVER_CPU_MS,
        (requests * way->request_us + messages * way->delivery_us) / 1000);
    add(row, MEASURE_SERVER_CPU_US, way->delivery_us);
}

static void
add_interval(struct result *result, const struct way *way, double interval)
{
    struct facts varied = {0};
    struct result_row *row;

    facts_set_number(&varied, "interval_s", interval);
    row = result_row(result, way->transport, way->http, &varied);
    facts_fini(&varied);
    add(row, MEASURE_DELIVERY_P50_MS, interval * 500);
    add(row, MEASURE_DELIVERY_P99_MS, interval * 990);
    add(row, MEASURE_HOUR_REQUESTS, 3600 / interval);
    add(row, MEASURE_HOUR_BYTES,
        3600 / interval * (sum_of(&way->request_up) + sum_of(&way->request_down)));
}

static void
add_without_keep_alive(struct result *result, const struct way *way)
{
    struct facts varied = {0};
    struct result_row *row;

    facts_set_text(&varied, "keep_alive", "no");
    row = result_row(result, way->transport, way->http, &varied);
    facts_fini(&varied);
    add_layers(row, FLOW_READ, DIRECTION_UP, &(struct layers){{0, 0, 210, 800, 400}}, 1);
    add_layers(row, FLOW_READ, DIRECTION_DOWN, &(struct layers){{100, 240, 150, 1500, 400}}, 1);
    result_row_add(row, MEASURE_CONNECTIONS, 200);
    result_row_add(row, MEASURE_HANDSHAKES, 200);
    add(row, MEASURE_SERVER_CPU_US, 900);
    add(row, MEASURE_HANDSHAKE_CPU_US, 800);
}

static void
add_fault(struct result *result, const char *fault, const char *transport, const char *state,
          double after_ms)
{
    struct facts varied = {0};
    struct result_row *row;

    facts_set_text(&varied, "fault", fault);
    row = result_row(result, transport, "1.1", &varied);
    facts_set_text(&row->words, "state", state);
    if (after_ms > 0)
        result_row_add(row, MEASURE_FOUND_AFTER_MS, after_ms);
    facts_fini(&varied);
}

static void
add_faults(struct result *result)
{
    static const struct {
        const char *fault;
        const char *states[4]; /* ws, sse, longpoll, poll */
    } rows[] = {
        {"none", {"works", "works", "works", "works"}},
        {"no-upgrade", {"blocked", "works", "works", "works"}},
        {"buffered", {"blocked", "buffered", "works", "works"}},
    };
    static const char *const transports[] = {"ws", "sse", "longpoll", "poll"};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (size_t k = 0; k < 4; k++)
            add_fault(result, rows[i].fault, transports[k], rows[i].states[k],
                      str_equal(rows[i].states[k], "works") ? 40.0 + 10.0 * (double)k : 0);
}

struct result *
bench_profile(void)
{
    static const double rates[] = {0.1, 0.3, 1, 3, 10, 30, 100, 1000};
    static const double intervals[] = {1, 3, 10, 30, 60};
    struct result *result = result_create("compare", 7);

    facts_set_text(&result->environment, "target", "own");
    facts_set_text(&result->environment, "cpu", "Example CPU");
    facts_set_number(&result->environment, "cores", 2);
    facts_set_text(&result->environment, "tls", "TLSv1.3");
    facts_set_number(&result->parameters, "rate_per_s", 20);
    facts_set_number(&result->parameters, "readers", READERS);
    facts_set_number(&result->parameters, "text_bytes", 100);
    facts_set_number(&result->parameters, "interval_s", 3);
    facts_set_number(&result->parameters, "wait_s", 25);
    facts_set_number(&result->parameters, "keep_alive_s", 60);
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        add_chatting(result, &ways[i]);
        add_use(result, &ways[i], "idle");
        add_use(result, &ways[i], "read");
        for (size_t k = 0; k < ARRAY_LEN(rates); k++)
            add_rate(result, &ways[i], rates[k]);
    }
    for (size_t i = 0; i < ARRAY_LEN(intervals); i++)
        add_interval(result, &ways[ARRAY_LEN(ways) - 1], intervals[i]);
    add_without_keep_alive(result, &ways[ARRAY_LEN(ways) - 2]);
    add_faults(result);
    result->complete = true;
    return result;
}
