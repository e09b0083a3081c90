/* libFuzzer target: what a WebSocket's peer sends, in pieces as the library hands them out, against
 * the real way up (ws.c, the command's check, limits, accounts, sessions). The conn, the roster and
 * the appender's thread are stood in for here, so the answers and their order can be looked at.
 *
 * The first byte: bit 0 a user's rate is 2 commands, bit 1 the token came with the handshake. Then
 * lines, the first byte of each says what it is:
 *   t a text message, or its last piece     f a piece of one, not the last
 *   b a binary message                      r a piece of a frame that has as many KiB to come as
 * its next byte says a the oldest command under way is accepted, u the newest unchanged, x the
 * oldest refused e the session ends TOKEN in a message is the token of the session. */
#include "server/web/ws.h"

#include "common/command.h"
#include "common/event.h"
#include "common/json.h"
#include "common/log.h"
#include "common/util.h"
#include "server/chat/accounts.h"
#include "server/chat/hub_state.h"
#include "server/chat/limits.h"
#include "server/chat/people.h"
#include "server/chat/rooms.h"
#include "server/chat/session_record.h"
#include "server/chat/sessions.h"
#include "server/server.h"
#include "server/web/conn.h"
#include "server/web/posting.h"
#include "server/web/roster.h"
#include "server/web/tell.h"
#include "server/web/transport.h"
#include "server/web/worker.h"
#include "server/web/ws_frame.h"
#include "tests/fuzz/must.h"

#define ANSWERS_MAX 4096

struct answers {
    char ids[ANSWERS_MAX][ID_SIZE];
    size_t count;
};

/* One connection and all that its way up touches. */
struct peer {
    struct server server;
    struct conn *conn;
    struct ws *ws;
    bool is_limited;    /* the user has a rate */
    struct buf message; /* the pieces of one that is not whole yet */
    struct answers wanted, said;
    struct posting *under_way[ANSWERS_MAX];
    size_t under_way_count;
    struct hub hub;
    bool may_be_silent; /* a command came that may have no answer */
};

static struct peer peer;
static char token[TOKEN_SIZE];
static struct record session_record;

static void
note_id(struct answers *answers, const char *id)
{
    MUST(answers->count < ANSWERS_MAX);
    str_copy(answers->ids[answers->count++], ID_SIZE, id);
}

/* What conn.c, roster.c, posting.c and worker.c are to ws.c. */

void
conn_init(struct conn *conn, struct worker *worker, struct carrier *carrier,
          const struct transport_ops *transport)
{
    *conn = (struct conn){.transport = transport};
    peer.conn = conn;
}

void
conn_fini(struct conn *conn)
{
    session_unref(conn->session);
    buf_fini(&conn->own);
    peer.conn = NULL;
}

void
conn_start(struct conn *conn, const struct session *session, const struct cursor *after)
{
    MUST(conn->state == CONN_AUTH && session != NULL && after == NULL);
    conn->session = session;
    conn->state = CONN_LIVE;
}

void
conn_say(struct conn *conn, const struct event *event)
{
    struct buf json = BUF_INIT;
    struct event again;
    char why[100];

    MUST(conn->state != CONN_AUTH);
    if (conn->state == CONN_CLOSING)
        return;
    event_encode(&json, event);
    MUST(event_decode(json.data, json.len, &again, why, sizeof(why)) == 0);
    MUST(again.type == EVENT_RECEIPT || again.type == EVENT_ERROR);
    note_id(&peer.said, again.id);

    buf_clear(&conn->own);
    conn->transport->frame(&conn->own, json.data, json.len, NULL);
    MUST(conn->own.len > json.len && conn->own.data[0] == (char)0x81);
    event_fini(&again);
    buf_fini(&json);
}

void
conn_say_pong(struct conn *conn, const char *nonce)
{
    MUST(id_is_valid(nonce));
    if (conn->state == CONN_LIVE)
        note_id(&peer.said, nonce);
}

void
conn_heard(struct conn *conn)
{
}

void
conn_pause(struct conn *conn, enum conn_pause reason, bool paused)
{
    MUST(reason == CONN_PAUSE_COMMANDS);
    conn->paused = paused ? reason : 0;
}

