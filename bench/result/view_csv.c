/* One line a measure of a row, for spreadsheets and scripts (RFC 4180, but lines end in LF). */
#include "bench/result/view.h"

#include "bench/result/result.h"
#include "bench/result/view_text.h"
#include "common/buf.h"
#include "common/util.h"

#include <string.h>

static void
add_field(const char *text, struct buf *out)
{
    bool quote = text[strcspn(text, ",\"\r\n")] != '\0';

    buf_add_str(out, quote ? "\"" : "");
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '"')
            buf_add_byte(out, '"');
        buf_add_byte(out, *at);
    }
    buf_add_str(out, quote ? "\"," : ",");
}

/* "interval_s=3;use=idle" */
static void
add_varied(const struct facts *varied, struct buf *out)
{
    struct buf field = BUF_INIT;

    for (size_t i = 0; i < varied->count; i++) {
        buf_addf(&field, "%s%s=", i > 0 ? ";" : "", varied->items[i].key);
        fact_add_value(&varied->items[i], &field);
    }
    add_field(buf_text(&field), out);
    buf_fini(&field);
}

static void
add_row(const struct result_row *row, struct buf *out)
{
    for (int i = 0; i < MEASURE_COUNT; i++) {
        enum measure measure = (enum measure)i;

        if (!result_row_has(row, measure))
            continue;
        add_field(row->transport, out);
        add_field(row->http, out);
        add_varied(&row->varied, out);
        buf_addf(out, "%s,%s,%zu,%.10g,%.10g,%.10g\n", measure_rows[i].key, measure_rows[i].unit,
                 row->measures[i].count, result_row_median(row, measure),
                 result_row_min(row, measure), result_row_max(row, measure));
    }
    for (size_t i = 0; i < row->words.count; i++) {
        add_field(row->transport, out);
        add_field(row->http, out);
        add_varied(&row->varied, out);
        add_field(row->words.items[i].key, out);
        buf_add_str(out, ",,");
        add_field(facts_text(&row->words, row->words.items[i].key) != NULL
                      ? row->words.items[i].text
                      : "",
                  out);
        buf_add_str(out, ",\n");
    }
}

int
view_csv(const struct result *result, FILE *out, unsigned flags)
{
    struct buf text = BUF_INIT;

    buf_add_str(&text, "transport,http,varied,measure,unit,rounds,median,min,max\n");
    for (size_t i = 0; i < result->row_count; i++)
        add_row(result->rows[i], &text);
    return view_write_visible(&text, flags, out);
}
