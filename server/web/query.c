#include "server/web/query.h"

#include "common/util.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void
query_init(struct query *query)
{
    memset(query, 0, sizeof(*query));
}

void
query_fini(struct query *query)
{
    for (size_t i = 0; i < query->count; i++)
        free(query->pairs[i]);
    query->count = 0;
}

int
query_add(struct query *query, const char *pair)
{
    if (query->count == QUERY_MAX)
        return -E2BIG;
    query->pairs[query->count++] = xstrdup(pair);
    return 0;
}

const char *
query_get(const struct query *query, const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < query->count; i++) {
        const char *pair = query->pairs[i];

        if (strncmp(pair, name, len) != 0)
            continue;
        if (pair[len] == '=')
            return pair + len + 1;
        if (pair[len] == '\0')
            return "";
    }
    return NULL;
}

int
query_number(const struct query *query, const char *name, uint64_t min, uint64_t max,
             uint64_t *ret_value)
{
    const char *text = query_get(query, name);
    uint64_t value;
    int result;

    if (text == NULL)
        return 0;
    result = parse_u64(text, &value);
    if (result < 0)
        return result;
    if (value < min || value > max)
        return -ERANGE;
    *ret_value = value;
    return 0;
}
