#include "client/link/leg.h"

#include "client/link/link_internal.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/util.h"

#include <errno.h>
#include <string.h>

static int
refuse_start(struct leg *leg, const char *why)
{
    link_say_why(leg->link, "%s", why);
    return -EIO;
}

int
leg_start(struct leg *leg, const struct link_ops *row)
{
    struct link *link = leg->link;
    struct way_base *base = NULL;
    char why[200];

    if (link_base(link, row, &base, why, sizeof(why)) < 0)
        return refuse_start(leg, why);

    const struct way_config config = {
        .loop = link->loop,
        .base = base,
        .host = link->url.host,
        .port = link->url.port,
        .proxy = &link->proxy,
        .token = link->token.text,
        .after = link->has_position ? &link->position : NULL,
        .poll_interval_ms = link->poll_interval_ms,
        .trust = link->trust,
        .listener = &leg->listener,
    };

    leg->listener = link_way_listener(leg);
    leg->row = row;
    leg->life++;
    leg->needs = LEG_NEED_OPEN | LEG_NEED_HELLO;
    leg->bye_ms = -1;
    leg->bye_why[0] = '\0';
    leg->nonce[0] = '\0';
    leg->way = row->start(&config);
    return leg->way != NULL ? 0 : refuse_start(leg, "out of memory or files");
}

void
leg_stop(struct leg *leg)
{
    if (leg->way != NULL)
        leg->row->stop(leg->way);
    leg->way = NULL;
    leg->nonce[0] = '\0';
}

int
leg_send(struct leg *leg, const struct command *command)
{
    struct buf json = BUF_INIT;

    if (leg->way == NULL)
        return -EPIPE;

    command_encode(&json, command);
    int error = leg->row->send(leg->way, json.data, json.len);
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

void
leg_ping(struct leg *leg)
{
    char nonce[ULID_SIZE];

    ulid_make(nonce);
    if (leg_send_ping(leg, nonce) < 0)
        return;

    str_copy(leg->nonce, sizeof(leg->nonce), nonce);
    leg->pinged_us = clock_mono_us();
}
