/* Numbers, sizes and times as people write them, for the option module. */
#pragma once

#include <stdint.h>

struct buf;

/* "64K": bytes, with K, M or G (or the small letter) for a factor of 1024, 1024^2 or 1024^3. 0,
 * -EINVAL or -ERANGE. */
int option_parse_size(const char *text, int64_t *ret_size);

/* "2.5": seconds, as milliseconds. 0, -EINVAL, -ERANGE, or -EDOM with a fourth digit behind the
 * point, since 0.0001 taken for 0 could mean something else altogether. */
int option_parse_seconds(const char *text, int64_t *ret_ms);

/* Append what the above would read, as short as it gets. */
void option_add_number(struct buf *out, int64_t number);
void option_add_size(struct buf *out, int64_t size);
void option_add_seconds(struct buf *out, int64_t ms);
