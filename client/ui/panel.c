#include "client/ui/panel.h"

#include "client/link/link.h"
#include "client/link/meter.h"
#include "client/link/whatif.h"
#include "client/ui/glyphs.h"
#include "common/buf.h"
#include "common/text.h"
#include "common/util.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    LABEL_COLUMNS = 11,
    TIME_COLUMNS = 7,
    FLOW_LABEL_COLUMNS = 11,
    FLOW_COLUMNS = 13,
};

enum panel_figure { PANEL_PAYLOAD, PANEL_WIRE, PANEL_OVERHEAD };

static int
width(const struct buf *buf)
{
    return text_columns(buf_text(buf), buf->len);
}

static void
pad(struct buf *out, int columns)
{
    for (int i = 0; i < columns; i++)
        buf_add_byte(out, ' ');
}

static void
add_right(struct buf *out, const char *text, int columns)
{
    pad(out, columns - text_columns(text, strlen(text)));
    buf_add_str(out, text);
}

static void
add_left(struct buf *out, const char *text, int columns)
{
    buf_add_str(out, text);
    pad(out, columns - text_columns(text, strlen(text)));
}

/* "1 204", "9 870". */
static void
add_grouped(struct buf *out, uint64_t number)
{
    char digits[24];
    int len = snprintf(digits, sizeof(digits), "%" PRIu64, number);

    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            buf_add_byte(out, ' ');
        buf_add_byte(out, digits[i]);
    }
}

/* "0.3ms", "31ms", "1.02s", "15.0s", never more than six columns. */
static void
say_time(char *dst, size_t size, const struct glyphs *glyphs, int64_t us)
{
    double ms = (double)us / 1000, s = ms / 1000;

    if (us < 0)
        snprintf(dst, size, "%s", glyphs->none);
    else if (ms < 9.95)
        snprintf(dst, size, "%.1fms", ms);
    else if (ms < 999.5)
        snprintf(dst, size, "%.0fms", ms);
    else
        snprintf(dst, size, "%.*fs", s < 9.995 ? 2 : s < 99.95 ? 1 : 0, s);
}

/* "912", "6.1K", "30.3K", "412K", "1.2M". */
static void
add_short(struct buf *out, uint64_t bytes)
{
    static const char units[] = {'K', 'M', 'G', 'T'};
    double size = (double)bytes / 1000;
    size_t unit = 0;

    if (bytes < 1000) {
        buf_addf(out, "%" PRIu64, bytes);
        return;
    }
    for (; size >= 999.5 && unit + 1 < sizeof(units); unit++)
        size /= 1000;
    buf_addf(out, "%.*f%c", size < 99.95 ? 1 : 0, size, units[unit]);
}

/* The left halves. */

static bool
is_there(const struct panel *panel)
{
    return panel->status->state == LINK_LIVE || panel->status->state == LINK_STALLED;
}

static void
add_duration(struct buf *out, int64_t ms)
{
    int64_t s = MAX(ms, 0) / 1000;

    if (s >= 3600)
        buf_addf(out, "%" PRId64 ":%02d:%02d", s / 3600, (int)(s / 60 % 60), (int)(s % 60));
    else
        buf_addf(out, "%d:%02d", (int)(s / 60), (int)(s % 60));
}

/* "TLS 1.3" of "TLSv1.3". */
static void
add_tls(struct buf *out, const char *name)
{
    if (strncmp(name, "TLSv", 4) == 0)
        buf_addf(out, "TLS %s", name + 4);
    else
        buf_add_str(out, name);
}

static void
add_state(struct buf *out, const struct panel *panel)
{
    const struct way_facts *facts = panel->facts;
    const char *dot = panel->glyphs->middle_dot;

    buf_addf(out, "%s %s  ", is_there(panel) ? panel->glyphs->dot : panel->glyphs->ring,
             panel->status->transport);
    if (!is_there(panel)) {
        buf_add_str(out, "not connected");
        return;
    }

    if (facts->http[0] != '\0') {
        buf_addf(out, "HTTP/%s %s ", facts->http, dot);
        add_tls(out, facts->tls);
        buf_addf(out, " %s ", dot);
    }
    buf_add_str(out, "up ");
    add_duration(out, panel->now_ms - panel->status->live_since_ms);
    if (facts->held_since_ms > 0)
        buf_addf(out, " %s poll held %02d/%d s", dot,
                 (int)((panel->now_ms - facts->held_since_ms) / 1000), facts->wait_s);
}

static void
add_times_head(struct buf *out, const struct panel *panel)
{
    static const char *const heads[] = {"now", "p50", "p95", "max"};

    pad(out, LABEL_COLUMNS - 1);
    for (size_t i = 0; i < ARRAY_LEN(heads); i++)
        add_right(out, heads[i], TIME_COLUMNS);
    buf_add_str(out, "  last 60 s");
}

