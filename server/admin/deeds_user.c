/* Accounts: making them, their passwords, and who may not come in. */
#include "common/clock.h"
#include "common/util.h"
#include "server/admin/deed.h"
#include "server/chat/accounts.h"
#include "server/chat/bans.h"
#include "server/chat/session_record.h"
#include "server/chat/sessions.h"
#include "server/chat/submit.h"
#include "server/log/appender.h"
#include "server/log/window.h"
#include "server/server.h"
#include "server/web/roster.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int
want_name(struct deed *deed)
{
    return deed->order.name[0] != '\0' ? 0
                                       : refuse(&deed->refusal, REFUSAL_INVALID, "name: missing");
}

static int
want_hash(struct deed *deed)
{
    return deed->order.hash[0] != '\0' ? 0
                                       : refuse(&deed->refusal, REFUSAL_INVALID, "hash: missing");
}

/* The account of that name, which is no guest's. */
static int
want_account(struct deed *deed, struct account *ret_account)
{
    const char *name = deed->order.name;

    if (accounts_find(deed->server->accounts, name, ret_account) < 0)
        return refuse(&deed->refusal, REFUSAL_NOT_FOUND, "nobody has the name %s", name);
    if (ret_account->identity.guest)
        return refuse(&deed->refusal, REFUSAL_CONFLICT, "%s is a guest, without an account", name);
    return 0;
}

static int
check_free(struct deed *deed)
{
    struct account account;

    if (accounts_find(deed->server->accounts, deed->order.name, &account) < 0)
        return 0;
    return refuse(&deed->refusal, REFUSAL_CONFLICT,
                  account.identity.guest ? "a guest has the name %s now" : "the name %s is taken",
                  deed->order.name);
}

static int
begin_add(struct deed *deed)
{
    struct account account = {.created_ms = clock_wall_ms()};
    struct append_item *items;

    if (want_name(deed) < 0 || want_hash(deed) < 0 || check_free(deed) < 0)
        return -1;
    identity_make(&account.identity, deed->order.name, false, window_head(deed->server->window));
    str_copy(account.password_hash, sizeof(account.password_hash), deed->order.hash);

    deed->job = append_job_create(2);
    items = deed->job->items;
    items[0].kind = APPEND_RECORD;
    items[0].must_be_new = true;
    account_record(&account, &items[0].record);
    submit_membership(COMMAND_JOIN, &account.identity, ROOM_LOBBY, &items[1]);
    items[1].needs_previous = true;
    buf_addf(&deed->said, "%s has an account\n", deed->order.name);
    return 0;
}

const struct deed_ops deed_user_add = {
    .name = "user_add",
    .begin = begin_add,
};

static void
find_sessions(struct deed *deed)
{
    deed->session_count = sessions_of(deed->server->sessions, deed->order.name, &deed->sessions);
}

static const char *
plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static void
cut_sessions(struct deed *deed)
{
    for (size_t i = 0; i < deed->session_count; i++)
        roster_spread_end(deed->server->workers, deed->server->worker_count,
                          deed->sessions[i]->number);
    if (deed->session_count > 0)
        buf_addf(&deed->said, "%zu session%s ended\n", deed->session_count,
                 plural(deed->session_count));
}

/* Whoever came in with the old password is put out. */
static int
begin_password(struct deed *deed)
{
    struct account account;
    struct append_item *items;

    if (want_name(deed) < 0 || want_hash(deed) < 0 || want_account(deed, &account) < 0)
        return -1;
    str_copy(account.password_hash, sizeof(account.password_hash), deed->order.hash);

    find_sessions(deed);
    deed->job = append_job_create(deed->session_count + 1);
    items = deed->job->items;
    items[0].kind = APPEND_RECORD;
    items[0].must_be_there = true;
    account_record(&account, &items[0].record);
    for (size_t i = 0; i < deed->session_count; i++) {
        items[i + 1].kind = APPEND_RECORD;
        items[i + 1].needs_previous = true;
        session_record_gone(deed->sessions[i], &items[i + 1].record);
    }
    buf_addf(&deed->said, "%s has a new password\n", deed->order.name);
    return 0;
}

const struct deed_ops deed_user_password = {
    .name = "user_password",
    .begin = begin_password,
    .end = cut_sessions,
};