void
conn_close(struct conn *conn, unsigned code, const char *reason)
{
    struct buf frame = BUF_INIT;

    MUST(conn->state != CONN_CLOSING);
    MUST(code == 1003 || code == 1007 || code == 1008 || code == 1009);
    ws_frame_add_close(&frame, code, reason);
    MUST(frame.len >= 4 && frame.len <= 127 && frame.data[0] == (char)0x88);
    buf_fini(&frame);
    conn->state = CONN_CLOSING;
}

const struct server *
worker_server(const struct worker *worker)
{
    return &peer.server;
}

struct hub *
worker_hub(struct worker *worker)
{
    return &peer.hub;
}

void
worker_catch_up(struct worker *worker)
{
}

void
tell_typing(struct worker *worker, const struct identity *who, const char *key)
{
    MUST(strcmp(who->name, "ann") == 0 && room_key_is_direct(key)); /* there are no rooms here */
}

void
roster_spread_pong(struct worker *worker, const struct conn *except, uint64_t session_number,
                   const char *nonce)
{
    MUST(except == peer.conn && id_is_valid(nonce));
}

void
posting_send(struct posting *posting, struct worker *worker)
{
    const struct append_item *item = &posting->job->items[0];

    MUST(posting->job->count == 1 && item->kind == APPEND_COMMAND);
    MUST(command_type_is_logged(item->command.type) && id_is_valid(item->command.id));
    MUST(strcmp(item->user, "ann") == 0 && item->owner[0] != '\0');
    MUST(item->command.room[0] == '#' || strchr(item->command.room, ',') != NULL);
    MUST(peer.under_way_count < ANSWERS_MAX);
    peer.under_way[peer.under_way_count++] = posting;
}

/* The appender's part. */
static void
finish(size_t index, enum append_outcome outcome)
{
    struct posting *posting = peer.under_way[index];
    struct append_item *item = &posting->job->items[0];

    memmove(&peer.under_way[index], &peer.under_way[index + 1],
            (peer.under_way_count - index - 1) * sizeof(struct posting *));
    peer.under_way_count--;
    item->outcome = outcome;
    item->seq = 7;
    if (outcome == APPEND_REFUSED)
        refuse(&item->refusal, REFUSAL_NOT_MEMBER, "you are not a member");
    posting->done(posting);
}

static void
finish_one(char which)
{
    if (peer.under_way_count == 0)
        return;
    if (which == 'a')
        finish(0, APPEND_ACCEPTED);
    else if (which == 'x')
        finish(0, APPEND_REFUSED);
    else
        finish(peer.under_way_count - 1, APPEND_UNCHANGED);
}

/* What the whole message is to be answered with, by the contract. */
static void
want_answer(void)
{
    char why[100];
    json_t *object = json_parse(buf_text(&peer.message), peer.message.len, why, sizeof(why));
    struct command command;
    struct refusal refusal;

    if (peer.conn->state == CONN_LIVE && !session_is_ended(peer.conn->session) && object != NULL) {
        bool is_good = command_decode(object, &command, &refusal) == 0;
        peer.may_be_silent |= is_good && !command_type_is_logged(command.type) &&
                              command.type != COMMAND_PING && command.id[0] == '\0';
        bool is_ping = is_good && command.type == COMMAND_PING;
        note_id(&peer.wanted, is_ping ? command.nonce : command.id);
        command_fini(&command);
    }
    json_decref(object);
    buf_clear(&peer.message);
}

/* A ping beyond the rate is refused by its id, which it need not have. */
static bool
is_answer(const char *wanted, const char *said)
{
    return strcmp(wanted, said) == 0 || peer.is_limited;
}

static void
receive(const char *bytes, size_t len, size_t remaining, bool last, bool binary)
{
    char *copy = xmalloc(len + 1);
    struct ws_piece piece = {copy + 1, len, remaining, last, binary};

    if (len > 0)
        memcpy(copy + 1, bytes, len);
    if (peer.conn->state != CONN_CLOSING && !binary) {
        buf_add(&peer.message, bytes, len);
        if (last && peer.message.len <= CONN_MESSAGE_MAX)
            want_answer();
    }
    ws_receive(peer.ws, &piece);
    free(copy);
}

static void
end_session(void)
{
    struct record gone = {.value = NULL};

    memcpy(gone.key, session_record.key, sizeof(gone.key));
    sessions_apply(peer.server.sessions, &gone);
}

