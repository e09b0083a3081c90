#include "bench/bench.h"

#include "bench/config.h"
#include "bench/environment.h"
#include "bench/open_files.h"
#include "bench/result/result.h"
#include "bench/show.h"
#include "client/link/link_ops.h"
#include "client/link/url.h"
#include "client/measure/counts.h"
#include "common/clock.h"
#include "common/histogram.h"
#include "common/util.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define OPEN_MS     60000
#define PATIENCE_MS 5000 /* beyond the interval of a row that paces */
/* As rtchat-server and the links have them without options. */
#define LONG_POLL_S        15   /* its heartbeat */
#define CLIENT_INTERVAL_MS 3000 /* of poll */
#define KEEP_ALIVE_S       60   /* how long it keeps a connection that asks nothing */

#define OPEN_GUESS_MS 150
#define BUSY_SHARE    0.8 /* of a core: from here on the bench holds itself up */

static void
on_interrupt(uv_signal_t *handle, int number)
{
    struct bench *bench = handle->data;

    bench->is_interrupted = true;
    for (struct bench_run *run = bench->under_way; run != NULL; run = run->next)
        rally_cancel(run->handle);
}

static void
start_loop(struct bench *bench)
{
    static const int numbers[] = {SIGINT, SIGTERM};

    uv_loop_init(&bench->loop);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        uv_signal_init(&bench->loop, &bench->interrupts[i]);
        bench->interrupts[i].data = bench;
        uv_signal_start(&bench->interrupts[i], on_interrupt, numbers[i]);
        uv_unref((uv_handle_t *)&bench->interrupts[i]);
    }
}

static void
end_loop(struct bench *bench)
{
    for (size_t i = 0; i < ARRAY_LEN(bench->interrupts); i++)
        uv_close((uv_handle_t *)&bench->interrupts[i], NULL);
    uv_run(&bench->loop, UV_RUN_DEFAULT);
    uv_loop_close(&bench->loop);
}

static void
tell_parameters(struct bench *bench)
{
    struct facts *parameters = &bench->result->parameters;
    const struct bench_config *config = bench->config;

    facts_set_number(parameters, "rate_per_s", (double)config->rate_milli / 1000);
    facts_set_number(parameters, "messages", (double)config->messages);
    facts_set_number(parameters, "readers", (double)config->readers);
    facts_set_number(parameters, "text_bytes", (double)config->text_len);
    facts_set_number(parameters, "rounds", (double)config->rounds);
    facts_set_number(parameters, "wait_s", LONG_POLL_S);
    facts_set_number(parameters, "keep_alive_s", KEEP_ALIVE_S);
    environment_add(&bench->result->environment);
    facts_set_text(&bench->result->environment, "target",
                   bench->stage.is_own ? "own" : bench->stage.url);
}

/* The interval that stands for poll where one does: what the client takes, or else the longest. */
static void
tell_interval(struct bench *bench)
{
    int64_t interval_ms = 0;

    for (size_t i = 0; i < bench->variants.count && interval_ms != CLIENT_INTERVAL_MS; i++)
        if (bench->variants.items[i].interval_ms > 0)
            interval_ms = bench->variants.items[i].interval_ms;
    if (interval_ms > 0)
        facts_set_number(&bench->result->parameters, "interval_s", (double)interval_ms / 1000);
}

/* Everybody joins, so that no run hears of it, and what the server has comes out. */
static int
look_around(struct bench *bench)
{
    static const struct variant quick = {.row = &link_poll, .http = "1.1", .interval_ms = 3000};
    struct bench_run run;

    bench_plan(bench, &bench->stage, &quick, &run);
    run.plan.link.http = HTTP_AUTO;
    run.plan.messages = 0;
    if (bench_start(bench, &run))
        bench_wait(bench);
    if (!run.rally.is_complete) {
        fprintf(stderr, "rtchat-bench: %s\n", run.rally.why);
        return -1;
    }

    facts_set_text(&bench->result->environment, "tls", run.rally.facts.tls);
    variants_choose(&bench->variants, bench->config, str_equal(run.rally.facts.http, "2"));
    tell_interval(bench);
    if (bench->variants.count > 0)
        return 0;

    fprintf(stderr, "rtchat-bench: nothing to measure: the server has no HTTP/2, and ws goes "
                    "without\n");
    return -1;
}

