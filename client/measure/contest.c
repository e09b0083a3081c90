#include "client/measure/contest.h"

#include "client/link/link_ops.h"
#include "client/measure/contest_table.h"
#include "client/measure/rally.h"
#include "common/buf.h"
#include "common/names.h"
#include "common/scratch_dir.h"
#include "common/util.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RATE        4 /* lines a second: below what a server allows by default */
#define TEXT_LEN    64
#define OPEN_MS     15000
#define PATIENCE_MS 15000

struct contest {
    uv_loop_t *loop;
    struct contest_listener listener;
    struct link_config config; /* its strings are the copies below */
    char *url, *user, *ca_file, *fingerprint, *proxy;
    char *dir; /* where the links keep what they keep */
    char room[ROOM_SIZE];
    unsigned messages;
    size_t row; /* of link_rows: the one under way */
    struct rally *rally;
    bool is_cancelled, is_mute;
    struct contest_table table;
};

static char *
copy(const char *text)
{
    return text == NULL ? NULL : xstrdup(text);
}

static void
destroy(struct contest *contest)
{
    scratch_dir_remove(contest->dir); /* takes it */
    free(contest->url);
    free(contest->user);
    free(contest->ca_file);
    free(contest->fingerprint);
    free(contest->proxy);
    free(contest);
}

static void
finish(struct contest *contest)
{
    struct buf text = BUF_INIT;

    contest_table_write(&contest->table, contest->messages, TEXT_LEN, RATE, &text);
    if (!contest->is_mute)
        contest->listener.done(contest->listener.context, buf_text(&text));
    buf_fini(&text);
    destroy(contest);
}

static void
heard_said(void *context, unsigned count)
{
}

static void
heard_nothing(void *context)
{
}

static int begin(struct contest *contest, char *why, size_t why_size);

static void
heard_done(void *context, const struct rally_result *result)
{
    struct contest *contest = context;
    struct rally_result failed = {0};

    contest_table_add(&contest->table, link_rows[contest->row]->name, result);
    contest->row++;
    if (link_rows[contest->row] == NULL || contest->is_cancelled) {
        finish(contest);
    } else if (begin(contest, failed.why, sizeof(failed.why)) < 0) {
        contest_table_add(&contest->table, link_rows[contest->row]->name, &failed);
        finish(contest);
    }
}

/* The transport of contest->row. 0, or -1 with why filled. */
static int
begin(struct contest *contest, char *why, size_t why_size)
{
    const struct rally_listener listener = {.context = contest,
                                            .begun = heard_nothing,
                                            .said = heard_said,
                                            .ended = heard_nothing,
                                            .done = heard_done};
    struct rally_plan plan = {.link = contest->config,
                              .has_account = true,
                              .room = contest->room,
                              .readers = 1,
                              .messages = contest->messages,
                              .rate = RATE,
                              .text_len = TEXT_LEN,
                              .open_ms = OPEN_MS,
                              .patience_ms = PATIENCE_MS};

    plan.link.transport = link_rows[contest->row]->name;
    contest->rally = rally_start(contest->loop, &plan, &listener, why, why_size);
    if (contest->rally == NULL)
        return -1;

    contest->listener.next(contest->listener.context, plan.link.transport);
    return 0;
}

/* A directory for each link of a rally, with the session in it. */
static int
lend(struct contest *contest, const struct link *lender, char *why, size_t why_size)
{
    int error = 0;

    for (int i = 0; i < 2 && error == 0; i++) {
        char *dir = xasprintf("%s/%d", contest->dir, i);

        error = link_lend_session(lender, dir);
        free(dir);
    }
    if (error < 0)
        snprintf(why, why_size, "%s",
                 error == -ENOENT ? "there is no session yet" : strerror(-error));
    return error;
}

struct contest *
contest_start(uv_loop_t *loop, const struct link_config *config, const struct link *lender,
              const char *room, unsigned messages, const struct contest_listener *listener,
              char *why, size_t why_size)
{
    struct contest *contest = xcalloc(1, sizeof(*contest));

    contest->loop = loop;
    contest->listener = *listener;
    contest->messages = MIN(messages, CONTEST_MESSAGES_MAX);
    str_copy(contest->room, sizeof(contest->room), room);
    contest->url = copy(config->url);
    contest->user = xstrdup(link_user(lender));
    contest->ca_file = copy(config->ca_file);
    contest->fingerprint = copy(config->fingerprint);
    contest->proxy = copy(config->proxy);
    contest->dir = scratch_dir_make(config->state_dir);
    if (contest->dir == NULL)
        snprintf(why, why_size, "no directory in %s: %s", config->state_dir, strerror(errno));
    contest->config = (struct link_config){.url = contest->url,
                                           .user = contest->user,
                                           .http = config->http,
                                           .poll_interval_ms = config->poll_interval_ms,
                                           .state_dir = contest->dir,
                                           .ca_file = contest->ca_file,
                                           .fingerprint = contest->fingerprint,
                                           .proxy = contest->proxy};
    if (contest->dir != NULL && lend(contest, lender, why, why_size) == 0 &&
        begin(contest, why, why_size) == 0)
        return contest;

    destroy(contest);
    return NULL;
}

void
contest_cancel(struct contest *contest)
{
    contest->is_cancelled = true;
    rally_cancel(contest->rally);
}

void
contest_mute(struct contest *contest)
{
    contest->is_mute = true; /* no next one is begun either, so the listener is done with */
    contest_cancel(contest);
}
