#include "client/link/proxy.h"

#include "common/util.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SCHEME "http://"
#define WANTED "wanted http://[user:password@]host[:port], or none"

static const char *
variable(const char *small, const char *capital)
{
    const char *value = getenv(small);

    return value != NULL ? value : getenv(capital);
}

void
proxy_environment_read(struct proxy_environment *ret_environment)
{
    ret_environment->https_proxy = variable("https_proxy", "HTTPS_PROXY");
    ret_environment->all_proxy = variable("all_proxy", "ALL_PROXY");
    ret_environment->no_proxy = variable("no_proxy", "NO_PROXY");
}

static int
hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c == '\0' ? NULL : strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);

    return at == NULL ? -1 : (int)(at - digits);
}

/* Of what is visible alone: a control character has no place in a header. */
static int
decode(char *dst, size_t size, const char *text, size_t len)
{
    size_t out = 0;

    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '%') {
            int high = len - i > 2 ? hex_digit(text[i + 1]) : -1;
            int low = high < 0 ? -1 : hex_digit(text[i + 2]);
            if (low < 0)
                return -EINVAL;
            c = (unsigned char)(high << 4 | low);
            i += 2;
        }
        if (out + 1 >= size)
            return -ENAMETOOLONG;
        if (c < ' ' || c == 0x7f)
            return -EINVAL;
        dst[out++] = (char)c;
    }

    dst[out] = '\0';
    return 0;
}

static int
take_user(const char *text, size_t len, struct proxy *proxy, char *why, size_t why_size)
{
    const char *colon = memchr(text, ':', len);
    size_t user_len = colon == NULL ? len : (size_t)(colon - text);
    int error = decode(proxy->user, sizeof(proxy->user), text, user_len);

    if (error == 0 && colon != NULL)
        error = decode(proxy->password, sizeof(proxy->password), colon + 1, len - user_len - 1);
    if (error == 0 && strlen(proxy->user) + 1 + strlen(proxy->password) >= PROXY_USER_SIZE)
        error = -ENAMETOOLONG;
    if (error == 0 && (proxy->user[0] == '\0' || strchr(proxy->user, ':') != NULL))
        error = -EINVAL;

    if (error == -ENAMETOOLONG)
        snprintf(why, why_size, "proxy's user name and password too long: at most %d bytes",
                 PROXY_USER_SIZE - 2);
    else if (error < 0)
        snprintf(why, why_size, "proxy's user name or password malformed: " WANTED);
    return error < 0 ? -EINVAL : 0;
}

/* host[:port][/]: a server's URL is taken apart alike, but for the port where there is none. */
static int
take_place(const char *text, struct proxy *proxy, char *why, size_t why_size)
{
    const char *name_end = text[0] == '[' ? strchr(text, ']') : text;
    bool has_port = name_end != NULL && strchr(name_end, ':') != NULL;
    struct url url;

    if (url_parse(text, &url, why, why_size) < 0) {
        snprintf(why, why_size, "proxy malformed: " WANTED);
        return -EINVAL;
    }

    str_copy(proxy->host, sizeof(proxy->host), url.host);
    proxy->port = has_port ? url.port : PROXY_PORT;
    return 0;
}

int
proxy_parse(const char *text, struct proxy *ret_proxy, char *why, size_t why_size)
{
    struct proxy proxy = {.host = ""};
    const char *scheme_end = strstr(text, "://");

    if (str_equal(text, "none")) {
        *ret_proxy = proxy;
        return 0;
    }
    if (scheme_end != NULL && strncasecmp(text, SCHEME, strlen(SCHEME)) != 0) {
        snprintf(why, why_size, "proxy begins with \"%.*s://\": " WANTED,
                 (int)MIN(scheme_end - text, 20), text);
        return -EINVAL;
    }
    if (scheme_end != NULL)
        text = scheme_end + strlen("://");

    const char *at = strrchr(text, '@');
    if (at != NULL && take_user(text, (size_t)(at - text), &proxy, why, why_size) < 0)
        return -EINVAL;
    if (take_place(at != NULL ? at + 1 : text, &proxy, why, why_size) < 0)
        return -EINVAL;

    *ret_proxy = proxy;
    return 0;
}

