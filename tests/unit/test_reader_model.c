/* server/chat/reader and hub against a naive model: many clients that read as they like, on two
 * workers that lag, with guests that come and go. Each gets what it may see, in order, once. */
#include "tests/unit/chat_world.h"

#include "server/chat/reader.h"

#include <check.h>
#include <errno.h>

#define SAY  COMMAND_SAY
#define JOIN COMMAND_JOIN
#define PART COMMAND_PART

#define USERS   5
#define ROOMS   3
#define CLIENTS 12
#define EVENTS  4000
#define WORKERS 2

static const char *const names[USERS] = {"ann", "bob", "cyd", "gus", "gil"}; /* g…: guests */
static const char *const room_names[ROOMS] = {"#a", "#b", "#c"};

struct model;

/* A person's session that reads through one connection after another. */
struct client {
    struct model *model;
    int user;
    struct identity who;
    bool is_fast; /* takes everything at each deliver */
    bool is_connected;
    struct reader reader;
    uint64_t given; /* the seq of the newest event it got; or where it began */
    size_t got_count;
};

struct model {
    struct world world;
    struct worker workers[WORKERS];
    uint32_t seed;
    bool is_in[USERS][ROOMS];
    uint64_t since[USERS];
    bool sees[EVENTS][USERS]; /* by seq */
    uint64_t end;
    struct client clients[CLIENTS];
    unsigned overflow_count, stale_count;
    bool is_still; /* nothing else happens meanwhile */
};

static unsigned
draw(struct model *model, unsigned bound)
{
    model->seed = model->seed * 1664525 + 1013904223;
    return (model->seed >> 8) % bound;
}

static bool
is_guest(int user)
{
    return names[user][0] == 'g';
}

static uint64_t
next_seen(const struct client *client)
{
    for (uint64_t seq = client->given + 1; seq <= client->model->end; seq++)
        if (client->model->sees[seq][client->user] && seq > client->who.since)
            return seq;

    return 0;
}

static void
ck_given(struct client *client, struct entry *const *entries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t seq = entry_event(entries[i])->seq, expected = next_seen(client);
        ck_assert_msg(seq == expected,
                      "%s since %" PRIu64 " after %" PRIu64 ": %" PRIu64 " instead of %" PRIu64,
                      client->who.name, client->who.since, client->given, seq, expected);
        client->given = seq;
        client->got_count++;
        entry_unref(entries[i]);
    }
    ck_assert_uint_ge(reader_cursor(&client->reader), client->given);
}

static void meanwhile(struct model *model);

/* As a worker does: the read happens elsewhere, and the log and the hub may go on meanwhile. */
static size_t
read_store(struct client *client, struct entry **entries, size_t max)
{
    struct model *model = client->model;
    struct store *store = model->world.store;
    struct store_page page;
    size_t used;

    ck_assert_int_eq(store->ops->read(store, client->reader.position, 1 + draw(model, 200), &page),
                     0);
    meanwhile(model);
    size_t count = reader_take_page(&client->reader, &page, entries, max, &used);
    store_page_fini(&page);
    model->stale_count++;

    return count;
}

/* One write of a client. */
static void
take_some(struct client *client)
{
    struct entry *entries[50];
    size_t max = 1 + draw(client->model, ARRAY_LEN(entries));

    int count = reader_next(&client->reader, entries, max);
    if (count == -ESTALE)
        count = (int)read_store(client, entries, max);
    ck_given(client, entries, (size_t)count);
}

static bool
has_more(const struct client *client)
{
    return reader_is_behind(&client->reader) || client->reader.pending_count > 0;
}

static void
take_all(struct client *client)
{
    do
        take_some(client);
    while (has_more(client));
}

static void
deliver(struct reader *reader, void *context)
{
    struct client *client = container_of(reader, struct client, reader);
    struct model *model = context;

    model->overflow_count += reader_is_behind(reader);
    if (client->is_fast)
        take_all(client);
    else if (draw(model, 3) == 0)
        take_some(client);
}

static void
turn_once(struct model *model, unsigned worker)
{
    model->is_still = true;
    hub_turn(model->workers[worker].hub, deliver, model);
    model->is_still = false;
}

static void
disconnect(struct client *client)
{
    if (client->is_connected)
        reader_fini(&client->reader);
    client->is_connected = false;
}

/* At its cursor, which skips nothing that it was not given. */
static void
reconnect(struct client *client)
{
    struct model *model = client->model;
    uint64_t position = client->given;

    if (client->is_connected) {
        position = reader_cursor(&client->reader);
        uint64_t expected = next_seen(client);
        ck_assert_msg(expected == 0 || expected > position, "cursor %" PRIu64 " skips %" PRIu64,
                      position, expected);
        disconnect(client);
    }

    reader_init(&client->reader, model->workers[draw(model, WORKERS)].hub, &client->who, position);
    client->is_connected = true;
    if (client->is_fast)
        take_all(client);
}

static void
begin_client(struct model *model, struct client *client)
{
    client->user = (int)draw(model, USERS);
    identity_make(&client->who, names[client->user], is_guest(client->user),
                  model->since[client->user]);
    client->given = draw(model, 2) == 0 ? 0 : model->end;
    client->got_count = 0;
    client->is_fast = draw(model, 3) == 0;
    reconnect(client);
}

