#include "server/web/transport.h"

#include <stddef.h>

const struct transport_ops *const transport_rows[] = {
    &transport_ws, &transport_sse, &transport_longpoll, &transport_poll, NULL,
};
