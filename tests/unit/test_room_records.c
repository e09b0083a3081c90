/* server/chat/rooms: its state as a whole, taken back by roll_back and brought back by its records.
 */
#include "server/chat/rooms.h"

#include "common/buf.h"
#include "server/chat/room_table.h"
#include "tests/unit/chat_world.h"

#include <check.h>
#include <errno.h>

static const char *const users[] = {"ann", "bob", "cyd", "guest1"};
static const char *const keys[] = {"#a", "#b", "#c", "@ann,bob", "@cyd,cyd"};

static void
dump_member(struct buf *out, const struct rooms *rooms, const struct room *room, const char *user)
{
    struct record record;

    if (room_table_member(room, user) == NULL)
        return;

    rooms_record_member(rooms, room_key(room), user, &record);
    buf_addf(out, " %s=%s", record.key, record.value);
    record_fini(&record);
}

static void
dump_room(struct buf *out, const struct rooms *rooms, const char *key)
{
    const struct room *room = rooms_find(rooms, key);
    struct record record;

    if (room == NULL)
        return;

    rooms_record_room(rooms, key, &record);
    buf_addf(out, "%s=%s seq=%" PRIu64 " rseq=%" PRIu64 " members=%zu", record.key, record.value,
             room_last_seq(room), room_last_rseq(room), room_member_count(room));
    record_fini(&record);
    for (size_t i = 0; i < ARRAY_LEN(users); i++)
        dump_member(out, rooms, room, users[i]);
    buf_add_byte(out, '\n');
}

struct dump_of {
    struct buf *out;
    bool has[ARRAY_LEN(keys)];
};

static void
mark_key(void *context, const struct room *room)
{
    struct dump_of *of = context;

    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        of->has[i] = of->has[i] || strcmp(keys[i], room_key(room)) == 0;
}

/* Everything that can be asked, in an order of its own. The caller frees it. */
static char *
dump(const struct rooms *rooms)
{
    struct buf out = BUF_INIT;

    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        dump_room(&out, rooms, keys[i]);
    for (size_t i = 0; i < ARRAY_LEN(users); i++) {
        struct identity who;
        struct dump_of of = {.out = &out};

        identity_make(&who, users[i], false, 0);
        rooms_each_of(rooms, &who, mark_key, &of);
        buf_addf(&out, "%s:", users[i]);
        for (size_t key = 0; key < ARRAY_LEN(keys); key++)
            buf_addf(&out, " %d", of.has[key]);
        buf_add_byte(&out, '\n');
    }

    return buf_take(&out, NULL);
}

static unsigned
draw(uint32_t *seed, unsigned bound)
{
    *seed = *seed * 1664525 + 1013904223;
    return (*seed >> 8) % bound;
}

static void
apply_something(struct history *history, uint32_t *seed)
{
    static const enum event_type types[] = {EVENT_JOIN, EVENT_PART, EVENT_JOIN, EVENT_TOPIC,
                                            EVENT_MESSAGE};
    const char *key = keys[draw(seed, ARRAY_LEN(keys))];
    char text[16];

    snprintf(text, sizeof(text), "t%u", draw(seed, 1000));
    if (key[0] == '@')
        history_apply(history, EVENT_MESSAGE, key[1] == 'a' ? "ann" : "cyd", key, text);
    else
        history_apply(history, types[draw(seed, ARRAY_LEN(types))],
                      users[draw(seed, ARRAY_LEN(users))], key, text);
}

START_TEST(roll_back_takes_back_all_of_it)
{
    for (uint32_t seed = 1; seed <= 40; seed++) {
        struct history history = {.rooms = rooms_create()};
        uint32_t state = seed;

        for (int batch = 0; batch < 30; batch++) {
            uint64_t seq = history.seq;
            char *before = dump(history.rooms);

            rooms_begin(history.rooms);
            for (unsigned i = draw(&state, 20); i > 0; i--)
                apply_something(&history, &state);
            if (draw(&state, 2) == 0) {
                rooms_commit(history.rooms);
                free(before);
                continue;
            }

            rooms_roll_back(history.rooms);
            history.seq = seq;
            char *after = dump(history.rooms);
            ck_assert_msg(strcmp(before, after) == 0, "seed %u batch %d:\n%s\nbecame\n%s", seed,
                          batch, before, after);
            free(before);
            free(after);
        }
        rooms_destroy(history.rooms);
    }
}
END_TEST

