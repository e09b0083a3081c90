/* The list of ways to a server. */
#include "client/link/link_ops.h"

const struct link_ops *const link_rows[] = {
    &link_ws, &link_sse, &link_longpoll, &link_poll, NULL,
};