static bool
first_bits_equal(const unsigned char *a, const unsigned char *b, int64_t bits)
{
    size_t bytes = (size_t)bits / 8, rest = (size_t)bits % 8;
    unsigned mask = rest == 0 ? 0 : 0xffu << (8 - rest) & 0xff;

    return memcmp(a, b, bytes) == 0 && (rest == 0 || ((a[bytes] ^ b[bytes]) & mask) == 0);
}

/* entry: ADDRESS or ADDRESS/BITS, the address perhaps in brackets. */
static bool
has_address(char *entry, const char *host)
{
    unsigned char network[16], address[16];
    char *slash = strchr(entry, '/');
    int family = strchr(host, ':') != NULL ? AF_INET6 : AF_INET;
    int64_t bits = family == AF_INET6 ? 128 : 32;

    if (slash != NULL) {
        *slash = '\0';
        if (parse_i64(slash + 1, 0, bits, &bits) < 0)
            return false;
    }
    if (entry[0] == '[' && entry[strlen(entry) - 1] == ']') {
        entry[strlen(entry) - 1] = '\0';
        entry++;
    }

    return inet_pton(family, entry, network) == 1 && inet_pton(family, host, address) == 1 &&
           first_bits_equal(network, address, bits);
}

static bool
has_name(const char *entry, const char *host)
{
    if (entry[0] == '.')
        entry++;

    size_t len = strlen(entry), host_len = strlen(host);
    if (len == 0 || len > host_len || strcasecmp(host + host_len - len, entry) != 0)
        return false;

    return len == host_len || host[host_len - len - 1] == '.';
}

static bool
is_listed(const char *no_proxy, const char *host)
{
    char *list = xstrdup(no_proxy), *rest = list;
    bool is_address = url_host_is_address(host), found = false;

    for (char *entry; !found && (entry = strsep(&rest, ", \t")) != NULL;)
        if (entry[0] != '\0')
            found = str_equal(entry, "*") ||
                    (is_address ? has_address(entry, host) : has_name(entry, host));

    free(list);
    return found;
}

static bool
is_set(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static int
choose_from(const struct proxy_environment *environment, struct proxy *ret_proxy, char *why,
            size_t why_size)
{
    bool is_https = is_set(environment->https_proxy);
    char fault[200];

    if (proxy_parse(is_https ? environment->https_proxy : environment->all_proxy, ret_proxy, fault,
                    sizeof(fault)) == 0)
        return 0;

    snprintf(why, why_size, "%s: %s", is_https ? "https_proxy" : "all_proxy", fault);
    return -EINVAL;
}

int
proxy_choose(const char *given, const struct proxy_environment *environment, const char *host,
             struct proxy *ret_proxy, char *why, size_t why_size)
{
    if (given != NULL)
        return proxy_parse(given, ret_proxy, why, why_size);

    bool is_wanted = is_set(environment->https_proxy) || is_set(environment->all_proxy);
    if (is_wanted && !(is_set(environment->no_proxy) && is_listed(environment->no_proxy, host)))
        return choose_from(environment, ret_proxy, why, why_size);

    *ret_proxy = (struct proxy){.host = ""};
    return 0;
}

bool
proxy_is_used(const struct proxy *proxy)
{
    return proxy != NULL && proxy->host[0] != '\0';
}

static const char *
meaning(const struct proxy *proxy, int status)
{
    if (status == 407)
        return proxy->user[0] != '\0' ? "refuses the user name and password"
                                      : "wants a user name and a password";
    if (status == 403)
        return "does not allow this server";
    if (status == 502 || status == 503 || status == 504)
        return "does not reach the server";

    return "opens no tunnel";
}

void
proxy_say_status(const struct proxy *proxy, int status, char *why, size_t why_size)
{
    snprintf(why, why_size, "the proxy %s:%d %s (%d)", proxy->host, proxy->port,
             meaning(proxy, status), status);
}
