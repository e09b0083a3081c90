/* One page with everything: no script, nothing from elsewhere, pictures drawn here. */
#include "bench/result/view.h"

#include "bench/result/chart.h"
#include "bench/result/claims.h"
#include "bench/result/html.h"
#include "bench/result/html_style.h"
#include "bench/result/published.h"
#include "bench/result/result.h"
#include "bench/result/sheet.h"
#include "bench/result/view_text.h"
#include "common/buf.h"
#include "common/util.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The rows that pictures of one load show: people who read and say, and who only read. */
struct rows {
    const struct result_row *items[64];
    size_t count;
};

static bool
is_of_this_load(const struct result *result, const struct result_row *row)
{
    const char *use = facts_text(&row->varied, "use");
    const struct fact *interval = facts_find(&row->varied, "interval_s");
    size_t known = (use != NULL ? 1U : 0U) + (interval != NULL ? 1U : 0U);

    if (row->varied.count != known || (use != NULL && strcmp(use, "read") != 0))
        return false;
    if (interval == NULL)
        return true;
    return interval->number == facts_number(&result->parameters, "interval_s", interval->number) &&
           result_find(result, row->transport, row->http, NULL) == NULL;
}

static void
collect(const struct result *result, enum measure measure, struct rows *ret_rows)
{
    ret_rows->count = 0;
    for (size_t i = 0; i < result->row_count; i++) {
        const struct result_row *row = result->rows[i];

        if (ret_rows->count < ARRAY_LEN(ret_rows->items) && is_of_this_load(result, row) &&
            result_row_has(row, measure))
            ret_rows->items[ret_rows->count++] = row;
    }
}

static char *
name_of(const struct result_row *row)
{
    struct buf name = BUF_INIT;

    result_row_add_name(row, &name);
    return buf_take(&name, NULL);
}

static void
add_bars(const char *title, const struct rows *rows, const enum measure *parts, size_t part_count,
         const char *const *names, const char *unit, struct buf *out)
{
    struct html_bar bars[ARRAY_LEN(rows->items)] = {0};
    size_t count = 0;

    for (size_t i = 0; i < rows->count; i++) {
        struct html_bar *bar = &bars[count++];

        *bar = (struct html_bar){.label = name_of(rows->items[i]),
                                 .class_name = html_class_of(rows->items[i]->transport)};
        for (size_t k = 0; k < part_count; k++)
            bar->parts[k] = result_row_median(rows->items[i], parts[k]);
    }
    html_add_bars(title, bars, count, names, part_count, measure_rows[parts[0]].decimals, unit,
                  out);
    for (size_t i = 0; i < count; i++)
        free(bars[i].label);
}

static void
add_bytes(const char *title, const struct result *result, enum flow flow, enum direction direction,
          struct buf *out)
{
    static const char *const names[LAYERS] = {"text", "JSON", "framing", "TLS", "TCP/IP"};
    enum measure parts[LAYERS];
    struct rows rows;

    for (int layer = 0; layer < LAYERS; layer++)
        parts[layer] = measure_bytes(flow, direction, (enum layer)layer);
    collect(result, parts[LAYER_TCPIP], &rows);
    add_bars(title, &rows, parts, LAYERS, names, "B", out);
}

static void
add_section(const char *title, const char *how, struct buf *out)
{
    buf_addf(out, "<h2>%s</h2>\n<p class=\"how\">%s</p>\n", title, how);
}

static void
add_delays(const struct result *result, struct buf *out)
{
    struct chart *chart = chart_delay_bytes(result);
    struct rows rows;

    collect(result, MEASURE_DELIVERY_P50_MS, &rows);
    if (rows.count > 0 || !chart_is_empty(chart))
        add_section("Delay",
                    "Measured from the time a message was meant to be sent, so a sender that was "
                    "held up counts as delay too.",
                    out);
    html_add_spans(rows.items, rows.count, out);
    if (!chart_is_empty(chart))
        html_add_chart(chart, out);
    chart_destroy(chart);
}

static void
add_sweeps(const struct result *result, struct buf *out)
{
    bool has_title = false;

    for (size_t i = 0; i < chart_sweep_count; i++) {
        struct chart *chart = chart_by(result, &chart_sweeps[i]);

        if (!chart_is_empty(chart)) {
            if (!has_title)
                add_section("Where what is best changes",
                            "By message rate, it is an hour of one user whom so many messages "
                            "reach. A numbered ring is where one way begins to cost less than "
                            "another.",
                            out);
            has_title = true;
            html_add_chart(chart, out);
        }
        chart_destroy(chart);
    }
}

