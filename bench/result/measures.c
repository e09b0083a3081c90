#include "bench/result/measures.h"

#include "common/buf.h"
#include "common/util.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define CLAIM(number) (1U << (number))

#define BYTES(flow, way, layer)                                                                    \
    [MEASURE_BYTES_FIRST + (FLOW_##flow * DIRECTIONS + DIRECTION_##way) * LAYERS + LAYER_##layer]

#define BYTES_ROWS(flow, way, prefix, what, numbers)                                               \
    BYTES(flow, way,                                                                               \
          TEXT) = {prefix "text_bytes", what ": text",        "text", "B", 0,                      \
                   BETTER_LESS,         GROUP_##flow##_##way, numbers},                            \
          BYTES(flow, way, JSON) = {prefix "json_bytes", what ": JSON",        "JSON", "B", 0,     \
                                    BETTER_LESS,         GROUP_##flow##_##way, numbers},           \
          BYTES(flow, way, FRAMING) =                                                              \
              {prefix "framing_bytes", what ": framing", "framing", "B", 0, BETTER_LESS,           \
               GROUP_##flow##_##way,   numbers},                                                   \
          BYTES(flow, way, TLS) = {prefix "tls_bytes", what ": TLS",         "TLS",  "B", 0,       \
                                   BETTER_LESS,        GROUP_##flow##_##way, numbers},             \
          BYTES(flow, way, TCPIP) = {prefix "tcpip_bytes", what ": TCP/IP",      "TCP/IP", "B", 0, \
                                     BETTER_LESS,          GROUP_##flow##_##way, numbers}

#define READ_CLAIMS (CLAIM(5) | CLAIM(6) | CLAIM(7) | CLAIM(9))

/* clang-format off */
const struct measure_row measure_rows[MEASURE_COUNT] = {
    [MEASURE_DELIVERY_P50_MS] = {"delivery_p50_ms", "delivery, half within", "p50", "ms", 2,
        BETTER_LESS, GROUP_DELIVERY, CLAIM(1) | CLAIM(8) | CLAIM(9)},
    [MEASURE_DELIVERY_P90_MS] = {"delivery_p90_ms", "delivery, 90 of 100 within", "p90", "ms", 2,
        BETTER_LESS, GROUP_DELIVERY, CLAIM(1) | CLAIM(9)},
    [MEASURE_DELIVERY_P99_MS] = {"delivery_p99_ms", "delivery, 99 of 100 within", "p99", "ms", 2,
        BETTER_LESS, GROUP_DELIVERY, CLAIM(1) | CLAIM(9) | CLAIM(11)},
    [MEASURE_DELIVERY_MAX_MS] = {"delivery_max_ms", "delivery, the slowest", "max", "ms", 2,
        BETTER_LESS, GROUP_DELIVERY, CLAIM(1)},
    [MEASURE_RECEIPT_P50_MS] = {"receipt_p50_ms", "receipt, half within", "p50", "ms", 2,
        BETTER_LESS, GROUP_RECEIPT, CLAIM(8)},
    [MEASURE_RECEIPT_P90_MS] = {"receipt_p90_ms", "receipt, 90 of 100 within", "p90", "ms", 2,
        BETTER_LESS, GROUP_RECEIPT, CLAIM(8)},
    [MEASURE_RECEIPT_P99_MS] = {"receipt_p99_ms", "receipt, 99 of 100 within", "p99", "ms", 2,
        BETTER_LESS, GROUP_RECEIPT, CLAIM(8)},
    [MEASURE_RECEIPT_MAX_MS] = {"receipt_max_ms", "receipt, the slowest", "max", "ms", 2,
        BETTER_LESS, GROUP_RECEIPT, 0},
    [MEASURE_RTT_MS] = {"rtt_ms", "round trip", "RTT", "ms", 2, BETTER_LESS, GROUP_RECEIPT, 0},
    [MEASURE_DELIVERED] = {"delivered", "messages delivered", "delivered", "", 0,
        BETTER_NEITHER, GROUP_RECOVERY, 0},
    [MEASURE_LOST] = {"lost", "messages lost", "lost", "", 0,
        BETTER_LESS, GROUP_RECOVERY, CLAIM(6)},
    [MEASURE_REPEATED] = {"repeated", "messages shown twice", "repeated", "", 0,
        BETTER_LESS, GROUP_RECOVERY, CLAIM(6)},
    [MEASURE_REQUESTS] = {"requests", "HTTP requests", "requests", "", 0,
        BETTER_LESS, GROUP_REQUESTS, CLAIM(4)},
    [MEASURE_SEND_REQUESTS] = {"send_requests", "requests a message said", "a message said", "", 2,
        BETTER_LESS, GROUP_REQUESTS, CLAIM(5) | CLAIM(8)},
    [MEASURE_READ_REQUESTS] = {"read_requests", "requests a delivery", "a delivery", "", 2,
        BETTER_LESS, GROUP_REQUESTS, CLAIM(4) | CLAIM(5)},
    [MEASURE_EMPTY_SHARE] = {"empty_share", "polls answered with nothing", "empty", "%", 1,
        BETTER_LESS, GROUP_REQUESTS, CLAIM(2) | CLAIM(4)},
    [MEASURE_CONNECTIONS] = {"connections", "TCP connections", "connections", "", 0,
        BETTER_LESS, GROUP_REQUESTS, CLAIM(5) | CLAIM(7)},
    [MEASURE_HANDSHAKES] = {"handshakes", "TLS handshakes in full", "handshakes", "", 0,
        BETTER_LESS, GROUP_REQUESTS, CLAIM(5) | CLAIM(7)},
    [MEASURE_RESUMPTIONS] = {"resumptions", "TLS sessions resumed", "resumed", "", 0,
        BETTER_NEITHER, GROUP_REQUESTS, CLAIM(5)},
    [MEASURE_UP_WIRE_BYTES] = {"up_wire_bytes", "bytes up, in all", "up", "B", 0,
        BETTER_LESS, GROUP_REQUESTS, 0},
    [MEASURE_DOWN_WIRE_BYTES] = {"down_wire_bytes", "bytes down, in all", "down", "B", 0,
        BETTER_LESS, GROUP_REQUESTS, 0},
    BYTES_ROWS(SEND, UP, "send_up_", "up a message said", CLAIM(8)),
    BYTES_ROWS(SEND, DOWN, "send_down_", "down a message said", CLAIM(8)),
    BYTES_ROWS(READ, UP, "read_up_", "up a delivery", READ_CLAIMS),
    BYTES_ROWS(READ, DOWN, "read_down_", "down a delivery", READ_CLAIMS),
    BYTES_ROWS(HOUR, UP, "hour_up_", "up an hour", CLAIM(2)),
    BYTES_ROWS(HOUR, DOWN, "hour_down_", "down an hour", CLAIM(2)),
    [MEASURE_HOUR_REQUESTS] = {"requests_per_hour", "requests an hour and user", "requests", "", 0,
        BETTER_LESS, GROUP_HOUR, CLAIM(2) | CLAIM(4)},
    [MEASURE_HOUR_PINGS] = {"pings_per_hour", "pings among the requests of an hour", "pings", "", 0,
        BETTER_LESS, GROUP_HOUR, CLAIM(2) | CLAIM(4)},
    [MEASURE_HOUR_BYTES] = {"bytes_per_hour", "bytes an hour and user", "bytes", "B", 0,
        BETTER_LESS, GROUP_HOUR, CLAIM(2) | CLAIM(3) | CLAIM(4)},
    [MEASURE_HOUR_SERVER_CPU_MS] = {"server_cpu_ms_per_hour", "server's CPU an hour and user",
        "server's CPU", "ms", 2, BETTER_LESS, GROUP_HOUR, CLAIM(2) | CLAIM(3)},
    [MEASURE_HOUR_WAKES] = {"wakes_per_hour", "times an hour that the radio wakes", "wakes", "", 0,
        BETTER_LESS, GROUP_HOUR, 0},
    [MEASURE_SERVER_CPU_US] = {"server_cpu_us", "server's CPU a delivery", "server", "us", 1,
        BETTER_LESS, GROUP_COST, CLAIM(5) | CLAIM(9)},
    [MEASURE_CLIENT_CPU_US] = {"client_cpu_us", "client's CPU a delivery", "client", "us", 1,
        BETTER_LESS, GROUP_COST, CLAIM(9)},
    [MEASURE_SEND_CPU_US] = {"send_cpu_us", "server's CPU a message said", "said", "us", 1,
        BETTER_LESS, GROUP_COST, CLAIM(8)},
    [MEASURE_HANDSHAKE_CPU_US] = {"handshake_cpu_us", "server's CPU a handshake", "handshake",
        "us", 0, BETTER_LESS, GROUP_COST, CLAIM(5)},
    [MEASURE_BENCH_CPU_SHARE] = {"bench_cpu_share", "the bench's own CPU", "bench", "%", 1,
        BETTER_LESS, GROUP_COST, 0},
    [MEASURE_SERVER_RSS_BYTES] = {"server_rss_bytes", "server's memory a connection", "memory",
        "B", 0, BETTER_LESS, GROUP_COST, CLAIM(9)},
    [MEASURE_KERNEL_BYTES] = {"kernel_bytes", "kernel's memory a connection", "kernel", "B", 0,
        BETTER_LESS, GROUP_COST, CLAIM(9)},
    [MEASURE_RECOVERY_MS] = {"recovery_ms", "back after a cut", "back after", "ms", 0,
        BETTER_LESS, GROUP_RECOVERY, CLAIM(6)},
    [MEASURE_FOUND_AFTER_MS] = {"found_after_ms", "carried after", "found after", "ms", 0,
        BETTER_LESS, GROUP_RECOVERY, CLAIM(10)},
};
/* clang-format on */

const char *
measure_group_title(enum measure_group group)
{
    static const char *const titles[MEASURE_GROUPS] = {
        [GROUP_DELIVERY] = "from the time meant for sending to each reader",
        [GROUP_RECEIPT] = "from the time meant for sending to the receipt",
        [GROUP_REQUESTS] = "requests and connections",
        [GROUP_SEND_UP] = "bytes up for a message said",
        [GROUP_SEND_DOWN] = "bytes down for a message said",
        [GROUP_READ_UP] = "bytes up for a message delivered",
        [GROUP_READ_DOWN] = "bytes down for a message delivered",
        [GROUP_HOUR_UP] = "bytes up in an hour of one user",
        [GROUP_HOUR_DOWN] = "bytes down in an hour of one user",
        [GROUP_HOUR] = "an hour of one user",
        [GROUP_COST] = "CPU and memory",
        [GROUP_RECOVERY] = "what arrived, and how soon after a fault",
    };

    return titles[group];
}

enum measure
measure_find(const char *key)
{
    for (int i = 0; i < MEASURE_COUNT; i++)
        if (strcmp(measure_rows[i].key, key) == 0)
            return (enum measure)i;
    return MEASURE_COUNT;
}

enum measure
measure_bytes(enum flow flow, enum direction direction, enum layer layer)
{
    assert(flow < FLOWS && direction < DIRECTIONS && layer < LAYERS);
    return (enum measure)((int)MEASURE_BYTES_FIRST +
                          ((int)flow * DIRECTIONS + (int)direction) * LAYERS + (int)layer);
}

void
measure_add_number(double value, int decimals, struct buf *out)
{
    char digits[400];
    int len = snprintf(digits, sizeof(digits), "%.*f", decimals, fabs(value));
    int whole = decimals > 0 ? len - decimals - 1 : len;

    if (value < 0 && strspn(digits, "0.") < (size_t)len)
        buf_add_byte(out, '-');
    for (int i = 0; i < len; i++) {
        if (i > 0 && i < whole && (whole - i) % 3 == 0)
            buf_add_byte(out, ',');
        buf_add_byte(out, digits[i]);
    }
}

int
measure_decimals(enum measure measure, double value)
{
    int decimals = measure_rows[measure].decimals;

    if (fabs(value) >= 1000)
        return 0;
    return fabs(value) >= 100 ? MIN(decimals, 1) : decimals;
}

void
measure_add_value(enum measure measure, double value, struct buf *out)
{
    measure_add_number(value, measure_decimals(measure, value), out);
}

void
measure_add_varied(const char *key, const char *value, struct buf *out)
{
    static const struct {
        const char *key, *before, *after;
    } rows[] = {
        {"rate_per_s", "", " messages/s"},
        {"rate_per_min", "", " messages/min"},
        {"readers", "", " readers"},
        {"interval_s", "every ", " s"},
        {"rtt_ms", "RTT ", " ms"},
        {"loss_percent", "", " % loss"},
        {"keep_alive", "keep-alive ", ""},
        {"use", "", ""},
        {"fault", "", ""},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (strcmp(rows[i].key, key) == 0) {
            buf_addf(out, "%s%s%s", rows[i].before, value, rows[i].after);
            return;
        }
    }
    buf_addf(out, "%s %s", key, value);
}
