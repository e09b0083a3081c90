#include "server/web/roster.h"

#include "common/clock.h"
#include "common/id.h"
#include "common/util.h"
#include "server/chat/pongs.h"
#include "server/chat/sessions.h"
#include "server/server.h"
#include "server/web/conn.h"
#include "server/web/stream.h"
#include "server/web/transport.h"
#include "server/web/worker.h"

#include <stdlib.h>
#include <uthash.h>

#define AUTH_WITHIN_MS 10000

/* The connections of one session. */
struct seat {
    uint64_t session_number;
    TAILQ_HEAD(, conn) conns;
    UT_hash_handle hh;
};

/* Two lists, since conns without a session wait for another moment than those with one. Both are in
 * order of time: beaten by beat_ms, waiting by began_ms. */
TAILQ_HEAD(conn_list, conn);
struct roster {
    int64_t heartbeat_ms;
    struct conn_list beaten, waiting;
    struct seat *seats;
    size_t count;
};

struct roster *
roster_create(int64_t heartbeat_ms)
{
    struct roster *roster = xcalloc(1, sizeof(*roster));

    roster->heartbeat_ms = heartbeat_ms;
    TAILQ_INIT(&roster->beaten);
    TAILQ_INIT(&roster->waiting);
    return roster;
}

void
roster_destroy(struct roster *roster)
{
    free(roster);
}

void
roster_add(struct roster *roster, struct conn *conn)
{
    TAILQ_INSERT_TAIL(&roster->waiting, conn, in_roster);
    roster->count++;
}

void
roster_seat(struct roster *roster, struct conn *conn)
{
    struct seat *seat;

    HASH_FIND(hh, roster->seats, &conn->session->number, sizeof(uint64_t), seat);
    if (seat == NULL) {
        seat = xcalloc(1, sizeof(*seat));
        seat->session_number = conn->session->number;
        TAILQ_INIT(&seat->conns);
        HASH_ADD(hh, roster->seats, session_number, sizeof(uint64_t), seat);
    }
    conn->seat = seat;
    TAILQ_INSERT_TAIL(&seat->conns, conn, in_seat);

    TAILQ_REMOVE(&roster->waiting, conn, in_roster);
    conn->beat_ms = clock_mono_ms();
    TAILQ_INSERT_TAIL(&roster->beaten, conn, in_roster);
}

void
roster_remove(struct roster *roster, struct conn *conn)
{
    struct seat *seat = conn->seat;

    roster->count--;
    if (seat == NULL) {
        TAILQ_REMOVE(&roster->waiting, conn, in_roster);
        return;
    }
    TAILQ_REMOVE(&roster->beaten, conn, in_roster);
    TAILQ_REMOVE(&seat->conns, conn, in_seat);
    conn->seat = NULL;
    if (TAILQ_EMPTY(&seat->conns)) {
        HASH_DEL(roster->seats, seat);
        free(seat);
    }
}

size_t
roster_count(const struct roster *roster)
{
    return roster->count;
}

static void
tick_waiting(struct roster *roster, int64_t now_ms)
{
    struct conn *conn;

    TAILQ_FOREACH(conn, &roster->waiting, in_roster)
    {
        if (now_ms - conn->began_ms < AUTH_WITHIN_MS)
            return;
        conn_close(conn, 1008, "no auth frame within 10 s");
    }
}

/* Looks twice a heartbeat, so that the dead are found half a heartbeat after 2.5 of them at most.
 */
static void
tick_beaten(struct roster *roster, int64_t now_ms)
{
    int64_t interval_ms = MAX(1, roster->heartbeat_ms / 2);
    struct conn *conn;

    while ((conn = TAILQ_FIRST(&roster->beaten)) != NULL) {
        if (now_ms - conn->beat_ms < interval_ms)
            return;
        conn->beat_ms = now_ms;
        TAILQ_REMOVE(&roster->beaten, conn, in_roster);
        TAILQ_INSERT_TAIL(&roster->beaten, conn, in_roster);
        conn_beat(conn, now_ms);
    }
}

void
roster_tick(struct roster *roster, int64_t now_ms)
{
    tick_waiting(roster, now_ms);
    if (roster->heartbeat_ms > 0)
        tick_beaten(roster, now_ms);
}

void
roster_each(struct roster *roster, void (*each)(void *context, struct conn *conn), void *context)
{
    struct conn *conn;

    TAILQ_FOREACH(conn, &roster->waiting, in_roster)
    each(context, conn);
    TAILQ_FOREACH(conn, &roster->beaten, in_roster)
    each(context, conn);
}

void
roster_each_of(struct roster *roster, uint64_t session_number,
               void (*each)(void *context, struct conn *conn), void *context)
{
    struct seat *seat;
    struct conn *conn;

    HASH_FIND(hh, roster->seats, &session_number, sizeof(session_number), seat);
    if (seat == NULL)
        return;
    TAILQ_FOREACH(conn, &seat->conns, in_seat)
    each(context, conn);
}

struct pong {
    struct letter letter;
    uint64_t session_number;
    char nonce[ID_SIZE];
    const struct conn *except;
};

static void
say_pong(void *context, struct conn *conn)
{
    const struct pong *pong = context;

    if (conn == pong->except || !conn_takes_pong(conn))
        return;
    if (conn->transport->stays)
        conn_say_pong(conn, pong->nonce);
    else
        stream_say_pongs(conn);
}

static void
read_pong(struct letter *letter, struct worker *worker)
{
    struct pong *pong = container_of(letter, struct pong, letter);

    roster_each_of(worker_roster(worker), pong->session_number, say_pong, pong);
    free(pong);
}

void
roster_spread_pong(struct worker *worker, const struct conn *except, uint64_t session_number,
                   const char *nonce)
{
    const struct server *server = worker_server(worker);
    struct pong here = {.session_number = session_number, .except = except};

    str_copy(here.nonce, sizeof(here.nonce), nonce);
    pongs_put(server->pongs, session_number, nonce, clock_mono_ms());
    roster_each_of(worker_roster(worker), session_number, say_pong, &here);
    for (size_t i = 0; i < server->worker_count; i++) {
        struct pong *there;

        if (server->workers[i] == worker)
            continue;
        there = xmalloc(sizeof(*there));
        *there = here;
        there->except = NULL;
        there->letter.read = read_pong;
        worker_post(server->workers[i], &there->letter);
    }
}

struct ending {
    struct letter letter;
    uint64_t session_number;
};

static void
end_conn(void *context, struct conn *conn)
{
    conn_bye(conn, "logged_out", 0, 1008);
}

static void
read_ending(struct letter *letter, struct worker *worker)
{
    struct ending *ending = container_of(letter, struct ending, letter);

    roster_each_of(worker_roster(worker), ending->session_number, end_conn, NULL);
    free(ending);
}

void
roster_spread_end(struct worker *const *workers, size_t worker_count, uint64_t session_number)
{
    for (size_t i = 0; i < worker_count; i++) {
        struct ending *ending = xcalloc(1, sizeof(*ending));

        ending->session_number = session_number;
        ending->letter.read = read_ending;
        worker_post(workers[i], &ending->letter);
    }
}
