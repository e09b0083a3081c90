#include "tests/support/link_case.h"

#include <check.h>
#include <string.h>

void
link_case_set_up(void)
{
    link_world_set_up();
    world.rows = fake_rows;
    world.patience = (struct link_patience){
        .open_ms = 60,
        .ask_ms = 1000,
        .logout_ms = 500,
        .heartbeat_ms = 10000,
        .retry_ms = 20,
        .proof_min_ms = 30,
        .proof_max_ms = 60,
        .owed_ms = 40,
    };
}

struct link_config
link_case_config(void)
{
    return (struct link_config){.url = "https://localhost:8443",
                                .user = "Ann",
                                .transport = "fake",
                                .state_dir = world.dir};
}

void
link_case_live(void)
{
    struct link_config config = link_case_config();

    link_world_keep_token("T1", true);
    link_world_create_with(&config);
    link_start(world.link);
    ck_assert(fake_way_is_up());
    fake_way_open();
    world_hello("new", 10, 10);
    ck_assert_int_eq(world_state(), LINK_LIVE);
    link_world_forget();
}

void
link_case_come_back(const char *result, int cursor, int head)
{
    link_reconnect(world.link);
    fake_way_open();
    world_hello(result, cursor, head);
    ck_assert_int_eq(world_state(), LINK_LIVE);
}

static enum link_state wanted_state;
static const char *wanted_part;

static bool
is_in_state(void)
{
    return world_state() == wanted_state;
}

static bool
was_sent(void)
{
    return strstr(fake_way_sent(), wanted_part) != NULL;
}

void
link_case_run_until(enum link_state wanted)
{
    wanted_state = wanted;
    world_run_until(is_in_state);
}

void
link_case_run_until_sent(const char *part)
{
    wanted_part = part;
    world_run_until(was_sent);
}

void
link_case_error(const char *id, const char *code, int retry_after_ms)
{
    fake_way_line("{\"type\":\"error\",\"id\":\"%s\",\"code\":\"%s\",\"message\":\"no\","
                  "\"retry_after_ms\":%d}",
                  id, code, retry_after_ms);
}
