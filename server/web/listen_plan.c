#include "server/web/listener.h"

#include "common/option.h"
#include "common/util.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 1024

struct listen_address {
    struct sockaddr_storage address;
    socklen_t len;
    char text[64];
};

static void
set_port(struct listen_address *address, uint16_t port)
{
    if (address->address.ss_family == AF_INET)
        ((struct sockaddr_in *)&address->address)->sin_port = htons(port);
    else
        ((struct sockaddr_in6 *)&address->address)->sin6_port = htons(port);
}

static uint16_t
bound_port(int fd)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof(address);

    if (getsockname(fd, (struct sockaddr *)&address, &len) < 0)
        return 0;
    return ntohs(address.ss_family == AF_INET ? ((struct sockaddr_in *)&address)->sin_port
                                              : ((struct sockaddr_in6 *)&address)->sin6_port);
}

static int
add_address(struct listen_plan *plan, const char *text, char *why, size_t why_size)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *found, *at;
    int result = getaddrinfo(text, "0", &hints, &found);

    if (result != 0) {
        snprintf(why, why_size, "--bind=%s: %s", text, gai_strerror(result));
        return -EINVAL;
    }
    for (at = found; at != NULL; at = at->ai_next) {
        struct listen_address *address;

        plan->addresses = xrealloc(plan->addresses, (plan->count + 1) * sizeof(*plan->addresses));
        address = &plan->addresses[plan->count++];
        memset(address, 0, sizeof(*address));
        memcpy(&address->address, at->ai_addr, at->ai_addrlen);
        address->len = at->ai_addrlen;
        snprintf(address->text, sizeof(address->text), "%s", text);
    }
    freeaddrinfo(found);
    return 0;
}

static int
add_all_addresses(struct listen_plan *plan, const char *text, char *why, size_t why_size)
{
    int result;

    if (strcmp(text, "*") != 0)
        return add_address(plan, text, why, why_size);
    result = add_address(plan, "0.0.0.0", why, why_size);
    return result < 0 ? result : add_address(plan, "::", why, why_size);
}

static int
open_socket(const struct listen_address *address, bool shared)
{
    int one = 1, error;
    int fd = socket(address->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (shared)
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
    if (address->address.ss_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
    if (bind(fd, (const struct sockaddr *)&address->address, address->len) == 0 &&
        listen(fd, BACKLOG) == 0)
        return fd;
    error = -errno;
    close(fd);
    return error;
}

/* Opens the address alone, to see that nobody else has it. */
static int
probe(struct listen_plan *plan, struct listen_address *address)
{
    int fd;

    set_port(address, plan->port);
    fd = open_socket(address, false);
    if (fd < 0)
        return fd;
    plan->port = bound_port(fd);
    set_port(address, plan->port);
    close(fd);
    return 0;
}

/* An address family that the machine has not is left out where nobody asked for it. */
static bool
is_missing_family(int error)
{
    return error == -EADDRNOTAVAIL || error == -EAFNOSUPPORT;
}

static int
probe_all(struct listen_plan *plan, bool by_default, char *why, size_t why_size)
{
    size_t kept = 0;

    for (size_t i = 0; i < plan->count; i++) {
        struct listen_address *address = &plan->addresses[i];
        int result = probe(plan, address);

        if (i > 0 && by_default && is_missing_family(result))
            continue;
        if (result == -EADDRINUSE) {
            snprintf(why, why_size, "port %u of %s is taken: another server listens there",
                     plan->port, address->text);
            return result;
        }
        if (result < 0) {
            snprintf(why, why_size, "cannot listen on %s port %u: %s", address->text, plan->port,
                     strerror(-result));
            return result;
        }
        plan->addresses[kept++] = *address;
    }
    plan->count = kept;
    return 0;
}

static void
set_shown(struct listen_plan *plan, const struct option_list *bind)
{
    const char *first = bind->count == 0 ? "localhost" : plan->addresses[0].text;
    bool is_v6 = strchr(first, ':') != NULL;

    snprintf(plan->shown, sizeof(plan->shown), "%s%s%s:%u", is_v6 ? "[" : "", first,
             is_v6 ? "]" : "", plan->port);
}

int
listen_plan_make(struct listen_plan *plan, const struct option_list *bind, uint16_t port, char *why,
                 size_t why_size)
{
    static const char *const loopback[] = {"127.0.0.1", "::1"};
    bool by_default = bind->count == 0 || (bind->count == 1 && strcmp(bind->items[0], "*") == 0);
    int result = 0;

    memset(plan, 0, sizeof(*plan));
    plan->port = port;
    for (size_t i = 0; result == 0 && bind->count == 0 && i < ARRAY_LEN(loopback); i++)
        result = add_address(plan, loopback[i], why, why_size);
    for (size_t i = 0; result == 0 && i < bind->count; i++)
        result = add_all_addresses(plan, bind->items[i], why, why_size);
    if (result == 0)
        result = probe_all(plan, by_default, why, why_size);
    if (result < 0) {
        listen_plan_fini(plan);
        return result;
    }
    set_shown(plan, bind);
    return 0;
}

void
listen_plan_fini(struct listen_plan *plan)
{
    free(plan->addresses);
    plan->addresses = NULL;
    plan->count = 0;
}

int
listen_plan_open(const struct listen_plan *plan, int *ret_fds)
{
    for (size_t i = 0; i < plan->count; i++) {
        int fd = open_socket(&plan->addresses[i], true);

        if (fd < 0) {
            while (i-- > 0)
                close(ret_fds[i]);
            return fd;
        }
        ret_fds[i] = fd;
    }
    return 0;
}
