/* What one of each costs on a way: taken out of a profile's rows. */
#include "bench/result/advice.h"

#include "bench/result/chart.h"
#include "bench/result/pick.h"
#include "bench/result/result.h"
#include "common/util.h"

#include <math.h>
#include <string.h>

const struct advice_weights advice_weights[CHART_STYLES] = {
    [CHART_WS] = {0.90, 0.50},   [CHART_SSE] = {0.96, 0.80},   [CHART_LONGPOLL] = {0.99, 0.96},
    [CHART_POLL] = {1.00, 0.99}, [CHART_OTHER] = {0.90, 0.50},
};

/* The flow of the row's bytes, times factor. */
static void
add_bytes(struct advice_unit *unit, const struct result_row *row, enum flow flow, double factor)
{
    for (int d = 0; d < DIRECTIONS; d++)
        for (int layer = 0; layer < LAYERS; layer++)
            unit->bytes[d][layer] +=
                factor *
                result_row_median(row, measure_bytes(flow, (enum direction)d, (enum layer)layer));
}

/* Less times of one poll, but nothing below 0. */
static void
take_polls(struct advice_unit *unit, const struct advice_unit *poll, double times)
{
    for (int d = 0; d < DIRECTIONS; d++)
        for (int layer = 0; layer < LAYERS; layer++)
            unit->bytes[d][layer] = fmax(0, unit->bytes[d][layer] - times * poll->bytes[d][layer]);
    unit->cpu_us = fmax(0, unit->cpu_us - times * poll->cpu_us);
}

/* An idle hour: by itself, and of those who poll divided by their requests. */
static bool
fill_idle(struct advice_way *way, const struct result_row *idle)
{
    double requests, bytes;

    if (idle == NULL || !result_row_bytes(idle, FLOW_HOUR, DIRECTION_DOWN, &bytes))
        return false;
    requests = result_row_median(idle, MEASURE_HOUR_REQUESTS);
    if (way->polls && requests <= 0)
        return false;
    add_bytes(way->polls ? &way->poll : &way->idle_hour, idle, FLOW_HOUR,
              way->polls ? 1 / requests : 1);
    way->pings = result_row_median(idle, MEASURE_HOUR_PINGS);
    if (way->polls)
        way->poll.cpu_us = result_row_median(idle, MEASURE_HOUR_SERVER_CPU_MS) * 1000 / requests;
    else
        way->idle_hour.cpu_us = result_row_median(idle, MEASURE_HOUR_SERVER_CPU_MS) * 1000;
    return true;
}

/* A delivery without the polls in it and without the sender's part, which others pay by the said
 * ones. */
static void
fill_delivery(struct advice_way *way, const struct result *profile, const struct result_row *row,
              const struct result_row *chat)
{
    double readers = fmax(1, facts_number(&profile->parameters, "readers", 1));

    add_bytes(&way->delivery, row, FLOW_READ, 1);
    way->delivery.cpu_us = result_row_median(row, MEASURE_SERVER_CPU_US);
    if (chat != NULL && result_row_has(chat, MEASURE_SEND_CPU_US))
        way->delivery.cpu_us -= result_row_median(chat, MEASURE_SEND_CPU_US) / readers;
    way->delivery.cpu_us = fmax(0, way->delivery.cpu_us);
    if (way->polls)
        take_polls(&way->delivery, &way->poll, result_row_median(row, MEASURE_READ_REQUESTS));
}

static void
fill_said(struct advice_way *way, const struct result_row *chat)
{
    if (chat == NULL)
        return;
    add_bytes(&way->said, chat, FLOW_SEND, 1);
    way->said.cpu_us = result_row_median(chat, MEASURE_SEND_CPU_US);
    way->send_requests = result_row_median(chat, MEASURE_SEND_REQUESTS);
    way->has_second = way->send_requests > 0 && strcmp(way->http, "2") != 0;
}

/* What is counted by delivery, of which an answer may bring several. */
static double
a_request(const struct result_row *row, enum measure measure)
{
    double requests = result_row_median(row, MEASURE_READ_REQUESTS);

    return result_row_median(row, measure) / (requests > 0 ? requests : 1);
}

/* What a request by a connection of its own costs more than one by a kept connection. Any transport
 * tells it, since it is TCP and TLS alone. */
