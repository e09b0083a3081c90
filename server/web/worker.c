#include "server/web/worker.h"

#define LOG_MODULE "worker"
#include "common/clock.h"
#include "common/id.h"
#include "common/log.h"
#include "common/util.h"
#include "server/chat/hub.h"
#include "server/chat/reader.h"
#include "server/chat/rooms.h"
#include "server/config.h"
#include "server/log/store.h"
#include "server/log/window.h"
#include "server/server.h"
#include "server/web/conn.h"
#include "server/web/door.h"
#include "server/web/housekeeping.h"
#include "server/web/inbox.h"
#include "server/web/roster.h"
#include "server/web/tell.h"
#include "server/web/waits.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#define TICK_MS         1000
#define HOUSEKEEPING_MS 60000
#define PRESENCE_MS     1000
#define BYE_SPREAD_MS   5000

TAILQ_HEAD(conn_list, conn);

struct worker {
    const struct server *server;
    unsigned number;
    pthread_t thread;
    bool started;

    struct inbox inbox;

    uv_loop_t loop;
    uv_async_t wake;
    uv_prepare_t before_sleep;
    uv_timer_t tick;
    struct door *door;
    struct rooms *rooms;
    struct hub *hub;
    struct roster *roster;
    struct waits *waits;
    struct buf scratch;
    struct conn_list dirty;
    size_t holds;
    int64_t kept_house_ms;
    int64_t told_presence_ms;
    uint64_t numbers; /* given out */

    bool draining, ending;
    int64_t drain_until_ms;
};

const struct server *
worker_server(const struct worker *worker)
{
    return worker->server;
}

uv_loop_t *
worker_loop(struct worker *worker)
{
    return &worker->loop;
}

struct hub *
worker_hub(struct worker *worker)
{
    return worker->hub;
}

struct roster *
worker_roster(struct worker *worker)
{
    return worker->roster;
}

struct waits *
worker_waits(struct worker *worker)
{
    return worker->waits;
}

struct buf *
worker_scratch(struct worker *worker)
{
    return &worker->scratch;
}

uint64_t
worker_next_number(struct worker *worker)
{
    return worker->numbers++ * (uint64_t)worker->server->config->workers + worker->number + 1;
}

void
worker_nudge(struct worker *worker)
{
    door_nudge(worker->door);
}

void
worker_hold(struct worker *worker)
{
    worker->holds++;
}

void
worker_release(struct worker *worker)
{
    worker->holds--;
}

void
worker_wake(struct worker *worker, struct conn *conn)
{
    if (conn->dirty)
        return;
    conn->dirty = true;
    TAILQ_INSERT_TAIL(&worker->dirty, conn, in_dirty);
}

void
worker_unwake(struct worker *worker, struct conn *conn)
{
    if (!conn->dirty)
        return;
    conn->dirty = false;
    TAILQ_REMOVE(&worker->dirty, conn, in_dirty);
}

void
worker_post(struct worker *worker, struct letter *letter)
{
    inbox_post(&worker->inbox, letter);
}

void
worker_leave(struct worker *worker, struct letter *letter)
{
    inbox_leave(&worker->inbox, letter);
}

void
worker_rouse(struct worker *worker)
{
    inbox_rouse(&worker->inbox);
}

/* The sink rouses when the batch is answered too. */
static void
on_news(void *context)
{
    struct worker *worker = context;

    inbox_leave_news(&worker->inbox);
}

/* Whether there is news. */
static bool
read_letters(struct worker *worker)
{
    bool news;
    struct letter *letter = inbox_take(&worker->inbox, &news);

    while (letter != NULL) {
        struct letter *next = letter->next;

        letter->read(letter, worker);
        letter = next;
    }
    return news;
}

/* The loop is awake, which is all: it looks into the inbox before it sleeps again. */
static void
on_wake(uv_async_t *async)
{
}

