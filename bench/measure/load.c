#include "bench/measure/load.h"

#include "bench/measure/load_parts.h"
#include "common/clock.h"
#include "common/util.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#define CONNECT_MS   20000 /* without another connection: the rest will not come about */
#define LOST_MS      10000 /* without a delivery: what is missing is lost */
#define LOOK_US      1000
#define CAPACITY_MAX 2000000
#define HEAD_START   5000 /* microseconds from load_run to the first line */

size_t
load_connection_count(const struct load *load)
{
    return load->readers.count + load->writers.count;
}

size_t
load_copies(const struct load *load)
{
    return load_connection_count(load) / load->plan.rooms;
}

uint64_t
load_delivered(const struct load *load)
{
    return atomic_load(&load->readers.delivered) + atomic_load(&load->writers.delivered);
}

/* Looking now and then costs less than being told of each of a million deliveries. */
static void
wait_a_little(void)
{
    nanosleep(&(struct timespec){0, LOOK_US * 1000}, NULL);
}

static SSL_CTX *
make_context(void)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());

    if (context == NULL)
        return NULL;
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context, 1); /* a record's head and body by one read */
    return context;
}

static size_t
gone_count(const struct load *load)
{
    return atomic_load(&load->readers.gone) + atomic_load(&load->writers.gone);
}

static size_t
ready_count(const struct load *load)
{
    return atomic_load(&load->readers.ready) + atomic_load(&load->writers.ready);
}

static bool
connect_all(struct load *load)
{
    int64_t progress_ms = clock_mono_ms();
    size_t before = 0, ready;

    if (crew_start(&load->readers) < 0 || crew_start(&load->writers) < 0)
        return false;
    while ((ready = ready_count(load)) < load_connection_count(load)) {
        if (ready > before)
            progress_ms = clock_mono_ms();
        if (gone_count(load) > 0 || clock_mono_ms() - progress_ms > CONNECT_MS) {
            fprintf(stderr, "rtchat-measure: of %zu connections %zu came about, %zu were refused\n",
                    load_connection_count(load), ready, gone_count(load));
            return false;
        }
        before = ready;
        wait_a_little();
    }
    return true;
}

/* In #lobby a writer is another user than the readers as far as there are users; a room of its own
 * has to be made first. */
static void
init_writer(struct load *load, struct member *member)
{
    if (load->plan.rooms == 1)
        member->number += load->plan.readers;
    else
        member->must_join = load->plan.logs_in;
}

struct load *
load_create(const struct load_plan *plan)
{
    struct load *load = xcalloc(1, sizeof(*load));

    assert(plan->readers % plan->rooms == 0 && plan->writers > 0);
    assert(plan->text_len >= 16 && plan->text_len <= 128);
    assert(plan->rooms == 1 || (plan->writers == plan->rooms && plan->users == plan->rooms));
    load->plan = *plan;
    load->address = (struct sockaddr_in){.sin_family = AF_INET,
                                         .sin_port = htons((uint16_t)plan->port),
                                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    load->context = make_context();
    crew_init(&load->readers, load, plan->way == NULL ? &peer_ws : plan->way, plan->readers);
    crew_init(&load->writers, load, &peer_ws, plan->writers);
    for (size_t i = 0; i < plan->writers; i++)
        init_writer(load, &load->writers.members[i]);

    if (load->context != NULL && (!plan->logs_in || load_login(load) == 0) && connect_all(load))
        return load;
    load_destroy(load);
    return NULL;
}

void
load_destroy(struct load *load)
{
    if (load == NULL)
        return;
    crew_stop(&load->readers);
    crew_stop(&load->writers);
    for (size_t i = 0; load->tokens != NULL && i < load->plan.users; i++)
        free(load->tokens[i]);
    free(load->tokens);
    free(load->moments);
    SSL_CTX_free(load->context);
    free(load);
}

static void
crew_clear(struct crew *crew)
{
    atomic_store(&crew->delivered, 0);
    atomic_store(&crew->receipts, 0);
    crew->holes = crew->refused = 0;
    histogram_clear(&crew->receipt);
    histogram_clear(&crew->delivery);
    histogram_clear(&crew->spread);
}

static void
begin(struct load *load, const struct load_run *run)
{
    double lines = run->rate * (double)run->duration_ms / 1000;

    load->run = *run;
    load->first = atomic_load(&load->said);
    load->capacity = run->pace == LOAD_RATE ? (uint64_t)MAX(lines, 1) : CAPACITY_MAX;
    free(load->moments);
    load->moments = xcalloc(load->capacity, sizeof(*load->moments));
    crew_clear(&load->readers);
    crew_clear(&load->writers);
    load->began_us = clock_mono_us() + HEAD_START;
    load_pace_start(load);
}

static uint64_t
expected(const struct load *load)
{
    return (atomic_load(&load->said) - load->first) * load_copies(load);
}

static bool
is_done(const struct load *load)
{
    uint64_t said = atomic_load(&load->said) - load->first;

    return !atomic_load(&load->is_saying) && load_delivered(load) >= expected(load) &&
           (!load->plan.logs_in || atomic_load(&load->writers.receipts) >= said);
}

static void
wait_for_end(struct load *load)
{
    int64_t progress_ms = clock_mono_ms();
    uint64_t before = 0;

    while (!is_done(load)) {
        uint64_t delivered = load_delivered(load);

        if (delivered != before || atomic_load(&load->is_saying))
            progress_ms = clock_mono_ms();
        if (clock_mono_ms() - progress_ms > LOST_MS)
            return;
        before = delivered;
        wait_a_little();
    }
}

static double
cpu_seconds(void)
{
    struct timespec used;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

static void
add_crew(struct load_result *result, const struct crew *crew)
{
    result->receipts += atomic_load(&crew->receipts);
    result->refused += crew->refused;
    result->holes += crew->holes;
}

void
load_run(struct load *load, const struct load_run *run, struct load_result *ret_result)
{
    double cpu_before = cpu_seconds();

    begin(load, run);
    wait_for_end(load);

    *ret_result = (struct load_result){
        .said = atomic_load(&load->said) - load->first,
        .expected = expected(load),
        .delivered = load_delivered(load),
        .gone = gone_count(load),
        .elapsed_us = clock_mono_us() - load->began_us,
    };
    ret_result->load_cpu_share =
        (cpu_seconds() - cpu_before) * 1e6 / (double)ret_result->elapsed_us;
    add_crew(ret_result, &load->readers);
    add_crew(ret_result, &load->writers);
    ret_result->receipt = load->writers.receipt;
    ret_result->delivery = load->readers.delivery;
    ret_result->spread = load->readers.spread;
}

bool
load_lost_nothing(const struct load_result *result)
{
    return result->delivered == result->expected && result->holes == 0 && result->gone == 0 &&
           result->refused == 0;
}