START_TEST(loaded_state_is_the_state_that_was_stored)
{
    for (uint32_t seed = 1; seed <= 5; seed++) {
        struct world world;
        uint32_t state = seed;

        world_init(&world);
        for (size_t i = 0; i < ARRAY_LEN(users); i++)
            world_add_user(&world, users[i], users[i][0] == 'g');
        for (int i = 0; i < 300; i++) {
            const char *key = keys[draw(&state, ARRAY_LEN(keys))];
            const char *user = users[draw(&state, ARRAY_LEN(users))];
            world_do(&world, draw(&state, COMMAND_PING), user, key, i % 7 == 0 ? "a \"b\"" : "c");
        }

        struct rooms *loaded = rooms_create();
        ck_assert_int_eq(rooms_load(loaded, world.store), 0);
        char *expected = dump(world.rooms), *got = dump(loaded);
        ck_assert_str_eq(got, expected);
        ck_assert(strstr(got, "owner") != NULL && strstr(got, "@ann,bob") != NULL);
        free(expected);
        free(got);
        rooms_destroy(loaded);
        world_fini(&world);
    }
}
END_TEST

static void
store_record(struct world *world, const char *key, const char *value)
{
    struct append_item item = {.kind = APPEND_RECORD};

    snprintf(item.record.key, sizeof(item.record.key), "%s", key);
    item.record.value = xstrdup(value);
    world_append(world, &item, 1);
    record_fini(&item.record);
}

START_TEST(records_that_nobody_wrote_are_refused)
{
    static const struct {
        const char *key, *value;
    } rows[] = {
        {"room/#ops", "{}"},
        {"room/#ops", "nonsense"},
        {"room/ops", "{\"topic\":\"\"}"},
        {"room/@ann", "{\"topic\":\"\"}"},
        {"member/#ops", "{\"role\":\"owner\",\"spans\":[]}"},
        {"member/#ops/A", "{\"role\":\"owner\",\"spans\":[]}"},
        {"member/#ops/ann", "{\"role\":\"king\",\"spans\":[]}"},
        {"member/#ops/ann", "{\"role\":\"owner\"}"},
        {"member/#ops/ann", "{\"role\":\"owner\",\"spans\":[1]}"},
        {"member/#ops/ann", "{\"role\":\"owner\",\"spans\":[[5,4]]}"},
        {"member/#ops/ann", "{\"role\":\"owner\",\"spans\":[[1,5],[5,6]]}"},
        {"member/#ops/ann", "{\"role\":\"owner\",\"spans\":[[1,null],[5,6]]}"},
        {"member/#ops/ann", "{\"role\":\"owner\",\"spans\":[[-1,5]]}"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world world;

        world_init(&world);
        store_record(&world, rows[i].key, rows[i].value);
        ck_assert_msg(rooms_load(world.rooms, world.store) == -EBADMSG, "%s %s", rows[i].key,
                      rows[i].value);
        world_fini(&world);
    }
}
END_TEST

START_TEST(room_whose_events_were_all_trimmed_keeps_its_owner)
{
    struct world world;

    world_init(&world);
    store_record(&world, "room/#ops", "{\"topic\":\"pumps\"}");
    store_record(&world, "member/#ops/ann", "{\"role\":\"owner\",\"spans\":[[1,5]]}");
    ck_assert_int_eq(rooms_load(world.rooms, world.store), 0);

    struct history history = {.rooms = world.rooms, .seq = 5};
    history_apply(&history, EVENT_JOIN, "bob", "#ops", NULL);
    history_apply(&history, EVENT_JOIN, "ann", "#ops", NULL);
    const struct room *room = rooms_find(world.rooms, "#ops");
    ck_assert_int_eq(room_role(room, "bob"), ROLE_MEMBER);
    ck_assert_int_eq(room_role(room, "ann"), ROLE_OWNER);
    world_fini(&world);
}
END_TEST

START_TEST(store_that_cannot_be_read_is_told)
{
    struct world world;

    world_init(&world);
    store_failing_set(world.store, EIO, 1, true);
    ck_assert_int_eq(rooms_load(world.rooms, world.store), -EIO);
    world_fini(&world);
}
END_TEST

static Suite *
room_records_suite(void)
{
    Suite *suite = suite_create("room_records");
    TCase *facts = tcase_create("facts");

    tcase_add_test(facts, roll_back_takes_back_all_of_it);
    tcase_add_test(facts, loaded_state_is_the_state_that_was_stored);
    tcase_add_test(facts, records_that_nobody_wrote_are_refused);
    tcase_add_test(facts, room_whose_events_were_all_trimmed_keeps_its_owner);
    tcase_add_test(facts, store_that_cannot_be_read_is_told);
    suite_add_tcase(suite, facts);

    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(room_records_suite());

    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
