#include "client/doctor_advice.h"

#include "common/util.h"

static const struct doctor_advice no_upgrade = {
    "something on the way does not pass the Upgrade of a WebSocket on",
    {
        {"nginx", "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; "
                  "proxy_set_header Connection \"upgrade\";"},
        {"HAProxy", "mode http, timeout tunnel 90s, and no rule that deletes Upgrade"},
        {"Caddy", "no header_up -Upgrade within reverse_proxy"},
        {"Apache", "ProxyPass \"/\" \"https://127.0.0.1:8443/\" upgrade=websocket"},
    },
};

static const struct doctor_advice buffers = {
    "something on the way holds answers back until they end",
    {
        {"nginx", "proxy_buffering off;"},
        {"HAProxy", "no filter compression, and no rule that waits for the body"},
        {"Caddy", "flush_interval -1 within reverse_proxy"},
        {"Apache", "ProxyPass \"/\" \"https://127.0.0.1:8443/\" flushpackets=on"},
    },
};

static const struct doctor_advice cuts_idle = {
    "something on the way cuts connections before the server's heartbeat",
    {
        {"nginx", "proxy_read_timeout 90s; proxy_send_timeout 90s;"},
        {"HAProxy", "timeout client 90s, timeout server 90s, timeout tunnel 90s"},
        {"Caddy", "no read_timeout below 90s in the transport within reverse_proxy"},
        {"Apache", "ProxyTimeout 90"},
    },
};

/* Of answers to an upgrade: those of a server that saw a plain GET, and of proxies that know no
 * other. 401, 429 and 503 are the server's own business. */
static bool
tells_of_an_upgrade(int status)
{
    static const int statuses[] = {200, 400, 403, 404, 405, 426, 500, 501, 502};

    for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
        if (statuses[i] == status)
            return true;

    return false;
}

const struct doctor_advice *
doctor_advice(const struct exam_report *report)
{
    bool is_ws = str_equal(report->transport, "ws");

    switch (report->verdict) {
    case EXAM_WORKS: return NULL;
    case EXAM_BUFFERED: return is_ws ? NULL : &buffers;
    case EXAM_CUT: return &cuts_idle;
    case EXAM_BLOCKED:
        return is_ws && (report->status == 0 || tells_of_an_upgrade(report->status)) ? &no_upgrade
                                                                                     : NULL;
    }

    return NULL;
}
