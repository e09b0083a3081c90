#include "client/link/leg.h"

#include "client/link/link_internal.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/util.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define RTTS 3 /* that an answer may take */

static void
forget(struct leg *leg, const struct link_ops *row)
{
    leg->listener = link_way_listener(leg);
    leg->row = row;
    leg->facts = (struct way_facts){0};
    leg->life++;
    leg->needs = LEG_NEED_OPEN | LEG_NEED_HELLO;
    leg->bye_ms = -1;
    leg->bye_why[0] = '\0';
    leg->nonce[0] = '\0';
    leg->began_ms = clock_mono_ms();
    leg->is_asked = leg->is_proven = leg->is_late = leg->is_struck = leg->is_kept = false;
}

int
leg_start(struct leg *leg, const struct link_ops *row, char *why, size_t why_size)
{
    struct link *link = leg->link;
    struct way_base *base = NULL;

    forget(leg, row);
    if (link_base(link, row, &base, why, why_size) < 0)
        return -EIO;

    const struct way_config config = {
        .loop = link->loop,
        .base = base,
        .host = link->url.host,
        .port = link->url.port,
        .http = link->http,
        .proxy = &link->proxy,
        .token = link->token.text,
        .poll_interval_ms = link->poll_interval_ms,
        .after = link->has_position ? &link->position : NULL,
        .trust = link->trust,
        .listener = &leg->listener,
        .facts = &leg->facts,
        .meter = link->meter,
    };

    leg->way = row->start(&config);
    if (leg->way != NULL)
        return 0;

    snprintf(why, why_size, "out of memory or files");
    return -EIO;
}

void
leg_stop(struct leg *leg)
{
    if (leg->way != NULL)
        leg->row->stop(leg->way);
    leg->way = NULL;
    leg->is_asked = false;
    uv_timer_stop(&leg->timer);
}

bool
leg_met(struct leg *leg, enum leg_need need)
{
    leg->needs &= ~(unsigned)need;
    if (leg->needs == 0)
        leg->live_ms = clock_mono_ms();
    return leg->needs == 0;
}

static void
count_sent(struct meter *meter, const struct command *command, size_t len)
{
    meter_json(meter, METER_UP, len);
    if (command->type == COMMAND_SAY)
        meter_text(meter, METER_UP, strlen(command->text));
}

int
leg_send(struct leg *leg, const struct command *command)
{
    struct buf json = BUF_INIT;

    if (leg->way == NULL)
        return -EPIPE;

    command_encode(&json, command);
    int error = leg->row->send(leg->way, json.data, json.len);
    if (error == 0)
        count_sent(leg->link->meter, command, json.len);
    buf_fini(&json);
    return error;
}

int
leg_send_ping(struct leg *leg, const char *nonce)
{
    struct command ping = {.type = COMMAND_PING};

    if (str_copy(ping.nonce, sizeof(ping.nonce), nonce) < 0)
        return -EAGAIN;

    return leg_send(leg, &ping);
}

static void
on_late(uv_timer_t *timer)
{
    link_leg_late(container_of(timer, struct leg, timer));
}

/* A first ping may have to open a connection, as its leg did. */
static int64_t
deadline_ms(const struct leg *leg)
{
    const struct link *link = leg->link;
    const struct link_patience *patience = &link->seams.patience;
    int64_t opening_ms = leg->is_proven ? 0 : leg->live_ms - leg->began_ms;
    int64_t rtt_ms = link->status.rtt_us > 0 ? link->status.rtt_us / 1000 : opening_ms;

    return MIN(MAX(RTTS * rtt_ms + opening_ms, patience->proof_min_ms), patience->proof_max_ms) +
           link_pacing_ms(link, leg->row);
}

void
leg_ping(struct leg *leg)
{
    char nonce[ULID_SIZE];

    if (leg->is_asked && !leg->is_late)
        return;

    ulid_make(nonce);
    int64_t began_us = clock_mono_us(); /* a row may be some time about the sending itself */
    if (leg_send_ping(leg, nonce) < 0)
        return;

    str_copy(leg->nonce, sizeof(leg->nonce), nonce);
    leg->is_asked = true;
    leg->pinged_us = began_us;
    leg->deadline_ms = deadline_ms(leg);
    uv_update_time(leg->link->loop);
    uv_timer_start(&leg->timer, on_late, (uint64_t)leg->deadline_ms, 0);
}

bool
leg_answered(struct leg *leg, const char *nonce)
{
    if (!leg->is_asked || !str_equal(nonce, leg->nonce))
        return false;

    leg->link->status.rtt_us = MAX(clock_mono_us() - leg->pinged_us, 1);
    leg->is_asked = false;
    leg->is_proven = true;
    leg->is_late = false;
    uv_timer_stop(&leg->timer);
    return true;
}
