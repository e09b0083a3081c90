#include "tests/support/link_world.h"

#include "common/log.h"
#include "common/util.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

struct link_world world;

static void
add_word(struct buf *to, const char *word)
{
    buf_addf(to, "%s%s", to->len > 0 ? " " : "", word);
}

static void
heard_status(void *context, const struct link_status *status)
{
    static const char *const names[] = {"idle",    "login",   "connecting", "live",
                                        "stalled", "waiting", "failed",     "ended"};

    add_word(&world.states, names[status->state]);
    uv_stop(&world.loop);
}

static void
heard_event(void *context, const struct event *event, const char *json, size_t len)
{
    char word[64];

    snprintf(word, sizeof(word), event->seq > 0 ? "%s:%d" : "%s", event_type_name(event->type),
             (int)event->seq);
    add_word(&world.events, word);
    ck_assert_uint_gt(len, 0);
    ck_assert_int_eq(json[0], '{');
    if (world.on_event != NULL)
        world.on_event();
}

static void
heard_outbox(void *context, const struct outbox_item *item)
{
    static const char marks[] = {'q', 's', 'r'};
    char word[ID_SIZE + 1];

    snprintf(word, sizeof(word), "%s%c", item->command.id, marks[item->state]);
    add_word(&world.outboxed, word);
    if (world.on_outbox != NULL)
        world.on_outbox();
    uv_stop(&world.loop);
}

static void
heard_receipt(void *context, const struct outbox_item *item, uint64_t seq, const char *json,
              size_t len)
{
    char word[64];

    snprintf(word, sizeof(word), "%.40s=%d", item->command.id, (int)seq);
    add_word(&world.receipts, word);
}

static void
heard_note(void *context, const char *text)
{
    buf_addf(&world.notes, "%s\n", text);
    if (world.on_note != NULL)
        world.on_note();
    uv_stop(&world.loop);
}

const struct link_listener link_world_listener = {
    NULL, heard_status, heard_event, heard_outbox, heard_receipt, heard_note,
};

void
link_world_set_up(void)
{
    memset(&world, 0, sizeof(world));
    world.patience = (struct link_patience){
        .open_ms = 300,
        .ask_ms = 1000,
        .logout_ms = 500,
        .heartbeat_ms = 60000,
        .retry_ms = 20,
        .proof_min_ms = 200,
        .proof_max_ms = 300,
        .owed_ms = 100,
    };
    world.rows = fake_rows + 1;
    log_open("/dev/null");
    temp_dir_make(world.dir);
    fake_way_reset();
    ck_assert_int_eq(uv_loop_init(&world.loop), 0);
}

void
link_world_destroy(void)
{
    link_destroy(world.link);
    world.link = NULL;
    while (uv_run(&world.loop, UV_RUN_DEFAULT) != 0)
        ;
}

void
link_world_forget(void)
{
    buf_clear(&world.states);
    buf_clear(&world.events);
    buf_clear(&world.outboxed);
    buf_clear(&world.receipts);
    buf_clear(&world.notes);
}

void
link_world_tear_down(void)
{
    link_world_destroy();
    ck_assert_int_eq(uv_loop_close(&world.loop), 0);
    fake_way_reset();
    buf_fini(&world.states);
    buf_fini(&world.events);
    buf_fini(&world.outboxed);
    buf_fini(&world.receipts);
    buf_fini(&world.notes);
    temp_dir_remove(world.dir);
}

void
link_world_keep_token(const char *text, bool is_guest)
{
    struct token token = {.is_guest = is_guest};

    ck_assert_int_eq(str_copy(token.text, sizeof(token.text), text), 0);
    ck_assert_int_eq(token_save(world.dir, LINK_WORLD_ACCOUNT, &token), 0);
}

void
link_world_create_with(const struct link_config *config)
{
    const struct link_seams seams = {world.rows, &fake_ask, world.patience};
    char why[200] = "";

    world.link =
        link_create_with(&world.loop, config, &link_world_listener, &seams, why, sizeof(why));
    ck_assert_msg(world.link != NULL, "%s", why);
}

void
link_world_create(const char *transport, bool reads_only)
{
    const struct link_config config = {
        .url = "https://localhost:8443",
        .user = "ann",
        .transport = transport,
        .reads_only = reads_only,
        .state_dir = world.dir,
    };

    link_world_keep_token("T1", true);
    link_world_create_with(&config);
}

