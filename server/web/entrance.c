#include "server/web/entrance.h"

#define LOG_MODULE "login"
#include "common/log.h"
#include "common/util.h"
#include "server/chat/hub.h"
#include "server/chat/invites.h"
#include "server/chat/people.h"
#include "server/chat/rooms.h"
#include "server/chat/session_record.h"
#include "server/chat/sessions.h"
#include "server/chat/submit.h"
#include "server/server.h"
#include "server/web/exchange.h"
#include "server/web/posting.h"
#include "server/web/roster.h"
#include "server/web/worker.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct entrance {
    struct posting posting;
    struct exchange *exchange; /* a reference, or NULL */
    struct identity identity;  /* who comes in */
    char token[TOKEN_SIZE];
    const struct session *session; /* which ends; a reference, or NULL */
};

static void
entrance_free(struct entrance *entrance)
{
    append_job_destroy(entrance->posting.job);
    exchange_unref(entrance->exchange);
    if (entrance->session != NULL)
        session_unref(entrance->session);
    explicit_bzero(entrance->token, sizeof(entrance->token));
    free(entrance);
}

/* The first item that must not fail and did; NULL: all is well. A lobby that one may not join is no
 * reason to stay out. */
static const struct append_item *
find_refused(const struct append_job *job)
{
    for (size_t i = 0; i < job->count; i++)
        if (job->items[i].kind != APPEND_COMMAND && job->items[i].outcome == APPEND_REFUSED)
            return &job->items[i];
    return NULL;
}

/* The session that is to end has just ended by another. */
static void
refuse_while_changing(struct exchange *exchange, const char *name)
{
    struct refusal refusal;

    refuse(&refusal, REFUSAL_UNAVAILABLE, "the session of %s changes at this moment; try again",
           name);
    refusal.retry_after_ms = 1000;
    exchange_refuse(exchange, &refusal);
}

static void
refuse_entrance(struct entrance *entrance, const struct append_item *refused)
{
    struct refusal refusal = refused->refusal;

    if (refusal.code == REFUSAL_NOT_FOUND && entrance->session != NULL) {
        refuse_while_changing(entrance->exchange, entrance->identity.name);
        return;
    }
    if (refusal.code == REFUSAL_CONFLICT)
        refuse(&refusal, REFUSAL_CONFLICT, "the name %s is taken", entrance->identity.name);
    else if (refusal.code == REFUSAL_NOT_FOUND)
        refuse(&refusal, REFUSAL_FORBIDDEN, "this invitation has been used");
    exchange_refuse(entrance->exchange, &refusal);
}

static void
cut_connections(const struct server *server, const struct session *session)
{
    roster_spread_end(server->workers, server->worker_count, session->number);
}

static void
on_opened(struct posting *posting)
{
    struct entrance *entrance = container_of(posting, struct entrance, posting);
    const struct append_item *refused = find_refused(posting->job);

    if (refused != NULL) {
        refuse_entrance(entrance, refused);
    } else {
        log_info("x%" PRIu64 " in user=%s guest=%d address=%s", entrance->exchange->number,
                 entrance->identity.name, entrance->identity.guest, entrance->exchange->address);
        exchange_answer_json(entrance->exchange, 200,
                             json_pack("{s:s, s:s, s:b}", "token", entrance->token, "user",
                                       entrance->identity.name, "guest", entrance->identity.guest));
        if (entrance->session != NULL)
            cut_connections(worker_server(posting->worker), entrance->session);
    }
    entrance_free(entrance);
}

/* Every item of it needs the one before. */
static struct entrance *
entrance_create(struct exchange *exchange, const struct account *account, size_t item_count)
{
    struct entrance *entrance = xcalloc(1, sizeof(*entrance));

    entrance->exchange = exchange_ref(exchange);
    entrance->identity = account->identity;
    entrance->posting.job = append_job_create(item_count);
    entrance->posting.done = on_opened;
    for (size_t i = 0; i < item_count; i++)
        entrance->posting.job->items[i].needs_previous = i > 0;
    return entrance;
}

static void
set_session(struct entrance *entrance, struct append_item *item)
{
    item->kind = APPEND_RECORD;
    session_make(&entrance->identity, entrance->token, &item->record);
}

static void
set_account(const struct account *account, struct append_item *item)
{
    item->kind = APPEND_RECORD;
    item->must_be_new = true;
    account_record(account, &item->record);
}

/* The name is looked at first, so that an invitation is not lost on one that is taken. */
static void
set_name_check(const struct account *account, struct append_item *item)
{
    set_account(account, item);
    item->kind = APPEND_CHECK;
}

void
entrance_open(struct exchange *exchange, const struct account *account)
{
    struct entrance *entrance = entrance_create(exchange, account, 1);

    set_session(entrance, &entrance->posting.job->items[0]);
    posting_send(&entrance->posting, exchange->worker);
}

