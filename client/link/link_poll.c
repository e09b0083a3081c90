/* The row "poll": asks at intervals, and after it has said something. */
#include "client/link/https_way.h"
#include "client/link/poller.h"

static struct link_way *
start(const struct way_config *config)
{
    static const struct poll_kind kind = {.holds = false};

    return poller_start(config, &kind);
}

const struct link_ops link_poll = {
    .name = "poll",
    .asks = true,
    .paces = true,
    .base_create = https_base_create,
    .base_destroy = https_base_destroy,
    .start = start,
    .send = poller_send,
    .stop = poller_stop,
};
