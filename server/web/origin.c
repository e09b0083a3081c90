#include "server/web/origin.h"

#include <string.h>
#include <strings.h>

#define SEPARATOR    "://"
#define OWN_SCHEME   "https://"
#define DEFAULT_PORT ":443"

const char *
origin_fault(const char *origin)
{
    const char *host = strstr(origin, SEPARATOR);

    if (strcmp(origin, "*") == 0)
        return "every page there is; name the origins one by one";
    if (host == NULL || host == origin)
        return "no scheme; wanted SCHEME://HOST[:PORT]";
    host += strlen(SEPARATOR);
    if (*host == '\0' || strpbrk(host, "/?#@*, \t") != NULL)
        return "more, or less, than an origin; wanted SCHEME://HOST[:PORT]";
    if (strlen(origin) >= ORIGIN_SIZE)
        return "too long";
    return NULL;
}

/* Without what a browser leaves out. */
static size_t
host_len(const char *host)
{
    size_t len = strlen(host), port_len = strlen(DEFAULT_PORT);

    if (len > port_len && strcmp(host + len - port_len, DEFAULT_PORT) == 0)
        return len - port_len;
    return len;
}

static bool
is_own(const char *origin, const char *host)
{
    const char *rest = origin + strlen(OWN_SCHEME);

    if (strncasecmp(origin, OWN_SCHEME, strlen(OWN_SCHEME)) != 0 || *host == '\0')
        return false;
    return host_len(rest) == host_len(host) && strncasecmp(rest, host, host_len(host)) == 0;
}

bool
origin_is_allowed(const char *origin, const char *host, char *const *allowed, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(origin, allowed[i]) == 0)
            return true;
    return is_own(origin, host);
}