void
entrance_open_fresh(struct exchange *exchange, const struct account *account)
{
    struct entrance *entrance = entrance_create(exchange, account, 3);
    struct append_item *items = entrance->posting.job->items;

    set_account(account, &items[0]);
    set_session(entrance, &items[1]);
    submit_membership(COMMAND_JOIN, &account->identity, ROOM_LOBBY, &items[2]);
    items[2].needs_previous = true;
    posting_send(&entrance->posting, exchange->worker);
}

void
entrance_open_invited(struct exchange *exchange, const struct account *account,
                      const char *invite_key)
{
    struct entrance *entrance = entrance_create(exchange, account, 5);
    struct append_item *items = entrance->posting.job->items;

    set_name_check(account, &items[0]);
    invite_use(invite_key, &items[1]);
    set_account(account, &items[2]);
    set_session(entrance, &items[3]);
    submit_membership(COMMAND_JOIN, &account->identity, ROOM_LOBBY, &items[4]);
    items[4].needs_previous = true;
    posting_send(&entrance->posting, exchange->worker);
}

/* Ends once: what ends with it needs this item. */
static void
set_end(const struct session *session, struct append_item *item)
{
    item->kind = APPEND_RECORD;
    item->must_be_there = true;
    session_record_gone(session, &item->record);
}

/* So a guest has one session at any time, and its name goes with that one. */
void
entrance_open_again(struct exchange *exchange, const struct account *account)
{
    const struct session *before =
        sessions_only_of(worker_server(exchange->worker)->sessions, account->identity.name);

    if (before == NULL) {
        refuse_while_changing(exchange, account->identity.name);
        return;
    }

    struct entrance *entrance = entrance_create(exchange, account, 2);
    struct append_item *items = entrance->posting.job->items;
    entrance->session = before;
    set_end(before, &items[0]);
    set_session(entrance, &items[1]);
    posting_send(&entrance->posting, exchange->worker);
}

/* The rooms a guest leaves. */
struct leaving {
    size_t count, size;
    char (*rooms)[ROOM_KEY_SIZE];
};

static void
note_room(void *context, const struct room *room)
{
    struct leaving *leaving = context;

    if (room_key_is_direct(room_key(room)))
        return;
    if (leaving->count == leaving->size) {
        leaving->size = MAX(8, leaving->size * 2);
        leaving->rooms = xrealloc(leaving->rooms, leaving->size * sizeof(*leaving->rooms));
    }
    str_copy(leaving->rooms[leaving->count++], ROOM_KEY_SIZE, room_key(room));
}

static struct append_job *
make_close_job(struct worker *worker, const struct session *session)
{
    const struct identity *who = &session->identity;
    struct leaving leaving = {0};
    struct append_job *job;

    if (who->guest)
        rooms_each_of(hub_rooms(worker_hub(worker)), who, note_room, &leaving);
    job = append_job_create(leaving.count + (who->guest ? 2 : 1));
    for (size_t i = 0; i < leaving.count; i++)
        submit_membership(COMMAND_PART, who, leaving.rooms[i], &job->items[i]);
    set_end(session, &job->items[leaving.count]);
    if (who->guest) {
        job->items[leaving.count + 1].kind = APPEND_RECORD;
        job->items[leaving.count + 1].needs_previous = true;
        account_record_gone(who->name, &job->items[leaving.count + 1].record);
    }
    free(leaving.rooms);
    return job;
}

static void
on_closed(struct posting *posting)
{
    struct entrance *entrance = container_of(posting, struct entrance, posting);
    const struct server *server = worker_server(posting->worker);
    const struct append_job *job = posting->job;
    const struct append_item *last = &job->items[job->count - 1];

    if (last->outcome == APPEND_REFUSED && last->refusal.code != REFUSAL_NOT_FOUND) {
        if (entrance->exchange != NULL)
            exchange_refuse(entrance->exchange, &last->refusal);
    } else {
        log_info("s%" PRIu64 " out user=%s", entrance->session->number,
                 entrance->session->identity.name);
        if (sessions_count_of(server->sessions, entrance->session->identity.name) == 0)
            people_end(server->people, entrance->session->identity.name);
        cut_connections(server, entrance->session);
        if (entrance->exchange != NULL)
            exchange_answer_json(entrance->exchange, 200, json_object());
    }
    entrance_free(entrance);
}

void
entrance_close(struct worker *worker, const struct session *session, struct exchange *exchange)
{
    struct entrance *entrance = xcalloc(1, sizeof(*entrance));

    entrance->exchange = exchange == NULL ? NULL : exchange_ref(exchange);
    entrance->session = session_ref(session);
    entrance->posting.job = make_close_job(worker, session);
    entrance->posting.done = on_closed;
    posting_send(&entrance->posting, worker);
}