static void
wake_reader(struct reader *reader, void *context)
{
    worker_wake(context, container_of(reader, struct conn, reader));
}

void
worker_catch_up(struct worker *worker)
{
    uint64_t head = window_head(worker->server->window);

    while (hub_position(worker->hub) < head && hub_turn(worker->hub, wake_reader, worker))
        ;
}

/* Those that are woken while they are served have their next turn in the next turn of the loop. */
static void
deliver_dirty(struct worker *worker)
{
    struct conn *last = TAILQ_LAST(&worker->dirty, conn_list);
    struct conn *conn = NULL;

    while (conn != last) {
        conn = TAILQ_FIRST(&worker->dirty);
        worker_unwake(worker, conn);
        conn_deliver(conn);
    }
}

/* One pass over the readers a turn of the loop: what comes meanwhile waits for the next, and so
 * leaves together with what else has come by then. Answers are read and entries taken from the hub
 * before anything is delivered, so that who posted gets both in one write. */
static void
on_before_sleep(uv_prepare_t *prepare)
{
    struct worker *worker = container_of(prepare, struct worker, before_sleep);

    if (read_letters(worker) && hub_turn(worker->hub, wake_reader, worker))
        inbox_tell_news(&worker->inbox);
    deliver_dirty(worker);
    door_turn(worker->door);
    if (!TAILQ_EMPTY(&worker->dirty))
        uv_async_send(&worker->wake);
}

static void
stop_when_idle(struct worker *worker, int64_t now_ms)
{
    if (!worker->draining || worker->ending)
        return;
    if (now_ms >= worker->drain_until_ms)
        door_cut(worker->door);
    if (door_count(worker->door) > 0 || worker->holds > 0)
        return;
    worker->ending = true;
    uv_stop(&worker->loop);
}

static void
on_tick(uv_timer_t *timer)
{
    struct worker *worker = container_of(timer, struct worker, tick);
    int64_t now_ms = clock_mono_ms();

    roster_tick(worker->roster, now_ms);
    waits_tick(worker->waits, now_ms, conn_time_up);
    door_tick(worker->door, now_ms);
    if (worker->number == 0 && now_ms - worker->told_presence_ms >= PRESENCE_MS &&
        !worker->draining) {
        worker->told_presence_ms = now_ms;
        tell_presence(worker);
    }
    if (worker->number == 0 && now_ms - worker->kept_house_ms >= HOUSEKEEPING_MS &&
        !worker->draining) {
        worker->kept_house_ms = now_ms;
        housekeeping_run(worker);
    }
    stop_when_idle(worker, now_ms);
}

static int64_t
tick_interval_ms(const struct server_config *config)
{
    if (config->heartbeat_ms == 0)
        return TICK_MS;
    return MAX(10, MIN(TICK_MS, config->heartbeat_ms / 4));
}

static void
init_loop(struct worker *worker)
{
    if (uv_loop_init(&worker->loop) != 0 ||
        uv_async_init(&worker->loop, &worker->wake, on_wake) != 0)
        abort(); /* no descriptors at start */
    /* It keeps no loop running that is to end. */
    uv_unref((uv_handle_t *)&worker->wake);
    inbox_init(&worker->inbox, &worker->wake);
    uv_prepare_init(&worker->loop, &worker->before_sleep);
    uv_timer_init(&worker->loop, &worker->tick);
}

static int
init_chat(struct worker *worker)
{
    struct store *store = worker->server->store;
    int result;

    worker->rooms = rooms_create();
    result = rooms_load(worker->rooms, store);
    if (result < 0) {
        log_error("w%u the rooms cannot be read error=%s", worker->number, strerror(-result));
        return result;
    }
    worker->hub = hub_create(worker->server->window, worker->rooms, store->head, on_news, worker);
    return 0;
}

