/* What the kernel knows of a meter's sockets (TCP_INFO, as in <linux/tcp.h>). */
#include "client/link/meter_state.h"
#include "common/util.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define IPV4_LEN       20
#define IPV6_LEN       40
#define TCP_LEN        20
#define TIMESTAMPS_LEN 12 /* in each segment, where both ends have them (RFC 7323) */
#define SYN_MORE_LEN   8  /* what the segments that open a connection have beyond that */

/* <netinet/tcp.h> has these and not the longer struct; the two headers do not go together. */
enum { STATE_ESTABLISHED = 1, STATE_CLOSE_WAIT = 8, STATE_LAST_ACK = 9 };

static size_t
header_len(int fd, const struct tcp_info *info)
{
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof(address);
    const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *)&address;

    getpeername(fd, (struct sockaddr *)&address, &len);
    bool is_ipv6 = address.ss_family == AF_INET6 && !IN6_IS_ADDR_V4MAPPED(&ipv6->sin6_addr);

    return (is_ipv6 ? IPV6_LEN : IPV4_LEN) + TCP_LEN +
           ((info->tcpi_options & TCPI_OPT_TIMESTAMPS) != 0 ? TIMESTAMPS_LEN : 0);
}

/* Where it cannot be read any more, what was read last counts. */
static void
look(struct meter_socket *watched)
{
    struct tcp_info info = {0};
    struct meter_load *load = &watched->load;
    socklen_t len = sizeof(info);

    if (getsockopt(watched->fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0)
        return;

    watched->is_connected = watched->is_connected || info.tcpi_state == STATE_ESTABLISHED ||
                            info.tcpi_bytes_sent > 0 || info.tcpi_bytes_received > 0;
    if (!watched->is_connected)
        return;

    /* The peer's FIN counts as a byte. */
    bool peer_closed = info.tcpi_state == STATE_CLOSE_WAIT || info.tcpi_state == STATE_LAST_ACK;
    size_t head = header_len(watched->fd, &info);
    load->payload[METER_UP] = info.tcpi_bytes_sent - info.tcpi_bytes_retrans;
    load->payload[METER_DOWN] = info.tcpi_bytes_received - (peer_closed ? 1 : 0);
    load->headers[METER_UP] = info.tcpi_segs_out * head + SYN_MORE_LEN + info.tcpi_bytes_retrans;
    load->headers[METER_DOWN] = info.tcpi_segs_in * head + SYN_MORE_LEN;
    /* What follows a close can no longer be looked up: a FIN and the ACK of the other one's, each
     * way, of which the half is over where the peer closed first. */
    watched->end_len = head * (peer_closed ? 1 : 2);
}

static void
add(struct meter_load *sum, const struct meter_load *load)
{
    for (int way = 0; way < METER_DIRECTIONS; way++) {
        sum->payload[way] += load->payload[way];
        sum->headers[way] += load->headers[way];
    }
}

void
meter_socket(struct meter *meter, int fd)
{
    if (meter == NULL || fd < 0)
        return;

    meter_socket_gone(meter, fd); /* a number that comes again was closed in between */
    if (meter->socket_count == meter->socket_max) {
        meter->socket_max = MAX(2 * meter->socket_max, 8);
        meter->sockets = xrealloc(meter->sockets, meter->socket_max * sizeof(*meter->sockets));
    }
    meter->sockets[meter->socket_count++] = (struct meter_socket){.fd = fd};
}

void
meter_socket_gone(struct meter *meter, int fd)
{
    if (meter == NULL)
        return;

    for (size_t i = 0; i < meter->socket_count; i++) {
        struct meter_socket *watched = &meter->sockets[i];
        if (watched->fd != fd)
            continue;

        look(watched);
        add(&meter->gone, &watched->load);
        for (int way = 0; way < METER_DIRECTIONS; way++)
            meter->gone.headers[way] += watched->end_len;
        meter->gone_connections += watched->is_connected ? 1 : 0;
        *watched = meter->sockets[--meter->socket_count];
        return;
    }
}

void
meter_read_sockets(struct meter *meter, struct meter_load *ret_load, uint64_t *ret_connections)
{
    *ret_load = meter->gone;
    *ret_connections = meter->gone_connections;
    for (size_t i = 0; i < meter->socket_count; i++) {
        look(&meter->sockets[i]);
        add(ret_load, &meter->sockets[i].load);
        *ret_connections += meter->sockets[i].is_connected ? 1 : 0;
    }
}