static void
fill_handshake(struct advice_way *way, const struct result *profile)
{
    static const char *const transports[] = {"longpoll", "poll", "sse"};

    for (size_t i = 0; i < ARRAY_LEN(transports) && !way->knows_handshake; i++) {
        const struct result_row *fresh = pick_without_keep_alive(profile, transports[i]);
        const struct result_row *kept = pick_row(profile, transports[i], "1.1", NULL);

        if (fresh == NULL || kept == NULL || !result_row_has(fresh, MEASURE_HANDSHAKE_CPU_US))
            continue;
        for (int d = 0; d < DIRECTIONS; d++)
            for (int layer = 0; layer < LAYERS; layer++) {
                enum measure bytes = measure_bytes(FLOW_READ, (enum direction)d, (enum layer)layer);

                way->handshake.bytes[d][layer] =
                    fmax(0, a_request(fresh, bytes) - a_request(kept, bytes));
            }
        memset(way->handshake.bytes[DIRECTION_UP], 0, LAYER_TLS * sizeof(double));
        memset(way->handshake.bytes[DIRECTION_DOWN], 0, LAYER_TLS * sizeof(double));
        way->handshake.cpu_us = result_row_median(fresh, MEASURE_HANDSHAKE_CPU_US);
        way->knows_handshake = true;
    }
}

static bool
fault_lets_any_through(const struct result *profile, const char *fault)
{
    for (size_t i = 0; i < profile->row_count; i++)
        if (str_equal(facts_text(&profile->rows[i]->varied, "fault"), fault) &&
            str_equal(facts_text(&profile->rows[i]->words, "state"), "works"))
            return true;
    return false;
}

/* Of the faults that anything gets through, those that this transport does; -1: no matrix. */
static double
matrix_reach(const struct result *profile, const char *transport)
{
    double faults = 0, works = 0;

    for (size_t i = 0; i < profile->row_count; i++) {
        const struct result_row *row = profile->rows[i];
        const char *fault = facts_text(&row->varied, "fault");

        if (fault == NULL || strcmp(row->transport, transport) != 0 ||
            !fault_lets_any_through(profile, fault))
            continue;
        faults++;
        works += str_equal(facts_text(&row->words, "state"), "works") ? 1 : 0;
    }
    return faults > 0 ? works / faults : -1;
}

static double
reach_of(const struct result *profile, const struct advice_question *question,
         const char *transport, bool *ret_has_matrix)
{
    const struct advice_weights *weights = &advice_weights[chart_style_of(transport)];
    double reach = matrix_reach(profile, transport);

    *ret_has_matrix |= reach >= 0;
    switch (question->network) {
    case ADVICE_OPEN: return 1;
    case ADVICE_PROXIED: return weights->proxied;
    case ADVICE_HOSTILE: return reach >= 0 ? reach : weights->hostile;
    }
    return 1;
}

static void
fill_rest(struct advice_way *way, const struct result *profile, const struct result_row *row)
{
    way->p50_ms = result_row_median(row, MEASURE_DELIVERY_P50_MS);
    way->p99_ms = result_row_median(row, MEASURE_DELIVERY_P99_MS);
    way->memory_bytes = result_row_median(row, MEASURE_SERVER_RSS_BYTES) +
                        result_row_median(row, MEASURE_KERNEL_BYTES);
    way->keep_alive_s = facts_number(&profile->parameters, "keep_alive_s", 60);
    way->wait_s = facts_number(&profile->parameters, "wait_s", 25);
    way->heartbeat_s = facts_number(&profile->parameters, "heartbeat_s", 15);
}

/* False where the profile lacks what the model needs of it. */
static bool
fill_way(struct advice_way *way, const struct result *profile,
         const struct advice_question *question, bool *ret_has_matrix)
{
    const struct result_row *chat = pick_row(profile, way->transport, way->http, NULL);
    const struct result_row *read = pick_row(profile, way->transport, way->http, "read");
    const struct result_row *idle = pick_row(profile, way->transport, way->http, "idle");
    const struct result_row *row = question->said_per_min > 0 || read == NULL ? chat : read;
    enum chart_style style = chart_style_of(way->transport);
    double bytes;

    way->polls = style == CHART_LONGPOLL || style == CHART_POLL;
    way->holds = style == CHART_LONGPOLL;
    if (row == NULL || !result_row_bytes(row, FLOW_READ, DIRECTION_DOWN, &bytes) ||
        !fill_idle(way, idle))
        return false;
    fill_delivery(way, profile, row, row == chat ? chat : NULL);
    fill_said(way, chat);
    fill_handshake(way, profile);
    fill_rest(way, profile, row);
    way->reach = reach_of(profile, question, way->transport, ret_has_matrix);
    return true;
}

size_t
advice_ways(const struct result *profile, const struct advice_question *question,
            struct advice_way *ret_ways, bool *ret_has_matrix)
{
    size_t count = 0;

    *ret_has_matrix = false;
    for (size_t i = 0; i < profile->row_count && count < ADVICE_WAYS_MAX; i++) {
        const struct result_row *row = profile->rows[i];
        struct advice_way way = {.transport = row->transport, .http = row->http};
        bool is_known = false;

        for (size_t k = 0; k < count; k++)
            is_known |= strcmp(ret_ways[k].transport, row->transport) == 0 &&
                        strcmp(ret_ways[k].http, row->http) == 0;
        if (!is_known && fill_way(&way, profile, question, ret_has_matrix))
            ret_ways[count++] = way;
    }
    return count;
}