static void
add_layers(const struct result *result, struct buf *out)
{
    bool has = false;
    double bytes;

    for (size_t i = 0; i < result->row_count && !has; i++)
        has = result_row_bytes(result->rows[i], FLOW_READ, DIRECTION_DOWN, &bytes) ||
              result_row_bytes(result->rows[i], FLOW_SEND, DIRECTION_UP, &bytes);
    if (!has)
        return;
    add_section(
        "Bytes on the wire",
        "From the text of the message outwards, each layer as what it adds to those within. "
        "Receipts and acknowledgements are in it.",
        out);
    add_bytes("Up, for a message said", result, FLOW_SEND, DIRECTION_UP, out);
    add_bytes("Down, for a message said", result, FLOW_SEND, DIRECTION_DOWN, out);
    add_bytes("Up, for a message delivered", result, FLOW_READ, DIRECTION_UP, out);
    add_bytes("Down, for a message delivered", result, FLOW_READ, DIRECTION_DOWN, out);
}

static void
add_single(const char *title, const struct result *result, enum measure measure, const char *unit,
           struct buf *out)
{
    struct rows rows;

    collect(result, measure, &rows);
    add_bars(title, &rows, &measure, 1, NULL, unit, out);
}

static void
add_standing(const struct result *result, struct buf *out)
{
    static const enum measure memory[] = {MEASURE_SERVER_RSS_BYTES, MEASURE_KERNEL_BYTES};
    static const char *const names[] = {"server", "kernel"};
    struct rows rows;

    if (!result_has(result, MEASURE_SERVER_RSS_BYTES) && !result_has(result, MEASURE_CONNECTIONS))
        return;
    add_section("Memory, connections, handshakes", "What a user costs by being there.", out);
    collect(result, MEASURE_SERVER_RSS_BYTES, &rows);
    add_bars("Memory a connection", &rows, memory, ARRAY_LEN(memory), names, "B", out);
    add_single("TCP connections in the run", result, MEASURE_CONNECTIONS, "", out);
    add_single("TLS handshakes in the run", result, MEASURE_HANDSHAKES, "", out);
    add_single("Server's CPU a delivery", result, MEASURE_SERVER_CPU_US, "µs", out);
}

static void
add_cell(const char *cell, const char *unit, struct buf *out)
{
    bool is_word = unit[0] == '\0' && cell[0] >= 'a' && cell[0] <= 'z';

    if (is_word)
        buf_addf(out, "<td class=\"%s\">", strncmp(cell, "works", 5) == 0 ? "works" : "fails");
    else
        buf_add_str(out, "<td>");
    html_add_text(cell[0] != '\0' ? cell : "–", out);
    buf_add_str(out, "</td>");
}

static void
add_sheet_head(const struct sheet *sheet, struct buf *out)
{
    buf_add_str(out, "<thead><tr><th></th>");
    for (size_t i = 0; i < sheet->column_count; i++) {
        buf_add_str(out, "<th>");
        html_add_text(sheet->headings[i], out);
        if (sheet->units[i][0] != '\0')
            buf_addf(out, "<small>%s</small>",
                     strcmp(sheet->units[i], "us") == 0 ? "µs" : sheet->units[i]);
        buf_add_str(out, "</th>");
    }
    buf_add_str(out, "</tr></thead>\n");
}

static void
add_sheet(const struct sheet *sheet, struct buf *out)
{
    const char *section = "";

    buf_addf(out, "<h3>%s</h3>\n<div class=\"scroll\"><table>\n", sheet->title);
    add_sheet_head(sheet, out);
    buf_add_str(out, "<tbody>\n");
    for (size_t i = 0; i < sheet->line_count; i++) {
        const struct sheet_line *line = &sheet->lines[i];

        if (strcmp(line->section, section) != 0) {
            buf_addf(out, "<tr><th colspan=\"%zu\">", sheet->column_count + 1);
            html_add_text(line->section[0] != '\0' ? line->section : "the load of this run", out);
            buf_add_str(out, "</th></tr>\n");
        }
        section = line->section;
        buf_add_str(out, "<tr><td>");
        html_add_text(line->label, out);
        buf_add_str(out, "</td>");
        for (size_t k = 0; k < sheet->column_count; k++)
            add_cell(line->cells[k], sheet->units[k], out);
        buf_add_str(out, "</tr>\n");
    }
    buf_add_str(out, "</tbody></table></div>\n");
}

static void
add_sheets(const struct result *result, struct buf *out)
{
    struct sheets *sheets = sheets_create(result, 0);

    if (sheets->count > 0)
        add_section("All figures",
                    "The median of all rounds; behind ± how far the farthest of them lies from it.",
                    out);
    for (size_t i = 0; i < sheets->count; i++)
        add_sheet(&sheets->items[i], out);
    sheets_destroy(sheets);
}

static void
add_facts(const char *title, const struct facts *facts, struct buf *out)
{
    if (facts->count > 0)
        buf_addf(out, "<h3>%s</h3>\n<dl>\n", title);
    for (size_t i = 0; i < facts->count; i++) {
        struct buf value = BUF_INIT;

        fact_add_value(&facts->items[i], &value);
        buf_add_str(out, "<dt>");
        html_add_text(facts->items[i].key, out);
        buf_add_str(out, "</dt><dd>");
        html_add_text(buf_text(&value), out);
        buf_add_str(out, "</dd>\n");
        buf_fini(&value);
    }
    if (facts->count > 0)
        buf_add_str(out, "</dl>\n");
}