static void
free_parts(struct bench *bench)
{
    result_destroy(bench->result);
    end_loop(bench);
    stage_close(&bench->stage);
}

/* What others pay for is asked with care. */
static int
check_for_url(const struct bench_config *config, const char *url)
{
    struct url parsed;
    char why[200];

    if (url_parse(url, &parsed, why, sizeof(why)) < 0)
        fprintf(stderr, "rtchat-bench: %s\n", why);
    else if (config->user == NULL)
        fprintf(stderr, "rtchat-bench: no user: a server of others wants an account, "
                        "--user=NAME\n");
    else if (config->rate_milli > BENCH_URL_RATE_MAX * 1000 ||
             config->readers > BENCH_URL_READERS_MAX || config->messages > BENCH_URL_MESSAGES_MAX)
        fprintf(stderr,
                "rtchat-bench: too much for a server of others; wanted at most --rate=%d, "
                "--readers=%d, --messages=%d\n",
                BENCH_URL_RATE_MAX, BENCH_URL_READERS_MAX, BENCH_URL_MESSAGES_MAX);
    else
        return 0;

    return -1;
}

int
bench_open(struct bench *bench, const struct bench_config *config, const char *kind,
           const char *url)
{
    if (url != NULL && check_for_url(config, url) < 0)
        return BENCH_EXIT_USAGE;

    *bench = (struct bench){.config = config};
    signal(SIGPIPE, SIG_IGN);
    open_files_raise();
    start_loop(bench);
    if (stage_open(&bench->stage, config, url) < 0) {
        end_loop(bench);
        return BENCH_EXIT_FAILED;
    }

    bench->result = result_create(kind, (uint64_t)config->seed);
    tell_parameters(bench);
    if (look_around(bench) == 0)
        return 0;

    free_parts(bench);
    return BENCH_EXIT_FAILED;
}

int
bench_close(struct bench *bench, bool is_complete)
{
    int result;

    progress_end(&bench->progress);
    bench->result->complete = is_complete && !bench->is_interrupted;
    result = show_result(bench->result, bench->config);
    if (!bench->result->complete)
        result = 1;
    free_parts(bench);
    return result;
}

/* Over a whole interval at least: what is said at one point of it tells nothing of the others. */
static unsigned
message_count(const struct bench_config *config, const struct variant *variant)
{
    int64_t least = (variant->interval_ms * config->rate_milli + 999999) / 1000000;

    return (unsigned)MIN(MAX(config->messages, least), RALLY_MESSAGES_MAX);
}

void
bench_plan(struct bench *bench, const struct stage *stage, const struct variant *variant,
           struct bench_run *run)
{
    const struct bench_config *config = bench->config;
    struct rally_plan *plan = &run->plan;

    *run = (struct bench_run){.bench = bench, .stage = stage};
    stage_fill(stage, &plan->link);
    plan->link.transport = variant->row->name;
    plan->link.http = variant_http(variant);
    plan->link.poll_interval_ms = variant->interval_ms;
    plan->link.forbids_reuse = variant->forbids_reuse;
    plan->has_account = !stage->is_own;
    plan->room = stage->room;
    plan->readers = (unsigned)config->readers;
    plan->messages = message_count(config, variant);
    plan->rate = (double)config->rate_milli / 1000;
    plan->text_len = (size_t)config->text_len;
    plan->seed = (uint64_t)config->seed + bench->run_count++;
    plan->open_ms = OPEN_MS + variant->interval_ms;
    plan->patience_ms = PATIENCE_MS + variant->interval_ms;
}

static int64_t
own_cpu_us(void)
{
    struct timespec used;

    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) < 0)
        return 0;

    return used.tv_sec * INT64_C(1000000) + used.tv_nsec / 1000;
}

/* Until it has ended, these hold what the clocks said when it began. */
static void
on_begun(void *context)
{
    struct bench_run *run = context;

    run->opening_us = clock_mono_us() - run->started_us;
    run->server_cpu_us = stage_cpu_us(run->stage);
    run->own_cpu_us = own_cpu_us();
    run->wall_us = clock_mono_us();
}

static void
on_said(void *context, unsigned count)
{
    struct bench_run *run = context;

    if (run->said != NULL)
        run->said(run->context, count);
}