/* Any name: nobody needs to have it yet. The sessions end with the record, wherever it is applied;
 * the housekeeping takes them, and a guest's name, out of the log. */
static int
begin_ban(struct deed *deed)
{
    if (want_name(deed) < 0)
        return -1;
    deed->job = append_job_create(1);
    deed->job->items[0].kind = APPEND_RECORD;
    ban_record(deed->order.name, clock_wall_ms(), &deed->job->items[0].record);
    buf_addf(&deed->said, "%s is banned%s\n", deed->order.name,
             accounts_have(deed->server->accounts, deed->order.name)
                 ? ""
                 : "; nobody has that name at present");
    return 0;
}

static void
end_ban(struct deed *deed)
{
    find_sessions(deed);
    cut_sessions(deed);
}

const struct deed_ops deed_user_ban = {
    .name = "user_ban",
    .begin = begin_ban,
    .end = end_ban,
};

static int
begin_unban(struct deed *deed)
{
    if (want_name(deed) < 0)
        return -1;
    if (!sessions_is_banned(deed->server->sessions, deed->order.name))
        return refuse(&deed->refusal, REFUSAL_NOT_FOUND, "%s is not banned", deed->order.name);

    deed->job = append_job_create(1);
    deed->job->items[0].kind = APPEND_RECORD;
    ban_record_gone(deed->order.name, &deed->job->items[0].record);
    buf_addf(&deed->said, "%s is banned no more\n", deed->order.name);
    return 0;
}

const struct deed_ops deed_user_unban = {
    .name = "user_unban",
    .begin = begin_unban,
};

/* Who is listed: who has a name now, and who is banned from having one. */
struct listed {
    char name[USER_SIZE];
    const char *kind;
    int64_t created_ms; /* 0: nobody has the name */
};

struct list {
    struct listed *people;
    size_t count, size;
};

static struct listed *
add_listed(struct list *list, const char *name, const char *kind)
{
    if (list->count == list->size) {
        list->size = MAX(16, list->size * 2);
        list->people = xrealloc(list->people, list->size * sizeof(*list->people));
    }
    struct listed *listed = &list->people[list->count++];
    *listed = (struct listed){.kind = kind};
    str_copy(listed->name, sizeof(listed->name), name);
    return listed;
}

static void
list_account(void *context, const struct account *account)
{
    add_listed(context, account->identity.name, account->identity.guest ? "guest" : "account")
        ->created_ms = account->created_ms;
}

static void
list_ban(void *context, const char *name)
{
    add_listed(context, name, "banned");
}

/* A ban comes behind whom it bans. */
static int
compare_listed(const void *a, const void *b)
{
    const struct listed *left = a, *right = b;
    int order = strcmp(left->name, right->name);

    return order != 0 ? order : (left->created_ms == 0) - (right->created_ms == 0);
}

static void
say_listed(struct deed *deed, const struct listed *listed, bool is_banned)
{
    char stamp[CLOCK_STAMP_SIZE] = "-";

    if (listed->created_ms != 0)
        clock_format(stamp, listed->created_ms);
    buf_addf(&deed->said, "%-20s %-8s %-25s %3zu%s\n", listed->name,
             listed->created_ms != 0 ? listed->kind : "nobody", stamp,
             sessions_count_of(deed->server->sessions, listed->name), is_banned ? " banned" : "");
}

static int
begin_list(struct deed *deed)
{
    struct list list = {0};

    accounts_each(deed->server->accounts, list_account, &list);
    sessions_each_ban(deed->server->sessions, list_ban, &list);
    if (list.count > 0)
        qsort(list.people, list.count, sizeof(*list.people), compare_listed);
    for (size_t i = 0; i < list.count; i++) {
        bool bans_me = list.people[i].created_ms == 0;
        bool bans_next = i + 1 < list.count && list.people[i + 1].created_ms == 0 &&
                         strcmp(list.people[i].name, list.people[i + 1].name) == 0;

        say_listed(deed, &list.people[i], bans_me || bans_next);
        i += bans_next;
    }
    free(list.people);
    return 0;
}

const struct deed_ops deed_user_list = {
    .name = "user_list",
    .begin = begin_list,
};