void
link_world_live(const char *transport, const char *first)
{
    link_world_create(transport, false);
    link_start(world.link);
    fake_way_on(first);
    ck_assert(fake_way_is_up());
    fake_way_open();
    world_hello("new", 10, 10);
    ck_assert_int_eq(world_state(), LINK_LIVE);
    world_pong();
    link_world_forget();
}

enum link_state
world_state(void)
{
    return link_status(world.link)->state;
}

const char *
world_transport(void)
{
    return link_status(world.link)->transport;
}

const char *
world_why(void)
{
    return link_status(world.link)->why;
}

void
world_hello(const char *result, int cursor, int head)
{
    world_hello_beat(result, cursor, head, 60);
}

void
world_hello_beat(const char *result, int cursor, int head, double heartbeat)
{
    fake_way_line("{\"type\":\"hello\",\"server\":\"rtchat\",\"user\":\"ann\",\"epoch\":\"e1\","
                  "\"cursor\":\"e1-%d\",\"head\":\"e1-%d\",\"result\":\"%s\",\"heartbeat\":%g,"
                  "\"rooms\":[]}",
                  cursor, head, result, heartbeat);
}

void
world_open(int cursor)
{
    char after[CURSOR_SIZE];

    snprintf(after, sizeof(after), "e1-%d", cursor);
    ck_assert_str_eq(fake_way_after(), after);
    fake_way_open();
    world_hello("resumed", cursor, cursor);
}

void
world_message(int seq)
{
    char id[16];

    snprintf(id, sizeof(id), "m%d", seq);
    world_message_of("bob", id, seq);
}

void
world_message_of(const char *from, const char *id, int seq)
{
    fake_way_line("{\"type\":\"message\",\"seq\":%d,\"rseq\":%d,\"room\":\"#lobby\",\"from\":"
                  "\"%s\",\"id\":\"%s\",\"at\":\"2026-01-31T12:00:00.123Z\",\"text\":\"hi\","
                  "\"action\":false}",
                  seq, seq, from, id);
}

void
world_pong(void)
{
    ck_assert_str_ne(fake_way_ping(), "");
    fake_way_line("{\"type\":\"pong\",\"nonce\":\"%s\",\"cursor\":\"e1-10\",\"head\":\"e1-10\"}",
                  fake_way_ping());
}

struct outbox_item *
world_say(const char *id)
{
    struct command command = {.type = COMMAND_SAY, .room = "#lobby", .text = xstrdup("hi")};
    char fault[200];

    str_copy(command.id, sizeof(command.id), id);
    struct outbox_item *item = link_say(world.link, &command, fault, sizeof(fault));
    ck_assert_ptr_nonnull(item);
    return item;
}

void
world_receipt(const char *id, int seq)
{
    fake_way_line("{\"type\":\"receipt\",\"id\":\"%s\",\"seq\":%d}", id, seq);
}

const char *
world_sent_ids(void)
{
    static char text[4000];
    const char *at = fake_way_sent();

    text[0] = '\0';
    while ((at = strstr(at, "\"id\":\"")) != NULL) {
        at += strlen("\"id\":\"");
        size_t len = strlen(text);
        snprintf(text + len, sizeof(text) - len, "%s%.*s", len > 0 ? " " : "",
                 (int)strcspn(at, "\""), at);
    }
    return text;
}

static void
on_deadline(uv_timer_t *timer)
{
    *(bool *)timer->data = true;
}

static void
on_closed(uv_handle_t *timer)
{
    *(bool *)timer->data = true;
}

void
world_close_timer(uv_timer_t *timer)
{
    bool is_closed = false;

    timer->data = &is_closed;
    uv_close((uv_handle_t *)timer, on_closed);
    while (!is_closed)
        uv_run(&world.loop, UV_RUN_NOWAIT);
}

void
world_run_until(bool (*is_so)(void))
{
    uv_timer_t deadline;
    bool is_over = false;

    uv_timer_init(&world.loop, &deadline);
    deadline.data = &is_over;
    uv_update_time(&world.loop);
    uv_timer_start(&deadline, on_deadline, 5000, 0);
    while (!is_so() && !is_over)
        uv_run(&world.loop, UV_RUN_ONCE);
    world_close_timer(&deadline);
    ck_assert_msg(!is_over, "it did not come so in 5 s; states: %s; notes: %s",
                  buf_text(&world.states), buf_text(&world.notes));
}

bool
world_has_trial(void)
{
    return world.link->trial != NULL;
}

bool
world_has_no_trial(void)
{
    return world.link->trial == NULL;
}
