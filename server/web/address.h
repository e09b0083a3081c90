/* Addresses of peers: their text, their networks, and whose X-Forwarded-For is believed. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr;

#define ADDRESS_SIZE 46 /* INET6_ADDRSTRLEN: the longest numeric address and its NUL */

/* An IPv4 network is kept as its IPv4-mapped IPv6 one. */
struct network {
    struct in6_addr address;
    unsigned bits;
};

/* "10.0.0.0/8", "::1". 0 or -EINVAL. */
int network_parse(const char *text, struct network *ret_network);
/* False also where address is not numeric. */
bool network_has(const struct network *network, const char *address);

/* Numeric, without the port; an IPv4-mapped address as IPv4. "" for other families. */
void address_format(char dst[ADDRESS_SIZE], const struct sockaddr *address);

/* What --bind may say: "localhost", 127.0.0.0/8 and ::1 are loopback. */
bool address_is_loopback(const char *text);

/* Who asks, where peer is the other end of the connection: the last address in the header (RFC 7239
 * speaks of its likes) that is not one of the trusted proxies, if peer is one; else peer. What is
 * no address ends the search. forwarded may be "". */
void address_behind(char dst[ADDRESS_SIZE], const char *peer, const char *forwarded,
                    char *const *trusted, size_t trusted_count);