static void
on_ended(void *context)
{
    struct bench_run *run = context;

    run->server_cpu_us = stage_cpu_us(run->stage) - run->server_cpu_us;
    run->own_cpu_us = own_cpu_us() - run->own_cpu_us;
    run->wall_us = clock_mono_us() - run->wall_us;
    run->server_rss_bytes = stage_rss_bytes(run->stage);
}

static void
on_done(void *context, const struct rally_result *result)
{
    struct bench_run *run = context, **link = &run->bench->under_way;

    while (*link != run)
        link = &(*link)->next;
    *link = run->next;
    run->rally = *result;
}

bool
bench_start(struct bench *bench, struct bench_run *run)
{
    const struct rally_listener listener = {run, on_begun, on_said, on_ended, on_done};

    if (bench->is_interrupted)
        return false;

    run->started_us = clock_mono_us();
    run->handle =
        rally_start(&bench->loop, &run->plan, &listener, run->rally.why, sizeof(run->rally.why));
    if (run->handle == NULL)
        return false;

    run->next = bench->under_way;
    bench->under_way = run;
    return true;
}

void
bench_wait(struct bench *bench)
{
    while (bench->under_way != NULL)
        uv_run(&bench->loop, UV_RUN_ONCE);
}

bool
bench_is_good(struct bench *bench, const struct variant *variant, const struct bench_run *run)
{
    struct buf name = BUF_INIT;

    if (!run->rally.is_complete && !bench->is_interrupted) {
        variant_add_name(variant, &name);
        result_note(bench->result, "%s was not measured: %s", buf_text(&name), run->rally.why);
        buf_fini(&name);
    }
    return run->rally.is_complete;
}

bool
bench_rally(struct bench *bench, const struct variant *variant, struct bench_run *run)
{
    if (bench_start(bench, run))
        bench_wait(bench);
    return bench_is_good(bench, variant, run);
}

void
bench_check_share(struct bench *bench, const char *name, const struct bench_run *run)
{
    double share = (double)run->own_cpu_us / (double)MAX(run->wall_us, 1);

    if (share >= BUSY_SHARE)
        result_note(bench->result,
                    "%s: rtchat-bench itself used %.0f %% of a core: the times say more of it than "
                    "of the server",
                    name, 100 * share);
}

struct result_row *
bench_row(struct bench *bench, const struct variant *variant, const struct facts *varied)
{
    struct facts all = {0};
    struct result_row *row;

    if (varied != NULL)
        facts_copy(&all, varied);
    if (variant->interval_ms > 0)
        facts_set_number(&all, "interval_s", (double)variant->interval_ms / 1000);
    if (variant->forbids_reuse)
        facts_set_text(&all, "keep_alive", "no");
    row = result_row(bench->result, variant->row->name, variant->http, &all);
    facts_fini(&all);
    return row;
}

static void
add_times(struct result_row *row, const struct histogram *times, const enum measure measures[4])
{
    static const double shares[] = {0.5, 0.9, 0.99};

    if (times->count == 0)
        return;

    for (size_t i = 0; i < ARRAY_LEN(shares); i++)
        result_row_add(row, measures[i], histogram_ms(times, shares[i]));
    result_row_add(row, measures[ARRAY_LEN(shares)], (double)times->max_us / 1000);
}

static void
add_cpu(struct result_row *row, const struct bench_run *run)
{
    double came = (double)run->rally.came;

    if (run->stage->is_own && came > 0)
        result_row_add(row, MEASURE_SERVER_CPU_US, (double)run->server_cpu_us / came);
    if (came > 0 && run->bench->under_way == NULL)
        result_row_add(row, MEASURE_CLIENT_CPU_US, (double)run->rally.cpu_us / came);
    result_row_add(row, MEASURE_BENCH_CPU_SHARE,
                   100.0 * (double)run->own_cpu_us / (double)MAX(run->wall_us, 1));
}

void
bench_add_flow(struct result_row *row, enum flow flow, const struct meter_counts *counts,
               double scale)
{
    static const enum layer layers[METER_LAYERS] = {
        [METER_TCPIP] = LAYER_TCPIP, [METER_TLS] = LAYER_TLS,   [METER_FRAMING] = LAYER_FRAMING,
        [METER_JSON] = LAYER_JSON,   [METER_TEXT] = LAYER_TEXT,
    };

    for (size_t layer = 0; layer < METER_LAYERS; layer++) {
        result_row_add(row, measure_bytes(flow, DIRECTION_UP, layers[layer]),
                       (double)counts->flow[METER_UP].bytes[layer] * scale);
        result_row_add(row, measure_bytes(flow, DIRECTION_DOWN, layers[layer]),
                       (double)counts->flow[METER_DOWN].bytes[layer] * scale);
    }
}