/* Each step is about three times as long as the one below it, from 1 ms to 3 s. */
static const char *
spark(const struct glyphs *glyphs, const struct meter_bar *bar)
{
    static const int64_t steps_us[SPARK_COUNT - 1] = {1000,   3000,   10000,  30000,
                                                      100000, 300000, 1000000};
    size_t step = 0;

    if (bar->failed)
        return glyphs->cross;
    if (bar->max_us < 0)
        return " ";
    while (step < ARRAY_LEN(steps_us) && bar->max_us >= steps_us[step])
        step++;
    return glyphs->sparks[step];
}

static void
add_time(struct buf *out, const struct panel *panel, int64_t us)
{
    char text[32];

    say_time(text, sizeof(text), panel->glyphs, us);
    add_right(out, text, TIME_COLUMNS);
}

static void
add_times(struct buf *out, const struct panel *panel, const char *label,
          const struct histogram *times, int64_t last_us, const struct meter_trail *trail)
{
    struct meter_bar bars[METER_BARS];
    bool is_none = times->count == 0;

    add_left(out, label, LABEL_COLUMNS - 1);
    add_time(out, panel, is_none ? -1 : last_us);
    add_time(out, panel, is_none ? -1 : histogram_quantile(times, 0.5));
    add_time(out, panel, is_none ? -1 : histogram_quantile(times, 0.95));
    add_time(out, panel, is_none ? -1 : histogram_quantile(times, 1));
    buf_add_str(out, "  ");
    meter_trail_read(trail, panel->now_ms, bars);
    for (size_t i = 0; i < METER_BARS; i++)
        buf_add_str(out, spark(panel->glyphs, &bars[i]));
}

static void
add_receipts(struct buf *out, const struct panel *panel)
{
    const struct meter_times *times = panel->times;
    char label[32];

    snprintf(label, sizeof(label), "send%sack", panel->glyphs->right);
    add_times(out, panel, label, &times->receipt, times->receipt_us, &times->receipt_trail);
}

static void
add_lag(struct buf *out, const struct panel *panel)
{
    const struct meter_times *times = panel->times;
    char label[32];

    snprintf(label, sizeof(label), "push lag %s", panel->glyphs->plus_minus);
    add_times(out, panel, label, &times->lag, times->lag_us, &times->lag_trail);
}

static void
add_requests(struct buf *out, const struct panel *panel)
{
    const struct meter_counts *counts = panel->counts;
    const char *dot = panel->glyphs->middle_dot;

    buf_addf(out,
             "requests %" PRIu64 " (%" PRIu64 " poll + %" PRIu64 " send, %" PRIu64
             " empty) %s TCP %" PRIu64 " %s TLS %" PRIu64 " full + %" PRIu64 " resumed",
             counts->requests, counts->polls, counts->posts, counts->empty_answers, dot,
             counts->connections, dot, counts->handshakes, counts->resumptions);
}

/* What is measured stands among what the others would have cost. */
static void
add_costs(struct buf *out, const struct panel *panel, const char *estimated, const char *measured)
{
    const struct meter_flow *up = &panel->counts->flow[METER_UP];
    const struct meter_flow *down = &panel->counts->flow[METER_DOWN];
    const struct whatif talk = {
        .said = up->messages,
        .heard = down->messages,
        .reconnects = panel->counts->reconnects,
        .ms = panel->counted_ms,
        .poll_interval_ms = panel->poll_interval_ms,
        .heartbeat_ms = panel->heartbeat_ms,
        .is_http2 = panel->is_http2,
    };
    uint64_t spent = meter_wire(up) + meter_wire(down) - meter_payload(up) - meter_payload(down);

    for (size_t i = 0; i < ARRAY_LEN(whatif_rows); i++) {
        const struct whatif_row *row = &whatif_rows[i];
        bool is_used = str_equal(row->transport, panel->status->transport);

        if (i > 0)
            buf_addf(out, " %s ", panel->glyphs->middle_dot);
        buf_addf(out, "%s ", row->transport);
        add_short(out, is_used ? spent : row->overhead(&talk));
        buf_addf(out, " %s", is_used ? measured : estimated);
    }
}

static uint64_t
message_count(const struct panel *panel)
{
    return panel->counts->flow[METER_UP].messages + panel->counts->flow[METER_DOWN].messages;
}

static void
add_whatif(struct buf *out, const struct panel *panel)
{
    buf_addf(out, "overhead of the same %" PRIu64 " msgs: ", message_count(panel));
    add_costs(out, panel, "(est)", "(measured)");
}

static void
add_short_whatif(struct buf *out, const struct panel *panel)
{
    buf_addf(out, "%" PRIu64 " msgs: ", message_count(panel));
    add_costs(out, panel, "est", "measured");
}

/* The right halves. */

static void
add_losses(struct buf *out, const struct panel *panel)
{
    const struct meter_counts *counts = panel->counts;
    const char *dot = panel->glyphs->middle_dot;

    buf_addf(out,
             "reconnects %" PRIu64 " %s recovered %" PRIu64 " %s gaps %" PRIu64 " %s repeats "
             "%" PRIu64,
             counts->reconnects, dot, counts->recovered, dot, counts->gaps, dot, counts->repeats);
}

