/* The row "longpoll": asks, and the server answers when there is something new. */
#include "client/link/https_way.h"
#include "client/link/poller.h"

static struct link_way *
start(const struct way_config *config)
{
    static const struct poll_kind kind = {.holds = true};

    return poller_start(config, &kind);
}

const struct link_ops link_longpoll = {
    .name = "longpoll",
    .asks = true,
    .base_create = https_base_create,
    .base_destroy = https_base_destroy,
    .start = start,
    .send = poller_send,
    .stop = poller_stop,
};
