/* The long poll's row: an answer as soon as there is an event, or empty when time is up. */
#include "server/web/page.h"
#include "server/web/transport.h"

const struct transport_ops transport_longpoll = {
    .name = "longpoll",
    .path = "/v1/poll",
    .holds = true,
    .dress = DRESS_MEMBER,
    .content_type = "application/json",
    .open = page_open,
    .frame = page_frame,
    .finish = page_finish,
};
