#include "bench/result/published.h"

#include "bench/result/advice.h"
#include "bench/result/pick.h"
#include "bench/result/result.h"
#include "bench/result/view_text.h"
#include "common/buf.h"
#include "common/util.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of whole packets: up a message said, down a delivery. */
static const struct {
    const char *name, *transport;
    double up, down;
} packets[] = {
    {"SockJS WebSocket", "ws", 223, 247},        {"SockJS SSE", "sse", 1056, 625},
    {"SockJS HTTP streaming", "sse", 1059, 250}, {"SockJS long poll", "longpoll", 1059, 1138},
    {"Socket.IO WebSocket", "ws", 223, 242},     {"Socket.IO long poll", "longpoll", 969, 948},
    {"Socket.IO polling", "poll", 1113, 956},
};

/* Five updates, one a second: requests, and bytes of the answers. */
#define UPDATES         5
#define POLL_INTERVAL_S 0.25
static const struct {
    const char *name, *transport;
    double requests, first, second; /* over HTTP/1.1, over HTTP/2; NaN: not told */
} updates[] = {
    {"short poll, 250 ms", "poll", 17, 3767, 2135},
    {"long poll", "longpoll", NAN, 2066, 1407},
    {"SSE", "sse", NAN, 1229, 816},
};

const char *
published_source(enum published published)
{
    static const char *const sources[PUBLISHED_COUNT] = {
        [PUBLISHED_PACKETS] =
            "Johannessen, master's thesis, Oslo 2014: 60 clients, 1,800 messages, 108,000 "
            "deliveries, whole packets from a capture. HTTP/1.1 without TLS; "
            "ours has TLS, so what ours would be without TLS stands beside it.",
        [PUBLISHED_REQUESTS] =
            "Abril, 2017: five updates, one a second, in Chrome over TLS; bytes of answers with "
            "their heads. His include the loading of the page; ours are calculated from one poll "
            "and "
            "one delivery as measured, without TLS and TCP/IP.",
    };

    return sources[published];
}

static char *
number(double value)
{
    struct buf out = BUF_INIT;

    measure_add_number(value, 0, &out);
    return buf_take(&out, NULL);
}

static double
tls_of(const struct result_row *row, enum flow flow, enum direction direction)
{
    return result_row_median(row, measure_bytes(flow, direction, LAYER_TLS));
}

static void
add_packets(struct sheet *sheet, size_t number_of, const struct result_row *row)
{
    double up, down;
    struct sheet_line *line;

    result_row_bytes(row, FLOW_SEND, DIRECTION_UP, &up);
    result_row_bytes(row, FLOW_READ, DIRECTION_DOWN, &down);
    line = sheet_add_line(sheet, "", packets[number_of].name);
    line->cells[0] = xstrdup(row->transport);
    line->cells[1] = number(packets[number_of].up);
    line->cells[2] = number(up);
    line->cells[3] = number(up - tls_of(row, FLOW_SEND, DIRECTION_UP));
    line->cells[4] = number(packets[number_of].down);
    line->cells[5] = number(down);
    line->cells[6] = number(down - tls_of(row, FLOW_READ, DIRECTION_DOWN));
}

static void
fill_packets(struct sheet *sheet, const struct result *result)
{
    static const char *const headings[] = {"up", "ours", "no TLS", "down", "ours", "no TLS"};

    sheet_init(sheet, "bytes up a message said and down a delivery");
    sheet_add_column(sheet, "ours by", "");
    for (size_t i = 0; i < ARRAY_LEN(headings); i++)
        sheet_add_column(sheet, headings[i], "B");
    for (size_t i = 0; i < ARRAY_LEN(packets); i++) {
        const struct result_row *row = pick_row(result, packets[i].transport, "1.1", NULL);
        double bytes;

        if (row != NULL && result_row_bytes(row, FLOW_READ, DIRECTION_DOWN, &bytes))
            add_packets(sheet, i, row);
    }
}

static double
answer_bytes(const struct advice_unit *unit)
{
    const double *down = unit->bytes[DIRECTION_DOWN];

    return down[LAYER_TEXT] + down[LAYER_JSON] + down[LAYER_FRAMING];
}

static double
requests_of(const struct advice_way *way)
{
    if (!way->polls)
        return 1;
    return way->holds ? UPDATES : UPDATES / POLL_INTERVAL_S;
}

/* The bytes of the updates by that way; NaN where it was not measured. */
static double
update_bytes(const struct advice_way *ways, size_t count, const char *transport, const char *http,
             double *ret_requests)
{
    for (size_t i = 0; i < count; i++) {
        const struct advice_way *way = &ways[i];

        if (strcmp(way->transport, transport) != 0 || strcmp(way->http, http) != 0)
            continue;
        *ret_requests = requests_of(way);
        return (way->polls ? requests_of(way) * answer_bytes(&way->poll) : 0) +
               UPDATES * answer_bytes(&way->delivery);
    }
    return NAN;
}

static char *
known(double value)
{
    return isnan(value) ? xstrdup("") : number(value);
}

/* By how much HTTP/2 needs less. */
static char *
saved(double first, double second)
{
    if (isnan(first) || isnan(second))
        return xstrdup("");
    return xasprintf("%.0f %%", 100 * (1 - second / first));
}

static void
fill_requests(struct sheet *sheet, const struct result *result)
{
    static const char *const headings[] = {"HTTP/1.1", "ours", "HTTP/2", "ours"};
    struct advice_way ways[ADVICE_WAYS_MAX];
    bool has_matrix;
    size_t count = advice_ways(result, &advice_defaults, ways, &has_matrix);

    sheet_init(sheet, "requests and bytes of five updates");
    sheet_add_column(sheet, "requests", "");
    sheet_add_column(sheet, "ours", "");
    for (size_t i = 0; i < ARRAY_LEN(headings); i++)
        sheet_add_column(sheet, headings[i], "B");
    sheet_add_column(sheet, "saved", "");
    sheet_add_column(sheet, "ours", "");
    for (size_t i = 0; i < ARRAY_LEN(updates); i++) {
        double requests = 0;
        double first = update_bytes(ways, count, updates[i].transport, "1.1", &requests);
        double second = update_bytes(ways, count, updates[i].transport, "2", &requests);
        struct sheet_line *line;

        if (isnan(first) && isnan(second))
            continue;
        line = sheet_add_line(sheet, "", updates[i].name);
        line->cells[0] = known(updates[i].requests);
        line->cells[1] = number(requests);
        line->cells[2] = number(updates[i].first);
        line->cells[3] = known(first);
        line->cells[4] = number(updates[i].second);
        line->cells[5] = known(second);
        line->cells[6] = saved(updates[i].first, updates[i].second);
        line->cells[7] = saved(first, second);
    }
}

bool
published_sheet(enum published published, const struct result *result, struct sheet *ret_sheet)
{
    if (published == PUBLISHED_PACKETS)
        fill_packets(ret_sheet, result);
    else
        fill_requests(ret_sheet, result);
    if (ret_sheet->line_count > 0)
        return true;
    sheet_fini(ret_sheet);
    return false;
}

int
published_show(const struct result *result, FILE *out, unsigned flags)
{
    struct buf text = BUF_INIT;
    struct sheet sheet;

    view_add_head(result, &text);
    for (int i = 0; i < PUBLISHED_COUNT; i++) {
        if (!published_sheet((enum published)i, result, &sheet))
            continue;
        view_add_sheet(&sheet, &text);
        buf_add_byte(&text, '\n');
        view_add_wrapped(published_source((enum published)i), &text);
        sheet_fini(&sheet);
    }
    return view_write_visible(&text, flags, out);
}
