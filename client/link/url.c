#include "client/link/url.h"

#include "common/names.h"
#include "common/util.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define SCHEME "https://"

static int fault(char *why, size_t why_size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int
fault(char *why, size_t why_size, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(why, why_size, format, args);
    va_end(args);
    return -EINVAL;
}

/* Moves *at past the scheme. */
static int
skip_scheme(const char **at, char *why, size_t why_size)
{
    const char *end = strstr(*at, "://");

    if (end == NULL)
        return 0;
    if (strncasecmp(*at, SCHEME, strlen(SCHEME)) != 0)
        return fault(why, why_size, "URL begins with \"%.*s://\": wanted https://host[:port]",
                     (int)MIN(end - *at, 20), *at);

    *at += strlen(SCHEME);
    return 0;
}

static bool
is_name(const char *host)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-._";

    return host[0] != '\0' && host[strspn(host, allowed)] == '\0' && host[0] != '.' &&
           host[0] != '-' && strstr(host, "..") == NULL;
}

/* The host of len bytes; where it stood in brackets it must be IPv6. */
static int
take_host(const char *text, size_t len, bool in_brackets, struct url *url, char *why,
          size_t why_size)
{
    struct in6_addr address;

    if (len == 0)
        return fault(why, why_size, "URL without a host: wanted https://host[:port]");
    if (len > URL_HOST_MAX)
        return fault(why, why_size, "host too long: %zu bytes, at most %d", len, URL_HOST_MAX);

    memcpy(url->host, text, len);
    url->host[len] = '\0';
    name_lower(url->host, sizeof(url->host), url->host);
    if (in_brackets ? inet_pton(AF_INET6, url->host, &address) == 1 : is_name(url->host))
        return 0;

    return fault(why, why_size, "host malformed: wanted %s",
                 in_brackets ? "an IPv6 address in the brackets"
                             : "a name of a-z 0-9 - _ . or an address");
}

/* Text behind the host: nothing, ":port", and perhaps a slash. */
static int
take_port(const char *text, struct url *url, char *why, size_t why_size)
{
    char digits[8];
    int64_t port = URL_PORT;
    size_t len = strcspn(text, "/?#");

    if (strcmp(text + len, "") != 0 && strcmp(text + len, "/") != 0)
        return fault(why, why_size, "URL with a path: wanted https://host[:port]");

    if (len > 0) {
        snprintf(digits, sizeof(digits), "%.*s", (int)MIN(len - 1, sizeof(digits) - 1), text + 1);
        if (text[0] != ':' || len > 6 || parse_i64(digits, 1, 65535, &port) < 0)
            return fault(why, why_size, "port \"%.*s\" out of range: wanted 1-65535",
                         (int)MIN(len, 12), text);
    }

    url->port = (int)port;
    return 0;
}

int
url_parse(const char *text, struct url *ret_url, char *why, size_t why_size)
{
    struct url url;

    if (skip_scheme(&text, why, why_size) < 0)
        return -EINVAL;
    if (text[strcspn(text, "@/")] == '@')
        return fault(why, why_size, "URL with a user name: wanted https://host[:port] and --user");

    bool in_brackets = *text == '[';
    if (in_brackets)
        text++;

    size_t len = strcspn(text, in_brackets ? "]" : ":/?#");
    if (in_brackets && text[len] != ']')
        return fault(why, why_size, "host malformed: wanted ] after the IPv6 address");
    if (take_host(text, len, in_brackets, &url, why, why_size) < 0)
        return -EINVAL;
    if (take_port(text + len + (in_brackets ? 1 : 0), &url, why, why_size) < 0)
        return -EINVAL;

    *ret_url = url;
    return 0;
}

void
url_authority(char dst[URL_AUTHORITY_SIZE], const struct url *url)
{
    bool is_ipv6 = strchr(url->host, ':') != NULL;

    snprintf(dst, URL_AUTHORITY_SIZE, "%s%s%s:%d", is_ipv6 ? "[" : "", url->host,
             is_ipv6 ? "]" : "", url->port);
}

bool
url_host_is_address(const char *host)
{
    struct in6_addr address;

    return inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1;
}
