/* The short poll's row: an answer at once, empty or not. */
#include "server/web/page.h"
#include "server/web/transport.h"

const struct transport_ops transport_poll = {
    .name = "poll",
    .path = "/v1/poll",
    .dress = DRESS_MEMBER,
    .content_type = "application/json",
    .open = page_open,
    .frame = page_frame,
    .finish = page_finish,
};
