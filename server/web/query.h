/* The arguments behind a URL's question mark, decoded. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define QUERY_MAX 16 /* arguments; more are a refusal */

struct query {
    char *pairs[QUERY_MAX]; /* "name=value", owned, decoded */
    size_t count;
};

void query_init(struct query *query);
void query_fini(struct query *query);

/* One argument, decoded already, as an HTTP library hands it out. 0, or -E2BIG. */
int query_add(struct query *query, const char *pair);

/* Its value, "" where it has none, NULL where the argument is not there. The first counts. */
const char *query_get(const struct query *query, const char *name);
/* Its value as a number in min..max. 0 (untouched where the argument is not there), -EINVAL or
 * -ERANGE. */
int query_number(const struct query *query, const char *name, uint64_t min, uint64_t max,
                 uint64_t *ret_value);