static void
note_room_event(struct model *model, int room)
{
    model->end++;
    ck_assert_uint_eq(model->world.last.seq, model->end);
    for (int user = 0; user < USERS; user++)
        model->sees[model->end][user] = model->is_in[user][room];
}

static void
join(struct model *model, int user, int room)
{
    if (model->is_in[user][room])
        return;

    world_do(&model->world, JOIN, names[user], room_names[room], NULL);
    model->is_in[user][room] = true;
    note_room_event(model, room);
}

static void
part(struct model *model, int user, int room)
{
    if (!model->is_in[user][room])
        return;

    world_do(&model->world, PART, names[user], room_names[room], NULL);
    note_room_event(model, room);
    model->is_in[user][room] = false;
}

static void
say(struct model *model, int user, int room)
{
    if (!model->is_in[user][room])
        return;

    world_do(&model->world, SAY, names[user], room_names[room], "hi");
    note_room_event(model, room);
}

static void
say_directly(struct model *model, int user, int other)
{
    char key[ROOM_KEY_SIZE];

    direct_key(key, names[user], names[other]);
    world_do(&model->world, SAY, names[user], key, "hi");
    model->end++;
    model->sees[model->end][user] = model->sees[model->end][other] = true;
}

/* Not from within a turn, which is not entered twice. */
static void
meanwhile(struct model *model)
{
    if (model->is_still || draw(model, 2) == 0)
        return;

    for (unsigned i = draw(model, 10); i > 0; i--)
        say(model, (int)draw(model, USERS), (int)draw(model, ROOMS));
    turn_once(model, draw(model, WORKERS));
}

/* A guest leaves for good, its connections end, and somebody else takes the name. */
static void
replace_guest(struct model *model, int user)
{
    if (!is_guest(user))
        return;

    for (int room = 0; room < ROOMS; room++)
        part(model, user, room);
    for (int i = 0; i < CLIENTS; i++)
        if (model->clients[i].user == user)
            disconnect(&model->clients[i]);
    model->since[user] = model->end;
    world_add_user(&model->world, names[user], true);
    for (int i = 0; i < CLIENTS; i++)
        if (!model->clients[i].is_connected)
            begin_client(model, &model->clients[i]);
}

static void
step(struct model *model)
{
    int user = (int)draw(model, USERS), room = (int)draw(model, ROOMS);
    struct client *client = &model->clients[draw(model, CLIENTS)];

    switch (draw(model, 12)) {
    case 0: join(model, user, room); break;
    case 1:
        if (draw(model, 3) == 0)
            part(model, user, room);
        break;
    case 2: say_directly(model, user, (int)draw(model, USERS)); break;
    case 3: turn_once(model, draw(model, WORKERS)); break;
    case 4:
        if (draw(model, 8) == 0)
            reconnect(client);
        break;
    case 5:
        if (draw(model, 20) == 0)
            replace_guest(model, user);
        break;
    case 6:
        if (draw(model, 3) == 0)
            take_some(client);
        break;
    default: say(model, user, room); break;
    }
}

static void
run_to_the_end(struct model *model)
{
    for (unsigned i = 0; i < WORKERS; i++)
        while (hub_position(model->workers[i].hub) < model->end)
            turn_once(model, i);
    model->is_still = true;
    for (int i = 0; i < CLIENTS; i++) {
        struct client *client = &model->clients[i];
        ck_assert_msg(!client->is_fast || next_seen(client) == 0,
                      "a fast client was not told of %" PRIu64, next_seen(client));
        take_all(client);
        ck_assert_msg(next_seen(client) == 0, "%s misses %" PRIu64, client->who.name,
                      next_seen(client));
        ck_assert_uint_eq(reader_cursor(&client->reader), model->end);
    }
}

START_TEST(each_reader_gets_what_the_model_says)
{
    unsigned overflow_count = 0, stale_count = 0;

    for (uint32_t seed = 1; seed <= 25; seed++) {
        struct model *model = xcalloc(1, sizeof(*model));

        model->seed = seed;
        world_init(&model->world);
        model->world.window = window_create(0, 60, 64 << 20);
        for (int i = 0; i < USERS; i++)
            world_add_user(&model->world, names[i], is_guest(i));
        for (int i = 0; i < WORKERS; i++)
            worker_init(&model->workers[i], &model->world);
        for (int i = 0; i < CLIENTS; i++) {
            model->clients[i].model = model;
            begin_client(model, &model->clients[i]);
        }

        for (int i = 0; i < 1500; i++)
            step(model);
        ck_assert_uint_gt(model->end, 300);
        run_to_the_end(model);

        overflow_count += model->overflow_count;
        stale_count += model->stale_count;
        for (int i = 0; i < CLIENTS; i++)
            disconnect(&model->clients[i]);
        for (int i = 0; i < WORKERS; i++)
            worker_fini(&model->workers[i]);
        world_fini(&model->world);
        free(model);
    }

    ck_assert_msg(overflow_count > 100 && stale_count > 100,
                  "%u overflows, %u stale reads: the test tries too little", overflow_count,
                  stale_count);
}
END_TEST

static Suite *
reader_model_suite(void)
{
    Suite *suite = suite_create("reader_model");
    TCase *facts = tcase_create("facts");

    tcase_add_test(facts, each_reader_gets_what_the_model_says);
    suite_add_tcase(suite, facts);

    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(reader_model_suite());

    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
