#include "server/chat/judge.h"

#include "common/util.h"
#include "server/chat/accounts.h"
#include "server/chat/rooms.h"

#include <assert.h>
#include <stdlib.h>

struct chat_judge {
    struct judge judge;
    struct rooms *rooms;
    const struct accounts *accounts;
};

static struct chat_judge *
chat_judge(struct judge *judge)
{
    return container_of(judge, struct chat_judge, judge);
}

static void
begin(struct judge *judge)
{
    rooms_begin(chat_judge(judge)->rooms);
}

static void
committed(struct judge *judge)
{
    rooms_commit(chat_judge(judge)->rooms);
}

static void
rolled_back(struct judge *judge)
{
    rooms_roll_back(chat_judge(judge)->rooms);
}

/* Who is gone meanwhile is taken for a guest, so that nobody inherits what was theirs. */
static bool
is_guest(const struct accounts *accounts, const char *user)
{
    struct account account;

    return accounts_find(accounts, user, &account) < 0 || account.identity.guest;
}

static void
fill_event(const struct chat_judge *judge, const struct command_ops *row,
           const struct append_item *item, struct event *event)
{
    const struct room *room = rooms_find(judge->rooms, item->command.room);

    event->type = row->event;
    event->rseq = room == NULL ? 1 : room_last_rseq(room) + 1;
    event->guest = is_guest(judge->accounts, item->user);
    str_copy(event->room, sizeof(event->room), item->command.room);
    str_copy(event->from, sizeof(event->from), item->user);
    str_copy(event->id, sizeof(event->id), item->command.id);
    if (row->run != NULL)
        row->run(item, event);
}

/* A room that the event made has its record too, whatever the row says. */
static void
make_records(const struct chat_judge *judge, const struct command_ops *row,
             const struct event *event, struct verdict *verdict)
{
    if (row->changes_room || event->rseq == 1)
        rooms_record_room(judge->rooms, event->room, &verdict->records[verdict->record_count++]);
    if (row->changes_member)
        rooms_record_member(judge->rooms, event->room, event->from,
                            &verdict->records[verdict->record_count++]);
}

static void
check(struct judge *judge, const struct append_item *item, uint64_t seq, int64_t now_ms,
      struct verdict *ret_verdict)
{
    struct chat_judge *self = chat_judge(judge);
    const struct command_ops *row = command_rows[item->command.type];

    assert(row != NULL);
    *ret_verdict = (struct verdict){.outcome = APPEND_REFUSED};
    if (row->check(self->rooms, self->accounts, item, &ret_verdict->refusal) < 0)
        return;

    ret_verdict->outcome = APPEND_UNCHANGED;
    if (row->changes != NULL && !row->changes(self->rooms, item))
        return;

    ret_verdict->outcome = APPEND_ACCEPTED;
    ret_verdict->event = (struct event){.seq = seq, .at_ms = now_ms};
    fill_event(self, row, item, &ret_verdict->event);
    rooms_apply(self->rooms, &ret_verdict->event);
    make_records(self, row, &ret_verdict->event, ret_verdict);
}

struct judge *
judge_create(struct rooms *rooms, const struct accounts *accounts)
{
    struct chat_judge *self = xcalloc(1, sizeof(*self));

    self->judge = (struct judge){
        .begin = begin,
        .check = check,
        .committed = committed,
        .rolled_back = rolled_back,
    };
    self->rooms = rooms;
    self->accounts = accounts;

    return &self->judge;
}

void
judge_destroy(struct judge *judge)
{
    if (judge != NULL)
        free(chat_judge(judge));
}
