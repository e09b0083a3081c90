#include "server/web/address.h"

#include "common/util.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static int
parse_numeric(const char *text, struct in6_addr *ret_address, bool *ret_is_v4)
{
    struct in_addr v4;

    if (inet_pton(AF_INET6, text, ret_address) == 1) {
        *ret_is_v4 = false;
        return 0;
    }
    if (inet_pton(AF_INET, text, &v4) != 1)
        return -EINVAL;
    memset(ret_address, 0, sizeof(*ret_address));
    memset(ret_address->s6_addr + 10, 0xff, 2);
    memcpy(ret_address->s6_addr + 12, &v4, 4);
    *ret_is_v4 = true;
    return 0;
}

int
network_parse(const char *text, struct network *ret_network)
{
    char address[ADDRESS_SIZE];
    const char *slash = strchr(text, '/');
    size_t len = slash == NULL ? strlen(text) : (size_t)(slash - text);
    struct network network;
    bool is_v4;
    int64_t bits;

    if (len >= sizeof(address))
        return -EINVAL;
    memcpy(address, text, len);
    address[len] = '\0';
    if (parse_numeric(address, &network.address, &is_v4) < 0)
        return -EINVAL;

    bits = is_v4 ? 32 : 128;
    if (slash != NULL && parse_i64(slash + 1, 0, bits, &bits) < 0)
        return -EINVAL;
    network.bits = (unsigned)bits + (is_v4 ? 96 : 0);
    *ret_network = network;
    return 0;
}

bool
network_has(const struct network *network, const char *address)
{
    struct in6_addr other;
    bool is_v4;
    size_t whole = network->bits / 8;
    unsigned rest = network->bits % 8;

    if (parse_numeric(address, &other, &is_v4) < 0)
        return false;
    if (memcmp(network->address.s6_addr, other.s6_addr, whole) != 0)
        return false;
    if (rest == 0)
        return true;
    return (network->address.s6_addr[whole] ^ other.s6_addr[whole]) >> (8 - rest) == 0;
}

void
address_format(char dst[ADDRESS_SIZE], const struct sockaddr *address)
{
    const void *where;

    dst[0] = '\0';
    if (address->sa_family == AF_INET) {
        where = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
        inet_ntop(AF_INET, where, dst, ADDRESS_SIZE);
    } else if (address->sa_family == AF_INET6) {
        const struct in6_addr *v6 =
            &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;

        if (IN6_IS_ADDR_V4MAPPED(v6))
            inet_ntop(AF_INET, v6->s6_addr + 12, dst, ADDRESS_SIZE);
        else
            inet_ntop(AF_INET6, v6, dst, ADDRESS_SIZE);
    }
}

bool
address_is_loopback(const char *text)
{
    static const char *const loopbacks[] = {"127.0.0.0/8", "::1"};
    struct network network;

    if (strcmp(text, "localhost") == 0)
        return true;
    for (size_t i = 0; i < ARRAY_LEN(loopbacks); i++)
        if (network_parse(loopbacks[i], &network) == 0 && network_has(&network, text))
            return true;
    return false;
}

static bool
is_trusted(const char *address, char *const *trusted, size_t trusted_count)
{
    struct network network;

    for (size_t i = 0; i < trusted_count; i++)
        if (network_parse(trusted[i], &network) == 0 && network_has(&network, address))
            return true;
    return false;
}

/* The last member of the list in text[0..*len) goes to dst, trimmed; *len shrinks before it. False
 * when there is none, or what stands there is too long for an address. */
static bool
take_last(const char *text, size_t *len, char dst[ADDRESS_SIZE])
{
    size_t end = *len, start;

    if (*len == 0)
        return false;
    for (start = end; start > 0 && text[start - 1] != ','; start--)
        ;
    *len = start == 0 ? 0 : start - 1;
    while (start < end && text[start] == ' ')
        start++;
    while (end > start && text[end - 1] == ' ')
        end--;
    if (end - start >= ADDRESS_SIZE)
        return false;
    memcpy(dst, text + start, end - start);
    dst[end - start] = '\0';
    return true;
}

void
address_behind(char dst[ADDRESS_SIZE], const char *peer, const char *forwarded,
               char *const *trusted, size_t trusted_count)
{
    char member[ADDRESS_SIZE];
    size_t len = strlen(forwarded);
    struct in6_addr address;
    bool is_v4;

    snprintf(dst, ADDRESS_SIZE, "%s", peer);
    while (is_trusted(dst, trusted, trusted_count) && take_last(forwarded, &len, member) &&
           parse_numeric(member, &address, &is_v4) == 0)
        snprintf(dst, ADDRESS_SIZE, "%s", member);
}
