/* libFuzzer target: what stands behind a URL's question mark, and the X-Forwarded-For of a request.
 * The first line of the input is the header, the others are arguments, decoded, as the HTTP library
 * hands them out. */
#include "server/web/query.h"

#include "common/util.h"
#include "server/web/address.h"
#include "tests/fuzz/must.h"

#include <arpa/inet.h>
#include <errno.h>

/* The first of the pairs that is name or begins with name and "=". */
static const char *
look_up(char **pairs, size_t count, const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < count; i++) {
        const char *equals = strchr(pairs[i], '=');
        size_t name_len = equals != NULL ? (size_t)(equals - pairs[i]) : strlen(pairs[i]);
        if (name_len == len && memcmp(pairs[i], name, len) == 0)
            return equals != NULL ? equals + 1 : "";
    }

    return NULL;
}

static void
look_at_number(const struct query *query, const char *name)
{
    const char *text = query_get(query, name);
    uint64_t value = 77;
    int r = query_number(query, name, 1, 200, &value);

    if (text == NULL) {
        MUST(r == 0 && value == 77);
    } else if (r == 0) {
        MUST(value >= 1 && value <= 200);
        MUST((uint64_t)atoi(text) == value && strspn(text, "0123456789") == strlen(text));
    } else {
        MUST(value == 77 && (r == -EINVAL || r == -ERANGE));
    }
}

static void
look_at_query(char **pairs, size_t count)
{
    static const char *const names[] = {"after", "limit", "before", "room", ""};
    struct query query;

    query_init(&query);
    for (size_t i = 0; i < count; i++)
        MUST(query_add(&query, pairs[i]) == (i < QUERY_MAX ? 0 : -E2BIG));
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        MUST(str_equal(query_get(&query, names[i]),
                       look_up(pairs, MIN(count, QUERY_MAX), names[i])));
        look_at_number(&query, names[i]);
    }
    query_fini(&query);
}

static bool
is_numeric(const char *address)
{
    struct in6_addr any;

    return inet_pton(AF_INET, address, &any) == 1 || inet_pton(AF_INET6, address, &any) == 1;
}

/* Nobody becomes somebody else without a trusted proxy between, and no one is a proxy in the end.
 */
static void
look_at_forwarded(const char *header)
{
    static char first[] = "127.0.0.1", second[] = "10.0.0.0/8", third[] = "2001:db8::/32";
    static char *const trusted[] = {first, second, third};
    char who[ADDRESS_SIZE];
    struct network network;

    address_behind(who, "192.0.2.7", header, trusted, ARRAY_LEN(trusted));
    MUST(strcmp(who, "192.0.2.7") == 0);
    address_behind(who, "127.0.0.1", header, trusted, 0);
    MUST(strcmp(who, "127.0.0.1") == 0);
    address_behind(who, "127.0.0.1", header, trusted, ARRAY_LEN(trusted));
    MUST(is_numeric(who));

    if (network_parse(header, &network) == 0)
        MUST(network.bits <= 128);
    if (address_is_loopback(header))
        MUST(strcmp(header, "localhost") == 0 || is_numeric(header));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = xstrndup((const char *)data, size);
    char *pairs[QUERY_MAX + 4];
    size_t count = 0;
    char *rest = text, *header = strsep(&rest, "\n");

    while (rest != NULL && count < ARRAY_LEN(pairs))
        pairs[count++] = strsep(&rest, "\n");
    look_at_forwarded(header);
    look_at_query(pairs, count);
    free(text);
    return 0;
}