struct worker *
worker_create(const struct server *server, unsigned number, const int *listen_fds,
              size_t listen_count)
{
    struct worker *worker = xcalloc(1, sizeof(*worker));

    worker->server = server;
    worker->number = number;
    worker->kept_house_ms = clock_mono_ms();
    TAILQ_INIT(&worker->dirty);
    buf_init(&worker->scratch);
    worker->roster = roster_create(server->config->heartbeat_ms);
    worker->waits = waits_create(clock_mono_ms());
    init_loop(worker);
    worker->door = door_create(worker, listen_fds, listen_count);
    if (worker->door != NULL && init_chat(worker) == 0)
        return worker;
    worker_destroy(worker);
    return NULL;
}

static void
close_handle(uv_handle_t *handle)
{
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void
close_loop(struct worker *worker)
{
    inbox_close(&worker->inbox);
    close_handle((uv_handle_t *)&worker->wake);
    close_handle((uv_handle_t *)&worker->before_sleep);
    close_handle((uv_handle_t *)&worker->tick);
    door_destroy(worker->door);
    worker->door = NULL;
    uv_run(&worker->loop, UV_RUN_DEFAULT);
    if (uv_loop_close(&worker->loop) != 0)
        log_warn("w%u a handle was left open", worker->number);
}

static void *
worker_main(void *data)
{
    struct worker *worker = data;
    char name[16];

    snprintf(name, sizeof(name), "worker-%u", worker->number % 1000);
    pthread_setname_np(pthread_self(), name);
    uv_prepare_start(&worker->before_sleep, on_before_sleep);
    uv_timer_start(&worker->tick, on_tick, (uint64_t)tick_interval_ms(worker->server->config),
                   (uint64_t)tick_interval_ms(worker->server->config));
    log_debug("w%u serves", worker->number);
    uv_run(&worker->loop, UV_RUN_DEFAULT);
    close_loop(worker);
    return NULL;
}

int
worker_start(struct worker *worker)
{
    int result = -pthread_create(&worker->thread, NULL, worker_main, worker);

    worker->started = result == 0;
    return result;
}

void
worker_join(struct worker *worker)
{
    if (worker->started)
        pthread_join(worker->thread, NULL);
}

void
worker_destroy(struct worker *worker)
{
    if (worker == NULL)
        return;
    if (!inbox_is_closed(&worker->inbox))
        close_loop(worker);
    read_letters(worker); /* those that came after the end have nobody to speak to */
    if (worker->hub != NULL)
        hub_destroy(worker->hub);
    rooms_destroy(worker->rooms);
    waits_destroy(worker->waits);
    roster_destroy(worker->roster);
    buf_fini(&worker->scratch);
    inbox_fini(&worker->inbox);
    free(worker);
}

struct drain {
    struct letter letter;
    int64_t grace_ms;
};

static void
say_bye(void *context, struct conn *conn)
{
    conn_bye(conn, "shutdown", (int64_t)random_below(BYE_SPREAD_MS + 1), 1012);
}

static void
read_drain(struct letter *letter, struct worker *worker)
{
    struct drain *drain = container_of(letter, struct drain, letter);

    worker->draining = true;
    worker->drain_until_ms = clock_mono_ms() + drain->grace_ms;
    door_drain(worker->door);
    roster_each(worker->roster, say_bye, NULL);
    /* From now on the tick looks often for the end. */
    uv_timer_start(&worker->tick, on_tick, 0, 20);
    free(drain);
}

void
worker_drain(struct worker *worker, int64_t grace_ms)
{
    struct drain *drain = xcalloc(1, sizeof(*drain));

    drain->grace_ms = grace_ms;
    drain->letter.read = read_drain;
    worker_post(worker, &drain->letter);
}

static void
read_renewal(struct letter *letter, struct worker *worker)
{
    door_renew_certificate(worker->door);
    free(letter);
}

void
worker_renew_certificate(struct worker *worker)
{
    struct letter *letter = xcalloc(1, sizeof(*letter));

    letter->read = read_renewal;
    worker_post(worker, letter);
}
