#include "bench/variants.h"

#include "bench/config.h"
#include "client/link/link_ops.h"
#include "common/option_quantity.h"
#include "common/util.h"

#include <string.h>

/* Of poll, in ms: what the client takes, and one that is quick. */
static const int64_t default_intervals[] = {1000, 3000};

static bool
is_wanted(const struct bench_config *config, const char *name)
{
    for (size_t i = 0; i < config->transports.count; i++)
        if (str_equal(config->transports.items[i], name))
            return true;
    return config->transports.count == 0;
}

static void
add(struct variants *variants, const struct variant *variant)
{
    if (variants->count < VARIANTS_MAX)
        variants->items[variants->count++] = *variant;
}

/* Over each version of HTTP that is wanted and there. */
static void
add_each_http(struct variants *variants, const struct bench_config *config, bool has_http2,
              struct variant variant)
{
    if (config->http != BENCH_HTTP_2) {
        variant.http = "1.1";
        add(variants, &variant);
    }
    if (config->http != BENCH_HTTP_1_1 && has_http2 && variant.row != &link_ws) {
        variant.http = "2";
        add(variants, &variant);
    }
}

static void
add_pacing(struct variants *variants, const struct bench_config *config, bool has_http2,
           struct variant variant)
{
    for (size_t i = 0; config->intervals.count == 0 && i < ARRAY_LEN(default_intervals); i++) {
        bool is_shortest = i == 0;

        variant.interval_ms = default_intervals[i];
        add_each_http(variants, config, has_http2 && is_shortest, variant);
    }
    for (size_t i = 0; i < config->intervals.count; i++)
        if (option_parse_seconds(config->intervals.items[i], &variant.interval_ms) == 0)
            add_each_http(variants, config, has_http2, variant);
}

void
variants_choose(struct variants *variants, const struct bench_config *config, bool has_http2)
{
    variants->count = 0;
    for (size_t i = 0; link_rows[i] != NULL; i++) {
        const struct variant variant = {.row = link_rows[i]};

        if (!is_wanted(config, variant.row->name))
            continue;
        if (variant.row->paces)
            add_pacing(variants, config, has_http2, variant);
        else
            add_each_http(variants, config, has_http2, variant);
    }
}

static bool
is_shortest(const struct variants *variants, const struct variant *variant)
{
    for (size_t i = 0; i < variants->count; i++)
        if (variants->items[i].row == variant->row &&
            variants->items[i].interval_ms < variant->interval_ms)
            return false;
    return true;
}

bool
variants_twin(const struct variants *variants, const struct variant *variant,
              struct variant *ret_twin)
{
    if (!variant->row->asks || variant_http(variant) != HTTP_1_1 || !is_shortest(variants, variant))
        return false;

    *ret_twin = *variant;
    ret_twin->forbids_reuse = true;
    return true;
}

enum http_wish
variant_http(const struct variant *variant)
{
    return strcmp(variant->http, "2") == 0 ? HTTP_2 : HTTP_1_1;
}

void
variant_add_name(const struct variant *variant, struct buf *out)
{
    buf_add_str(out, variant->row->name);
    if (strcmp(variant->http, "1.1") != 0)
        buf_addf(out, " HTTP/%s", variant->http);
    if (variant->interval_ms > 0) {
        buf_add_str(out, " every ");
        option_add_seconds(out, variant->interval_ms);
        buf_add_str(out, " s");
    }
    if (variant->forbids_reuse)
        buf_add_str(out, ", keep-alive no");
}