static void
add_conditions(const struct result *result, struct buf *out)
{
    buf_addf(out, "<h2>Conditions</h2>\n<p>Seed %llu.</p>\n", (unsigned long long)result->seed);
    add_facts("Parameters", &result->parameters, out);
    add_facts("Environment", &result->environment, out);
    if (result->note_count > 0)
        buf_add_str(out, "<h3>Notes</h3>\n<ul>\n");
    for (size_t i = 0; i < result->note_count; i++) {
        buf_add_str(out, "<li>");
        html_add_text(result->notes[i], out);
        buf_add_str(out, "</li>\n");
    }
    if (result->note_count > 0)
        buf_add_str(out, "</ul>\n");
}

static void
add_claim(const struct claim *claim, const struct result *result, struct buf *out)
{
    static const char *const classes[] = {
        [CLAIM_UNKNOWN] = "sub", [CLAIM_HOLDS] = "yes", [CLAIM_FAILS] = "no"};
    struct buf figures = BUF_INIT;
    enum claim_verdict verdict = claim->judge(result, &figures);

    buf_addf(out, "<tr><td>%u</td><td>%s<small>", claim->number, claim->statement);
    for (const char *line = buf_text(&figures); *line != '\0'; line += strcspn(line, "\n") + 1) {
        char *text = xstrndup(line, strcspn(line, "\n"));

        html_add_text(text, out);
        buf_add_str(out, "<br>");
        free(text);
    }
    buf_addf(out, "</small></td><td class=\"%s\">%s</td></tr>\n", classes[verdict],
             claim_verdict_name(verdict));
    buf_fini(&figures);
}

/* Those that the run says something of. */
static void
add_claims(const struct result *result, struct buf *out)
{
    struct buf rows = BUF_INIT;

    for (size_t i = 0; i < CLAIM_COUNT; i++) {
        struct buf figures = BUF_INIT;

        if (claim_rows[i].judge(result, &figures) != CLAIM_UNKNOWN)
            add_claim(&claim_rows[i], result, &rows);
        buf_fini(&figures);
    }
    if (rows.len > 0) {
        add_section("What is said of them, and what this run says",
                    "Statements that one hears, with the figures of this run that bear on them.",
                    out);
        buf_addf(out, "<table class=\"claims\"><tbody>\n%s</tbody></table>\n", buf_text(&rows));
    }
    buf_fini(&rows);
}

static void
add_published(const struct result *result, struct buf *out)
{
    bool has_title = false;
    struct sheet sheet;

    for (int i = 0; i < PUBLISHED_COUNT; i++) {
        if (!published_sheet((enum published)i, result, &sheet))
            continue;
        if (!has_title)
            add_section("Beside what others published",
                        "Other machines, other years: what carries over is the order and the "
                        "proportion.",
                        out);
        has_title = true;
        add_sheet(&sheet, out);
        buf_add_str(out, "<p class=\"how\">");
        html_add_text(published_source((enum published)i), out);
        buf_add_str(out, "</p>\n");
        sheet_fini(&sheet);
    }
}

static void
add_head(const struct result *result, struct buf *out)
{
    struct buf head = BUF_INIT;

    view_add_head(result, &head);
    buf_add_str(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                     "<meta http-equiv=\"Content-Security-Policy\" "
                     "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
                     "<meta name=\"color-scheme\" content=\"light dark\">\n"
                     "<title>rtchat-bench: ");
    html_add_text(result->kind, out);
    buf_addf(out, "</title>\n<style>\n%s%s</style>\n</head>\n<body>\n<main>\n", html_style,
             html_picture_style);
    buf_add_str(out, "<h1>What each way costs</h1>\n<p class=\"sub\">rtchat-bench ");
    if (head.len > 0)
        head.data[--head.len] = '\0'; /* its newline */
    html_add_text(buf_text(&head), out);
    buf_add_str(out, "</p>\n");
    if (!result->complete)
        buf_add_str(out, "<p class=\"warn\">It was stopped before its end: this is what there was "
                         "until then.</p>\n");
    buf_fini(&head);
}

int
view_html(const struct result *result, FILE *out, unsigned flags)
{
    struct buf page = BUF_INIT;
    size_t written;
    int err = 0;

    (void)flags; /* its bytes are UTF-8 in any locale */
    add_head(result, &page);
    add_delays(result, &page);
    add_sweeps(result, &page);
    add_layers(result, &page);
    add_standing(result, &page);
    add_claims(result, &page);
    add_published(result, &page);
    add_sheets(result, &page);
    add_conditions(result, &page);
    buf_add_str(&page, "</main>\n</body>\n</html>\n");
    written = fwrite(page.data, 1, page.len, out);
    if (written != page.len || fflush(out) != 0)
        err = -EIO;
    buf_fini(&page);
    return err;
}
