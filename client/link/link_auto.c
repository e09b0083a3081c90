/* The choice of transport: what choose.h decides, carried out; and what is remembered of a host. */
#include "client/link/link_internal.h"
#include "client/link/small_file.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/text.h"
#include "common/util.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_MODULE "link"
#include "common/log.h"

#define MEMORY_MAX 4096 /* bytes */

size_t
link_row_count(const struct link *link)
{
    size_t count = 0;

    while (link->seams.rows[count] != NULL)
        count++;
    return count;
}

int
link_row_index(const struct link *link, const struct link_ops *row)
{
    int i = 0;

    while (link->seams.rows[i] != row)
        i++;
    return i;
}

void
link_note(struct link *link, const char *format, ...)
{
    struct buf seen = BUF_INIT;
    char *said;
    va_list args;

    va_start(args, format);
    int len = vasprintf(&said, format, args);
    va_end(args);
    if (len < 0)
        return;

    text_visible(&seen, said, (size_t)len, 0);
    log_info("%s", buf_text(&seen));
    if (link->listener.note != NULL)
        link->listener.note(link->listener.context, buf_text(&seen));
    buf_fini(&seen);
    free(said);
}

static char *
memory_path(const struct link *link)
{
    char authority[URL_AUTHORITY_SIZE];

    url_authority(authority, &link->url);
    return xasprintf("%s/transports/%s", link->state_dir, authority);
}

static void
load(struct link *link)
{
    struct buf text = BUF_INIT;
    char *path = memory_path(link);
    int error = small_file_read(path, MEMORY_MAX, &text);

    if (error == 0)
        choose_recall(&link->choose, buf_text(&text), clock_wall_ms(), clock_mono_ms());
    else if (error != -ENOENT)
        log_warn("what worked at this host is not read: %s", strerror(-error));
    buf_fini(&text);
    free(path);
}

/* Of a host that never answered as rtchat nothing is remembered. */
void
link_auto_save(struct link *link)
{
    struct buf text = BUF_INIT;

    if (!link->was_live)
        return;

    char *path = memory_path(link);
    choose_keep(&link->choose, &text, clock_wall_ms());
    int error = small_file_write(path, text.data, text.len);
    if (error < 0)
        log_warn("what works at this host is not kept: %s", strerror(-error));
    buf_fini(&text);
    free(path);
}

static void
begin_with(struct link *link, int way)
{
    link->row = link->seams.rows[way];
    link->status.transport = link->row->name;
    snprintf(link->status.why_transport, sizeof(link->status.why_transport), "%s",
             way == link->choose.first ? "it worked here before"
                                       : "to begin with; others are tried");
}

void
link_auto_begin(struct link *link)
{
    if (!link->is_recalled)
        load(link);
    link->is_recalled = true;
    choose_pardon(&link->choose);
    choose_again(&link->choose);
    begin_with(link, choose_start(&link->choose));
}

static bool
is_live(const struct link *link)
{
    return link->leg->way != NULL &&
           (link->status.state == LINK_LIVE || link->status.state == LINK_STALLED);
}

static void
on_choose(uv_timer_t *timer)
{
    link_auto_look(container_of(timer, struct link, choose_timer));
}

void
link_auto_look(struct link *link)
{
    int64_t now_ms = clock_mono_ms(), next_ms;

    uv_timer_stop(&link->choose_timer);
    if (!link->is_auto || link->trial != NULL || !is_live(link))
        return;

    int way = choose_trial(&link->choose, link_row_index(link, link->leg->row), link->leg->is_late,
                           now_ms, &next_ms);
    if (way >= 0) {
        link_try(link, link->seams.rows[way], false);
    } else if (next_ms >= 0) {
        uv_update_time(link->loop);
        uv_timer_start(&link->choose_timer, on_choose, (uint64_t)MAX(next_ms - now_ms, 1), 0);
    }
}

/* What is tried because of a doubt is not needed any more. */
void
link_auto_proven(struct link *link)
{
    int way = link_row_index(link, link->leg->row);

    choose_works(&link->choose, way);
    if (!link->leg->is_kept)
        link_auto_save(link);
    link->leg->is_kept = true;
    if (link->trial == NULL || link->is_wish ||
        choose_likes(&link->choose, link_row_index(link, link->trial->row), way))
        return;

    link_end_trial(link);
    link_auto_look(link);
}

/* True when it was of use, so that its end is no strike. */
static bool
was_useful(const struct link *link)
{
    const struct leg *leg = link->leg;

    return leg->is_proven && clock_mono_ms() - leg->live_ms >= link->choose.times.useful_ms;
}

static void
record(struct link *link, int way, enum link_verdict verdict)
{
    int64_t now_ms = clock_mono_ms();
    bool is_fault = verdict == VERDICT_STRIKE || verdict == VERDICT_PROTOCOL;

    if (link->leg->is_proven)
        choose_served(&link->choose, way, now_ms - link->leg->live_ms);
    if (verdict == VERDICT_OFF)
        choose_off(&link->choose, way, now_ms);
    else if (is_fault && !was_useful(link) && !link->leg->is_struck)
        choose_strike(&link->choose, way, now_ms);
    link->leg->is_struck = link->leg->is_struck || is_fault;
    link_auto_save(link);
}

/* Every way was tried in vain. */
static void
rest(struct link *link, enum link_verdict verdict)
{
    bool is_stranger = verdict == VERDICT_OFF || verdict == VERDICT_PROTOCOL;

    choose_pardon(&link->choose);
    link_auto_save(link);
    choose_again(&link->choose);
    begin_with(link, choose_start(&link->choose));
    if (is_stranger && !link->was_live)
        link_fail_protocol(link);
    else
        link_back_off(link);
}

static void
go_on_with(struct link *link, int way)
{
    const char *old = link->row->name;
    unsigned life = link->leg->life;

    link_note(link, "%s %s: %s; trying %s", old,
              link->leg->is_proven ? "was lost" : "does not work", link->status.why,
              link->seams.rows[way]->name);
    if (link->leg->life != life) /* whoever heard of it took another */
        return;

    link_drop_legs(link);
    begin_with(link, way);
    link_connect(link);
}

void
link_auto_lost(struct link *link, enum link_verdict verdict, int64_t retry_after_ms)
{
    bool is_same = verdict == VERDICT_NETWORK || verdict == VERDICT_LATER ||
                   (verdict == VERDICT_STRIKE && was_useful(link));

    record(link, link_row_index(link, link->leg->row), verdict);
    if (link->trial != NULL && verdict != VERDICT_LATER) {
        link_take_over(link, link->status.why);
        return;
    }
    if (is_same && retry_after_ms > 0) {
        link_wait(link, retry_after_ms);
        return;
    }
    if (is_same) {
        link_back_off(link);
        return;
    }

    int way = choose_start(&link->choose);
    if (way >= 0)
        go_on_with(link, way);
    else
        rest(link, verdict);
}
