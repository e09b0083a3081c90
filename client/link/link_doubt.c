/* What is owed and does not come: the answer to a ping, and the message that a receipt was for.
 * Either says that something between here and the server holds back what it should let through. */
#include "client/link/link_internal.h"
#include "common/clock.h"
#include "common/util.h"

#include <stdio.h>
#include <string.h>

#define LOG_MODULE "link"
#include "common/log.h"

/* A way that has proved itself may be slow for a moment; it pays for that when another one gets
 * through meanwhile. What is certain, or has never worked, pays at once. */
static void
doubt(struct link *link, bool is_certain, const char *why)
{
    struct leg *leg = link->leg;

    snprintf(link->doubt, sizeof(link->doubt), "%s", why);
    log_info("%s is in doubt: %s", leg->row->name, why);
    leg->is_late = true;
    if (!leg->is_struck && (is_certain || !leg->is_proven)) {
        leg->is_struck = true;
        if (link->is_auto)
            choose_strike(&link->choose, link_row_index(link, leg->row), clock_mono_ms());
        link_note(link, "%s: %s%s", leg->row->name, why,
                  link->is_auto ? "" : "; /transport auto looks for another way");
    }
    link_auto_look(link);
}

static int
seconds_up(int64_t ms)
{
    return (int)((ms + 999) / 1000);
}

void
link_leg_late(struct leg *leg)
{
    struct link *link = leg->link;
    char why[100];

    snprintf(why, sizeof(why), "a ping was not answered in %d s: something holds it up",
             seconds_up(leg->deadline_ms));
    if (leg == link->trial)
        link_trial_ended(link, VERDICT_STRIKE, 0, why);
    else
        doubt(link, false, why);
}

static int64_t
owed_ms(const struct link *link)
{
    return link->seams.patience.owed_ms + link_pacing_ms(link, link->leg->row);
}

static void
on_owed(uv_timer_t *timer)
{
    struct link *link = container_of(timer, struct link, owed_timer);
    uint64_t seq = link->owed_seq;
    char why[100];

    link->owed_seq = 0;
    if (link->position.seq >= seq)
        return;
    if (link->position.seq > link->owed_from) { /* much is on its way down, and comes */
        link_owe(link, seq);
        return;
    }

    snprintf(why, sizeof(why),
             "a line was taken but did not come back in %d s: something holds "
             "back what comes down",
             seconds_up(owed_ms(link)));
    doubt(link, true, why);
}

void
link_owe(struct link *link, uint64_t seq)
{
    if (seq <= link->position.seq || seq <= link->owed_seq)
        return;

    if (link->owed_seq == 0) {
        link->owed_from = link->position.seq;
        uv_update_time(link->loop);
        uv_timer_start(&link->owed_timer, on_owed, (uint64_t)owed_ms(link), 0);
    }
    link->owed_seq = seq;
}

void
link_forget_owed(struct link *link)
{
    link->owed_seq = 0;
    uv_timer_stop(&link->owed_timer);
}