static void
add_bytes(struct buf *out, uint64_t bytes)
{
    add_grouped(out, bytes);
    buf_add_str(out, " B");
}

static void
add_overhead(struct buf *out, const struct panel *panel, const struct meter_flow *flow)
{
    if (flow->messages == 0) {
        buf_add_str(out, panel->glyphs->none);
        return;
    }

    add_grouped(out, (meter_wire(flow) - meter_payload(flow)) / flow->messages);
    buf_add_str(out, " B/msg");
}

static void
add_flow_head(struct buf *out, const struct panel *panel)
{
    char up[16], down[16];

    snprintf(up, sizeof(up), "%s up", panel->glyphs->up);
    snprintf(down, sizeof(down), "%s down", panel->glyphs->more);
    add_right(out, up, FLOW_COLUMNS);
    add_right(out, down, FLOW_COLUMNS);
}

static void
add_figure(struct buf *out, const struct panel *panel, const struct meter_flow *flow,
           enum panel_figure figure)
{
    switch (figure) {
    case PANEL_PAYLOAD: add_bytes(out, meter_payload(flow)); break;
    case PANEL_WIRE: add_bytes(out, meter_wire(flow)); break;
    case PANEL_OVERHEAD: add_overhead(out, panel, flow); break;
    }
}

/* Up and down beside each other, under their heads. */
static void
add_figures(struct buf *out, const struct panel *panel, const char *label, enum panel_figure figure)
{
    add_left(out, label, FLOW_LABEL_COLUMNS);
    for (int way = 0; way < METER_DIRECTIONS; way++) {
        struct buf text = BUF_INIT;
        add_figure(&text, panel, &panel->counts->flow[way], figure);
        add_right(out, buf_text(&text), FLOW_COLUMNS);
        buf_fini(&text);
    }
}

static void
add_payload(struct buf *out, const struct panel *panel)
{
    add_figures(out, panel, "payload", PANEL_PAYLOAD);
}

static void
add_wire(struct buf *out, const struct panel *panel)
{
    add_figures(out, panel, "on the wire", PANEL_WIRE);
}

static void
add_overheads(struct buf *out, const struct panel *panel)
{
    add_figures(out, panel, "overhead", PANEL_OVERHEAD);
}

/* The same for one way, in a row. */
static void
add_way(struct buf *out, const struct panel *panel, const char *head, enum meter_way way)
{
    const struct meter_flow *flow = &panel->counts->flow[way];

    buf_addf(out, "%s payload ", head);
    add_figure(out, panel, flow, PANEL_PAYLOAD);
    buf_addf(out, " %s on the wire ", panel->glyphs->middle_dot);
    add_figure(out, panel, flow, PANEL_WIRE);
    buf_addf(out, " %s overhead ", panel->glyphs->middle_dot);
    add_figure(out, panel, flow, PANEL_OVERHEAD);
}

static void
add_up(struct buf *out, const struct panel *panel)
{
    add_way(out, panel, panel->glyphs->up, METER_UP);
}

static void
add_down(struct buf *out, const struct panel *panel)
{
    add_way(out, panel, panel->glyphs->more, METER_DOWN);
}

/* Rows. */

typedef void (*panel_part)(struct buf *out, const struct panel *panel);

static const struct {
    panel_part left, right;
} wide_rows[PANEL_WIDE_ROWS] = {
    {add_state, add_losses}, {add_times_head, add_flow_head}, {add_receipts, add_payload},
    {add_lag, add_wire},     {add_requests, add_overheads},   {add_whatif, NULL},
};

static const panel_part narrow_rows[PANEL_NARROW_ROWS] = {
    add_state, add_losses, add_times_head, add_receipts,     add_lag,
    add_up,    add_down,   add_requests,   add_short_whatif,
};

int
panel_row_count(int columns)
{
    return columns >= PANEL_WIDE_COLUMNS ? PANEL_WIDE_ROWS : PANEL_NARROW_ROWS;
}

static void
add_cut(struct buf *out, const struct buf *text, int columns)
{
    buf_add(out, buf_text(text), text_fit(buf_text(text), text->len, MAX(columns, 0)));
}

void
panel_row(struct buf *out, const struct panel *panel, int row, int columns)
{
    bool is_wide = columns >= PANEL_WIDE_COLUMNS;
    panel_part left = is_wide ? wide_rows[row].left : narrow_rows[row];
    panel_part right = is_wide ? wide_rows[row].right : NULL;
    struct buf begin = BUF_INIT, end = BUF_INIT;

    left(&begin, panel);
    if (right != NULL)
        right(&end, panel);
    int room = columns - 1 - (right != NULL ? width(&end) + 2 : 0);
    buf_add_byte(out, ' ');
    add_cut(out, &begin, room);
    if (right != NULL) {
        pad(out, room - MIN(width(&begin), room));
        buf_add_byte(out, ' ');
        buf_add(out, buf_text(&end), end.len);
        buf_add_byte(out, ' ');
    }
    buf_fini(&begin);
    buf_fini(&end);
}
