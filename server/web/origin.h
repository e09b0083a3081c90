/* Which pages may speak to this server. A browser says in Origin (RFC 6454) whose page a request
 * comes from; who is no browser sends none. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define ORIGIN_SIZE 300

/* Why this is no origin that can be allowed, or NULL: wanted is SCHEME://HOST[:PORT]. "*" is none,
 * on purpose: any page that somebody is lured to could then speak to a server in his own network.
 */
const char *origin_fault(const char *origin);

/* It is one of allowed, or the server's own: host is the request's Host, and the scheme https. */
bool origin_is_allowed(const char *origin, const char *host, char *const *allowed, size_t count);