/* The line with the true token in it. */
static void
spell(struct buf *out, const char *line, size_t len)
{
    const char *mark = len >= 5 ? memmem(line, len, "TOKEN", 5) : NULL;

    if (mark == NULL) {
        buf_add(out, line, len);
        return;
    }
    buf_add(out, line, (size_t)(mark - line));
    buf_add_str(out, token);
    buf_add(out, mark + 5, len - (size_t)(mark - line) - 5);
}

static void
play(const char *line, size_t len)
{
    struct buf bytes = BUF_INIT;
    size_t skip = len > 1 && line[0] == 'r' ? 2 : 1;
    size_t remaining = skip == 2 ? (size_t)(unsigned char)line[1] * 1024 : 0;

    if (len == 0)
        return;
    if (strchr("aux", line[0]) != NULL && line[0] != '\0')
        finish_one(line[0]);
    else if (line[0] == 'e')
        end_session();
    if (strchr("tfbr", line[0]) == NULL || line[0] == '\0')
        return;

    spell(&bytes, line + skip, len - skip);
    receive(buf_text(&bytes), bytes.len, remaining, line[0] == 't' || line[0] == 'b',
            line[0] == 'b');
    buf_fini(&bytes);
}

static void
add_account(struct accounts *accounts, const char *name)
{
    struct account account = {0};
    struct record record = {0};

    identity_make(&account.identity, name, false, 1);
    account_record(&account, &record);
    accounts_apply(accounts, &record);
    record_fini(&record);
}

static void
begin(uint8_t flags)
{
    struct limits_config limits = {.rate = flags & 1 ? 1 : 0, .burst = flags & 1 ? 2 : 0};
    const struct session *session = NULL;

    peer.server.accounts = accounts_create();
    peer.server.sessions = sessions_create();
    peer.server.limits = limits_create(&limits);
    peer.server.people = people_create(0);
    peer.hub = (struct hub){.rooms = rooms_create()};
    peer.may_be_silent = false;
    peer.wanted.count = peer.said.count = 0;
    peer.is_limited = flags & 1;
    add_account(peer.server.accounts, "ann");
    add_account(peer.server.accounts, "bob");
    sessions_apply(peer.server.sessions, &session_record);
    if (flags & 2)
        session = sessions_find(peer.server.sessions, token);
    peer.ws = ws_open(NULL, NULL, session, NULL);
    MUST(ws_conn(peer.ws) == peer.conn);
}

/* Everybody was answered once and in order, up to where the connection was closed. */
static void
look_at_answers(bool is_closed)
{
    MUST(peer.said.count <= peer.wanted.count);
    MUST(is_closed || peer.may_be_silent || peer.said.count == peer.wanted.count);
    for (size_t i = 0; i < peer.said.count && !peer.may_be_silent; i++)
        MUST(is_answer(peer.wanted.ids[i], peer.said.ids[i]));
    MUST(is_closed || peer.conn->paused == 0);
}

/* Commands that are under way are committed all the same when the peer has gone before them. */
static void
end(bool early)
{
    while (!early && peer.under_way_count > 0)
        finish(peer.under_way_count / 2, APPEND_ACCEPTED);
    if (!early)
        look_at_answers(peer.conn->state == CONN_CLOSING);
    ws_closed(peer.ws);
    while (peer.under_way_count > 0)
        finish(0, APPEND_ACCEPTED);

    buf_fini(&peer.message);
    sessions_destroy(peer.server.sessions);
    accounts_destroy(peer.server.accounts);
    limits_destroy(peer.server.limits);
    people_destroy(peer.server.people);
    rooms_destroy(peer.hub.rooms);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct identity ann;

    log_set_level(LOG_ERROR);
    identity_make(&ann, "ann", false, 1);
    session_make(&ann, token, &session_record);
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *at = (const char *)data, *end_of_all = at + size;

    if (size < 1)
        return 0;

    begin(*data);
    for (at++; at < end_of_all && peer.wanted.count < ANSWERS_MAX - 1;) {
        const char *newline = memchr(at, '\n', (size_t)(end_of_all - at));
        const char *line_end = newline != NULL ? newline : end_of_all;
        play(at, (size_t)(line_end - at));
        at = line_end + 1;
    }
    end(*data & 4);
    return 0;
}