void
bench_add_empty(struct result_row *row, const struct meter_counts *counts)
{
    if (counts->polls > 0)
        result_row_add(row, MEASURE_EMPTY_SHARE,
                       100.0 * (double)counts->empty_answers / (double)counts->polls);
}

/* What the sender had to do because it says something: it reads as the others do, and that is taken
 * away. Where it did less than they, by chance, it is nothing. */
static double
of_saying(uint64_t sender, uint64_t readers, unsigned reader_count)
{
    return MAX((double)sender - (double)readers / reader_count, 0);
}

static void
add_send_flow(struct result_row *row, const struct bench_run *run)
{
    const struct rally_result *rally = &run->rally;
    struct meter_counts saying = {0};

    for (size_t way = 0; way < METER_DIRECTIONS; way++)
        for (size_t layer = 0; layer < METER_LAYERS; layer++)
            saying.flow[way].bytes[layer] =
                (uint64_t)of_saying(rally->sender.flow[way].bytes[layer],
                                    rally->readers.flow[way].bytes[layer], run->plan.readers);
    bench_add_flow(row, FLOW_SEND, &saying, 1.0 / rally->said);
}

/* All links together, and then by message. */
static void
add_cost(struct result_row *row, const struct bench_run *run)
{
    const struct rally_result *rally = &run->rally;
    double deliveries = (double)rally->said * run->plan.readers;
    struct meter_counts all = rally->sender;

    counts_add(&all, &rally->readers);
    result_row_add(row, MEASURE_REQUESTS, (double)all.requests);
    result_row_add(row, MEASURE_UP_WIRE_BYTES, (double)counts_bytes(&all, METER_UP));
    result_row_add(row, MEASURE_DOWN_WIRE_BYTES, (double)counts_bytes(&all, METER_DOWN));
    bench_add_empty(row, &rally->readers);
    counts_add(&all, &rally->opened);
    result_row_add(row, MEASURE_CONNECTIONS, (double)all.connections);
    result_row_add(row, MEASURE_HANDSHAKES, (double)all.handshakes);
    result_row_add(row, MEASURE_RESUMPTIONS, (double)all.resumptions);
    if (rally->said == 0)
        return;

    result_row_add(row, MEASURE_SEND_REQUESTS,
                   of_saying(rally->sender.requests, rally->readers.requests, run->plan.readers) /
                       rally->said);
    result_row_add(row, MEASURE_READ_REQUESTS, (double)rally->readers.requests / deliveries);
    add_send_flow(row, run);
    bench_add_flow(row, FLOW_READ, &rally->readers, 1 / deliveries);
}

void
bench_add(struct result_row *row, const struct bench_run *run)
{
    static const enum measure delivery[] = {MEASURE_DELIVERY_P50_MS, MEASURE_DELIVERY_P90_MS,
                                            MEASURE_DELIVERY_P99_MS, MEASURE_DELIVERY_MAX_MS};
    static const enum measure receipt[] = {MEASURE_RECEIPT_P50_MS, MEASURE_RECEIPT_P90_MS,
                                           MEASURE_RECEIPT_P99_MS, MEASURE_RECEIPT_MAX_MS};
    const struct rally_result *rally = &run->rally;

    add_times(row, &rally->delivery, delivery);
    add_times(row, &rally->receipt, receipt);
    result_row_add(row, MEASURE_DELIVERED, (double)rally->came);
    result_row_add(row, MEASURE_LOST, (double)rally->lost);
    result_row_add(row, MEASURE_REPEATED, (double)rally->repeated);
    add_cpu(row, run);
    add_cost(row, run);
}

/* What is under way at the end of a row that paces waits for half an interval, as a rule. */
int64_t
bench_guess_ms(const struct bench *bench, const struct variant *variant)
{
    const struct bench_config *config = bench->config;

    return OPEN_GUESS_MS + message_count(config, variant) * INT64_C(1000000) / config->rate_milli +
           variant->interval_ms / 2;
}
