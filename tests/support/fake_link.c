#include "tests/support/fake_link.h"

#include "client/link/link_ops.h"
#include "client/link/outbox.h"
#include "common/clock.h"
#include "common/util.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct link {
    struct fake_link fake;
};

#define FAKE_ROW(NAME) const struct link_ops link_##NAME = {.name = #NAME};
LINK_ROWS(FAKE_ROW)

#define ROW(NAME) &link_##NAME,
const struct link_ops *const link_rows[] = {LINK_ROWS(ROW) NULL};

struct fake_link *
fake_link(struct link *link)
{
    return &link->fake;
}

struct link *
link_create(uv_loop_t *loop, const struct link_config *config, const struct link_listener *listener,
            char *why, size_t why_size)
{
    struct link *link = xcalloc(1, sizeof(*link));

    link->fake.listener = *listener;
    link->fake.status.transport = "ws";
    link->fake.status.facts = &link->fake.facts;
    str_copy(link->fake.user, sizeof(link->fake.user), config->user);
    link->fake.outbox = outbox_open(config->state_dir, config->user, why, why_size);
    ck_assert_msg(link->fake.outbox != NULL, "%s", why);
    return link;
}

static void
enter(struct link *link, enum link_state state)
{
    link->fake.status.state = state;
    link->fake.listener.status(link->fake.listener.context, &link->fake.status);
}

void
link_start(struct link *link)
{
    enter(link, LINK_CONNECTING);
}

void
link_retry_login(struct link *link, const char *user, const char *password)
{
    enter(link, LINK_LOGIN);
}

void
link_trust_yes(struct link *link)
{
    enter(link, LINK_CONNECTING);
}

void
link_reconnect(struct link *link)
{
    link->fake.reconnect_count++;
}

int
link_set_transport(struct link *link, const char *name, char *why, size_t why_size)
{
    return str_copy(link->fake.wish, sizeof(link->fake.wish), name);
}

void
fake_note(struct link *link, const char *text)
{
    link->fake.listener.note(link->fake.listener.context, text);
}

void
link_close(struct link *link, bool logout)
{
    link->fake.logged_out = logout;
    enter(link, LINK_ENDED);
}

void
link_destroy(struct link *link)
{
    if (link == NULL)
        return;

    for (size_t i = 0; i < link->fake.ask_count; i++)
        free(link->fake.asks[i].path);
    outbox_close(link->fake.outbox);
    free(link);
}

const struct link_status *
link_status(const struct link *link)
{
    return &link->fake.status;
}

void
link_count(const struct link *link, struct meter_counts *ret_counts)
{
    *ret_counts = link->fake.counts;
}

const struct meter_times *
link_times(const struct link *link)
{
    return &link->fake.times;
}

int
link_send_typing(struct link *link, const char *room)
{
    link->fake.typed_count++;
    return str_copy(link->fake.typed, sizeof(link->fake.typed), room);
}

struct meter *
link_meter(const struct link *link)
{
    return NULL;
}

const struct trust_report *
link_trust_report(const struct link *link)
{
    return NULL;
}

struct outbox *
link_outbox(struct link *link)
{
    return link->fake.outbox;
}

const char *
link_user(const struct link *link)
{
    return link->fake.user;
}

struct outbox_item *
link_say(struct link *link, struct command *command, char *why, size_t why_size)
{
    if (link->fake.refuses_to_keep) {
        snprintf(why, why_size, "cannot keep it: No space left on device");
        command_fini(command);
        return NULL;
    }
    if (command->id[0] == '\0') {
        char id[ULID_SIZE];
        ulid_make(id);
        str_copy(command->id, sizeof(command->id), id);
    }

    return outbox_add(link->fake.outbox, command, why, why_size);
}

void
link_ask(struct link *link, const char *path, link_asked done, void *context)
{
    struct fake_link *fake = &link->fake;

    ck_assert_uint_lt(fake->ask_count, FAKE_ASKS_MAX);
    fake->asks[fake->ask_count++] = (struct fake_ask){xstrdup(path), done, context};
}

void
fake_live(struct link *link)
{
    enter(link, LINK_LIVE);
}

void
fake_event(struct link *link, const char *json)
{
    struct event event;
    char why[200];
    int result = event_decode(json, strlen(json), &event, why, sizeof(why));

    ck_assert_msg(result == 0, "%s: %s", json, why);
    link->fake.listener.event(link->fake.listener.context, &event, json, strlen(json));
    event_fini(&event);
}

static struct outbox_item *
oldest(struct link *link)
{
    struct outbox_item *item = outbox_first(link->fake.outbox);

    while (item != NULL && item->state == OUTBOX_REFUSED)
        item = item->next;
    ck_assert_msg(item != NULL, "nothing is in the outbox");
    return item;
}

void
fake_send(struct link *link)
{
    for (struct outbox_item *item = outbox_first(link->fake.outbox); item != NULL;
         item = item->next)
        if (item->state == OUTBOX_QUEUED) {
            item->state = OUTBOX_SENT;
            link->fake.listener.outbox(link->fake.listener.context, item);
        }
}

void
fake_receipt(struct link *link, uint64_t seq)
{
    struct outbox_item *item = oldest(link);
    char json[200];

    snprintf(json, sizeof(json), "{\"type\":\"receipt\",\"id\":\"%s\",\"seq\":%llu}",
             item->command.id, (unsigned long long)seq);
    link->fake.listener.receipt(link->fake.listener.context, item, seq, json, strlen(json));
    outbox_remove(link->fake.outbox, item);
}

void
fake_refuse(struct link *link, enum refusal_code code, const char *message)
{
    struct outbox_item *item = oldest(link);
    struct refusal refusal;

    refuse(&refusal, code, "%s", message);
    outbox_refuse(link->fake.outbox, item, &refusal);
    link->fake.listener.outbox(link->fake.listener.context, item);
}

void
fake_answer(struct link *link, const char *path, int status, const char *body)
{
    struct fake_link *fake = &link->fake;

    ck_assert_msg(fake->ask_count > 0, "nothing was asked; wanted %s", path);
    struct fake_ask ask = fake->asks[0];
    memmove(&fake->asks[0], &fake->asks[1], --fake->ask_count * sizeof(ask));

    ck_assert_str_eq(ask.path, path);
    free(ask.path);
    ask.done(ask.context, status, body, strlen(body));
}
